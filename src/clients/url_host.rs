//! The host of a URL, as browsers read it (WHATWG URL, 3.5): what `https://NAME:PORT/` asks for.

use std::borrow::Cow;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use super::idna;
use super::labels::without_final_dot;

/// What a URL's host came to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum UrlHost<'a> {
    /// An address.
    Ip(IpAddr),
    /// A domain: ASCII, in whatever case; not checked against the DNS's rules.
    Domain(Cow<'a, [u8]>),
}

/// Where the parsers differ.
#[derive(Clone, Copy, Debug)]
pub struct Flavour {
    /// ASCII characters, besides controls and those of every URL, that make a host invalid.
    pub also_forbidden: &'static [u8],
    /// Whether an A-label must hold up where the whole host is ASCII.
    pub checks_a_labels: bool,
    /// Whether `0x` alone is the number 0.
    pub bare_0x_is_a_number: bool,
}

/// The host that a name becomes when it is written into a URL.
///
/// # Errors
/// Why there is none.
pub fn parse<'a>(name: &'a [u8], flavour: &Flavour) -> Result<UrlHost<'a>, &'static str> {
    let name = without_tabs_and_newlines(name);
    let name = match name.iter().rposition(|&b| b == b'@') {
        Some(at) => cut(name, at + 1),
        None => name,
    };
    if name.iter().any(|b| b"/\\?#".contains(b)) {
        return Err("the name holds a character that ends a URL's host");
    }
    if name.contains(&b':') {
        return ipv6(&name).map(|v6| UrlHost::Ip(v6.into())).ok_or("the name holds a colon and is no IPv6 address");
    }
    let domain = ascii_domain(name, flavour)?;
    if let Some(&bad) = domain.iter().find(|&&b| is_forbidden(b) || flavour.also_forbidden.contains(&b)) {
        return Err(if bad == b' ' {
            "a URL's host holds no spaces"
        } else {
            "the name holds a character that no URL's host may hold"
        });
    }
    if domain.is_empty() {
        return Err("the name is empty");
    }
    if !ends_in_a_number(&domain) {
        return Ok(UrlHost::Domain(domain));
    }
    let v4 = ipv4(without_final_dot(&domain), flavour.bare_0x_is_a_number)
        .ok_or("a host that ends in a number must be an IPv4 address")?;
    Ok(UrlHost::Ip(v4.into()))
}

fn without_tabs_and_newlines(name: &[u8]) -> Cow<'_, [u8]> {
    let is_dropped = |b: &u8| matches!(b, b'\t' | b'\n' | b'\r');
    if name.iter().any(is_dropped) {
        Cow::Owned(name.iter().copied().filter(|b| !is_dropped(b)).collect())
    } else {
        Cow::Borrowed(name)
    }
}

fn cut(name: Cow<'_, [u8]>, at: usize) -> Cow<'_, [u8]> {
    match name {
        Cow::Borrowed(bytes) => Cow::Borrowed(bytes.get(at..).unwrap_or_default()),
        Cow::Owned(mut bytes) => Cow::Owned(bytes.split_off(at.min(bytes.len()))),
    }
}

/// In brackets or, as a person types it, without.
fn ipv6(name: &[u8]) -> Option<Ipv6Addr> {
    let inner = name.strip_prefix(b"[").and_then(|n| n.strip_suffix(b"]")).unwrap_or(name);
    std::str::from_utf8(inner).ok()?.parse().ok()
}

/// Percent-decoded, then through IDNA where it is not ASCII.
fn ascii_domain<'a>(name: Cow<'a, [u8]>, flavour: &Flavour) -> Result<Cow<'a, [u8]>, &'static str> {
    let name = if name.contains(&b'%') { Cow::Owned(percent_decoded(&name)) } else { name };
    if name.is_ascii() && !(flavour.checks_a_labels && idna::has_a_label(&name)) {
        return Ok(name);
    }
    let ascii = idna::uts46(&name).ok_or("the name is no valid internationalised name (UTS 46)")?;
    Ok(Cow::Owned(ascii.into_owned().into_bytes()))
}

/// A `%` that begins no escape stays, and is forbidden later.
fn percent_decoded(name: &[u8]) -> Vec<u8> {
    let digit = |b: u8| char::from(b).to_digit(16).and_then(|d| u8::try_from(d).ok());
    let mut decoded = Vec::with_capacity(name.len());
    let mut rest = name;
    while let Some((&first, after)) = rest.split_first() {
        let escape = match *after {
            [high, low, ..] if first == b'%' => digit(high).zip(digit(low)),
            _ => None,
        };
        decoded.push(escape.map_or(first, |(high, low)| high << 4 | low));
        rest = after.get(if escape.is_some() { 2 } else { 0 }..).unwrap_or_default();
    }
    decoded
}

/// The forbidden domain code points, less the space.
fn is_forbidden(b: u8) -> bool {
    b < b' ' || b"%#/:<>?@[\\]^|\x7F".contains(&b)
}

/// WHATWG's "ends in a number" checker.
fn ends_in_a_number(domain: &[u8]) -> bool {
    let relative = without_final_dot(domain);
    let last = relative.rsplit(|&b| b == b'.').next().unwrap_or(relative);
    match last {
        [] => false,
        [b'0', b'x' | b'X', hex @ ..] => hex.iter().all(u8::is_ascii_hexdigit),
        digits => digits.iter().all(u8::is_ascii_digit),
    }
}

/// One to four numbers, decimal, octal or hexadecimal; the last fills what is left.
#[must_use]
pub fn ipv4(text: &[u8], bare_0x_is_a_number: bool) -> Option<Ipv4Addr> {
    let mut address: u64 = 0;
    let mut parts = text.split(|&b| b == b'.').peekable();
    for place in 0..4u32 {
        let value = number(parts.next()?, bare_0x_is_a_number)?;
        if parts.peek().is_none() {
            let room = 8 * (4 - place);
            let whole = (value < 1 << room).then_some(address << room | value)?;
            return u32::try_from(whole).ok().map(Ipv4Addr::from);
        }
        if value > 255 {
            return None;
        }
        address = address << 8 | value;
    }
    None
}

fn number(part: &[u8], bare_0x_is_a_number: bool) -> Option<u64> {
    let (digits, radix) = match part {
        [b'0', b'x' | b'X'] if !bare_0x_is_a_number => return None,
        [b'0', b'x' | b'X', hex @ ..] => (hex, 16),
        [b'0', octal @ ..] => (octal, 8),
        [] => return None,
        decimal => (decimal, 10),
    };
    digits.iter().try_fold(0u64, |value, &b| {
        let digit = char::from(b).to_digit(radix)?;
        Some((value * u64::from(radix) + u64::from(digit)).min(1 << 40))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const PLAIN: Flavour = Flavour { also_forbidden: b" ", checks_a_labels: true, bare_0x_is_a_number: true };

    #[test]
    fn names_become_hosts() {
        let domain = |text: &'static str| Some(UrlHost::Domain(Cow::Borrowed(text.as_bytes())));
        let ip = |text: &str| Some(UrlHost::Ip(text.parse().unwrap()));
        for (name, host) in [
            ("a%62.test", domain("ab.test")),
            ("ü.test", domain("xn--tda.test")),
            ("%C3%BC.test", domain("xn--tda.test")),
            ("a\tb.test", domain("ab.test")),
            ("u@q.test", domain("q.test")),
            ("a..test", domain("a..test")),
            ("*.q.test", domain("*.q.test")),
            ("10.1", ip("10.0.0.1")),
            ("0xa.0.010.1", ip("10.0.8.1")),
            ("10.1.", ip("10.0.0.1")),
            ("4294967295", ip("255.255.255.255")),
            ("0x", ip("0.0.0.0")),
            ("4294967296", None),
            ("1.2.3.4.5", None),
            ("256.1.1.1", None),
            ("a.09", None),
            ("1..2", None),
            ("1.2..", domain("1.2..")),
            ("::1", ip("::1")),
            ("[::1]", ip("::1")),
            ("[::1%25lo]", None),
            ("a:443", None),
            ("a b.test", None),
            ("a%.test", None),
            ("a/b", None),
            ("xn--q.test", None),
            ("", None),
        ] {
            assert_eq!(parse(name.as_bytes(), &PLAIN).ok(), host, "{name}");
        }
    }
}
