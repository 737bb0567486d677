//! A leaf certificate as data: its names in order as tag and raw bytes, its subject with string
//! types, its dates. Pure; imports `escape` alone.
//!
//! - `key.rs`: kinds of keys and signatures;
//! - `leaf.rs`: DER -> `LeafCertificate`, the only file that imports x509-parser;
//! - `names.rs`: raw general names and attributes, and what can be read from them;
//! - `shelf.rs`: certificates that were read before.

pub mod key;
pub mod leaf;
pub mod names;
pub mod shelf;

pub use key::{Curve, Oid, PublicKey, SignatureAlgorithm};
pub use leaf::{LeafCertificate, MAX_NAMES, San, Unreadable, Validity};
pub use names::{Attribute, GeneralName, NameKind, StringType};
pub use shelf::Shelf;
