//! Drives a protocol's dialogue on a connection: the steps are `starttls/`'s, the bytes are here.

use std::io;
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::time::{Instant, timeout_at};

use super::framed::Framed;
use super::wire::Wire;
use crate::evidence::{Failure, Peer, Progress};
use crate::identity::DnsName;
use crate::starttls::step::words;
use crate::starttls::{Dialogue, Framing, Inbox, Protocol, Step, Stop};

/// Brings a connection to where TLS begins, until the deadline and within the time that is allowed
/// in all; what comes back carries the handshake.
///
/// # Errors
/// Why it does not come to that.
pub async fn turn(
    mut wire: Wire,
    peer: Peer,
    protocol: Protocol,
    domain: Option<&DnsName>,
    (deadline, allowed): (Instant, Duration),
) -> Result<Wire, Failure> {
    let mut inbox = Inbox::default();
    let ended = timeout_at(deadline, talk(&mut wire, protocol.dialogue(domain), &mut inbox)).await;
    let progress = if inbox.is_untouched() { Progress::Unheard } else { Progress::Turning };
    match ended {
        Ok(Ok(Framing::Bare)) => Ok(wire),
        Ok(Ok(framing)) => Ok(Box::new(Framed::new(wire, framing))),
        Ok(Err(Ended::Stopped(why))) => Err(Failure::Starttls { address: peer, protocol, why }),
        Ok(Err(Ended::Lost)) => Err(Failure::Reset { address: peer, progress }),
        Err(_) => Err(Failure::Timeout { progress, after: allowed, address: Some(peer) }),
    }
}

/// Why a dialogue does not come to TLS.
enum Ended {
    Stopped(Stop),
    Lost,
}

impl From<Stop> for Ended {
    fn from(why: Stop) -> Self {
        Self::Stopped(why)
    }
}

impl From<io::Error> for Ended {
    fn from(_: io::Error) -> Self {
        Self::Lost
    }
}

async fn talk(wire: &mut Wire, mut dialogue: Box<dyn Dialogue>, inbox: &mut Inbox) -> Result<Framing, Ended> {
    let mut buffer = [0; 2048];
    loop {
        match dialogue.step(inbox)? {
            Step::Read => {
                let count = wire.read(&mut buffer).await?;
                if count == 0 {
                    return Err(Ended::Lost);
                }
                inbox.receive(&buffer[..count])?;
            }
            Step::Send(bytes) => wire.write_all(&bytes).await?,
            Step::SendThenTls(bytes) => {
                wire.write_all(&bytes).await?;
                clean(inbox)?;
                return Ok(Framing::Bare);
            }
            Step::Tls(framing) => {
                clean(inbox)?;
                return Ok(framing);
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
