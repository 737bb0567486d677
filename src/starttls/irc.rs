//! IRC: the IRCv3 extensions `tls` (STARTTLS, numerics 670 and 691) and capability negotiation
//! (CAP LS 302).

use super::step::{Dialogue, Framing, Inbox, Step, Stop, begins, violation, words};

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Awaiting {
    #[default]
    Nothing,
    Capabilities,
    GoAhead,
}

/// The dialogue.
#[derive(Debug, Default)]
pub struct Irc {
    awaiting: Awaiting,
    capabilities: Vec<Vec<u8>>,
}

impl Dialogue for Irc {
    fn step(&mut self, inbox: &mut Inbox) -> Result<Step, Stop> {
        if self.awaiting == Awaiting::Nothing {
            self.awaiting = Awaiting::Capabilities;
            return Ok(Step::Send(b"CAP LS 302\r\n".to_vec()));
        }
        while let Some(line) = inbox.line()? {
            let message = Message::parse(&line);
            match (message.command, self.awaiting) {
                (b"PING", _) => return Ok(Step::Send([b"PONG ", message.rest, b"\r\n"].concat())),
                (b"ERROR", _) | (b"691", Awaiting::GoAhead) => return Err(Stop::Refused(words(message.rest))),
                (b"CAP", Awaiting::Capabilities) => {
                    let (is_more, listed) =
                        message.listed().ok_or_else(|| violation("the answer to CAP LS lists no capabilities"))?;
                    self.capabilities.push(listed.to_vec());
                    if is_more {
                        continue;
                    }
                    if !self.capabilities.iter().any(|list| offers_tls(list)) {
                        return Err(Stop::Unsupported(words(&self.capabilities.join(&b' '))));
                    }
                    self.awaiting = Awaiting::GoAhead;
                    return Ok(Step::Send(b"STARTTLS\r\n".to_vec()));
                }
                (b"670", Awaiting::GoAhead) => return Ok(Step::Tls(Framing::Bare)),
                // Unknown command, or not before registration: a server without capabilities may know STARTTLS all
                // the same.
                (b"421" | b"451", Awaiting::Capabilities) => {
                    self.awaiting = Awaiting::GoAhead;
                    return Ok(Step::Send(b"STARTTLS\r\n".to_vec()));
                }
                (b"421" | b"451", _) => return Err(Stop::Unsupported(words(message.rest))),
                // What the server tells meanwhile: NOTICE, and numerics about the lookup of our name.
                _ if is_command(message.command) => {}
                _ => return Err(violation(format!("the server says `{}`, which is not IRC", words(&line)))),
            }
        }
        Ok(Step::Read)
    }
}

/// A message without its source.
struct Message<'a> {
    command: &'a [u8],
    rest: &'a [u8],
}

impl<'a> Message<'a> {
    fn parse(line: &'a [u8]) -> Self {
        let line = if line.starts_with(b":") { split(line).1 } else { line };
        let (command, rest) = split(line);
        Self { command, rest }
    }

    /// Of `CAP target LS [*] :list`: whether more follows, and the list.
    fn listed(&self) -> Option<(bool, &'a [u8])> {
        let (_, rest) = split(self.rest);
        let (verb, rest) = split(rest);
        let (is_more, list) = match rest.strip_prefix(b"* ") {
            Some(list) => (true, list),
            None => (false, rest),
        };
        begins(verb, b"LS").then(|| (is_more, list.strip_prefix(b":").unwrap_or(list)))
    }
}

fn split(text: &[u8]) -> (&[u8], &[u8]) {
    match text.iter().position(|&b| b == b' ') {
        Some(at) => (&text[..at], text[at..].trim_ascii_start()),
        None => (text, b""),
    }
}

/// Letters, or three digits.
fn is_command(word: &[u8]) -> bool {
    let is_numeric = word.len() == 3 && word.iter().all(u8::is_ascii_digit);
    is_numeric || !word.is_empty() && word.iter().all(u8::is_ascii_uppercase)
}

/// `tls`, perhaps with a value.
fn offers_tls(list: &[u8]) -> bool {
    list.split(|&b| b == b' ').any(|word| word.split(|&b| b == b'=').next() == Some(b"tls"))
}
