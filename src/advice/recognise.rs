//! Which client wrote an error text, and which names stand in it.

use std::net::IpAddr;
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
/// How many beginnings of one text are tried.
const MAX_BEGINNINGS: usize = 16;
/// How far before an error a URL is still taken for its server's, in bytes.
const MAX_BEFORE: usize = 1024;
/// What a regex may take up, compiled.
const MAX_REGEX: usize = 1 << 20;

/// What colours a text on a terminal (ECMA-48, 5.4 and 5.6), and what quotes or frames a line of it.
const NO_WORDS: &str =
    "\x1b\\[[0-?]*[ -/]*[@-~]|\x1b\\][^\x07\x1b]*(?:\x07|\x1b\\\\)|(?m:^[ \\t]*(?:[>|\u{2502}][ \\t]?)+)";
/// Blanks, line ends among them: messages are wrapped.
const BLANKS: &str = "[ \\t\\r\\n]+";
/// Quotation marks, as messages and word processors have them.
const QUOTE: &str = "[\"'`\u{2018}\u{2019}\u{201C}\u{201D}\u{B4}\\\\]+";
/// A name: no blanks, quotation marks or brackets.
const NAME: &str = "[^ \\t\\r\\n\"'`\u{2018}\u{2019}\u{201C}\u{201D}\u{B4}<>(),;|/\\\\\\[\\]]+";
/// Host and port of a URL, or a login before them.
const AUTHORITY: &str = "[^ \\t\\r\\n\"'`\u{2018}\u{2019}\u{201C}\u{201D}\u{B4}<>(),;|/\\\\?#]+";
/// What follows them.
const PATH: &str = "[^ \\t\\r\\n\"'`\u{2018}\u{2019}\u{201C}\u{201D}\u{B4}<>\\\\]*";

static NOISE: LazyLock<Option<Regex>> = LazyLock::new(|| Regex::new(NO_WORDS).ok());
static URL: LazyLock<Option<Regex>> = LazyLock::new(|| Regex::new(&url()).ok());
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
    /// The host that was connected to, as the text has it, where it says so: it may be another than
    /// was wanted.
    pub server: Option<String>,
    /// The host of the URL that stands before an error which names no host itself, as the text has it.
    pub before: Option<String>,
    /// The server's port.
    pub port: Option<u16>,
}

/// Finds the error in a text; of several that fit, the one that tells most.
#[must_use]
pub fn recognise(text: &str) -> Option<Recognised> {
    let text = head(text, MAX_TEXT);
    let text = NOISE.as_ref().map_or(text.into(), |noise| noise.replace_all(text, ""));
    let found = TEMPLATES.iter().filter_map(|(error, regex)| {
        let captures = nearest(regex, &text)?;
        Some((captures.get(0)?.start(), read(*error, &captures)))
    });
    // The first of those that tell equally much.
    let (at, found) = found.fold(None, |best: Option<(usize, Recognised)>, next| match best {
        Some(best) if told(&best.1) >= told(&next.1) => Some(best),
        _ => Some(next),
    })?;
    Some(match (&found.server, &found.wanted) {
        (Some(_), _) => found,
        (None, Some(wanted)) => Recognised { port: found.port.or_else(|| port_beside(&text, wanted)), ..found },
        (None, None) => match url_before(&text[..at]) {
            Some((host, port)) => Recognised { before: Some(host), port, ..found },
            None => found,
        },
    })
}

/// Host and port of the last URL of a text, where it stands near the end.
fn url_before(text: &str) -> Option<(String, Option<u16>)> {
    let mut from = text.len().saturating_sub(MAX_BEFORE);
    while !text.is_char_boundary(from) {
        from += 1;
    }
    let url = URL.as_ref()?.captures_iter(&text[from..]).last()?;
    let authority = url.name("authority")?.as_str();
    Some((host(authority), port(authority)))
}

/// Where a template begins more than once before the wanted name, the beginning that is nearest to it:
/// what may be anything does not reach over another server.
fn nearest<'t>(regex: &Regex, text: &'t str) -> Option<Captures<'t>> {
    let mut found = regex.captures(text)?;
    for _ in 0..MAX_BEGINNINGS {
        let (Some(whole), Some(wanted)) = (found.get(0), found.name("wanted")) else { break };
        let after = whole.start() + whole.as_str().chars().next().map_or(1, char::len_utf8);
        let next = regex.captures_at(text, after);
        match next.filter(|next| next.get(0).is_some_and(|next| next.start() < wanted.start())) {
            Some(next) => found = next,
            None => break,
        }
    }
    Some(found)
}

/// The port that stands behind a name somewhere in a text, as in a URL.
fn port_beside(text: &str, name: &str) -> Option<u16> {
    let is_of_name = |c: char| c.is_alphanumeric() || matches!(c, '-' | '.' | '_' | ':');
    text.match_indices(name).find_map(|(at, _)| {
        let (before, after) = (&text[..at], &text[at + name.len()..]);
        let after = if before.ends_with('[') { after.strip_prefix(']')? } else { after };
        let digits = after.strip_prefix(':')?;
        let end = digits.find(|c: char| !c.is_ascii_digit()).unwrap_or(digits.len());
        let is_whole = !before.ends_with(is_of_name) && !digits[end..].starts_with(is_of_name);
        digits[..end].parse().ok().filter(|port| is_whole && *port != 0)
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
    let mut presented = named("list").map(names).unwrap_or_default();
    let is_address = |text: &String| text.parse::<IpAddr>().is_ok();
    presented.extend(named("addresses").map(names).unwrap_or_default().into_iter().take_while(is_address));
    presented.extend(named("one").map(plain));
    let (server, port) = named("authority").map_or((None, None), |text| (Some(host(text)), port(text)));
    Recognised {
        error,
        wanted: named("wanted").map(plain).filter(|name| !name.is_empty() && name.len() <= MAX_NAME),
        presented,
        common_name: named("common").map(|name| name.trim().to_owned()),
        server: named("server").map(plain).or(server),
        before: None,
        port: named("port").and_then(|port| port.parse().ok()).or(port),
    }
}

/// The host of `LOGIN@HOST:PORT`, without brackets.
fn host(authority: &str) -> String {
    let place = authority.rsplit_once('@').map_or(authority, |(_, place)| place);
    let host = match place.strip_prefix('[') {
        Some(rest) => rest.split(']').next(),
        None => place.split(':').next(),
    };
    host.unwrap_or_default().to_owned()
}

/// Its port.
fn port(authority: &str) -> Option<u16> {
    let (before, digits) = authority.rsplit_once(':')?;
    digits.parse().ok().filter(|port| *port != 0 && (!before.contains('[') || before.ends_with(']')))
}

/// Without the stop that ends a sentence; an address may end in colons.
fn plain(text: &str) -> String {
    if text.parse::<IpAddr>().is_ok() { text.to_owned() } else { text.trim_end_matches(['.', ':']).to_owned() }
}

/// The regex of a template; none where it is over the limits.
fn regex(template: &str) -> Option<Regex> {
    let mut pattern = String::new();
    let mut rest = template;
    while let Some(first) = rest.chars().next() {
        if let Some((field, after)) = rest.strip_prefix('{').and_then(|inner| inner.split_once('}')) {
            pattern.push_str(&part(field, after.is_empty()));
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

/// A URL as far as its path.
fn url() -> String {
    format!("https://(?P<authority>{AUTHORITY})")
}

fn part(field: &str, is_last: bool) -> String {
    match field {
        "H" => format!("(?P<wanted>{NAME})"),
        "A" => format!("(?P<one>{NAME})"),
        "X" if is_last => "(?P<common>[^\\r\\n\"')]{1,255})".to_owned(),
        "X" => "(?P<common>[^\\r\\n\"')]{1,255}?)".to_owned(),
        "L" if is_last => "(?P<list>(?s:.+))".to_owned(),
        "L" => "(?P<list>(?s:.*?))".to_owned(),
        "I" => "(?P<addresses>(?s:.*))".to_owned(),
        "C" => format!("(?P<server>{NAME})"),
        "P" => "(?P<port>[0-9]{1,5})".to_owned(),
        "S" => format!("(?P<authority>{AUTHORITY})"),
        "U" => url() + &format!("(?:[/?#]{PATH})?"),
        "N" => "[0-9]{1,9}".to_owned(),
        _ => "(?s:.{0,200}?)".to_owned(),
    }
}

/// What an item of a list of names may begin with.
const PREFIXES: [&str; 8] = ["SAN(s):", "CN:", "DNS:", "DNS Name=", "IP Address:", "IP:", "DnsName(", "IpAddress("];

/// A list of names, however its items are quoted, prefixed and separated; what no longer looks like
/// names ends it.
fn names(list: &str) -> Vec<String> {
    let words: Vec<&str> =
        head(list, MAX_LIST).split([' ', '\t', '\r', '\n']).filter(|word| !word.is_empty()).collect();
    let list = words.join(" ").replace(" or ", ",").replace(" and ", ",");
    let mut found = Vec::new();
    for item in list.split([',', ';']) {
        let (name, rest) = first_name(item);
        let name = plain(name);
        if name.is_empty() || name.len() > MAX_NAME || found.len() == MAX_NAMES {
            break;
        }
        found.push(name);
        if !rest.is_empty() {
            break;
        }
    }
    found
}

/// The name that an item begins with, and what stands behind it and its closing quotation mark.
fn first_name(item: &str) -> (&str, &str) {
    let is_quote = |c: char| matches!(c, '"' | '\'' | '`' | '\\' | '\u{B4}' | '\u{2018}'..='\u{201D}');
    let bare = item.trim().trim_start_matches(['[', '{']).trim_start_matches(is_quote);
    let bare = PREFIXES.iter().fold(bare, |bare, prefix| bare.strip_prefix(prefix).unwrap_or(bare).trim_start());
    let bare = bare.trim_start_matches(is_quote);
    let is_quoted = item[..item.len() - bare.len()].ends_with(is_quote);
    let end = bare.find(|c: char| is_quote(c) || matches!(c, ' ' | ')' | ']')).unwrap_or(bare.len());
    let (name, mut rest) = bare.split_at(end);
    if is_quoted {
        rest = rest.trim_start_matches('\\');
        rest = rest.strip_prefix(is_quote).unwrap_or(rest);
    }
    (name, rest.strip_prefix([')', '}']).unwrap_or(rest))
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
                .replace("{I}", " 192.0.2.9, 2001:db8::")
                .replace("{C}", "server.test")
                .replace("{P}", "4242")
                .replace("{S}", "[2001:db8::7]:4242")
                .replace("{U}", "https://[2001:db8::7]:4242/a?b=c#d")
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
                if error.template.contains("{I}") {
                    assert_eq!(found.presented, ["192.0.2.9", "2001:db8::"], "{noisy}");
                }
                let is_there = |field: &str| error.template.contains(field);
                let has_port = is_there("{P}") || is_there("{S}") || is_there("{U}");
                assert_eq!(found.port, has_port.then_some(4242), "{noisy}");
                let by_name = is_there("{C}").then_some("server.test");
                let server = by_name.or((is_there("{S}") || is_there("{U}")).then_some("2001:db8::7"));
                assert_eq!(found.server.as_deref(), server, "{noisy}");
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
    fn a_list_without_an_address_has_none() {
        for after in
            ["", " ", "\n", " \n    at Object.checkServerIdentity (node:tls:316:12)", "\",\n  host: '192.0.2.7'"]
        {
            let text = format!(
                "Hostname/IP does not match certificate's altnames: IP: 192.0.2.7 is not in the cert's list:{after}"
            );
            let found = recognise(&text).unwrap();
            assert_eq!((found.wanted.as_deref(), found.presented.len()), (Some("192.0.2.7"), 0), "{text}");
        }
    }

    #[test]
    fn the_port_is_the_one_beside_the_name() {
        for (text, port) in [
            ("Get \"https://a.test:8443/\"", Some(8443)),
            ("a.test at xa.test:1 and a.test:2x and a.test:99999 and a.test:0 and a.test: 3", None),
            ("a.test.example:1 https://a.test:443", Some(443)),
        ] {
            assert_eq!(port_beside(text, "a.test"), port, "{text}");
        }
        assert_eq!(port_beside("https://[::1]:8443/ ::1:5", "::1"), Some(8443));
    }

    #[test]
    fn the_server_is_that_of_the_error() {
        let texts = |first: &str| {
            [
                format!(
                    "{first}HTTPSConnectionPool(host='b.test', port=8443): Max retries exceeded with url: / (Caused by \
                     SSLError(CertificateError(\"hostname 'a.test' doesn't match 'c.test'\")))"
                ),
                format!("{first}Get \"https://b.test:8443/x\": x509: certificate is valid for c.test, not a.test"),
            ]
        };
        for first in [
            "",
            "HTTPSConnectionPool(host='other.test', port=1): Max retries exceeded with url: / (Caused by None)\n",
            "Get \"https://other.test:1/\": EOF\n",
        ] {
            for text in texts(first) {
                let found = recognise(&text).unwrap();
                assert_eq!(found.wanted.as_deref(), Some("a.test"), "{text}");
                assert_eq!((found.server.as_deref(), found.port), (Some("b.test"), Some(8443)), "{text}");
            }
        }
        // A proxy's certificate says nothing about the server.
        let text = "Get \"https://b.test/\": proxyconnect tcp: x509: certificate is valid for c.test, not p.test";
        assert_eq!(recognise(text).unwrap().server, None);
    }

    #[test]
    fn an_error_that_names_no_host_is_that_of_the_url_before_it() {
        let far = "x".repeat(MAX_BEFORE);
        for (text, read) in [
            ("E: Failed to fetch https://a.test:8443/InRelease  {} [IP: 192.0.2.7 443]", (Some("a.test"), Some(8443))),
            ("error sending request for url (https://u:p@a.test/): {}", (Some("a.test"), None)),
            ("GET https://b.test:1/ 200\nGET https://a.test/\n{}\nsee https://c.test/", (Some("a.test"), None)),
            ("{}, see https://a.test/", (None, None)),
            (&format!("https://a.test/ {far} {{}}"), (None, None)),
        ] {
            let text = text.replace("{}", "The name in the certificate does not match the expected.");
            let found = recognise(&text).unwrap();
            assert_eq!((found.before.as_deref(), found.port, found.server), (read.0, read.1, None), "{text}");
        }
        // One that names it is about that one.
        let text = "https://b.test:1/ hostname \"a.test\" does not match the server certificate";
        let found = recognise(text).unwrap();
        assert_eq!((found.before, found.port), (None, None));
    }

    #[test]
    fn host_and_port_of_a_url() {
        for (text, read) in [
            ("a.test", ("a.test", None)),
            ("a.test:8443", ("a.test", Some(8443))),
            ("user:***@192.0.2.7:8443", ("192.0.2.7", Some(8443))),
            ("[::1]", ("::1", None)),
            ("[::1]:8443", ("::1", Some(8443))),
            ("a.test:0", ("a.test", None)),
        ] {
            assert_eq!((host(text).as_str(), port(text)), read, "{text}");
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
