//! PostgreSQL: Frontend/Backend Protocol, 54.2.11 (SSL Session Encryption), SSLRequest.

use super::step::{Dialogue, Framing, Inbox, Step, Stop, unexpected, words};

/// Length 8, then 1234 and 5679 in place of a protocol version.
const SSL_REQUEST: [u8; 8] = [0, 0, 0, 8, 0x04, 0xD2, 0x16, 0x2F];
/// How much of an error message is awaited.
const MAX_ERROR: usize = 1024;

/// The dialogue.
#[derive(Debug, Default)]
pub struct Postgres {
    is_asked: bool,
}

impl Dialogue for Postgres {
    fn step(&mut self, inbox: &mut Inbox) -> Result<Step, Stop> {
        if !self.is_asked {
            self.is_asked = true;
            return Ok(Step::Send(SSL_REQUEST.to_vec()));
        }
        match inbox.peek() {
            [] => Ok(Step::Read),
            [b'S', ..] => {
                inbox.take(1);
                Ok(Step::Tls(Framing::Bare))
            }
            [b'N', ..] => Err(Stop::Unsupported(words(b"N"))),
            [b'E', ..] => error(inbox.peek()),
            other => Err(unexpected("S or N", &other[..other.len().min(64)])),
        }
    }
}

/// An ErrorResponse: `E`, a length, then fields of a letter and a text; `M` is the message. Servers
/// older than SSL send the text alone.
fn error(bytes: &[u8]) -> Result<Step, Stop> {
    let Some(length) = bytes.get(1..5) else { return Ok(Step::Read) };
    let length = length.iter().fold(0_usize, |length, &b| length << 8 | usize::from(b));
    if (4..MAX_ERROR).contains(&length) {
        let Some(fields) = bytes.get(5..=length) else { return Ok(Step::Read) };
        let message = fields.split(|&b| b == 0).find_map(|field| field.strip_prefix(b"M"));
        return Err(Stop::Refused(words(message.unwrap_or(fields))));
    }
    match bytes.iter().position(|&b| b == 0) {
        Some(end) => Err(Stop::Unsupported(words(&bytes[1..end]))),
        None if bytes.len() > MAX_ERROR => Err(unexpected("S or N", &bytes[..64])),
        None => Ok(Step::Read),
    }
}
