//! XMPP: RFC 6120, 4.2 (opening a stream), 5.4 (STARTTLS negotiation), 4.9 (stream errors).

use super::step::{Dialogue, Framing, Inbox, MAX_LINE, Step, Stop, unexpected, violation, words};
use crate::escape::Shown;
use crate::identity::DnsName;

/// Who asks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Side {
    /// A client.
    Client,
    /// Another server.
    Server,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Awaiting {
    Nothing,
    Stream,
    Features,
    /// Inside the features; whether STARTTLS stands among them.
    InFeatures(bool),
    GoAhead,
    /// Inside an element that ends the dialogue, whose words are collected.
    Inside(&'static str),
}

/// The dialogue.
#[derive(Debug)]
pub struct Xmpp {
    side: Side,
    domain: Option<DnsName>,
    awaiting: Awaiting,
    heard: Vec<u8>,
}

impl Xmpp {
    /// A dialogue from its beginning, with the service of a domain.
    #[must_use]
    pub fn new(side: Side, domain: Option<&DnsName>) -> Self {
        Self { side, domain: domain.cloned(), awaiting: Awaiting::Nothing, heard: Vec::new() }
    }

    fn header(&self) -> Vec<u8> {
        let namespace = if self.side == Side::Client { "jabber:client" } else { "jabber:server" };
        // A domain is written in Unicode (RFC 7622, 3.2.1). A parsed name holds nothing that XML takes for its own.
        let written = |domain: &DnsName| domain.unicode().map_or_else(|| domain.to_string(), Shown::into_string);
        let to = self.domain.as_ref().map_or_else(String::new, |domain| format!(" to='{}'", written(domain)));
        format!(
            "<?xml version='1.0'?><stream:stream xmlns='{namespace}' \
             xmlns:stream='http://etherx.jabber.org/streams'{to} version='1.0'>"
        )
        .into_bytes()
    }

    fn tag(&mut self, tag: &Tag<'_>) -> Result<Option<Step>, Stop> {
        use Awaiting as A;
        let next = match (self.awaiting, tag.name) {
            (A::Stream, b"stream") if tag.is_opening() => A::Features,
            (A::Features | A::GoAhead, b"error") if tag.is_opening() => A::Inside("error"),
            (A::Features, b"features") if tag.kind == Kind::Empty => return Err(unsupported(b"no features")),
            (A::Features, b"features") if tag.is_opening() => A::InFeatures(false),
            (A::InFeatures(_), b"starttls") => A::InFeatures(true),
            (A::InFeatures(true), b"features") => {
                self.awaiting = A::GoAhead;
                return Ok(Some(Step::Send(b"<starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>".to_vec())));
            }
            (A::InFeatures(false), b"features") => return Err(unsupported(&self.heard)),
            (A::InFeatures(is_offered), _) => {
                self.hear(tag);
                A::InFeatures(is_offered)
            }
            (A::GoAhead, b"proceed") if tag.kind == Kind::Empty => return Ok(Some(Step::Tls(Framing::Bare))),
            (A::GoAhead, b"proceed") => A::Inside("proceed"),
            (A::GoAhead, b"failure") if tag.kind == Kind::Empty => return Err(Stop::Refused(words(b"failure"))),
            (A::GoAhead, b"failure") => A::Inside("failure"),
            (A::Inside("proceed"), b"proceed") => return Ok(Some(Step::Tls(Framing::Bare))),
            (A::Inside(outer), name) if outer.as_bytes() == name => return Err(Stop::Refused(words(&self.heard))),
            (A::Inside(outer), _) => {
                self.hear(tag);
                A::Inside(outer)
            }
            _ if tag.kind == Kind::Declaration => return Ok(None),
            (_, b"stream") if tag.kind == Kind::Closing => return Err(Stop::Refused(words(b"it closes the stream"))),
            (_, name) => return Err(unexpected("the next element", name)),
        };
        self.awaiting = next;
        Ok(None)
    }

    /// What an error says in words.
    fn hear_text(&mut self, text: &[u8]) {
        if !text.is_empty() {
            self.heard.extend_from_slice(b": ");
            self.heard.extend_from_slice(text);
        }
    }

    /// Whether text may stand between tags: in what a feature or an error says.
    fn takes_text(&self) -> bool {
        matches!(self.awaiting, Awaiting::Inside(_) | Awaiting::InFeatures(_))
    }

    fn hear(&mut self, tag: &Tag<'_>) {
        if tag.kind == Kind::Closing {
            return;
        }
        if !self.heard.is_empty() {
            self.heard.extend_from_slice(b", ");
        }
        self.heard.extend_from_slice(tag.name);
    }
}

fn unsupported(heard: &[u8]) -> Stop {
    Stop::Unsupported(words(heard))
}

impl Dialogue for Xmpp {
    fn step(&mut self, inbox: &mut Inbox) -> Result<Step, Stop> {
        if self.awaiting == Awaiting::Nothing {
            self.awaiting = Awaiting::Stream;
            return Ok(Step::Send(self.header()));
        }
        loop {
            let waiting = inbox.peek();
            let Some(start) = waiting.iter().position(|&b| b == b'<') else {
                // Text between elements: white space, or what an error says.
                if !self.takes_text() && !waiting.trim_ascii().is_empty() {
                    return Err(unexpected("XML", &waiting[..waiting.len().min(64)]));
                }
                if !matches!(self.awaiting, Awaiting::Inside(_)) {
                    let blank = waiting.len();
                    inbox.take(blank);
                }
                return Ok(Step::Read);
            };
            let Some(end) = end_of_tag(&waiting[start..]) else {
                return if waiting.len() > MAX_LINE {
                    Err(violation(format!("the server sends a tag of more than {MAX_LINE} bytes")))
                } else {
                    Ok(Step::Read)
                };
            };
            let between = waiting[..start].trim_ascii();
            if !between.is_empty() && !self.takes_text() {
                return Err(unexpected("XML", &between[..between.len().min(64)]));
            }
            let Some(taken) = inbox.take(start + end + 1).map(<[u8]>::to_vec) else { return Ok(Step::Read) };
            if matches!(self.awaiting, Awaiting::Inside(_)) {
                self.hear_text(taken[..start].trim_ascii());
            }
            let tag = Tag::parse(&taken[start..]).ok_or_else(|| unexpected("XML", &taken[start..]))?;
            if let Some(step) = self.tag(&tag)? {
                return Ok(step);
            }
        }
    }
}

/// Where a tag that begins here ends: at the first `>` outside quotation marks.
fn end_of_tag(text: &[u8]) -> Option<usize> {
    let mut quote = None;
    text.iter().position(|&b| {
        match (quote, b) {
            (None, b'"' | b'\'') => quote = Some(b),
            (Some(open), b) if open == b => quote = None,
            (None, b'>') => return true,
            _ => {}
        }
        false
    })
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Opening,
    Closing,
    Empty,
    /// `<?xml … ?>`
    Declaration,
}

/// A tag, its name without prefix.
struct Tag<'a> {
    name: &'a [u8],
    kind: Kind,
}

impl<'a> Tag<'a> {
    fn parse(text: &'a [u8]) -> Option<Self> {
        let inner = text.strip_prefix(b"<")?.strip_suffix(b">")?;
        let (inner, kind) = match inner {
            [b'/', name @ ..] => (name, Kind::Closing),
            [b'?', name @ .., b'?'] => (name, Kind::Declaration),
            // Comments, DTDs and the like are not allowed (RFC 6120, 11.1).
            [b'!' | b'?', ..] => return None,
            [name @ .., b'/'] => (name, Kind::Empty),
            name => (name, Kind::Opening),
        };
        let whole = inner.split(u8::is_ascii_whitespace).next().unwrap_or_default();
        let name = whole.rsplit(|&b| b == b':').next().unwrap_or(whole);
        (!name.is_empty()).then_some(Self { name, kind })
    }

    fn is_opening(&self) -> bool {
        self.kind == Kind::Opening
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_domain_is_named_in_unicode() {
        for (domain, to) in [("example.test", "to='example.test'"), ("b\u{fc}cher.test", "to='b\u{fc}cher.test'")] {
            let domain = DnsName::parse(domain).unwrap();
            let header = String::from_utf8(Xmpp::new(Side::Client, Some(&domain)).header()).unwrap();
            assert!(header.contains(to), "{header}");
        }
        assert!(!String::from_utf8(Xmpp::new(Side::Server, None).header()).unwrap().contains(" to="));
    }
}
