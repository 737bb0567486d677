//! ManageSieve: RFC 5804, 1.7 (capabilities), 2.2 (STARTTLS), 4 (strings and literals).

use super::step::{Dialogue, Inbox, Step, Stop, begins, unexpected, violation, words};

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Awaiting {
    #[default]
    Greeting,
    GoAhead,
}

/// The dialogue.
#[derive(Debug, Default)]
pub struct Sieve {
    awaiting: Awaiting,
    capabilities: Vec<Vec<u8>>,
    /// How many bytes of a literal are still to come.
    literal: usize,
}

impl Dialogue for Sieve {
    fn step(&mut self, inbox: &mut Inbox) -> Result<Step, Stop> {
        loop {
            let there = self.literal.min(inbox.peek().len());
            self.literal -= inbox.take(there).map_or(0, <[u8]>::len);
            if self.literal > 0 {
                return Ok(Step::Read);
            }
            let Some(line) = inbox.line()? else { return Ok(Step::Read) };
            if let Some(digits) = announced(&line) {
                let length = std::str::from_utf8(digits).ok().and_then(|digits| digits.parse::<u16>().ok());
                self.literal =
                    length.map(usize::from).ok_or_else(|| violation("the server announces an impossible literal"))?;
                continue;
            }
            match self.awaiting {
                _ if begins(&line, b"NO") || begins(&line, b"BYE") => return Err(Stop::Refused(words(&line))),
                Awaiting::Greeting if is_ok(&line) => {
                    if !self.capabilities.iter().any(|line| begins(line, b"\"STARTTLS\"")) {
                        return Err(Stop::Unsupported(words(&self.capabilities.join(&b", "[..]))));
                    }
                    self.awaiting = Awaiting::GoAhead;
                    return Ok(Step::Send(b"STARTTLS\r\n".to_vec()));
                }
                Awaiting::Greeting if line.starts_with(b"\"") || line.is_empty() => self.capabilities.push(line),
                Awaiting::GoAhead if is_ok(&line) => return Ok(Step::Tls),
                _ => return Err(unexpected("a capability or OK", &line)),
            }
        }
    }
}

fn is_ok(line: &[u8]) -> bool {
    line.eq_ignore_ascii_case(b"OK") || begins(line, b"OK ")
}

/// The length of a literal that begins behind this line, as it is written.
fn announced(line: &[u8]) -> Option<&[u8]> {
    let inner = line.strip_suffix(b"}")?;
    let open = inner.iter().rposition(|&b| b == b'{')?;
    Some(inner[open + 1..].strip_suffix(b"+").unwrap_or(&inner[open + 1..]))
}
