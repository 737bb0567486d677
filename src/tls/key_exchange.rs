//! How client and server agree on keys.

use std::fmt;

use super::{Exchange, NamedGroup};

/// A key exchange: its kind, and its group as far as that is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct KeyExchange {
    /// The kind.
    pub kind: Exchange,
    /// The group; none where the kind has none, or where its parameters were not seen.
    pub group: Option<Group>,
}

/// The group of a key exchange.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Group {
    /// A registered one.
    Named(NamedGroup),
    /// A prime field that the server sent, by the length of its prime in bits.
    Prime {
        /// The length.
        bits: u32,
    },
    /// A curve that the server sent (RFC 8422, 5.4: explicit_prime, which RFC 8422 forbids).
    ExplicitCurve,
}

impl KeyExchange {
    /// Ephemeral Diffie-Hellman in a named group.
    #[must_use]
    pub fn ephemeral(group: NamedGroup) -> Self {
        Self { kind: Exchange::Ecdhe, group: Some(Group::Named(group)) }
    }
}

impl fmt::Display for KeyExchange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.kind.fmt(f)?;
        match self.group {
            Some(group) => write!(f, " {group}"),
            None => Ok(()),
        }
    }
}

impl fmt::Display for Group {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Named(group) => group.fmt(f),
            Self::Prime { bits } => write!(f, "{bits} bits"),
            Self::ExplicitCurve => f.write_str("on a curve of its own"),
        }
    }
}
