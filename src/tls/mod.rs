//! TLS as values: protocol versions, cipher suites, groups, alerts, and what current clients offer.
//! Pure, and without a TLS library: numbers are those of the wire and of IANA's registries.

pub mod alert;
pub mod group;
pub mod key_exchange;
pub mod suite;
pub mod support;
pub mod version;

pub use alert::Alert;
pub use group::NamedGroup;
pub use key_exchange::{Group, KeyExchange};
pub use suite::{Cipher, CipherSuite, Exchange};
pub use version::ProtocolVersion;
