//! LDAP: RFC 4511, 4.14 (StartTLS), 4.12 (extended operations), 4.1.9 (results), in BER.

use super::step::{Dialogue, Framing, Inbox, MAX_LINE, Step, Stop, violation, words};
use crate::certificate::names::read_tlv;

/// `LDAPMessage { 1, extendedReq { requestName 1.3.6.1.4.1.1466.20037 } }`
const REQUEST: &[u8] = b"\x30\x1d\x02\x01\x01\x77\x18\x80\x161.3.6.1.4.1.1466.20037";

const MESSAGE: u8 = 0x30;
const EXTENDED_RESPONSE: u8 = 0x78;
const ENUMERATED: u8 = 0x0A;
const OCTETS: u8 = 0x04;
const INTEGER: u8 = 0x02;

const SUCCESS: &[u8] = &[0];
const PROTOCOL_ERROR: &[u8] = &[2];

/// The dialogue.
#[derive(Debug, Default)]
pub struct Ldap {
    is_asked: bool,
}

impl Dialogue for Ldap {
    fn step(&mut self, inbox: &mut Inbox) -> Result<Step, Stop> {
        if !self.is_asked {
            self.is_asked = true;
            return Ok(Step::Send(REQUEST.to_vec()));
        }
        let Some(length) = message_length(inbox.peek())? else { return Ok(Step::Read) };
        let Some(message) = inbox.take(length) else { return Ok(Step::Read) };
        let (code, diagnostic) = result(message).ok_or_else(|| violation("the answer is no result of StartTLS"))?;
        match code {
            SUCCESS => Ok(Step::Tls(Framing::Bare)),
            // What a server answers that does not know the operation (4.12).
            PROTOCOL_ERROR => Err(Stop::Unsupported(words(diagnostic))),
            [code] => Err(Stop::Refused(words(&[format!("result {code} ").as_bytes(), diagnostic].concat()))),
            _ => Err(violation("the result code is no number of one octet")),
        }
    }
}

/// The length of the message that begins here, header included, once it can be told.
fn message_length(bytes: &[u8]) -> Result<Option<usize>, Stop> {
    let not_ldap = || violation(format!("the answer `{}` is no LDAP message", words(&bytes[..bytes.len().min(64)])));
    let length = match *bytes {
        [] | [MESSAGE] => return Ok(None),
        [MESSAGE, short @ ..=0x7F, ..] => 2 + usize::from(short),
        [MESSAGE, long @ 0x81..=0x84, ..] => {
            let count = usize::from(long - 0x80);
            let Some(octets) = bytes.get(2..2 + count) else { return Ok(None) };
            2 + count + octets.iter().fold(0_usize, |length, &b| length << 8 | usize::from(b))
        }
        _ => return Err(not_ldap()),
    };
    if length > MAX_LINE { Err(violation("the server sends an overlong LDAP message")) } else { Ok(Some(length)) }
}

/// Result code and diagnostic message of an extended response.
fn result(message: &[u8]) -> Option<(&[u8], &[u8])> {
    let (_, message, _) = read_tlv(message).filter(|(tag, ..)| *tag == MESSAGE)?;
    let (_, _, rest) = read_tlv(message).filter(|(tag, ..)| *tag == INTEGER)?;
    let (_, response, _) = read_tlv(rest).filter(|(tag, ..)| *tag == EXTENDED_RESPONSE)?;
    let (_, code, rest) = read_tlv(response).filter(|(tag, ..)| *tag == ENUMERATED)?;
    let (_, _, rest) = read_tlv(rest).filter(|(tag, ..)| *tag == OCTETS)?;
    let (_, diagnostic, _) = read_tlv(rest).filter(|(tag, ..)| *tag == OCTETS)?;
    Some((code, diagnostic))
}
