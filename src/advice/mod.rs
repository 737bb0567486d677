//! What to do: with an error that somebody holds, with a server whose certificate is for another name.
//! Pure; imports `data`, `diagnosis`, `report`.
//!
//! - `recognise.rs`: a client's error text to the names in it;
//! - `explain.rs`: a code or such a text to an explanation;
//! - `wanted.rs`: which fixes are wanted, and what they are made from;
//! - `fix.rs`: what whoever runs the server types;
//! - `client_fix.rs`: what whoever has only the client types;
//! - `certified.rs`: the name to connect under;
//! - `names.rs`: the names of a certificate that may enter a command;
//! - `template.rs`: texts with places, and the quotes of each.

pub mod certified;
pub mod client_fix;
pub mod explain;
pub mod fix;
pub mod names;
pub mod recognise;
pub mod template;
pub mod wanted;
