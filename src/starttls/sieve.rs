//! ManageSieve: RFC 5804, 1.7 (capabilities), 2.2 (STARTTLS), 4 (strings and literals).

use super::step::{Dialogue, Framing, Inbox, Step, Stop, begins, unexpected, violation, words};

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
    /// What has come of a line, its literals as quoted strings.
    line: Vec<u8>,
    /// How many bytes of a literal are still to come, where one is begun.
    literal: Option<usize>,
}

impl Sieve {
    /// A line whose literals have all come.
    fn whole_line(&mut self, inbox: &mut Inbox) -> Result<Option<Vec<u8>>, Stop> {
        loop {
            if let Some(missing) = self.literal {
                let there = missing.min(inbox.peek().len());
                self.line.extend_from_slice(inbox.take(there).unwrap_or_default());
                if there < missing {
                    self.literal = Some(missing - there);
                    return Ok(None);
                }
                self.line.push(b'"');
                self.literal = None;
            }
            let Some(more) = inbox.line()? else { return Ok(None) };
            let Some((before, digits)) = announced(&more) else {
                self.line.extend_from_slice(&more);
                return Ok(Some(std::mem::take(&mut self.line)));
            };
            let length = std::str::from_utf8(digits).ok().and_then(|digits| digits.parse::<u16>().ok());
            self.literal =
                Some(length.map(usize::from).ok_or_else(|| violation("the server announces an impossible literal"))?);
            self.line.extend_from_slice(before);
            self.line.push(b'"');
        }
    }
}

impl Dialogue for Sieve {
    fn step(&mut self, inbox: &mut Inbox) -> Result<Step, Stop> {
        loop {
            let Some(line) = self.whole_line(inbox)? else { return Ok(Step::Read) };
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
                Awaiting::GoAhead if is_ok(&line) => return Ok(Step::Tls(Framing::Bare)),
                _ => return Err(unexpected("a capability or OK", &line)),
            }
        }
    }
}

fn is_ok(line: &[u8]) -> bool {
    line.eq_ignore_ascii_case(b"OK") || begins(line, b"OK ")
}

/// What stands before a literal that begins behind this line, and its length as it is written.
fn announced(line: &[u8]) -> Option<(&[u8], &[u8])> {
    let inner = line.strip_suffix(b"}")?;
    let open = inner.iter().rposition(|&b| b == b'{')?;
    Some((&inner[..open], inner[open + 1..].strip_suffix(b"+").unwrap_or(&inner[open + 1..])))
}
