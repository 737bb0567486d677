//! NNTP: RFC 4642, 2 (STARTTLS); RFC 3977, 5.1 (greeting) and 5.2 (CAPABILITIES).

use super::reply::{Collector, Style};
use super::step::{Dialogue, Framing, Inbox, Step, Stop, begins, unexpected, words};

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Awaiting {
    #[default]
    Greeting,
    Answer,
    Capabilities,
    GoAhead,
}

/// The dialogue.
#[derive(Debug, Default)]
pub struct Nntp {
    awaiting: Awaiting,
    capabilities: Vec<Vec<u8>>,
    replies: Collector,
}

impl Dialogue for Nntp {
    fn step(&mut self, inbox: &mut Inbox) -> Result<Step, Stop> {
        while self.awaiting == Awaiting::Capabilities {
            let Some(line) = inbox.line()? else { return Ok(Step::Read) };
            if line != b"." {
                self.capabilities.push(line);
            } else if self.capabilities.iter().any(|line| begins(line, b"STARTTLS")) {
                return Ok(self.ask());
            } else {
                return Err(Stop::Unsupported(words(&self.capabilities.join(&b", "[..]))));
            }
        }
        let Some(reply) = self.replies.reply(inbox, Style::EachLine)? else { return Ok(Step::Read) };
        match (self.awaiting, reply.code) {
            (Awaiting::Greeting, 200 | 201) => {
                self.awaiting = Awaiting::Answer;
                Ok(Step::Send(b"CAPABILITIES\r\n".to_vec()))
            }
            (Awaiting::Answer, 101) => {
                self.awaiting = Awaiting::Capabilities;
                self.step(inbox)
            }
            // A server older than CAPABILITIES may know STARTTLS.
            (Awaiting::Answer, 500) => Ok(self.ask()),
            (Awaiting::GoAhead, 382) => Ok(Step::Tls(Framing::Bare)),
            (Awaiting::GoAhead, 500 | 502) if self.capabilities.is_empty() => {
                Err(Stop::Unsupported(words(&reply.words())))
            }
            (_, 400..) => Err(Stop::Refused(words(&reply.words()))),
            _ => Err(unexpected("another reply", &reply.words())),
        }
    }
}

impl Nntp {
    fn ask(&mut self) -> Step {
        self.awaiting = Awaiting::GoAhead;
        Step::Send(b"STARTTLS\r\n".to_vec())
    }
}
