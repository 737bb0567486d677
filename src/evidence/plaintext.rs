//! Which protocol a server speaks that answers a TLS ClientHello in plain text: by its first
//! bytes, and by the port where two protocols begin alike.

use crate::starttls::Protocol;

/// A protocol that was recognised.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Plaintext {
    /// HTTP.
    Http,
    /// SSH.
    Ssh,
    /// SMTP or LMTP.
    Smtp,
    /// IMAP.
    Imap,
    /// POP3.
    Pop3,
    /// FTP.
    Ftp,
    /// MySQL or MariaDB.
    MySql,
    /// PostgreSQL.
    PostgreSql,
    /// VNC (RFB).
    Vnc,
    /// RDP (TPKT).
    Rdp,
    /// None of these.
    Other,
}

impl Plaintext {
    /// The protocol's name.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Http => "HTTP",
            Self::Ssh => "SSH",
            Self::Smtp => "SMTP",
            Self::Imap => "IMAP",
            Self::Pop3 => "POP3",
            Self::Ftp => "FTP",
            Self::MySql => "MySQL",
            Self::PostgreSql => "PostgreSQL",
            Self::Vnc => "VNC",
            Self::Rdp => "RDP",
            Self::Other => "an unknown protocol",
        }
    }

    /// How it turns to TLS, where it can.
    #[must_use]
    pub fn starttls(self) -> Option<Protocol> {
        match self {
            Self::Smtp => Some(Protocol::Smtp),
            Self::Imap => Some(Protocol::Imap),
            Self::Pop3 => Some(Protocol::Pop3),
            Self::Ftp => Some(Protocol::Ftp),
            Self::MySql => Some(Protocol::Mysql),
            Self::PostgreSql => Some(Protocol::Postgres),
            Self::Rdp => Some(Protocol::Rdp),
            Self::Http | Self::Ssh | Self::Vnc | Self::Other => None,
        }
    }
}

/// Whether bytes can be the beginning of a TLS record: a content type, then version 3.x.
#[must_use]
pub fn looks_like_tls(first: &[u8]) -> bool {
    matches!(first, [0x14..=0x18]) || matches!(first, [0x14..=0x18, 3, ..])
}

/// Recognises a server by the first bytes it sent; `None` where there are none, or they are TLS.
#[must_use]
pub fn recognise(first: &[u8], port: u16) -> Option<Plaintext> {
    use Plaintext as P;
    if first.is_empty() || looks_like_tls(first) {
        return None;
    }
    let upper = first[..first.len().min(256)].to_ascii_uppercase();
    let holds = |word: &[u8]| upper.windows(word.len()).any(|w| w == word);
    let begins = |word: &[u8]| upper.starts_with(word);
    Some(if begins(b"HTTP/") || begins(b"<!DOCTYPE HTML") || begins(b"<HTML") {
        P::Http
    } else if begins(b"SSH-") {
        P::Ssh
    } else if begins(b"RFB ") {
        P::Vnc
    } else if begins(b"* OK") || begins(b"* BYE") || begins(b"* PREAUTH") {
        P::Imap
    } else if begins(b"+OK") || (begins(b"-ERR") && port == 110) {
        P::Pop3
    } else if is_reply(&upper) {
        match port {
            _ if holds(b"SMTP") || holds(b"LMTP") => P::Smtp,
            _ if holds(b"FTP") => P::Ftp,
            21 | 2121 => P::Ftp,
            _ if matches!(&upper[..3], b"220" | b"421" | b"554") => P::Smtp,
            _ => P::Other,
        }
    } else if is_mysql(first) {
        P::MySql
    } else if matches!(first, [b'E', 0, 0, ..]) || (first == b"N" && port == 5432) {
        P::PostgreSql
    } else if matches!(first, [3, 0, _, _, ..]) {
        P::Rdp
    } else {
        P::Other
    })
}

/// A three-digit reply as FTP and SMTP give it.
fn is_reply(bytes: &[u8]) -> bool {
    matches!(bytes, [b'1'..=b'5', b'0'..=b'9', b'0'..=b'9', b' ' | b'-', ..])
}

/// A MySQL packet: length in three octets, sequence 0, then protocol version 10 or an error.
fn is_mysql(bytes: &[u8]) -> bool {
    matches!(bytes, [len, _, 0, 0, 0x0A | 0xFF, ..] if *len > 4)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn servers_are_recognised_by_their_first_bytes() {
        use Plaintext as P;
        for (first, port, expected) in [
            (&b"HTTP/1.1 400 Bad Request\r\n"[..], 80, Some(P::Http)),
            (b"<html>\r\n<head><title>400", 8080, Some(P::Http)),
            (b"SSH-2.0-OpenSSH_9.2\r\n", 22, Some(P::Ssh)),
            (b"220 mail.example.com ESMTP Postfix\r\n", 25, Some(P::Smtp)),
            (b"220 mail.example.com ready\r\n", 587, Some(P::Smtp)),
            (b"220 ready\r\n", 21, Some(P::Ftp)),
            (b"220 (vsFTPd 3.0.3)\r\n", 2100, Some(P::Ftp)),
            (b"200 news.example.com ready\r\n", 119, Some(P::Other)),
            (b"* OK [CAPABILITY IMAP4rev1] ready\r\n", 143, Some(P::Imap)),
            (b"+OK ready\r\n", 110, Some(P::Pop3)),
            (b"-ERR Protocol error\r\n", 6379, Some(P::Other)),
            (b"\x5b\0\0\0\x0a8.0.36\0", 3306, Some(P::MySql)),
            (b"\x45\0\0\0\xff\x6a\x04Host", 3306, Some(P::MySql)),
            (b"E\0\0\0\x7fSFATAL\0", 5432, Some(P::PostgreSql)),
            (b"RFB 003.008\n", 5900, Some(P::Vnc)),
            (b"\x03\0\0\x0b\x06\xd0\0\0\x12\x34\0", 3389, Some(P::Rdp)),
            (b"hello", 1, Some(P::Other)),
            (b"\x16\x03\x03\0\x7a", 443, None),
            (b"\x15\x03\x01\0\x02\x02\x28", 443, None),
            (b"\x16", 443, None),
            (b"", 443, None),
        ] {
            assert_eq!(recognise(first, port), expected, "{first:?}");
        }
    }

    #[test]
    fn any_bytes_can_be_looked_at() {
        use proptest::prelude::*;
        proptest!(|(bytes: Vec<u8>, port: u16)| {
            prop_assert_eq!(recognise(&bytes, port).is_none(), bytes.is_empty() || looks_like_tls(&bytes));
        });
    }
}
