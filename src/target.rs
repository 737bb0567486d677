//! A TARGET as text -> where to connect, and the name to check there. Pure.

use std::fmt;
use std::net::IpAddr;

use crate::data::schemes::{self, Scheme, Servers};
use crate::escape::{Shown, is_name_before_at};
use crate::identity::name::ip_literal;
use crate::identity::{Asked, BadName, DnsName, Typed};
use crate::starttls::Protocol;

/// The longest target that is looked at, in bytes.
const MAX_TARGET: usize = 4096;

/// A target, read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Target {
    /// As given, escaped, without login, query and fragment.
    pub shown: Shown,
    /// The name to check: what stands before `@`, or the host.
    pub name: Asked,
    /// Where to connect.
    pub endpoint: Endpoint,
    /// How TLS begins there, where a URL's scheme says it.
    pub begins: Begins,
    /// The service whose identities count beside the name, where a URL's scheme is one's.
    pub service: Option<&'static str>,
    /// Which servers are meant.
    pub servers: Servers,
}

/// What a target itself says about how TLS begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Begins {
    /// Nothing.
    Unsaid,
    /// With the first byte.
    AtOnce,
    /// After the protocol's command.
    After(Protocol),
}

/// Where to connect.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Endpoint {
    /// The host.
    pub host: Host,
    /// The port.
    pub port: u16,
}

impl fmt::Display for Endpoint {
    /// As a target writes it: an IPv6 address in brackets.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let host = self.host.lookup_text();
        if host.contains(':') { write!(f, "[{host}]:{}", self.port) } else { write!(f, "{host}:{}", self.port) }
    }
}

/// A host.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Host {
    /// A name to look up.
    Name {
        /// A-labels.
        name: DnsName,
        /// Whether it was written with a final dot, so that search lists do not apply.
        form: Form,
    },
    /// An address, with the zone of the interface it is reached through.
    Ip(IpAddr, Option<Box<str>>),
}

/// Whether a resolver may complete a name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Form {
    /// It may.
    Relative,
    /// It may not.
    Absolute,
}

impl Host {
    /// As the resolver takes it.
    #[must_use]
    pub fn lookup_text(&self) -> String {
        match self {
            Self::Name { name, form: Form::Relative } => name.to_string(),
            Self::Name { name, form: Form::Absolute } => format!("{name}."),
            Self::Ip(ip, None) => ip.to_string(),
            Self::Ip(ip, Some(zone)) => format!("{ip}%{zone}"),
        }
    }
}

/// A target that was given on the command line or stands in a list. `port` is for one that has none.
///
/// # Errors
/// What is wrong with it, in words that hold nothing unescaped.
pub fn parse(bytes: &[u8], port: u16) -> Result<Target, String> {
    if bytes.len() > MAX_TARGET {
        return Err(too_long(bytes.len() as u64));
    }
    let text = std::str::from_utf8(bytes).map_err(|_| BadName::NotUtf8.to_string())?;
    if let Some((scheme, rest)) = text.split_once("://") {
        return parse_url(scheme, rest, Shown::target(bytes));
    }
    let (name, place) = match text.rsplit_once('@') {
        Some((name, _)) if !is_name_before_at(name.as_bytes()) => {
            return Err("the text before `@` is not a valid name; it is hidden, as it may be a login".to_owned());
        }
        Some((name, place)) => (Some(name), place),
        None => (None, text),
    };
    let (endpoint, host_text) = parse_endpoint(place, port)?;
    let name = name.unwrap_or(host_text);
    Ok(Target {
        shown: Shown::target(bytes),
        name: Asked::parse(Typed::new(name.as_bytes())),
        endpoint,
        begins: Begins::Unsaid,
        service: None,
        servers: Servers::Host,
    })
}

/// The text before `@` in a URL is a login, which is dropped.
fn parse_url(scheme: &str, rest: &str, shown: Shown) -> Result<Target, String> {
    let shown_scheme = Shown::scheme(scheme.as_bytes());
    let Some(Scheme { port, starttls, service, servers }) = schemes::find(scheme) else {
        return Err(match scheme.to_ascii_lowercase().as_str() {
            "http" | "ws" => format!("{shown_scheme}:// is plain text; for TLS write https://, or HOST:PORT"),
            _ => format!("the port of {shown_scheme}:// is not known; write HOST:PORT"),
        });
    };
    let end = rest.find(['/', '?', '#', '\\', ';']).unwrap_or(rest.len());
    let (authority, path) = rest.split_at(end);
    let place = authority.rsplit_once('@').map_or(authority, |(_, place)| place);
    // The `%` before a zone is itself escaped in a URL (RFC 6874).
    let place = &if place.starts_with('[') { place.replacen("%25", "%", 1) } else { place.to_owned() };
    // Behind the first `/` an `@` is mostly that of a login with a `/` in it: no part of it is quoted.
    let login = "its login holds a character that has to be written as %2F, %3F or %23";
    let (endpoint, host_text) =
        parse_endpoint(place, port).map_err(|why| if path.contains('@') { login.to_owned() } else { why })?;
    Ok(Target {
        shown,
        name: Asked::parse(Typed::new(host_text.as_bytes())),
        endpoint,
        begins: starttls.map_or(Begins::AtOnce, Begins::After),
        service,
        servers,
    })
}

/// Why a text of so many bytes is no target.
#[must_use]
pub fn too_long(length: u64) -> String {
    format!("it is {length} bytes long, a target has at most {MAX_TARGET}")
}

/// `HOST`, `HOST:PORT`, `[V6]`, `[V6]:PORT` or `V6`; also the host's own text, for the name.
///
/// # Errors
/// What is wrong with host or port.
pub fn parse_endpoint(text: &str, default_port: u16) -> Result<(Endpoint, &str), String> {
    let (host_text, port) = split_port(text)?;
    let port = match port {
        Some(port) => parse_port(port)?,
        None => default_port,
    };
    Ok((Endpoint { host: parse_host(host_text).map_err(|why| why.to_string())?, port }, host_text))
}

fn split_port(text: &str) -> Result<(&str, Option<&str>), String> {
    if text.starts_with('[') {
        let end = text.find(']').ok_or_else(|| BadName::BadBrackets.to_string())?;
        let (host, rest) = text.split_at(end + 1);
        return match rest.strip_prefix(':') {
            Some(port) => Ok((host, Some(port))),
            None if rest.is_empty() => Ok((host, None)),
            None => Err(BadName::BadBrackets.to_string()),
        };
    }
    match text.split_once(':') {
        Some((_, rest)) if rest.contains(':') => Ok((text, None)),
        Some((host, port)) => Ok((host, Some(port))),
        None => Ok((text, None)),
    }
}

fn parse_port(text: &str) -> Result<u16, String> {
    let digits = !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    match text.parse::<u16>() {
        Ok(port) if digits && port > 0 => Ok(port),
        // Anything but digits may be a password.
        _ if digits => Err(format!("`{}` is not a valid port (1 to 65535)", Shown::short(text.as_bytes()))),
        _ => Err("the port is not a number from 1 to 65535".to_owned()),
    }
}

fn parse_host(text: &str) -> Result<Host, BadName> {
    if let Some((ip, zone)) = ip_literal(text)? {
        return Ok(Host::Ip(ip, zone.map(Into::into)));
    }
    let form = if text.ends_with('.') { Form::Absolute } else { Form::Relative };
    Ok(Host::Name { name: DnsName::parse(text)?, form })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<(String, String, u16), String> {
        let target = parse(text.as_bytes(), 443)?;
        let name = target.name.reference().map_or("?".to_owned(), ToString::to_string);
        Ok((name, target.endpoint.host.lookup_text(), target.endpoint.port))
    }

    #[test]
    fn every_form() {
        for (text, name, host, port) in [
            ("example.com", "example.com", "example.com", 443),
            ("example.com:8443", "example.com", "example.com", 8443),
            ("EXAMPLE.com.", "example.com", "example.com.", 443),
            ("192.0.2.1", "192.0.2.1", "192.0.2.1", 443),
            ("192.0.2.1:1", "192.0.2.1", "192.0.2.1", 1),
            ("2001:db8::1", "2001:db8::1", "2001:db8::1", 443),
            ("[2001:db8::1]", "2001:db8::1", "2001:db8::1", 443),
            ("[2001:db8::1]:8443", "2001:db8::1", "2001:db8::1", 8443),
            ("fe80::1%eth0", "fe80::1", "fe80::1%eth0", 443),
            ("[fe80::1%eth0]:1", "fe80::1", "fe80::1%eth0", 1),
            ("a.example@192.0.2.1:8443", "a.example", "192.0.2.1", 8443),
            ("ip:192.0.2.9@b.example", "192.0.2.9", "b.example", 443),
            ("a.example@[::1]:1", "a.example", "::1", 1),
            ("https://example.com/path?x=y@z", "example.com", "example.com", 443),
            ("https://user:secret@example.com:8443/", "example.com", "example.com", 8443),
            ("imaps://mail.example.com", "mail.example.com", "mail.example.com", 993),
            ("https://[::1]/", "::1", "::1", 443),
            ("https://[fe80::1%25eth0]:8443/", "fe80::1", "fe80::1%eth0", 8443),
            ("bücher.example", "xn--bcher-kva.example", "xn--bcher-kva.example", 443),
        ] {
            assert_eq!(read(text), Ok((name.to_owned(), host.to_owned(), port)), "{text}");
        }
    }

    #[test]
    fn what_is_no_target() {
        for text in [
            "",
            ":443",
            "host:",
            "host:0",
            "host:99999",
            "host:+1",
            "host:4 4",
            "2130706433",
            "0x7f.1",
            "1.2.3",
            "a b",
            "[::1",
            "[::1]x",
            "[::1]:",
            "[host]:1",
            "http://example.com",
            "gopher://x",
            "https://",
            "@",
            "name@",
            "a..b",
            "-x.example",
            "*.example.com",
            "fe80::1%",
            "example.com/path",
        ] {
            assert!(parse(text.as_bytes(), 443).is_err(), "{text}");
        }
        assert!(parse(&[b'a'; 5000], 443).is_err());
        assert!(parse(b"\xff", 443).is_err());
    }

    #[test]
    fn secrets_are_never_shown() {
        for text in [
            "https://user:secret@example.com/a",
            "https://secret@example.com",
            "https://example.com/a?token=secret",
            "gopher://secret@x",
            "https://a:secret@b@c:x",
            "ldap://user:12/secret@host",
            "sqlserver://example.com:1433;user=sa;password=secret",
            "jdbc:postgresql://example.com/db?password=secret",
            "user:secret@example.com",
            "ip:secret@example.com",
            "srv:secret@example.com",
            "user:sécret@example.com",
            "https:/user:secret@example.com",
            "https:/example.com/?token=secret",
            "example.com:secret",
            "example.com?token=secret",
            "exämple.com?token=secret",
        ] {
            let words = match parse(text.as_bytes(), 443) {
                Ok(target) => target.shown.into_string(),
                Err(why) => format!("{why} {}", Shown::target_short(text.as_bytes())),
            };
            assert!(!words.contains("secret") && !words.contains("sécret"), "{text}: {words}");
        }
    }

    #[test]
    fn any_bytes_can_be_read() {
        use proptest::prelude::*;
        proptest!(|(bytes: Vec<u8>)| { let _ = parse(&bytes, 443); let _ = Shown::target(&bytes); });
        proptest!(|(text in "[a-z0-9:@/.\\[\\]%-]{0,40}")| { let _ = parse(text.as_bytes(), 443); });
    }
}
