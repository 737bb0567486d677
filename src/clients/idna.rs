//! IDNA flavours as clients apply them to a name that was typed.

use std::borrow::Cow;

use idna::AsciiDenyList;
use idna::punycode;
use idna::uts46::{DnsLength, Hyphens, Uts46};

/// UTS 46 as URLs have it: non-transitional, hyphens anywhere, any length, and any ASCII character
/// (the URL's own rules judge those afterwards). None where a label is not valid.
#[must_use]
pub fn uts46(name: &[u8]) -> Option<Cow<'_, str>> {
    Uts46::new().to_ascii(name, AsciiDenyList::EMPTY, Hyphens::Allow, DnsLength::Ignore).ok()
}

/// Whether a label begins with the prefix of A-labels.
#[must_use]
pub fn is_a_label(label: &[u8]) -> bool {
    label.get(..4).is_some_and(|prefix| prefix.eq_ignore_ascii_case(b"xn--"))
}

/// Whether one of a name's labels begins with the prefix of A-labels.
#[must_use]
pub fn has_a_label(name: &[u8]) -> bool {
    name.split(|&b| b == b'.').any(is_a_label)
}

/// Which ASCII characters IDNA 2003 lets pass (RFC 3490, UseSTD3ASCIIRules).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ascii {
    /// All.
    Any,
    /// Letters, digits and hyphens, no hyphen at either end of a label.
    Std3,
}

/// IDNA 2003's ToASCII over a whole name (RFC 3490): nameprep, Punycode, labels of 1 to 63 octets;
/// the empty label after a final dot is kept. None where a label is refused.
#[must_use]
pub fn idna2003(name: &str, ascii: Ascii) -> Option<Cow<'_, str>> {
    if name.is_ascii() {
        return are_labels(name.as_bytes(), ascii).then_some(Cow::Borrowed(name));
    }
    if is_root(name) {
        return Some(Cow::Borrowed("."));
    }
    let mut out = String::with_capacity(name.len());
    let mut rest = name;
    while !rest.is_empty() {
        let (label, after) = split_label(rest);
        out.push_str(&label_to_ascii(label, ascii)?);
        let Some(after) = after else { break };
        out.push('.');
        rest = after;
    }
    Some(Cow::Owned(out))
}

/// IDNA 2003's ToUnicode over a whole name: an A-label that holds up is decoded, all else stays.
#[must_use]
pub fn idna2003_to_unicode(name: &str) -> Cow<'_, str> {
    if name.is_ascii() && !has_a_label(name.as_bytes()) {
        return Cow::Borrowed(name);
    }
    let labels: Vec<_> = name.split(is_dot).map(label_to_unicode).collect();
    Cow::Owned(labels.join("."))
}

/// ToUnicode after ToASCII, in lower case unless it is ASCII. None where ToASCII refuses a label.
#[must_use]
pub fn idna2003_unicode(name: Cow<'_, str>) -> Option<Cow<'_, str>> {
    if name.is_ascii() && !has_a_label(name.as_bytes()) {
        return idna2003(&name, Ascii::Any).is_some().then_some(name);
    }
    let ascii = idna2003(&name, Ascii::Any)?;
    Some(Cow::Owned(idna2003_to_unicode(&ascii).to_lowercase()))
}

/// The full stops of IDNA 2003 (RFC 3490, 3.1).
fn is_dot(c: char) -> bool {
    matches!(c, '.' | '\u{3002}' | '\u{FF0E}' | '\u{FF61}')
}

fn is_root(name: &str) -> bool {
    let mut chars = name.chars();
    chars.next().is_some_and(is_dot) && chars.next().is_none()
}

/// The first label, and what follows its dot.
fn split_label(name: &str) -> (&str, Option<&str>) {
    match name.char_indices().find(|&(_, c)| is_dot(c)) {
        Some((at, dot)) => (&name[..at], name.get(at + dot.len_utf8()..)),
        None => (name, None),
    }
}

/// ASCII labels that stay as they are.
fn are_labels(name: &[u8], ascii: Ascii) -> bool {
    let relative = name.strip_suffix(b".").unwrap_or(name);
    name.is_empty() || relative.is_empty() || relative.split(|&b| b == b'.').all(|label| is_label(label, ascii))
}

fn is_label(label: &[u8], ascii: Ascii) -> bool {
    (1..=63).contains(&label.len()) && (ascii == Ascii::Any || is_ldh(label))
}

/// STD3: no ASCII but letters, digits and hyphens, no hyphen at either end.
fn is_ldh(label: &[u8]) -> bool {
    !label.starts_with(b"-")
        && !label.ends_with(b"-")
        && label.iter().all(|&b| b.is_ascii_alphanumeric() || b == b'-' || !b.is_ascii())
}

fn label_to_ascii(label: &str, ascii: Ascii) -> Option<Cow<'_, str>> {
    if label.is_ascii() {
        return is_label(label.as_bytes(), ascii).then_some(Cow::Borrowed(label));
    }
    let prepared = stringprep::nameprep(label).ok()?;
    if prepared.is_empty() || ascii == Ascii::Std3 && !is_ldh(prepared.as_bytes()) {
        return None;
    }
    let encoded = match prepared {
        plain if plain.is_ascii() => plain,
        prefixed if is_a_label(prefixed.as_bytes()) => return None,
        unicode => Cow::Owned(format!("xn--{}", punycode::encode_str(&unicode)?.to_ascii_lowercase())),
    };
    (encoded.len() <= 63).then_some(encoded)
}

fn label_to_unicode(label: &str) -> Cow<'_, str> {
    let prepared = if label.is_ascii() {
        Cow::Borrowed(label)
    } else {
        stringprep::nameprep(label).unwrap_or(Cow::Borrowed(label))
    };
    if !is_a_label(prepared.as_bytes()) {
        return Cow::Borrowed(label);
    }
    let decoded = prepared.get(4..).and_then(punycode::decode_to_string);
    let holds =
        |decoded: &String| idna2003(decoded, Ascii::Any).is_some_and(|again| again.eq_ignore_ascii_case(&prepared));
    decoded.filter(holds).map_or(Cow::Borrowed(label), Cow::Owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn idna_2003_maps_what_idna_2008_keeps() {
        for (name, ascii) in [
            ("fußball.test", Some("fussball.test")),
            ("FÜR。test", Some("xn--fr-xka.test")),
            ("test.", Some("test.")),
            ("。", Some(".")),
            ("", Some("")),
            ("a..b", None),
            (".a", None),
            ("ü..b", None),
            ("\u{378}.test", None),
            ("a b.test", Some("a b.test")),
        ] {
            assert_eq!(idna2003(name, Ascii::Any).as_deref(), ascii, "{name}");
        }
        assert_eq!(idna2003("a_b.test", Ascii::Std3), None);
        assert_eq!(idna2003("a-.test", Ascii::Std3), None);
        assert_eq!(idna2003(&"a".repeat(64), Ascii::Any), None);
        assert_eq!(idna2003_to_unicode("xn--fr-xka.xn--a.test"), "für.xn--a.test");
    }
}
