//! RDP: [MS-RDPBCGR] 2.2.1.1 (X.224 Connection Request), 2.2.1.2 (Connection Confirm), in TPKT
//! (RFC 1006, 6).

use super::step::{Dialogue, Framing, Inbox, Step, Stop, violation, words};

/// TPKT of 19 octets, X.224 Connection Request, RDP_NEG_REQ for TLS and for CredSSP, which is TLS too.
const REQUEST: [u8; 19] = [3, 0, 0, 19, 14, 0xE0, 0, 0, 0, 0, 0, 1, 0, 8, 0, 3, 0, 0, 0];
/// The longest confirm that is taken.
const MAX_CONFIRM: usize = 1024;
const NEGOTIATION_RESPONSE: u8 = 2;
const NEGOTIATION_FAILURE: u8 = 3;
const STANDARD_SECURITY: u32 = 0;

/// The dialogue.
#[derive(Debug, Default)]
pub struct Rdp {
    is_asked: bool,
}

impl Dialogue for Rdp {
    fn step(&mut self, inbox: &mut Inbox) -> Result<Step, Stop> {
        if !self.is_asked {
            self.is_asked = true;
            return Ok(Step::Send(REQUEST.to_vec()));
        }
        let length = match *inbox.peek() {
            [3, _, high, low, ..] => usize::from(u16::from_be_bytes([high, low])),
            [3, ..] | [] => return Ok(Step::Read),
            _ => return Err(violation("the answer is no TPKT")),
        };
        if !(7..=MAX_CONFIRM).contains(&length) {
            return Err(violation(format!("the answer claims {length} octets")));
        }
        let Some(packet) = inbox.take(length) else { return Ok(Step::Read) };
        if packet[5] & 0xF0 != 0xD0 {
            return Err(violation("the answer is no connection confirm"));
        }
        match packet.get(11..19) {
            Some(&[NEGOTIATION_RESPONSE, _, _, _, a, b, c, d]) => match u32::from_le_bytes([a, b, c, d]) {
                STANDARD_SECURITY => Err(Stop::Unsupported(words(b"it selects standard RDP security"))),
                _ => Ok(Step::Tls(Framing::Bare)),
            },
            Some(&[NEGOTIATION_FAILURE, _, _, _, code, ..]) => Err(failure(code)),
            // A server older than the negotiation (5.3.1).
            _ => Err(Stop::Unsupported(words(b"it does not negotiate security"))),
        }
    }
}

/// 2.2.1.2.2, the failure codes.
fn failure(code: u8) -> Stop {
    match code {
        2 => Stop::Unsupported(words(b"SSL_NOT_ALLOWED_BY_SERVER")),
        3 => Stop::Refused(words(b"SSL_CERT_NOT_ON_SERVER")),
        other => Stop::Refused(words(format!("failure code {other}").as_bytes())),
    }
}
