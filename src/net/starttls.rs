//! Drives a protocol's dialogue on a connection: the steps are `starttls/`'s, the bytes are here.

use std::io;

use tokio::io::{AsyncReadExt, AsyncWriteExt};

use super::framed::Framed;
use super::wire::Wire;
use crate::evidence::{Failure, Peer, Progress};
use crate::identity::DnsName;
use crate::starttls::step::words;
use crate::starttls::{Framing, Inbox, Protocol, Step, Stop};

/// Brings a connection to where TLS begins; what comes back carries the handshake.
///
/// # Errors
/// Why it does not come to that.
pub async fn turn(mut wire: Wire, peer: Peer, protocol: Protocol, domain: Option<&DnsName>) -> Result<Wire, Failure> {
    let stopped = |why| Failure::Starttls { address: peer, protocol, why };
    let lost = |_: io::Error| Failure::Reset { address: peer, progress: Progress::Turning };
    let mut dialogue = protocol.dialogue(domain);
    let mut inbox = Inbox::default();
    let mut buffer = [0; 2048];
    loop {
        match dialogue.step(&mut inbox).map_err(stopped)? {
            Step::Read => {
                let count = wire.read(&mut buffer).await.map_err(lost)?;
                if count == 0 {
                    return Err(Failure::Reset { address: peer, progress: Progress::Turning });
                }
                inbox.receive(&buffer[..count]).map_err(stopped)?;
            }
            Step::Send(bytes) => wire.write_all(&bytes).await.map_err(lost)?,
            Step::SendThenTls(bytes) => {
                wire.write_all(&bytes).await.map_err(lost)?;
                clean(&inbox).map_err(stopped)?;
                return Ok(wire);
            }
            Step::Tls(framing) => {
                clean(&inbox).map_err(stopped)?;
                return Ok(match framing {
                    Framing::Bare => wire,
                    framing => Box::new(Framed::new(wire, framing)),
                });
            }
        }
    }
}

/// Bytes that came with the go-ahead would be taken for the protocol's after the handshake
/// (CVE-2011-0411), so no client may go on.
fn clean(inbox: &Inbox) -> Result<(), Stop> {
    match inbox.peek() {
        [] => Ok(()),
        bytes => Err(Stop::Injection { count: bytes.len(), words: words(bytes) }),
    }
}
