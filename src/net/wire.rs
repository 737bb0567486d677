//! What a TLS handshake is made on: a socket, one inside a proxy's TLS or behind SOCKS, or another
//! protocol's packets.

use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio_rustls::client::TlsStream;
use tokio_socks::tcp::Socks5Stream;

/// Bytes in both directions.
pub trait Duplex: AsyncRead + AsyncWrite + Unpin {
    /// The handshake is done: where its records were in another protocol's packets, those that
    /// follow are by themselves.
    fn settle(&mut self) {}
}

/// A connection, whatever it is made of.
pub type Wire = Box<dyn Duplex>;

impl Duplex for TcpStream {}
impl Duplex for TlsStream<Wire> {}
impl Duplex for Socks5Stream<Wire> {}

impl Duplex for Wire {
    fn settle(&mut self) {
        (**self).settle();
    }
}
