//! What the protocols share: steps out, bytes in, the limits, and how a dialogue ends.

pub use super::framing::Framing;
use crate::escape::Shown;

/// The longest line, in bytes; IMAP's capability lines are the longest that are seen.
pub const MAX_LINE: usize = 8192;
/// The most lines of one dialogue.
pub const MAX_LINES: usize = 256;
/// The most bytes of one dialogue.
pub const MAX_BYTES: usize = 64 * 1024;
/// The record of an alert (RFC 8446, 5.1 and 6): its type, the version, a length of two octets.
const ALERT: [Option<u8>; 5] = [Some(21), Some(3), None, Some(0), Some(2)];

/// What a dialogue wants next.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Step {
    /// More bytes from the server.
    Read,
    /// These bytes are to be sent.
    Send(Vec<u8>),
    /// These bytes are to be sent, and TLS begins behind them, its records by themselves.
    SendThenTls(Vec<u8>),
    /// TLS begins, its handshake's records in these frames.
    Tls(Framing),
}

/// Why a dialogue does not come to TLS.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Stop {
    /// The server does not offer it; its words, escaped and shortened.
    Unsupported(Shown),
    /// The server was asked, or greets with a refusal; its words, escaped and shortened.
    Refused(Shown),
    /// The server serves no client, or not this one, and was not yet asked for TLS; its words,
    /// escaped and shortened.
    TurnedAway(Shown),
    /// The first that the server says is an alert of TLS, which it has from the first byte.
    SpeaksTls,
    /// An answer that is not the protocol; what is wrong with it.
    Violation(String),
    /// Bytes between the go-ahead and the handshake.
    Injection {
        /// How many were seen.
        count: usize,
        /// The first of them, escaped and shortened.
        words: Shown,
    },
}

/// One protocol's way to TLS. It is asked for its next step whenever there are new bytes, and once
/// before there are any; it takes from the inbox what it understands.
pub trait Dialogue {
    /// The next step.
    ///
    /// # Errors
    /// Why there is none.
    fn step(&mut self, inbox: &mut Inbox) -> Result<Step, Stop>;
}

/// What the server sent and nobody has taken yet, within the limits.
#[derive(Debug, Default)]
pub struct Inbox {
    bytes: Vec<u8>,
    taken: usize,
    received: usize,
    lines: usize,
}

impl Inbox {
    /// Puts in what came.
    ///
    /// # Errors
    /// [`Stop::Violation`] beyond [`MAX_BYTES`], [`Stop::SpeaksTls`] where an alert comes first.
    pub fn receive(&mut self, bytes: &[u8]) -> Result<(), Stop> {
        self.received += bytes.len();
        if self.received > MAX_BYTES {
            return Err(violation(format!("the server sends more than {MAX_BYTES} bytes before TLS")));
        }
        self.bytes.drain(..std::mem::take(&mut self.taken));
        self.bytes.extend_from_slice(bytes);
        if self.begins_as_alert() && self.bytes.len() >= ALERT.len() { Err(Stop::SpeaksTls) } else { Ok(()) }
    }

    /// Whether nothing has come.
    #[must_use]
    pub fn is_untouched(&self) -> bool {
        self.received == 0
    }

    /// What is there, nothing of it taken; the beginning of what may be an alert is waited for.
    #[must_use]
    pub fn peek(&self) -> &[u8] {
        if self.begins_as_alert() { &[] } else { self.bytes.get(self.taken..).unwrap_or_default() }
    }

    /// Whether all that came so far is the beginning of an alert.
    fn begins_as_alert(&self) -> bool {
        let is_first = self.taken == 0 && self.received == self.bytes.len();
        is_first && self.bytes.iter().zip(ALERT).all(|(&byte, expected)| expected.is_none_or(|e| byte == e))
    }

    /// Takes so many bytes, once they are there.
    pub fn take(&mut self, count: usize) -> Option<&[u8]> {
        let start = self.taken;
        let taken = self.bytes.get(start..start.checked_add(count)?)?;
        self.taken += count;
        Some(taken)
    }

    /// Takes a line, once it is there: up to LF, without CR and LF.
    ///
    /// # Errors
    /// [`Stop::Violation`] for a line that is too long, or too many of them.
    pub fn line(&mut self) -> Result<Option<Vec<u8>>, Stop> {
        let waiting = self.peek();
        let end = waiting.iter().position(|&b| b == b'\n');
        if end.unwrap_or(waiting.len()) > MAX_LINE {
            return Err(violation(format!("the server sends a line of more than {MAX_LINE} bytes")));
        }
        let Some(end) = end else { return Ok(None) };
        let line = waiting[..end].strip_suffix(b"\r").unwrap_or(&waiting[..end]).to_vec();
        self.taken += end + 1;
        self.lines += 1;
        if self.lines > MAX_LINES {
            return Err(violation(format!("the server sends more than {MAX_LINES} lines before TLS")));
        }
        Ok(Some(line))
    }
}

/// An answer that is not the protocol.
pub fn violation(why: impl Into<String>) -> Stop {
    Stop::Violation(why.into())
}

/// An answer that is not the protocol, quoted.
pub fn unexpected(what: &str, answer: &[u8]) -> Stop {
    violation(format!("{what} was expected, the server says `{}`", words(answer)))
}

/// A server's words, escaped and shortened.
pub fn words(bytes: &[u8]) -> Shown {
    Shown::short(bytes.trim_ascii())
}

/// Whether a text begins with a word, in any case.
pub fn begins(text: &[u8], word: &[u8]) -> bool {
    text.get(..word.len()).is_some_and(|start| start.eq_ignore_ascii_case(word))
}

/// Whether one of a text's words, split at blanks, is this one, in any case.
pub fn has_word(text: &[u8], word: &[u8]) -> bool {
    text.split(u8::is_ascii_whitespace).any(|w| w.eq_ignore_ascii_case(word))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_come_whole() {
        let mut inbox = Inbox::default();
        inbox.receive(b"a b\r\nc\n\r").unwrap();
        assert_eq!(inbox.line(), Ok(Some(b"a b".to_vec())));
        assert_eq!(inbox.line(), Ok(Some(b"c".to_vec())));
        assert_eq!(inbox.line(), Ok(None));
        inbox.receive(b"\n").unwrap();
        assert_eq!(inbox.line(), Ok(Some(Vec::new())));
        assert_eq!(inbox.peek(), b"");
    }

    #[test]
    fn an_alert_in_place_of_the_first_words_is_told() {
        let alert = [21, 3, 1, 0, 2, 2, 70];
        for cut in 0..alert.len() {
            let mut inbox = Inbox::default();
            let first = inbox.receive(&alert[..cut]);
            assert_eq!(inbox.peek(), b"", "{cut}");
            let told = first.and_then(|()| inbox.receive(&alert[cut..]));
            assert_eq!(told, Err(Stop::SpeaksTls), "{cut}");
        }
        let mut inbox = Inbox::default();
        inbox.receive(&[21, 3]).unwrap();
        inbox.receive(&[0, 0]).unwrap();
        inbox.receive(&[10]).unwrap();
        assert_eq!(inbox.peek(), [21, 3, 0, 0, 10]);
        inbox.take(5).unwrap();
        inbox.receive(&alert).unwrap();
        assert_eq!(inbox.peek(), alert);
    }

    #[test]
    fn limits_hold() {
        let mut inbox = Inbox::default();
        inbox.receive(&[b'a'; MAX_LINE]).unwrap();
        assert_eq!(inbox.line(), Ok(None));
        inbox.receive(b"a").unwrap();
        assert!(matches!(inbox.line(), Err(Stop::Violation(_))));

        let mut inbox = Inbox::default();
        inbox.receive(&[b'\n'; MAX_LINES + 1]).unwrap();
        for _ in 0..MAX_LINES {
            assert_eq!(inbox.line(), Ok(Some(Vec::new())));
        }
        assert!(matches!(inbox.line(), Err(Stop::Violation(_))));

        let mut inbox = Inbox::default();
        inbox.receive(&vec![0; MAX_BYTES]).unwrap();
        assert!(matches!(inbox.receive(&[0]), Err(Stop::Violation(_))));
    }
}
