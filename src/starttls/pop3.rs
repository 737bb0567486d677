//! POP3: RFC 2595, 4 (STLS); RFC 2449, 5 (CAPA).

use super::step::{Dialogue, Framing, Inbox, Step, Stop, begins, has_word, unexpected, words};

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Awaiting {
    #[default]
    Greeting,
    Capa,
    Capabilities,
    GoAhead,
}

/// The dialogue.
#[derive(Debug, Default)]
pub struct Pop3 {
    awaiting: Awaiting,
    capabilities: Vec<Vec<u8>>,
}

impl Dialogue for Pop3 {
    fn step(&mut self, inbox: &mut Inbox) -> Result<Step, Stop> {
        while let Some(line) = inbox.line()? {
            match self.awaiting {
                Awaiting::Greeting if begins(&line, b"+OK") => {
                    self.awaiting = Awaiting::Capa;
                    return Ok(Step::Send(b"CAPA\r\n".to_vec()));
                }
                Awaiting::Greeting if begins(&line, b"-ERR") => return Err(Stop::Refused(words(&line))),
                Awaiting::Capa if begins(&line, b"+OK") => self.awaiting = Awaiting::Capabilities,
                // A server without CAPA may know STLS.
                Awaiting::Capa if begins(&line, b"-ERR") => return Ok(self.ask()),
                Awaiting::Capabilities if line == b"." => {
                    if self.capabilities.iter().any(|capability| has_word(capability, b"STLS")) {
                        return Ok(self.ask());
                    }
                    return Err(Stop::Unsupported(words(&self.capabilities.join(&b", "[..]))));
                }
                Awaiting::Capabilities => self.capabilities.push(line),
                Awaiting::GoAhead if begins(&line, b"+OK") => return Ok(Step::Tls(Framing::Bare)),
                Awaiting::GoAhead if begins(&line, b"-ERR") => {
                    let words = words(&line);
                    return Err(if self.capabilities.is_empty() {
                        Stop::Unsupported(words)
                    } else {
                        Stop::Refused(words)
                    });
                }
                _ => return Err(unexpected("+OK or -ERR", &line)),
            }
        }
        Ok(Step::Read)
    }
}

impl Pop3 {
    fn ask(&mut self) -> Step {
        self.awaiting = Awaiting::GoAhead;
        Step::Send(b"STLS\r\n".to_vec())
    }
}
