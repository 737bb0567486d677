//! What to do with an error that somebody holds. Pure; imports `data`, `diagnosis`, `report`.
//!
//! - `recognise.rs`: a client's error text to the names in it;
//! - `explain.rs`: a code or such a text to an explanation.

pub mod explain;
pub mod recognise;
