//! Certificates as data: names in order as tag and raw bytes, subjects with string types, dates,
//! keys. Pure; imports `escape` alone.
//!
//! - `key.rs`: kinds of keys and signatures;
//! - `parse.rs`: DER -> `Certificate`, the only file that imports x509-parser;
//! - `names.rs`: raw general names and attributes, and what can be read from them;
//! - `subject_names.rs`: what is compared with a requested name;
//! - `shelf.rs`: certificates that were read before.

pub mod key;
pub mod names;
pub mod parse;
pub mod shelf;
pub mod subject_names;

pub use key::{Curve, Oid, PublicKey, SignatureAlgorithm};
pub use names::{Attribute, GeneralName, NameKind, StringType};
pub use parse::{Certificate, Unreadable, Validity};
pub use shelf::Shelf;
pub use subject_names::{MAX_NAMES, San, SubjectNames};
