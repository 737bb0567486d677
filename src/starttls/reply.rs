//! Replies with a code of three digits, on one line or several: SMTP (RFC 5321, 4.2.1), FTP
//! (RFC 959, 4.2), NNTP (RFC 3977, 3.2).

use super::step::{Inbox, Stop, unexpected};

/// A reply.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reply {
    /// Its code.
    pub code: u16,
    /// The text of each line, behind code and separator.
    pub lines: Vec<Vec<u8>>,
}

impl Reply {
    /// Its lines, as they are quoted.
    #[must_use]
    pub fn words(&self) -> Vec<u8> {
        let text = self.lines.iter().map(|line| line.trim_ascii()).collect::<Vec<_>>().join(&b" / "[..]);
        [self.code.to_string().as_bytes(), b" ", &text].concat()
    }
}

/// How the lines before the last one look.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Style {
    /// Each has the code and a hyphen (SMTP).
    EachLine,
    /// Only the first has to (FTP).
    FirstLine,
}

/// Collects the lines of one reply.
#[derive(Debug, Default)]
pub struct Collector {
    begun: Option<Reply>,
}

impl Collector {
    /// The reply, once its last line is there.
    ///
    /// # Errors
    /// A line that is no reply, or over the limits.
    pub fn reply(&mut self, inbox: &mut Inbox, style: Style) -> Result<Option<Reply>, Stop> {
        while let Some(line) = inbox.line()? {
            let parsed = parse(&line);
            let Some(mut begun) = self.begun.take() else {
                let Some((code, is_last, text)) = parsed else { return Err(unexpected("a reply code", &line)) };
                let reply = Reply { code, lines: vec![text.to_vec()] };
                if is_last {
                    return Ok(Some(reply));
                }
                self.begun = Some(reply);
                continue;
            };
            match parsed {
                Some((code, is_last, text)) if code == begun.code => {
                    begun.lines.push(text.to_vec());
                    if is_last {
                        return Ok(Some(begun));
                    }
                }
                _ if style == Style::FirstLine => begun.lines.push(line),
                _ => return Err(unexpected("a line of the same reply", &line)),
            }
            self.begun = Some(begun);
        }
        Ok(None)
    }
}

/// Code, whether it is the last line, and text.
fn parse(line: &[u8]) -> Option<(u16, bool, &[u8])> {
    let (digits, rest) = line.split_at_checked(3)?;
    if !matches!(digits, [b'1'..=b'5', b'0'..=b'9', b'0'..=b'9']) {
        return None;
    }
    let code = digits.iter().fold(0, |code, b| code * 10 + u16::from(b - b'0'));
    match rest {
        [] => Some((code, true, rest)),
        [b' ', text @ ..] => Some((code, true, text)),
        [b'-', text @ ..] => Some((code, false, text)),
        _ => None,
    }
}
