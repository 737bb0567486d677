//! Whom the TLS handshake is with, as a message names it.

use std::fmt;
use std::net::SocketAddr;

/// The other end of a connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Peer {
    /// A server at an address of its own.
    Address(SocketAddr),
    /// A server behind a proxy, which alone knows its address.
    Behind {
        /// The proxy's address.
        proxy: SocketAddr,
        /// The server's port.
        port: u16,
    },
}

impl Peer {
    /// The server's port.
    #[must_use]
    pub fn port(&self) -> u16 {
        match self {
            Self::Address(address) => address.port(),
            Self::Behind { port, .. } => *port,
        }
    }

    /// The server's address, where it is known.
    #[must_use]
    pub fn address(&self) -> Option<SocketAddr> {
        match self {
            Self::Address(address) => Some(*address),
            Self::Behind { .. } => None,
        }
    }
}

impl From<SocketAddr> for Peer {
    fn from(address: SocketAddr) -> Self {
        Self::Address(address)
    }
}

impl fmt::Display for Peer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Address(address) => write!(f, "{address}"),
            Self::Behind { proxy, port } => write!(f, "the server behind the proxy {proxy} (port {port})"),
        }
    }
}
