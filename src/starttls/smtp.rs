//! SMTP and submission: RFC 3207 (STARTTLS), RFC 5321, 4.1.1.1 and 4.2; LMTP: RFC 2033, 4.1.

use super::reply::{Collector, Reply, Style};
use super::step::{Dialogue, Framing, Inbox, Step, Stop, has_word, unexpected, words};

/// An address literal, since the name of this machine is nobody's business (RFC 5321, 4.1.3).
const WHO: &str = "[127.0.0.1]";

/// How the client greets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Hello {
    /// SMTP.
    Ehlo,
    /// LMTP.
    Lhlo,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Awaiting {
    Greeting,
    Extensions,
    GoAhead,
}

/// The dialogue.
#[derive(Debug)]
pub struct Smtp {
    hello: Hello,
    awaiting: Awaiting,
    replies: Collector,
}

impl Smtp {
    /// A dialogue from its beginning.
    #[must_use]
    pub fn new(hello: Hello) -> Self {
        Self { hello, awaiting: Awaiting::Greeting, replies: Collector::default() }
    }
}

impl Dialogue for Smtp {
    fn step(&mut self, inbox: &mut Inbox) -> Result<Step, Stop> {
        let Some(reply) = self.replies.reply(inbox, Style::EachLine)? else { return Ok(Step::Read) };
        match (self.awaiting, reply.code) {
            (Awaiting::Greeting, 220) => {
                self.awaiting = Awaiting::Extensions;
                let verb = if self.hello == Hello::Ehlo { "EHLO" } else { "LHLO" };
                Ok(Step::Send(format!("{verb} {WHO}\r\n").into_bytes()))
            }
            (Awaiting::Extensions, 250) if offers_starttls(&reply) => {
                self.awaiting = Awaiting::GoAhead;
                Ok(Step::Send(b"STARTTLS\r\n".to_vec()))
            }
            (Awaiting::Extensions, 250) => Err(Stop::Unsupported(words(&offered(&reply)))),
            (Awaiting::GoAhead, 220) => Ok(Step::Tls(Framing::Bare)),
            // A server without extensions does not know the verb (RFC 5321, 4.1.4).
            (Awaiting::Extensions, 500 | 502) => Err(Stop::Unsupported(words(&reply.words()))),
            // It serves nobody, or not this client, whatever this one wants (RFC 5321, 3.1 and 4.3.2).
            (Awaiting::Greeting | Awaiting::Extensions, 400..) => Err(Stop::TurnedAway(words(&reply.words()))),
            (_, 400..) => Err(Stop::Refused(words(&reply.words()))),
            _ => Err(unexpected("another reply", &reply.words())),
        }
    }
}

/// The first line greets, each other names an extension.
fn offers_starttls(reply: &Reply) -> bool {
    reply.lines.iter().skip(1).any(|line| has_word(line, b"STARTTLS"))
}

fn offered(reply: &Reply) -> Vec<u8> {
    let extensions: Vec<&[u8]> = reply.lines.iter().skip(1).map(Vec::as_slice).collect();
    if extensions.is_empty() { reply.words() } else { extensions.join(&b", "[..]) }
}
