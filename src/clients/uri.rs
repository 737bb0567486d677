//! How the URI parsers of Go and of the JDK judge a uniformResourceIdentifier. Strict readers of
//! certificates do not take one that does not parse.

use std::net::Ipv6Addr;

use super::labels::{ip_text, without_final_dot};
use super::steps::percent_decoded;

/// net/url's `Parse`, then `domainNameValid` of the host (parser.go, `parseSANExtension`).
#[must_use]
pub fn go_parses(uri: &[u8]) -> bool {
    let (uri, fragment) = cut(uri, b'#');
    if uri.iter().any(|&b| b < b' ' || b == 0x7F) {
        return false;
    }
    let Some((scheme, rest)) = go_scheme(uri) else { return false };
    let rest = cut(rest, b'?').0;
    if !go_escapes(fragment) {
        return false;
    }
    if !rest.starts_with(b"/") {
        return scheme.is_some() || !cut(rest, b'/').0.contains(&b':') && go_escapes(rest);
    }
    match rest.strip_prefix(b"//") {
        Some(after) if scheme.is_some() || !after.starts_with(b"/") => {
            let at = after.iter().position(|&b| b == b'/').unwrap_or(after.len());
            let (authority, path) = after.split_at(at);
            go_authority(scheme.unwrap_or_default(), authority) && go_escapes(path)
        }
        _ => go_escapes(rest),
    }
}

/// What stands before the first such octet, and after it.
fn cut(text: &[u8], at: u8) -> (&[u8], &[u8]) {
    let mut parts = text.splitn(2, |&b| b == at);
    (parts.next().unwrap_or_default(), parts.next().unwrap_or_default())
}

/// The scheme, if there is one, and the rest; none where a colon comes first.
fn go_scheme(uri: &[u8]) -> Option<(Option<&[u8]>, &[u8])> {
    match uri.iter().position(|b| !b.is_ascii_alphanumeric() && !b"+-.".contains(b)) {
        Some(0) if uri.starts_with(b":") => None,
        Some(at) if uri[at] == b':' && uri[0].is_ascii_alphabetic() => Some((Some(&uri[..at]), &uri[at + 1..])),
        _ => Some((None, uri)),
    }
}

/// Whether every `%` begins an escape.
fn go_escapes(text: &[u8]) -> bool {
    text.split(|&b| b == b'%')
        .skip(1)
        .all(|after| matches!(after, [a, b, ..] if a.is_ascii_hexdigit() && b.is_ascii_hexdigit()))
}

fn go_authority(scheme: &[u8], authority: &[u8]) -> bool {
    let (user, host) = match authority.iter().rposition(|&b| b == b'@') {
        Some(at) => (&authority[..at], &authority[at + 1..]),
        None => (&[][..], authority),
    };
    let is_user = |b: &u8| b.is_ascii_alphanumeric() || b"-._:~!$&'()*+,;=%@".contains(b);
    user.iter().all(is_user) && go_escapes(user) && go_host(scheme, host)
}

fn go_host(scheme: &[u8], host: &[u8]) -> bool {
    if let Some(open) = host.iter().rposition(|&b| b == b'[') {
        let Some(close) = host.iter().rposition(|&b| b == b']').filter(|_| open == 0) else { return false };
        return is_go_literal(&host[1..close]) && is_go_port(&host[close + 1..]);
    }
    let strict = scheme.eq_ignore_ascii_case(b"http") || scheme.eq_ignore_ascii_case(b"https");
    let is_colon = |b: &u8| *b == b':';
    let colon = if strict { host.iter().position(is_colon) } else { host.iter().rposition(is_colon) };
    colon.is_none_or(|at| is_go_port(&host[at..]))
        && host.iter().copied().all(is_go_host)
        && go_host_escapes(host)
        && is_go_domain(host)
}

/// An IPv6 address, perhaps with a zone after `%25` (RFC 6874); no other escape belongs to the address.
/// The zone, with its escapes decoded, holds what a host may hold and, for the check of the host as a
/// domain, no empty label.
fn is_go_literal(literal: &[u8]) -> bool {
    let zone_at = literal.windows(3).position(|w| w == b"%25").unwrap_or(literal.len());
    let (address, zone) = literal.split_at(zone_at);
    let is_zone = |zone: &[u8]| {
        let decoded = percent_decoded(zone);
        go_escapes(zone)
            && decoded.iter().copied().all(is_go_host)
            && !decoded.is_empty()
            && !decoded.windows(2).any(|pair| pair == b"..")
    };
    ip_text(address).is_some_and(|ip| ip.is_ipv6()) && zone.get(3..).is_none_or(is_zone)
}

/// What may be written in a host (net/url, `shouldEscape`), and the `%` of an escape.
fn is_go_host(b: u8) -> bool {
    b.is_ascii_alphanumeric() || b"-_.~!$&'()*+,;=:[]<>\"%".contains(&b)
}

fn is_go_port(port: &[u8]) -> bool {
    matches!(port, [] | [b':', ..]) && port.iter().skip(1).all(u8::is_ascii_digit)
}

/// In a host only octets beyond ASCII, which no domain holds then, and `%` itself are escaped.
fn go_host_escapes(host: &[u8]) -> bool {
    host.split(|&b| b == b'%').skip(1).all(|after| after.starts_with(b"25"))
}

/// `domainNameValid`: printable ASCII, no empty label, no final dot.
fn is_go_domain(host: &[u8]) -> bool {
    host.is_empty() || host.split(|&b| b == b'.').all(|label| !label.is_empty())
}

/// java.net.URI and sun.security.x509.URIName: a scheme, and a host that does not end in a dot.
#[must_use]
pub fn jdk_parses(uri: &[u8]) -> bool {
    let Some(colon) = uri.iter().position(|b| b"/?#:".contains(b)).filter(|&at| uri[at] == b':') else { return false };
    let (scheme, rest) = (&uri[..colon], &uri[colon + 1..]);
    let is_scheme = |b: &u8| b.is_ascii_alphanumeric() || b"+-.".contains(b);
    if !scheme.first().is_some_and(u8::is_ascii_alphabetic) || !scheme.iter().all(is_scheme) {
        return false;
    }
    let (rest, fragment) = cut(rest, b'#');
    if !jdk_holds(fragment, JDK_URIC) {
        return false;
    }
    if !rest.starts_with(b"/") {
        return !rest.is_empty() && jdk_holds(rest, JDK_URIC);
    }
    let (path, query) = cut(rest, b'?');
    if !jdk_holds(query, JDK_URIC) {
        return false;
    }
    let Some(after) = path.strip_prefix(b"//") else { return jdk_holds(path, JDK_PATH) };
    let at = after.iter().position(|&b| b == b'/').unwrap_or(after.len());
    let (authority, path) = after.split_at(at);
    let is_authority =
        if authority.is_empty() { rest.len() > 2 || !fragment.is_empty() } else { jdk_authority(authority) };
    is_authority && jdk_holds(path, JDK_PATH)
}

const JDK_URIC: &[u8] = b";/?:@&=+$,[]";
const JDK_PATH: &[u8] = b":@&=+$,;/";
const JDK_REG_NAME: &[u8] = b"$,;:@&=+";
const JDK_USER: &[u8] = b";:&=+$,";

/// Unreserved characters, escapes, and these; what is not ASCII has become U+FFFD, which may stand.
fn jdk_holds(text: &[u8], also: &[u8]) -> bool {
    let may_stand =
        |b: &u8| b.is_ascii_alphanumeric() || !b.is_ascii() || b"-_.!~*'()%".contains(b) || also.contains(b);
    text.iter().all(may_stand) && go_escapes(text)
}

/// By name of a server if it can be, else by any name that a registry might have.
fn jdk_authority(authority: &[u8]) -> bool {
    match jdk_server(authority) {
        Some(host) => !host.ends_with(b"."),
        None => jdk_holds(authority, JDK_REG_NAME),
    }
}

/// The host of `user@host:port`.
fn jdk_server(authority: &[u8]) -> Option<&[u8]> {
    let host = match authority.iter().position(|&b| b == b'@') {
        Some(at) if jdk_holds(&authority[..at], JDK_USER) => &authority[at + 1..],
        Some(_) => return None,
        None => authority,
    };
    if let Some(literal) = host.strip_prefix(b"[") {
        let close = literal.iter().position(|&b| b == b']')?;
        let _: Ipv6Addr = std::str::from_utf8(&literal[..close]).ok()?.parse().ok()?;
        return is_jdk_port(&literal[close + 1..]).then_some(&host[..=close]);
    }
    let at = host.iter().position(|&b| b == b':').unwrap_or(host.len());
    let (host, port) = host.split_at(at);
    (is_jdk_port(port) && is_jdk_host(host)).then_some(host)
}

fn is_jdk_port(port: &[u8]) -> bool {
    port.is_empty() || port.starts_with(b":") && port.len() <= 10 && port[1..].iter().all(u8::is_ascii_digit)
}

/// Labels of letters, digits and inner hyphens, the last of several beginning with a letter; or a
/// dotted quad.
fn is_jdk_host(host: &[u8]) -> bool {
    let is_label = |label: &[u8]| {
        !label.is_empty()
            && label.iter().all(|&b| b.is_ascii_alphanumeric() || b == b'-')
            && !label.starts_with(b"-")
            && !label.ends_with(b"-")
    };
    let relative = without_final_dot(host);
    let last = relative.rsplit(|&b| b == b'.').next().unwrap_or_default();
    relative.split(|&b| b == b'.').all(is_label)
        && (!relative.contains(&b'.') || last[0].is_ascii_alphabetic() || ip_text(host).is_some())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn uris() {
        for (uri, go, jdk) in [
            ("https://q.test/", true, true),
            ("https://q.test./", false, false),
            ("https://a..test/", false, true),
            ("https://a_b.test/", true, true),
            ("https://a b/", false, false),
            ("https://q.test/a b", true, false),
            ("https://q.test/%zz", false, false),
            ("https://u@q.test:443/", true, true),
            ("https://q.test:x/", false, true),
            ("https://[::1]/", true, true),
            ("https://[::1/", false, false),
            ("https://[fe80::1%25lo]/", true, false),
            ("https://[fe80::1%25l%41]:1/", true, false),
            ("https://[fe80::1%25a.b]/", true, false),
            ("https://[fe80::1%lo]/", false, false),
            ("https://[fe80::1%25]/", false, false),
            ("https://[fe80::1%25a..b]/", false, false),
            ("https://[fe80::1%25a%20b]/", false, false),
            ("https://[fe80%3A:1%25lo]/", false, false),
            ("https://", true, false),
            ("spiffe://q.test/b", true, true),
            ("sip:a@b.test", true, true),
            ("urn:", true, false),
            ("q.test", true, false),
            ("a:b", true, true),
            ("1:b", false, false),
            (":b", false, false),
            ("", true, false),
            ("\n", false, false),
        ] {
            assert_eq!(go_parses(uri.as_bytes()), go, "{uri} in Go");
            assert_eq!(jdk_parses(uri.as_bytes()), jdk, "{uri} in the JDK");
        }
    }
}
