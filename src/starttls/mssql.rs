//! Microsoft SQL Server, TDS 7.x: [MS-TDS] 2.2.6.5 (PRELOGIN), 3.2.5.1 (what is negotiated), 3.2.5.2
//! (the handshake in packets); 2.2.7.10 (ERROR). TDS 8.0 has TLS from the first byte.

use super::framing::Framing;
use super::step::{Dialogue, Inbox, Step, Stop, violation, words};
use super::tds::{END_OF_MESSAGE, HEADER, Header, PRELOGIN, TABULAR_RESULT, message};

/// The options VERSION, which has to be the first, and ENCRYPTION, then their data: a client of the
/// version 9.0, and ENCRYPT_ON.
const OPTIONS: [u8; 18] = [0, 0, 11, 0, 6, 1, 0, 17, 0, 1, 0xFF, 9, 0, 0, 0, 0, 0, ENCRYPT_ON];
/// The token of the option about encryption.
const ENCRYPTION: u8 = 0x01;
/// Behind the last option.
const TERMINATOR: u8 = 0xFF;
/// An ERROR in place of options.
const ERROR: u8 = 0xAA;
/// The login alone is encrypted: there is a handshake all the same.
const ENCRYPT_OFF: u8 = 0;
const ENCRYPT_ON: u8 = 1;
const ENCRYPT_NOT_SUP: u8 = 2;
const ENCRYPT_REQ: u8 = 3;
/// The longest answer that is taken.
const MAX_ANSWER: usize = 4096;

/// The dialogue.
#[derive(Debug, Default)]
pub struct Mssql {
    is_asked: bool,
}

impl Dialogue for Mssql {
    fn step(&mut self, inbox: &mut Inbox) -> Result<Step, Stop> {
        if !self.is_asked {
            self.is_asked = true;
            return Ok(Step::Send(message(PRELOGIN, &OPTIONS)));
        }
        match inbox.peek().first() {
            None => return Ok(Step::Read),
            Some(&TABULAR_RESULT) => {}
            Some(_) => return Err(violation("the answer is no packet of TDS")),
        }
        let Some(header) = inbox.peek().first_chunk::<HEADER>() else { return Ok(Step::Read) };
        let header = Header::read(*header).map_err(Stop::Violation)?;
        if header.length > MAX_ANSWER || header.status & END_OF_MESSAGE == 0 {
            return Err(violation("the answer to PRELOGIN has more than one packet"));
        }
        let Some(packet) = inbox.take(HEADER + header.length) else { return Ok(Step::Read) };
        let answer = &packet[HEADER..];
        if let [ERROR, error @ ..] = answer {
            return Err(Stop::Refused(words(text(error).unwrap_or_default().as_bytes())));
        }
        match encryption(answer) {
            Ok(Some(ENCRYPT_ON | ENCRYPT_REQ | ENCRYPT_OFF)) => Ok(Step::Tls(Framing::Tds)),
            Ok(Some(ENCRYPT_NOT_SUP)) => Err(Stop::Unsupported(words(b"ENCRYPT_NOT_SUP"))),
            Ok(Some(other)) => Err(violation(format!("the answer to PRELOGIN says {other} of encryption"))),
            Ok(None) => Err(Stop::Unsupported(words(b"it does not negotiate encryption"))),
            Err(Cut) => Err(violation("the answer to PRELOGIN is cut short")),
        }
    }
}

/// An option points beyond the end, or the list has none.
struct Cut;

/// What the options say of encryption: each is a token, and where its data begins and how long it is.
fn encryption(answer: &[u8]) -> Result<Option<u8>, Cut> {
    for option in answer.chunks(5) {
        match *option {
            [TERMINATOR, ..] => return Ok(None),
            [ENCRYPTION, high, low, _, 1..=u8::MAX] => {
                let at = usize::from(u16::from_be_bytes([high, low]));
                return answer.get(at).copied().map(Some).ok_or(Cut);
            }
            [_, _, _, _, _] => {}
            _ => return Err(Cut),
        }
    }
    Err(Cut)
}

/// The message of an ERROR: length (2), number (4), state, class, then how many characters of UTF-16.
fn text(error: &[u8]) -> Option<String> {
    let (count, characters) = error.get(8..)?.split_first_chunk::<2>()?;
    let units = characters.chunks_exact(2).take(usize::from(u16::from_le_bytes(*count)));
    let units = units.map(|pair| u16::from_le_bytes([pair[0], pair[1]]));
    Some(char::decode_utf16(units).map(|c| c.unwrap_or(char::REPLACEMENT_CHARACTER)).collect())
}
