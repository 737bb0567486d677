//! Which client wrote an error text, and which names stand in it.

use std::sync::LazyLock;

use regex::{Captures, Regex, RegexBuilder};

use crate::data::client_errors::{self, ClientError};

/// How much of a text is looked at, in bytes.
pub const MAX_TEXT: usize = 1 << 20;
/// How many presented names are taken from a text.
const MAX_NAMES: usize = 256;
/// The longest name that is taken from a text, in bytes.
const MAX_NAME: usize = 255;
/// How much of a list is looked at, in bytes.
const MAX_LIST: usize = 32 * 1024;
/// What a regex may take up, compiled.
const MAX_REGEX: usize = 1 << 20;

/// Blanks, line ends among them: messages are wrapped.
const BLANKS: &str = "[ \\t\\r\\n]+";
/// Quotation marks, as messages and word processors have them.
const QUOTE: &str = "[\"'`\u{2018}\u{2019}\u{201C}\u{201D}\u{B4}\\\\]+";
/// A name: no blanks, quotation marks or brackets.
const NAME: &str = "[^ \\t\\r\\n\"'`\u{2018}\u{2019}\u{201C}\u{201D}\u{B4}<>(),;|/\\\\\\[\\]]+";

static TEMPLATES: LazyLock<Vec<(ClientError, Regex)>> =
    LazyLock::new(|| client_errors::all().filter_map(|error| Some((error, regex(error.template)?))).collect());

/// An error text that was recognised.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Recognised {
    /// Which it is.
    pub error: ClientError,
    /// The name that was wanted, as the text has it.
    pub wanted: Option<String>,
    /// The names that the certificate presents, as the text has them.
    pub presented: Vec<String>,
    /// The certificate's common name.
    pub common_name: Option<String>,
}

/// Finds the error in a text; of several that fit, the one that tells most.
#[must_use]
pub fn recognise(text: &str) -> Option<Recognised> {
    let text = head(text, MAX_TEXT);
    let found = TEMPLATES.iter().filter_map(|(error, regex)| Some(read(*error, &regex.captures(text)?)));
    // The first of those that tell equally much.
    found.fold(None, |best, next| match best {
        Some(best) if told(&best) >= told(&next) => Some(best),
        _ => Some(next),
    })
}

fn head(text: &str, most: usize) -> &str {
    let mut end = text.len().min(most);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    &text[..end]
}

/// How much was found: names first, then the length of the fixed text.
fn told(found: &Recognised) -> (usize, usize) {
    let facts = [found.wanted.is_some(), !found.presented.is_empty(), found.common_name.is_some()];
    (facts.iter().filter(|fact| **fact).count(), found.error.template.len())
}

fn read(error: ClientError, captures: &Captures<'_>) -> Recognised {
    let named = |name: &str| captures.name(name).map(|found| found.as_str());
    let plain = |text: &str| text.trim_end_matches(['.', ':']).to_owned();
    let mut presented = named("list").map(names).unwrap_or_default();
    presented.extend(named("one").map(plain));
    Recognised {
        error,
        wanted: named("wanted").map(plain).filter(|name| !name.is_empty() && name.len() <= MAX_NAME),
        presented,
        common_name: named("common").map(|name| name.trim().to_owned()),
    }
}

/// The regex of a template; none where it is over the limits.
fn regex(template: &str) -> Option<Regex> {
    let mut pattern = String::new();
    let mut rest = template;
    let mut seen = Vec::new();
    while let Some(first) = rest.chars().next() {
        if let Some((field, after)) = rest.strip_prefix('{').and_then(|inner| inner.split_once('}')) {
            let is_last = after.is_empty();
            pattern.push_str(&part(field, is_last, seen.contains(&field)));
            seen.push(field);
            rest = after;
            continue;
        }
        match first {
            ' ' => pattern.push_str(BLANKS),
            '\'' | '"' => pattern.push_str(QUOTE),
            other => pattern.push_str(&regex::escape(&other.to_string())),
        }
        rest = &rest[first.len_utf8()..];
    }
    RegexBuilder::new(&pattern).unicode(true).size_limit(MAX_REGEX).build().ok()
}

fn part(field: &str, is_last: bool, is_again: bool) -> String {
    let (name, pattern) = match field {
        "H" => ("wanted", NAME),
        "A" => ("one", NAME),
        "X" => ("common", "[^\\r\\n\"')]{1,255}?"),
        "L" if is_last => ("list", "(?s:.+)"),
        "L" => ("list", "(?s:.*?)"),
        "N" => ("", "[0-9]{1,9}"),
        _ => ("", "(?s:.{0,200}?)"),
    };
    let pattern = if field == "X" && is_last { "[^\\r\\n\"')]{1,255}" } else { pattern };
    if name.is_empty() || is_again { format!("(?:{pattern})") } else { format!("(?P<{name}>{pattern})") }
}

/// A list of names, however its items are quoted, prefixed and separated; what no longer looks like
/// names ends it.
fn names(list: &str) -> Vec<String> {
    let list = head(list, MAX_LIST).replace(" or ", ",").replace(" and ", ",");
    let mut found = Vec::new();
    for item in list.split([',', ';']) {
        let item = item.trim().trim_start_matches(['[', '{']);
        let item = ["SAN(s):", "CN:", "DNS:", "DNS Name=", "IP Address:", "IP:", "DnsName(", "IpAddress("]
            .iter()
            .fold(item, |item, prefix| item.strip_prefix(prefix).unwrap_or(item).trim_start());
        let bare = item
            .trim_matches(['"', '\'', '`', '\u{2018}', '\u{2019}', '\u{201C}', '\u{201D}', '\\', '[', ']', '(', ')']);
        let (bare, is_end) = match bare.split_once([' ', '\t', '\r', '\n', '"', '\'', ')', ']']) {
            Some((first, _)) => (first, true),
            None => (bare, false),
        };
        let bare = bare.trim_end_matches(['.', ':']);
        if bare.is_empty() || bare.len() > MAX_NAME || found.len() == MAX_NAMES {
            break;
        }
        found.push(bare.to_owned());
        if is_end {
            break;
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_template_finds_its_own_text() {
        assert_eq!(TEMPLATES.len(), client_errors::all().count());
        for error in client_errors::all() {
            let text = error
                .template
                .replace("{H}", "h7.wanted.test")
                .replace("{A}", "a.one.test")
                .replace("{L}", "a.one.test, *.b.test")
                .replace("{X}", "cn.one.test")
                .replace("{N}", "42")
                .replace("{_}", "x");
            for noisy in [
                text.clone(),
                format!("2026-11-24T10:00:00Z ERROR [worker-3] {text} at Object.<anonymous>\n  at next (line 3)\n"),
                text.replace(' ', "\n    "),
                text.replace('\'', "\u{2019}").replace('"', "\\\""),
            ] {
                let found = recognise(&noisy).unwrap_or_else(|| panic!("{noisy}"));
                assert_eq!(
                    found.wanted.as_deref(),
                    error.template.contains("{H}").then_some("h7.wanted.test"),
                    "{noisy}"
                );
                if error.template.contains("{A}") {
                    assert_eq!(found.presented, ["a.one.test"], "{noisy}");
                }
                if error.template.contains("{L}") {
                    assert_eq!(found.presented, ["a.one.test", "*.b.test"], "{noisy}");
                }
            }
        }
    }

    #[test]
    fn lists_are_read_however_they_are_written() {
        for (list, read) in [
            ("'a.test', 'b.test'", &["a.test", "b.test"][..]),
            ("DNS:a.test, DNS:*.b.test, IP Address:192.0.2.1", &["a.test", "*.b.test", "192.0.2.1"]),
            ("DnsName(\"a.test\") or DnsName(\"b.test\")", &["a.test", "b.test"]),
            ("a.test, b.test at TLSSocket.onConnect", &["a.test", "b.test"]),
            ("[a.test, b.test]", &["a.test", "b.test"]),
            ("SAN(s): a.test, b.test, CN: c.test", &["a.test", "b.test", "c.test"]),
            ("", &[]),
        ] {
            assert_eq!(names(list), read, "{list}");
        }
    }

    #[test]
    fn other_texts_are_not_recognised() {
        for text in [
            "",
            "connection refused",
            "certificate has expired",
            "not valid",
            "x509: certificate signed by unknown authority",
        ] {
            assert_eq!(recognise(text), None, "{text}");
        }
    }

    #[test]
    fn any_text_can_be_read() {
        use proptest::prelude::*;
        proptest!(ProptestConfig::with_cases(32), |(text in "(?s).{0,300}")| { let _ = recognise(&text); });
    }
}
