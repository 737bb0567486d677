//! MySQL and MariaDB: Client/Server Protocol, Connection Phase: HandshakeV10, SSLRequest, ERR_Packet.

use super::step::{Dialogue, Inbox, Step, Stop, violation, words};

/// CLIENT_PROTOCOL_41, CLIENT_SSL, CLIENT_SECURE_CONNECTION, CLIENT_PLUGIN_AUTH.
const OUR_CAPABILITIES: u32 = 0x0000_0200 | CLIENT_SSL | 0x0000_8000 | 0x0008_0000;
const CLIENT_SSL: u32 = 0x0000_0800;
/// The longest packet that is offered to be taken, as in other clients.
const MAX_PACKET: u32 = 1 << 24;
/// utf8mb4_general_ci.
const CHARSET: u8 = 45;
/// The longest greeting: version and plugin name are short texts.
const MAX_GREETING: usize = 4096;

/// The dialogue.
#[derive(Debug, Default)]
pub struct Mysql;

impl Dialogue for Mysql {
    fn step(&mut self, inbox: &mut Inbox) -> Result<Step, Stop> {
        let Some(header) = inbox.peek().get(..4) else { return Ok(Step::Read) };
        let length = header[..3].iter().rev().fold(0_usize, |length, &b| length << 8 | usize::from(b));
        let sequence = header[3];
        if length > MAX_GREETING || sequence != 0 {
            return Err(violation("the greeting is no packet of MySQL"));
        }
        let Some(packet) = inbox.take(4 + length) else { return Ok(Step::Read) };
        match &packet[4..] {
            [10, rest @ ..] => match capabilities(rest) {
                Some(capabilities) if capabilities & CLIENT_SSL != 0 => Ok(Step::SendThenTls(ssl_request())),
                Some(_) => Err(Stop::Unsupported(words(version(rest)))),
                None => Err(violation("the greeting is cut short")),
            },
            // An error of two octets, behind 4.1 with `#` and a state of five characters.
            [0xFF, _, _, text @ ..] => {
                let text = text.strip_prefix(b"#").and_then(|state| state.get(5..)).unwrap_or(text);
                Err(Stop::Refused(words(text)))
            }
            [version, ..] => Err(violation(format!("the greeting is of version {version}, not 10"))),
            [] => Err(violation("the greeting is empty")),
        }
    }
}

fn version(greeting: &[u8]) -> &[u8] {
    greeting.split(|&b| b == 0).next().unwrap_or_default()
}

/// Behind the version: thread (4), salt (8), a zero, capabilities (2).
fn capabilities(greeting: &[u8]) -> Option<u32> {
    let at = version(greeting).len() + 1 + 4 + 8 + 1;
    let low = greeting.get(at..at + 2)?;
    Some(u32::from(u16::from_le_bytes([low[0], low[1]])))
}

fn ssl_request() -> Vec<u8> {
    let mut packet = vec![32, 0, 0, 1];
    packet.extend_from_slice(&OUR_CAPABILITIES.to_le_bytes());
    packet.extend_from_slice(&MAX_PACKET.to_le_bytes());
    packet.push(CHARSET);
    packet.resize(4 + 32, 0);
    packet
}
