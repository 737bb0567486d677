//! A proxy's address as text -> how to reach it. Pure; the login stays in it and is never shown.

use std::fmt;

use crate::escape::Shown;
use crate::target::{self, Endpoint};

/// The port of a proxy whose address has none, as for curl.
const DEFAULT_PORT: u16 = 1080;

/// A proxy.
#[derive(Clone, PartialEq, Eq)]
pub struct Proxy {
    /// How it is spoken to.
    pub kind: Kind,
    /// Where it is.
    pub endpoint: Endpoint,
    /// User and password.
    pub login: Option<Login>,
    shown: Shown,
}

/// How a proxy is spoken to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// CONNECT in plain text.
    Http,
    /// CONNECT inside TLS.
    Https,
    /// SOCKS 5 with addresses: this machine looks names up.
    Socks5,
    /// SOCKS 5 with names: the proxy looks them up.
    Socks5h,
}

/// User and password.
#[derive(Clone, PartialEq, Eq)]
pub struct Login {
    /// The user.
    pub user: Vec<u8>,
    /// The password; empty where there is none.
    pub password: Vec<u8>,
}

impl Proxy {
    /// `[SCHEME://][USER[:PASSWORD]@]HOST[:PORT]`; without a scheme it is an HTTP proxy.
    ///
    /// # Errors
    /// What is wrong with it; quotes nothing of it, since it may hold a password.
    pub fn parse(text: &str) -> Result<Self, String> {
        let (scheme, rest) = text.split_once("://").unwrap_or(("http", text));
        let (kind, port) = match scheme.to_ascii_lowercase().as_str() {
            "http" => (Kind::Http, DEFAULT_PORT),
            "https" => (Kind::Https, 443),
            "socks5" => (Kind::Socks5, DEFAULT_PORT),
            "socks5h" => (Kind::Socks5h, DEFAULT_PORT),
            _ => return Err("a proxy is http://, https://, socks5:// or socks5h://".to_owned()),
        };
        let end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
        let (authority, behind) = rest.split_at(end);
        if !matches!(behind, "" | "/") {
            return Err("behind host and port nothing may follow; in a login write / ? # as %2F %3F %23".to_owned());
        }
        let (login, place) = match authority.rsplit_once('@') {
            Some((login, place)) => (Some(Login::parse(login)?), place),
            None => (None, authority),
        };
        // The `%` before a zone is itself escaped in a URL (RFC 6874).
        let place = if place.starts_with('[') { place.replacen("%25", "%", 1) } else { place.to_owned() };
        let (endpoint, _) = target::parse_endpoint(&place, port).map_err(|_| "its host or port is none".to_owned())?;
        let scheme = scheme.to_ascii_lowercase();
        let shown = Shown::new(format!("{scheme}://{endpoint}").as_bytes());
        let proxy = Self { kind, endpoint, login: None, shown };
        match login {
            Some(login) => proxy.with_login(login),
            None => Ok(proxy),
        }
    }

    /// The same proxy with this login.
    ///
    /// # Errors
    /// The proxy's protocol cannot carry the login.
    pub fn with_login(self, login: Login) -> Result<Self, String> {
        if matches!(self.kind, Kind::Socks5 | Kind::Socks5h) && !login.fits_socks() {
            return Err("SOCKS takes a user and a password of 1 to 255 bytes of UTF-8 (RFC 1929)".to_owned());
        }
        Ok(Self { login: Some(login), ..self })
    }

    /// Without its login.
    #[must_use]
    pub fn shown(&self) -> &Shown {
        &self.shown
    }
}

impl Login {
    fn fits_socks(&self) -> bool {
        [&self.user, &self.password].into_iter().all(|part| !part.is_empty() && std::str::from_utf8(part).is_ok())
    }

    fn parse(text: &str) -> Result<Self, String> {
        let (user, password) = text.split_once(':').unwrap_or((text, ""));
        let decode = |part: &str| percent_decoded(part.as_bytes()).ok_or("its login holds a % that begins no escape");
        Self::new(decode(user)?, decode(password)?)
    }

    /// `USER:PASSWORD` as it is, without percent-encoding; one line feed at the end does not belong to it.
    ///
    /// # Errors
    /// What is wrong with it; quotes nothing of it.
    pub fn raw(bytes: &[u8]) -> Result<Self, String> {
        let line = bytes.strip_suffix(b"\n").map_or(bytes, |line| line.strip_suffix(b"\r").unwrap_or(line));
        let colon = line.iter().position(|&b| b == b':').ok_or("expected USER:PASSWORD")?;
        Self::new(line[..colon].to_owned(), line[colon + 1..].to_owned())
    }

    fn new(user: Vec<u8>, password: Vec<u8>) -> Result<Self, String> {
        // What SOCKS can carry (RFC 1929, 2).
        if user.len().max(password.len()) > 255 {
            return Err("a user or password has at most 255 bytes".to_owned());
        }
        if user.contains(&b':') || user.iter().chain(&password).any(u8::is_ascii_control) {
            return Err("its login holds a character that cannot be sent".to_owned());
        }
        Ok(Self { user, password })
    }
}

fn percent_decoded(text: &[u8]) -> Option<Vec<u8>> {
    let mut decoded = Vec::with_capacity(text.len());
    let mut rest = text;
    while let Some((&first, after)) = rest.split_first() {
        rest = after;
        if first != b'%' {
            decoded.push(first);
            continue;
        }
        let (digits, after) = after.split_at_checked(2)?;
        let digit = |b: u8| char::from(b).to_digit(16).and_then(|d| u8::try_from(d).ok());
        decoded.push(digit(digits[0])? << 4 | digit(digits[1])?);
        rest = after;
    }
    Some(decoded)
}

impl fmt::Debug for Proxy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Proxy({})", self.shown)
    }
}

impl fmt::Debug for Login {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Login(..)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_form() {
        for (text, shown, kind, login) in [
            ("http://p.example:3128", "http://p.example:3128", Kind::Http, None),
            ("p.example", "http://p.example:1080", Kind::Http, None),
            ("HTTPS://p.example/", "https://p.example:443", Kind::Https, None),
            ("socks5://user:pa%73s@[::1]:9", "socks5://[::1]:9", Kind::Socks5, Some(("user", "pass"))),
            ("http://[fe80::1%25lo]:1", "http://[fe80::1%lo]:1", Kind::Http, None),
            ("socks5h://192.0.2.1", "socks5h://192.0.2.1:1080", Kind::Socks5h, None),
            ("http://user@p.example:1", "http://p.example:1", Kind::Http, Some(("user", ""))),
            ("http://a%40b:c:d@p.example:1", "http://p.example:1", Kind::Http, Some(("a@b", "c:d"))),
        ] {
            let proxy = Proxy::parse(text).unwrap();
            assert_eq!(proxy.shown().as_str(), shown, "{text}");
            assert_eq!(proxy.kind, kind, "{text}");
            let found = proxy.login.as_ref().map(|l| (l.user.as_slice(), l.password.as_slice()));
            assert_eq!(found, login.map(|(u, p)| (u.as_bytes(), p.as_bytes())), "{text}");
        }
    }

    #[test]
    fn what_is_no_proxy_is_not_quoted() {
        for text in [
            "",
            "ftp://secret@p.example",
            "http://",
            "http://secret:secret@",
            "http://secret:se/cret@p.example:1",
            "http://secret:%zz@p.example",
            "http://secret:a%0d%0ab@p.example",
            "http://secret@p.example:99999",
            "socks4://secret@p.example:1",
            "socks5://secret@p.example:1",
            "socks5h://secret:@p.example:1",
            "socks5h://secret:%ff@p.example:1",
        ] {
            let why = Proxy::parse(text).unwrap_err();
            assert!(!why.contains("secret") && !why.contains("p.example"), "{text}: {why}");
        }
        let proxy = Proxy::parse("http://secret:secret@p.example:1").unwrap();
        assert!(!format!("{proxy:?} {:?}", proxy.login).contains("secret"));
    }
}
