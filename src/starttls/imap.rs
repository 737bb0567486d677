//! IMAP: RFC 9051, 6.2.1 (STARTTLS), 7.1 (greetings) and 2.2.1 (tags).

use super::step::{Dialogue, Framing, Inbox, Step, Stop, begins, has_word, unexpected, words};

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Awaiting {
    #[default]
    Greeting,
    Capabilities,
    GoAhead,
}

/// The dialogue.
#[derive(Debug, Default)]
pub struct Imap {
    awaiting: Awaiting,
    capabilities: Vec<u8>,
}

impl Dialogue for Imap {
    fn step(&mut self, inbox: &mut Inbox) -> Result<Step, Stop> {
        while let Some(line) = inbox.line()? {
            match self.awaiting {
                Awaiting::Greeting if begins(&line, b"* OK") => {
                    self.awaiting = Awaiting::Capabilities;
                    return Ok(Step::Send(b"c1 CAPABILITY\r\n".to_vec()));
                }
                // Authenticated from the start, where STARTTLS is not allowed any more; or goodbye.
                Awaiting::Greeting if begins(&line, b"* PREAUTH") || begins(&line, b"* BYE") => {
                    return Err(Stop::Refused(words(&line)));
                }
                Awaiting::Greeting => return Err(unexpected("a greeting", &line)),
                _ if begins(&line, b"* BYE") => return Err(Stop::Refused(words(&line))),
                Awaiting::Capabilities if begins(&line, b"* CAPABILITY ") => {
                    self.capabilities.extend_from_slice(&line);
                    self.capabilities.push(b' ');
                }
                _ if line.starts_with(b"* ") => {}
                Awaiting::Capabilities if begins(&line, b"c1 OK") => {
                    if !has_word(&self.capabilities, b"STARTTLS") {
                        return Err(Stop::Unsupported(words(&self.capabilities)));
                    }
                    self.awaiting = Awaiting::GoAhead;
                    return Ok(Step::Send(b"c2 STARTTLS\r\n".to_vec()));
                }
                Awaiting::GoAhead if begins(&line, b"c2 OK") => return Ok(Step::Tls(Framing::Bare)),
                Awaiting::Capabilities if is_no(&line, b"c1 ") => return Err(Stop::Unsupported(words(&line))),
                Awaiting::GoAhead if is_no(&line, b"c2 ") => return Err(Stop::Refused(words(&line))),
                _ => return Err(unexpected("an answer to the command", &line)),
            }
        }
        Ok(Step::Read)
    }
}

fn is_no(line: &[u8], tag: &[u8]) -> bool {
    begins(line, tag) && line.get(tag.len()..).is_some_and(|rest| begins(rest, b"NO") || begins(rest, b"BAD"))
}
