//! FTP: RFC 4217, 4 (AUTH TLS); RFC 2389, 3 (FEAT); RFC 959, 4.2 (replies).

use super::reply::{Collector, Reply, Style};
use super::step::{Dialogue, Framing, Inbox, Step, Stop, has_word, unexpected, words};

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Awaiting {
    #[default]
    Greeting,
    Features,
    /// AUTH was among the features.
    GoAhead,
    /// There were no features: whether it knows AUTH is to be seen.
    Unlisted,
}

/// The dialogue.
#[derive(Debug, Default)]
pub struct Ftp {
    awaiting: Awaiting,
    replies: Collector,
}

impl Dialogue for Ftp {
    fn step(&mut self, inbox: &mut Inbox) -> Result<Step, Stop> {
        loop {
            let Some(reply) = self.replies.reply(inbox, Style::FirstLine)? else { return Ok(Step::Read) };
            return match (self.awaiting, reply.code) {
                // Ready in a few minutes: the greeting follows.
                (Awaiting::Greeting, 120) => continue,
                (Awaiting::Greeting, 220) => {
                    self.awaiting = Awaiting::Features;
                    Ok(Step::Send(b"FEAT\r\n".to_vec()))
                }
                (Awaiting::Features, 211) if !reply.lines.iter().any(|line| has_word(line, b"AUTH")) => {
                    Err(Stop::Unsupported(words(&features(&reply))))
                }
                (Awaiting::Features, 211) => Ok(self.ask(Awaiting::GoAhead)),
                // A server that has no FEAT, or wants a login for it, may know AUTH.
                (Awaiting::Features, 500..) => Ok(self.ask(Awaiting::Unlisted)),
                (Awaiting::GoAhead | Awaiting::Unlisted, 234) => Ok(Step::Tls(Framing::Bare)),
                (Awaiting::Unlisted, 500 | 502 | 504 | 530) => Err(Stop::Unsupported(words(&reply.words()))),
                (_, 400..) => Err(Stop::Refused(words(&reply.words()))),
                _ => Err(unexpected("another reply", &reply.words())),
            };
        }
    }
}

impl Ftp {
    fn ask(&mut self, awaiting: Awaiting) -> Step {
        self.awaiting = awaiting;
        Step::Send(b"AUTH TLS\r\n".to_vec())
    }
}

/// What stands between the first and the last line.
fn features(reply: &Reply) -> Vec<u8> {
    let inner = reply.lines.get(1..reply.lines.len().saturating_sub(1)).unwrap_or_default();
    let trimmed: Vec<&[u8]> = inner.iter().map(|line| line.trim_ascii()).collect();
    if trimmed.is_empty() { reply.words() } else { trimmed.join(&b", "[..]) }
}
