//! What a text that names a server may not reveal: logins, queries and fragments. Works on bytes and
//! parses nothing, so that a text that is not a valid target is covered too.
//!
//! The rule, for a TARGET, a name, a `HOST[:PORT]` and a line of a list:
//!
//! - In a URL, everything before the last `@` of the authority is removed. The path is cut at the first
//!   of `? # ; & = %`, and is hidden whole where it contains an `@`, because that may be the end of a
//!   password with a `/` in it. The scheme is kept where it is one (RFC 3986, 3.1), also after `jdbc:`.
//! - Elsewhere, the text before the last `@` is kept only where it cannot be a login: letters, digits
//!   and `-._*` alone, an IP address, `ip:ADDRESS`, `srv:_SERVICE.DOMAIN` or `uri:SCHEME:HOST`.
//! - A port is kept where it is digits; a host is cut at the first of `/ \ ? # ; & =`.
//! - `uri:` before a URI is kept. In the URI, everything before `@` is hidden.
//!
//! What is hidden is replaced by `…`.

use std::net::{IpAddr, Ipv6Addr};

/// Replaces what is hidden.
const HIDDEN: &[u8] = "…".as_bytes();

/// A target, a name or a `HOST[:PORT]`, redacted.
pub(super) fn target(text: &[u8]) -> Vec<u8> {
    let (prefix, rest) = text.split_at(if text.starts_with(b"uri:") { 4 } else { 0 });
    if let Some(at) = find(rest, b"://") {
        return [prefix, &url(&rest[..at], &rest[at + 3..])].concat();
    }
    if prefix.is_empty() {
        return login_and_place(rest);
    }
    match rest.iter().position(|&b| b == b':') {
        Some(colon) if is_scheme(&rest[..colon]) => {
            [prefix, &rest[..=colon], &without_login(&rest[colon + 1..])].concat()
        }
        _ => [prefix, &without_login(rest)].concat(),
    }
}

/// As much of the beginning of a target as is certainly not part of a login.
pub(super) fn beginning(text: &[u8]) -> Vec<u8> {
    match find(text, b"://") {
        Some(at) => [scheme(&text[..at]), b"://"].concat(),
        None => text.iter().copied().take_while(|&b| is_plain_byte(b)).collect(),
    }
}

/// A scheme as it is shown in a message.
pub(super) fn scheme(text: &[u8]) -> &[u8] {
    let name = text.strip_prefix(b"jdbc:").unwrap_or(text);
    if is_scheme(name) { text } else { HIDDEN }
}

/// Whether a text that should be a file's path looks like a URL or a login instead.
pub(super) fn is_no_path(text: &[u8]) -> bool {
    let login = text.iter().rposition(|&b| b == b'@').map(|at| &text[..at]);
    find(text, b"://").is_some()
        || login.is_some_and(|login| login.contains(&b':') && !login.iter().any(|b| b"/\\".contains(b)))
}

/// Running text, redacted word by word. An `@` hides what precedes it, name or login.
pub(super) fn words(text: &[u8]) -> Vec<u8> {
    let ends_word = |b: &u8| b.is_ascii_whitespace() || b"'\"`".contains(b);
    let mut shown = Vec::with_capacity(text.len());
    for piece in text.split_inclusive(ends_word) {
        let (word, end) = piece.split_at(piece.len() - usize::from(piece.last().is_some_and(ends_word)));
        shown.extend_from_slice(&self::word(word));
        shown.extend_from_slice(end);
    }
    shown
}

fn word(word: &[u8]) -> Vec<u8> {
    let has = |set: &[u8]| word.iter().any(|b| set.contains(b));
    if find(word, b"://").is_some() || has(b"?&;#") && has(b"=") {
        return target(word);
    }
    if has(b"@") { without_login(word) } else { word.to_vec() }
}

/// A place, and whatever precedes an `@` hidden.
fn without_login(text: &[u8]) -> Vec<u8> {
    match text.iter().rposition(|&b| b == b'@') {
        Some(at) => [HIDDEN, b"@", &place(&text[at + 1..])].concat(),
        None => place(text),
    }
}

fn url(before: &[u8], rest: &[u8]) -> Vec<u8> {
    let end = rest.iter().position(|b| b"/?#\\;".contains(b)).unwrap_or(rest.len());
    let (authority, path) = rest.split_at(end);
    let host = authority.rsplit(|&b| b == b'@').next().unwrap_or(authority);
    let is_cut_login = path.contains(&b'@') && !is_place(host);
    let host = if is_cut_login { HIDDEN.to_vec() } else { place(host) };
    [scheme(before), b"://", &host, &self::path(path)].concat()
}

fn path(path: &[u8]) -> Vec<u8> {
    if path.contains(&b'@') {
        return [&path[..1], HIDDEN].concat();
    }
    match path.iter().position(|b| b"?#;&=%".contains(b)) {
        Some(at) => [&path[..=at], HIDDEN].concat(),
        None => path.to_vec(),
    }
}

fn login_and_place(text: &[u8]) -> Vec<u8> {
    let Some(at) = text.iter().rposition(|&b| b == b'@') else {
        let kind = [&b"ip:"[..], b"srv:"].into_iter().find(|kind| text.starts_with(kind)).map_or(0, <[u8]>::len);
        return [&text[..kind], &place(&text[kind..])].concat();
    };
    let name = &text[..at];
    [if is_name(name) { name } else { HIDDEN }, b"@", &place(&text[at + 1..])].concat()
}

/// Whether the text before `@` is a name that may be shown.
pub(super) fn is_name(text: &[u8]) -> bool {
    let is_plain = |text: &[u8]| text.iter().all(|&b| is_plain_byte(b));
    if let Some(service) = text.strip_prefix(b"srv:") {
        return service.starts_with(b"_") && service.contains(&b'.') && is_plain(service);
    }
    if let Some(uri) = text.strip_prefix(b"uri:") {
        let colon = uri.iter().position(|&b| b == b':');
        return colon.is_some_and(|colon| is_scheme(&uri[..colon]) && is_plain(&uri[colon + 1..]));
    }
    is_plain(text) || is_ip(text.strip_prefix(b"ip:").unwrap_or(text))
}

fn place(text: &[u8]) -> Vec<u8> {
    let end = text.iter().position(|b| b"/\\?#;&=@".contains(b)).unwrap_or(text.len());
    let (host, more) = text.split_at(end);
    let bracket = host.iter().position(|&b| b == b']').filter(|&end| is_place(&host[..=end]));
    let host = match bracket.or_else(|| host.iter().position(|&b| b == b':')) {
        Some(end) if !is_place(host) => [&host[..=end], HIDDEN].concat(),
        _ => host.to_vec(),
    };
    match more.first() {
        Some(&delimiter) => [&host, &[delimiter][..], HIDDEN].concat(),
        None => host,
    }
}

/// `HOST`, `HOST:PORT` with a port of digits, an address, or an address in brackets with such a port.
fn is_place(text: &[u8]) -> bool {
    let is_port = |port: &[u8]| port.iter().all(u8::is_ascii_digit);
    if text.first() == Some(&b'[') {
        let end = text.iter().position(|&b| b == b']').unwrap_or(text.len());
        let port = text.get(end + 1..).unwrap_or_default();
        return is_ip(&text[1..end]) && (port.is_empty() || port[0] == b':' && is_port(&port[1..]));
    }
    match text.iter().position(|&b| b == b':') {
        Some(colon) => is_port(&text[colon + 1..]) || is_ip(text),
        None => true,
    }
}

/// An IP address, in brackets or not, with a zone or without one.
fn is_ip(text: &[u8]) -> bool {
    let Ok(text) = std::str::from_utf8(text) else { return false };
    let text = text.strip_prefix('[').and_then(|text| text.strip_suffix(']')).unwrap_or(text);
    match text.split_once('%') {
        Some((address, zone)) => address.parse::<Ipv6Addr>().is_ok() && zone.bytes().all(is_plain_byte),
        None => text.parse::<IpAddr>().is_ok(),
    }
}

fn is_plain_byte(b: u8) -> bool {
    !b.is_ascii() || b.is_ascii_alphanumeric() || b"-._*".contains(&b)
}

fn is_scheme(text: &[u8]) -> bool {
    text.first().is_some_and(u8::is_ascii_alphabetic)
        && text.iter().all(|b| b.is_ascii_alphanumeric() || b"+-.".contains(b))
}

fn find(text: &[u8], needle: &[u8]) -> Option<usize> {
    text.windows(needle.len()).position(|window| window == needle)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(redacted: Vec<u8>) -> String {
        String::from_utf8(redacted).unwrap()
    }

    #[test]
    fn targets_and_names() {
        for (text, expected) in [
            // Nothing to hide.
            ("www.example.com:8443", "www.example.com:8443"),
            ("[2001:db8::1]:8443", "[2001:db8::1]:8443"),
            ("fe80::1%eth0", "fe80::1%eth0"),
            ("a.example@192.0.2.1:8443", "a.example@192.0.2.1:8443"),
            ("bücher.example@192.0.2.1", "bücher.example@192.0.2.1"),
            ("2001:db8::1@b.example", "2001:db8::1@b.example"),
            ("[2001:db8::1]@b.example", "[2001:db8::1]@b.example"),
            ("ip:::1@b.example:1", "ip:::1@b.example:1"),
            ("srv:_xmpp-client.a.example@b.example", "srv:_xmpp-client.a.example@b.example"),
            ("srv:example.com", "srv:example.com"),
            ("*.example.com@b.example", "*.example.com@b.example"),
            ("uri:sip:example.com", "uri:sip:example.com"),
            ("uri:sip:a.example@b.example", "uri:sip:…@b.example"),
            ("https://example.com:8443/a/b", "https://example.com:8443/a/b"),
            ("https://exa mple.com/", "https://exa mple.com/"),
            ("a b", "a b"),
            ("host:99999", "host:99999"),
            ("[::1", "[::1"),
            ("", ""),
            // Logins.
            ("user:pw@host:1", "…@host:1"),
            ("user:p@w@host", "…@host"),
            ("u/pw@host", "…@host"),
            ("user%3Apw@host", "…@host"),
            ("user:beef@host", "…@host"),
            ("ip:pw@host", "…@host"),
            ("srv:pw@host", "…@host"),
            ("host:pw@", "…@"),
            ("https:/user:pw@host/", "…@host/…"),
            ("https:user:pw@host", "…@host"),
            ("//user:pw@host", "…@host"),
            ("https://user:pw@host:1/a", "https://host:1/a"),
            ("https://user:p@w@host", "https://host"),
            ("https://user:p/w@host", "https://…/…"),
            ("https://user:1/pw@host", "https://user:1/…"),
            ("https://user:p\\w@host", "https://…\\…"),
            ("https://user:p;w@host", "https://…;…"),
            ("https://pw:x@ho st", "https://ho st"),
            ("user:pw@https://host", "…://host"),
            ("uri:https://user:pw@host/?t=pw", "uri:https://host/?…"),
            ("uri:sip:alice:pw@host;lr", "uri:sip:…@host;…"),
            // Ports that are none.
            ("user:pw", "user:…"),
            ("https://user:pw", "https://user:…"),
            ("host:1:pw", "host:…"),
            ("[::1]:pw", "[::1]…"),
            ("[pw:pw]", "[pw:…"),
            // Queries, fragments, parameters.
            ("https://host/a?token=pw#pw", "https://host/a?…"),
            ("https://host#pw", "https://host#…"),
            ("https://host/a;jsessionid=pw", "https://host/a;…"),
            ("https://host/token=pw", "https://host/token=…"),
            ("https://host/a%3Ftoken%3Dpw", "https://host/a%…"),
            ("host?token=pw", "host?…"),
            ("host/a?token=pw", "host/…"),
            ("https:/host/?token=pw", "https:/…"),
            ("jdbc:postgresql://host/db?user=u&password=pw", "jdbc:postgresql://host/db?…"),
            ("jdbc:sqlserver://host:1433;user=sa;password=pw", "jdbc:sqlserver://host:1433;…"),
            ("jdbc:oracle:thin:scott/pw@host:1521:sid", "…@host:…"),
            ("jdbc:oracle:thin:scott/pw@//host:1521/sid", "…@/…"),
            ("sqlserver://host;password=pw", "sqlserver://host;…"),
        ] {
            assert_eq!(shown(target(text.as_bytes())), expected, "{text}");
        }
        assert_eq!(target(b"user:pw@h\xff"), "…@h".as_bytes().iter().copied().chain([0xff]).collect::<Vec<_>>());
    }

    #[test]
    fn what_is_only_begun() {
        for (text, expected) in [
            ("https://user:pw", "https://"),
            ("user:pw", "user"),
            ("pw/x://user", "…://"),
            ("www.example.com", "www.example.com"),
        ] {
            assert_eq!(shown(beginning(text.as_bytes())), expected, "{text}");
        }
    }

    #[test]
    fn running_text() {
        for (text, expected) in [
            ("curl 'https://user:pw@host/a' failed: no route", "curl 'https://host/a' failed: no route"),
            ("https://user:my pw@host", "https://user:… …@host"),
            ("a.example has host:x and k=v", "a.example has host:x and k=v"),
            ("host?token=pw", "host?…"),
        ] {
            assert_eq!(shown(words(text.as_bytes())), expected, "{text}");
        }
    }

    #[test]
    fn paths() {
        for (text, expected) in [
            ("a/cert@1.pem", false),
            ("C:\\me@host\\cert.pem", false),
            ("cert:1.pem", false),
            ("https://host/cert.pem", true),
            ("user:pw@host", true),
        ] {
            assert_eq!(is_no_path(text.as_bytes()), expected, "{text}");
        }
    }

    /// Wherever a URL parser would find a password, none of it is left.
    #[test]
    fn no_password_survives() {
        use proptest::prelude::*;
        proptest!(|(user in "[a-z:/?#;@%!\\[\\]]{0,8}", more in "[a-z:/?#;@%! \\[\\]]{0,8}", scheme in prop_oneof![
            Just("https://"), Just("https:/"), Just(""), Just("jdbc:mysql://"), Just("//")])| {
            let text = format!("{scheme}{user}:PASSWORD{more}@host.test");
            prop_assert!(!shown(target(text.as_bytes())).contains("PASSWORD"), "{}", text);
            prop_assert!(!shown(beginning(text.as_bytes())).contains("PASSWORD"), "{}", text);
        });
    }
}
