//! RFC 9525, section 6: what a client asked for, what a certificate presents, and whether one
//! covers the other. Pure; imports `certificate` (the raw names) and `escape`.
//!
//! - `name.rs`: the text as typed, DNS names, addresses;
//! - `reference.rs`: reference identifiers, and why a text is none;
//! - `presented.rs`: presented identifiers, and why an entry is malformed;
//! - `matching.rs`: the rules, in order.

pub mod matching;
pub mod name;
pub mod presented;
pub mod reference;

pub use matching::{Fact, HostnameMismatchError, Match, NotCovered, Verdict, covers_name, evaluate};
pub use name::{BadName, DnsName, Typed};
pub use presented::{DnsPattern, IdKind, Malformed, PresentedId};
pub use reference::{Asked, NotAName, ReferenceId};
