//! What a TLS handshake is made on: a socket, or one inside a proxy's TLS.

use tokio::io::{AsyncRead, AsyncWrite};

/// Bytes in both directions.
pub trait Duplex: AsyncRead + AsyncWrite + Unpin {}

impl<T: AsyncRead + AsyncWrite + Unpin> Duplex for T {}

/// A connection, whatever it is made of.
pub type Wire = Box<dyn Duplex>;
