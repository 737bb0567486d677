//! One hand-written ClientHello for SSL 3.0 to TLS 1.2, whose answer is read as far as it comes in
//! plain text: the certificate, the parameters of the key exchange, the wish for a client
//! certificate. No handshake is completed, so nothing is proven; the leaf of a server that current
//! clients cannot talk to is seen all the same.
//!
//! - `hello.rs`: the bytes that are sent;
//! - `read.rs`: what the answer says. Both are without sockets.

pub mod hello;
pub mod read;

use std::time::Duration;

use ring::rand::{SecureRandom, SystemRandom};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::time::{Instant, timeout_at};

use self::read::{End, Reader};
use crate::evidence::{Handshake, Served};
use crate::identity::DnsName;
use crate::tls::Alert;

/// How long is waited for what follows the certificate; it is worth less than the certificate.
const AFTER_CERTIFICATE: Duration = Duration::from_secs(1);
/// How long the farewell may take.
const FAREWELL: Duration = Duration::from_millis(200);

/// What came of it.
pub enum Answer {
    /// Certificates.
    Leaf(Box<(Served, Handshake)>),
    /// A fatal alert, and no certificate before it.
    Alert(Alert),
    /// A message over the limit.
    TooLarge,
    /// Nothing that can be read.
    Nothing,
}

/// Sends the hello on a fresh connection, and reads until the server waits for the client, ends
/// the connection, or the deadline is over.
pub async fn plain_hello(
    mut stream: impl AsyncRead + AsyncWrite + Unpin,
    sni: Option<&DnsName>,
    deadline: Instant,
) -> Answer {
    let mut random = [0; 32];
    if SystemRandom::new().fill(&mut random).is_err() {
        return Answer::Nothing;
    }
    let hello = hello::client_hello(&random, sni.map(DnsName::as_str));
    let sent = timeout_at(deadline, async {
        stream.write_all(&hello).await?;
        stream.flush().await
    });
    if !matches!(sent.await, Ok(Ok(()))) {
        return Answer::Nothing;
    }
    let mut reader = Reader::default();
    let mut until = deadline;
    let mut has_leaf = false;
    let mut buffer = [0; 4096];
    while let Ok(read) = timeout_at(until, stream.read(&mut buffer)).await {
        let Ok(read @ 1..) = read else {
            reader.close();
            break;
        };
        reader.feed(&buffer[..read]);
        if reader.end().is_some() {
            break;
        }
        if reader.has_leaf() && !has_leaf {
            has_leaf = true;
            until = deadline.min(Instant::now() + AFTER_CERTIFICATE);
        }
    }
    let _ = timeout_at((Instant::now() + FAREWELL).min(deadline), stream.shutdown()).await;
    let end = reader.end();
    match (reader.into_found(), end) {
        (Some(found), _) => Answer::Leaf(Box::new(found)),
        (None, Some(End::Alert(alert))) => Answer::Alert(alert),
        (None, Some(End::TooLarge)) => Answer::TooLarge,
        (None, _) => Answer::Nothing,
    }
}
