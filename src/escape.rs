//! The one way from foreign bytes to text that people and programs may see.
//! Imports nothing; every room that words a message imports it.

mod redact;

use std::borrow::Cow;
use std::fmt;
use std::path::Path;

use icu_properties::props::{DefaultIgnorableCodePoint, GeneralCategory};
use icu_properties::{CodePointMapData, CodePointSetData};

/// The longest text of an IPv6 address, its last 32 bits in dotted notation.
const MAX_IPV6_TEXT: usize = 45;

/// How many bytes of one foreign text are shown where a message quotes it.
const QUOTED_BYTES: usize = 255;

/// Text that is safe in every output: nothing in it can move a cursor, forge a line, reorder or
/// hide other text, or be executed by the CI runner that reads the log.
///
/// Printable ASCII, letters, marks, digits, punctuation and symbols of valid UTF-8 are kept. All
/// else is written as `\xHH`, one per byte, and a backslash is doubled, so that the original bytes
/// can be restored. Characters that are invisible (Unicode's Default_Ignorable_Code_Point, and
/// characters that are drawn blank) are escaped, and so is the first character that makes a text a
/// command of a CI runner: see [`escape`].
#[derive(Clone, Debug, PartialEq, Eq, Hash, Default, PartialOrd, Ord)]
pub struct Shown(String);

impl Shown {
    /// Escapes a whole text, however long.
    #[must_use]
    pub fn new(bytes: &[u8]) -> Self {
        Self(escape(bytes).into_owned())
    }

    /// Escapes a text and cuts it at 255 bytes of the original, saying how much was left out.
    #[must_use]
    pub fn short(bytes: &[u8]) -> Self {
        if bytes.len() <= QUOTED_BYTES {
            return Self::new(bytes);
        }
        Self::beginning(bytes, bytes.len() as u64)
    }

    /// Escapes a path and cuts it as [`Self::short`] does. A URL or a login that was given instead of a
    /// path is redacted.
    #[must_use]
    pub fn path(path: &Path) -> Self {
        Self::file_argument(path.as_os_str().as_encoded_bytes())
    }

    /// The same of an argument that contains a path.
    #[must_use]
    pub fn file_argument(bytes: &[u8]) -> Self {
        if redact::is_no_path(bytes) { Self::target_short(bytes) } else { Self::short(bytes) }
    }

    /// Escapes a TARGET, a name or a `HOST[:PORT]` in full, without logins, queries and fragments.
    #[must_use]
    pub fn target(bytes: &[u8]) -> Self {
        Self::new(&redact::target(bytes))
    }

    /// The same, cut at 255 bytes.
    #[must_use]
    pub fn target_short(bytes: &[u8]) -> Self {
        Self::short(&redact::target(bytes))
    }

    /// The beginning of a target of this many bytes, up to where a login may begin.
    #[must_use]
    pub fn target_beginning(bytes: &[u8], length: u64) -> Self {
        Self::beginning(&redact::beginning(bytes), length)
    }

    /// The scheme of a URL; a text that is not a scheme is hidden.
    #[must_use]
    pub fn scheme(bytes: &[u8]) -> Self {
        Self::short(redact::scheme(bytes))
    }

    /// A part of a name that a message quotes. One with an `@` in it is hidden.
    #[must_use]
    pub fn name_part(bytes: &[u8]) -> Self {
        if bytes.contains(&b'@') { Self("…".to_owned()) } else { Self::target_short(bytes) }
    }

    /// Running text, cut at 255 bytes, without the logins, queries and fragments of the URLs in it.
    #[must_use]
    pub fn running_text(bytes: &[u8]) -> Self {
        Self::short(&redact::words(bytes))
    }

    /// The same of a text of which only the beginning is there, and how long the whole is.
    #[must_use]
    pub fn beginning(bytes: &[u8], length: u64) -> Self {
        let cut = floor_char_boundary(bytes, QUOTED_BYTES.min(bytes.len()));
        Self(format!("{}… ({length} bytes in all)", escape(&bytes[..cut])))
    }

    /// A text made of our own words and of parts that were escaped one by one.
    #[must_use]
    pub(crate) fn already_escaped(text: String) -> Self {
        Self(text)
    }

    /// The escaped text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The escaped text, given up by its wrapper.
    #[must_use]
    pub fn into_string(self) -> String {
        self.0
    }
}

impl fmt::Display for Shown {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Whether the text before `@` in `NAME@HOST` is a name that may be shown, and not a login.
#[must_use]
pub fn is_name_before_at(text: &[u8]) -> bool {
    redact::is_name(text)
}

/// The last place at or before `at` where valid UTF-8 is not cut in two.
fn floor_char_boundary(bytes: &[u8], at: usize) -> usize {
    let is_continuation = |b: u8| b & 0xC0 == 0x80;
    (at.saturating_sub(3)..=at).rev().find(|&i| bytes.get(i).is_none_or(|&b| !is_continuation(b))).unwrap_or(at)
}

/// Escapes bytes as [`Shown`] says; borrows where there is nothing to escape.
///
/// CI runners execute commands that they find in a log: Azure Pipelines `##vso[...]` and `##[...]`,
/// GitHub Actions `##[...]` and `::name ...::`, TeamCity `##teamcity[...]`. A `#` before `#` or `[`
/// and the second colon before a command's name are therefore escaped. IPv6 addresses stay as they
/// are.
#[must_use]
pub fn escape(bytes: &[u8]) -> Cow<'_, str> {
    if let Ok(text) = std::str::from_utf8(bytes)
        && bytes.iter().all(|&b| is_plain_ascii(b))
        && !(0..bytes.len()).any(|at| begins_command(bytes, at))
    {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(bytes.len() + 16);
    for chunk in bytes.utf8_chunks() {
        let valid = chunk.valid();
        for (at, c) in valid.char_indices() {
            if begins_command(valid.as_bytes(), at) {
                push_byte(&mut out, valid.as_bytes()[at]);
            } else {
                push_char(&mut out, c);
            }
        }
        for &b in chunk.invalid() {
            push_byte(&mut out, b);
        }
    }
    Cow::Owned(out)
}

/// Whether a text has one line, and nothing in it that a terminal or a parser takes for more than a
/// character.
#[must_use]
pub fn is_plain_text(text: &str) -> bool {
    escape(text.as_bytes()).replace("\\\\", "\\") == text
}

/// The bytes that [`escape`] was given. A backslash that begins no escape stands for itself.
#[must_use]
pub fn unescape(text: &str) -> Vec<u8> {
    let mut out = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let [first, after @ ..] = rest {
        let (byte, after) = match after {
            [b'\\', after @ ..] if *first == b'\\' => (b'\\', after),
            [b'x', high, low, after @ ..] if *first == b'\\' && high.is_ascii_hexdigit() && low.is_ascii_hexdigit() => {
                (hex(*high) << 4 | hex(*low), after)
            }
            after => (*first, after),
        };
        out.push(byte);
        rest = after;
    }
    out
}

/// The value of a hexadecimal digit; 0 for another character.
fn hex(digit: u8) -> u8 {
    char::from(digit).to_digit(16).and_then(|value| u8::try_from(value).ok()).unwrap_or(0)
}

/// Replaces what is not ASCII by `\xHH`, for a terminal whose locale is not UTF-8. `text` has
/// been escaped before; a character of our own drawing is escaped like any other.
#[must_use]
pub fn ascii_only(text: &str) -> Cow<'_, str> {
    if text.is_ascii() {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len() * 2);
    let mut buffer = [0; 4];
    for c in text.chars() {
        match c {
            '…' => out.push_str("..."),
            c if c.is_ascii() => out.push(c),
            c => c.encode_utf8(&mut buffer).bytes().for_each(|b| push_byte(&mut out, b)),
        }
    }
    Cow::Owned(out)
}

/// Whether the byte at this place is one without which a CI runner sees no command.
fn begins_command(text: &[u8], at: usize) -> bool {
    let rest = &text[at + 1..];
    match text[at] {
        b'#' => matches!(rest.first(), Some(b'#' | b'[')),
        b':' if at > 0 && text[at - 1] == b':' => {
            // In an IPv6 address only hexadecimal digits, colons and dots follow, and not many of them.
            let is_digit = |b: &&u8| b.is_ascii_hexdigit() || matches!(b, b':' | b'.');
            let digits = rest.iter().take(MAX_IPV6_TEXT).take_while(is_digit).count();
            let is_name = |b: &u8| b.is_ascii_alphabetic() || matches!(b, b'-' | b'_');
            let is_address = digits < MAX_IPV6_TEXT && !rest.get(digits).is_some_and(is_name);
            rest.first().is_some_and(is_name) && !is_address
        }
        _ => false,
    }
}

fn is_plain_ascii(b: u8) -> bool {
    matches!(b, 0x20..=0x7E) && b != b'\\'
}

fn push_char(out: &mut String, c: char) {
    if c == '\\' {
        out.push_str("\\\\");
    } else if is_shown(c) {
        out.push(c);
    } else {
        let mut buffer = [0; 4];
        c.encode_utf8(&mut buffer).bytes().for_each(|b| push_byte(out, b));
    }
}

fn is_shown(c: char) -> bool {
    use GeneralCategory as G;
    if c.is_ascii() {
        return is_plain_ascii(c as u8);
    }
    if BLANK.contains(&c) || CodePointSetData::new::<DefaultIgnorableCodePoint>().contains(c) {
        return false;
    }
    !matches!(
        CodePointMapData::<G>::new().get(c),
        G::Control
            | G::Format
            | G::LineSeparator
            | G::ParagraphSeparator
            | G::SpaceSeparator
            | G::Unassigned
            | G::PrivateUse
            | G::Surrogate
    )
}

/// Characters of visible categories that are drawn as nothing: the blank Braille pattern, the null
/// notehead, the filler of the Khitan small script, and the blanks of Egyptian hieroglyphs.
const BLANK: [char; 5] = ['\u{2800}', '\u{1d159}', '\u{16fe4}', '\u{13441}', '\u{13442}'];

fn push_byte(out: &mut String, b: u8) {
    const HEX: &[u8; 16] = b"0123456789abcdef";
    out.push_str("\\x");
    out.push(char::from(HEX[usize::from(b >> 4)]));
    out.push(char::from(HEX[usize::from(b & 0xF)]));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shows_text_and_escapes_the_rest() {
        for (bytes, expected) in [
            (&b"*.example.com"[..], "*.example.com"),
            (b"a\x00b", "a\\x00b"),
            (b"a\nb\r\t", "a\\x0ab\\x0d\\x09"),
            (b"back\\slash", "back\\\\slash"),
            (b"\x1b[31m", "\\x1b[31m"),
            (b"b\xfccher", "b\\xfccher"),
            ("bücher".as_bytes(), "bücher"),
            ("日本".as_bytes(), "日本"),
            ("e\u{301}".as_bytes(), "e\u{301}"),
            ("\u{202e}evil".as_bytes(), "\\xe2\\x80\\xaeevil"),
            ("a\u{200b}b".as_bytes(), "a\\xe2\\x80\\x8bb"),
            ("\u{2028}".as_bytes(), "\\xe2\\x80\\xa8"),
            ("\u{85}".as_bytes(), "\\xc2\\x85"),
            ("\u{7f}".as_bytes(), "\\x7f"),
            ("\u{378}".as_bytes(), "\\xcd\\xb8"),
            ("\u{a0}".as_bytes(), "\\xc2\\xa0"),
            (b"\xed\xa0\x80", "\\xed\\xa0\\x80"),
            // Invisible, of other categories than Cf.
            ("a\u{3164}".as_bytes(), "a\\xe3\\x85\\xa4"),
            ("\u{115f}\u{1160}\u{ffa0}".as_bytes(), "\\xe1\\x85\\x9f\\xe1\\x85\\xa0\\xef\\xbe\\xa0"),
            ("a\u{fe0f}".as_bytes(), "a\\xef\\xb8\\x8f"),
            ("a\u{34f}".as_bytes(), "a\\xcd\\x8f"),
            ("\u{2800}".as_bytes(), "\\xe2\\xa0\\x80"),
            ("\u{180e}".as_bytes(), "\\xe1\\xa0\\x8e"),
            ("\u{e0041}".as_bytes(), "\\xf3\\xa0\\x81\\x81"),
            ("\u{e0100}".as_bytes(), "\\xf3\\xa0\\x84\\x80"),
            ("\u{1d159}".as_bytes(), "\\xf0\\x9d\\x85\\x99"),
            // Commands of CI runners.
            (b"##vso[task.setvariable]x", "\\x23#vso[task.setvariable]x"),
            (b"##[error]x", "\\x23\\x23[error]x"),
            (b"x ##teamcity[x]", "x \\x23#teamcity[x]"),
            (b"::set-output name=a::b", ":\\x3aset-output name=a::b"),
            (b"::add-mask::x", ":\\x3aadd-mask:\\x3ax"),
            (b"::debug::", ":\\x3adebug::"),
            (b"#1 # a", "#1 # a"),
            (
                b"[::1]:443 fe80::a:b 2001:db8::dead:beef ::ffff:192.0.2.7",
                "[::1]:443 fe80::a:b 2001:db8::dead:beef ::ffff:192.0.2.7",
            ),
            (b"[2001:db8::f]", "[2001:db8::f]"),
            (b"fe80::1%eth0 fe80::a%eth0", "fe80::1%eth0 fe80::a%eth0"),
        ] {
            assert_eq!(escape(bytes), expected, "{bytes:?}");
        }
    }

    #[test]
    fn a_long_text_is_cut_and_says_so() {
        let long = "ü".repeat(1000);
        let shown = Shown::short(long.as_bytes());
        assert_eq!(shown.as_str(), format!("{}… (2000 bytes in all)", "ü".repeat(127)));
        assert_eq!(Shown::short(&[b'a'; 255]).as_str().len(), 255);
    }

    #[test]
    fn ascii_only_keeps_what_a_plain_terminal_shows() {
        assert_eq!(ascii_only("bücher… ok"), "b\\xc3\\xbccher... ok");
    }

    #[test]
    fn every_escape_can_be_undone() {
        use proptest::prelude::*;
        proptest!(|(bytes: Vec<u8>)| {
            let shown = escape(&bytes);
            prop_assert!(shown.chars().all(is_shown_or_escape));
            prop_assert_eq!(unescape(&shown), bytes);
        });
    }

    /// Each pair of colons looks only as far ahead as an IPv6 address is long.
    #[test]
    fn a_long_text_of_colons_is_escaped_in_time() {
        let colons = b"::a".repeat(500_000);
        assert_eq!(unescape(&escape(&colons)), colons);
    }

    #[test]
    fn a_backslash_that_begins_no_escape_stands_for_itself() {
        for (text, bytes) in
            [("\\", &b"\\"[..]), ("\\x4", b"\\x4"), ("\\xzz", b"\\xzz"), ("a\\\\x41", b"a\\x41"), ("\\x41", b"A")]
        {
            assert_eq!(unescape(text), bytes, "{text}");
        }
    }

    fn is_shown_or_escape(c: char) -> bool {
        c == '\\' || is_shown(c)
    }
}
