//! What has to come out of each STARTTLS server.

use Expect::{Off, Tls};

use crate::fleet::Start;
use crate::{dovecot, inn, inspircd, mariadb, postfix, postgres, prosody, slapd, vsftpd, xrdp};

/// The kinds of servers.
pub const KINDS: &[Start] = &[
    postfix::start,
    dovecot::start,
    vsftpd::start,
    inn::start,
    slapd::start,
    postgres::start,
    mariadb::start,
    prosody::start,
    inspircd::start,
    xrdp::start,
];

/// What is expected of a server.
#[derive(Clone, Copy, Debug)]
pub enum Expect {
    /// TLS: the right name is a match, another name of the certificate's is not.
    Tls,
    /// No TLS, and the error's code.
    Off(&'static str),
}

/// A server, what `--starttls` says, what is expected.
pub const ROWS: &[(&str, &str, Expect)] = &[
    ("postfix smtp", "smtp", Tls),
    ("postfix submission", "submission", Tls),
    ("postfix smtp", "submission", Tls),
    // EHLO does not list STARTTLS.
    ("postfix without TLS", "smtp", Off(UNSUPPORTED)),
    ("postfix without TLS", "submission", Off(UNSUPPORTED)),
    ("dovecot imap", "imap", Tls),
    ("dovecot pop3", "pop3", Tls),
    ("dovecot lmtp", "lmtp", Tls),
    ("dovecot sieve", "sieve", Tls),
    // CAPABILITY, CAPA, LHLO and the greeting do not list STARTTLS (STLS).
    ("dovecot imap without TLS", "imap", Off(UNSUPPORTED)),
    ("dovecot pop3 without TLS", "pop3", Off(UNSUPPORTED)),
    ("dovecot lmtp without TLS", "lmtp", Off(UNSUPPORTED)),
    ("dovecot sieve without TLS", "sieve", Off(UNSUPPORTED)),
    ("vsftpd", "ftp", Tls),
    // FEAT does not list AUTH TLS.
    ("vsftpd without TLS", "ftp", Off(UNSUPPORTED)),
    ("inn", "nntp", Tls),
    // CAPABILITIES lists STARTTLS all the same; asked, it answers 580.
    ("inn without TLS", "nntp", Off(REFUSED)),
    ("slapd", "ldap", Tls),
    // Asked, it answers protocolError (2), "unsupported extended operation": RFC 4511, 4.14.2 says so of a
    // server without TLS.
    ("slapd without TLS", "ldap", Off(UNSUPPORTED)),
    ("postgres", "postgres", Tls),
    // Asked, it answers `N`.
    ("postgres without TLS", "postgres", Off(UNSUPPORTED)),
    ("mariadb", "mysql", Tls),
    // The greeting has no CLIENT_SSL.
    ("mariadb without TLS", "mysql", Off(UNSUPPORTED)),
    ("prosody", "xmpp", Tls),
    ("prosody s2s", "xmpp-server", Tls),
    ("inspircd", "irc", Tls),
    // CAP LS does not list `tls`. STARTTLS itself gets no answer within a second or more.
    ("inspircd without TLS", "irc", Off(UNSUPPORTED)),
    ("xrdp", "rdp", Tls),
    // Asked for TLS, it chooses protocol 0, its own encryption (a negotiation response, no failure).
    ("xrdp without TLS", "rdp", Off(UNSUPPORTED)),
];

const UNSUPPORTED: &str = "starttls-unsupported";
const REFUSED: &str = "starttls-refused";

/// Hosts of Prosody that are asked for by name: the name, what `--starttls` says, what is expected.
pub const XMPP_HOSTS: &[(&str, &str, &str, Expect)] = &[
    ("prosody", "example.test", "xmpp", Tls),
    ("prosody s2s", "example.test", "xmpp-server", Tls),
    // However it is typed, the server is asked for the U-label, which alone it knows (RFC 7622, 3.2.1).
    ("prosody", "b\u{fc}cher.test", "xmpp", Tls),
    ("prosody", "xn--bcher-kva.test", "xmpp", Tls),
    ("prosody s2s", "b\u{fc}cher.test", "xmpp-server", Tls),
    ("prosody s2s", "xn--bcher-kva.test", "xmpp-server", Tls),
    // Its features do not have STARTTLS.
    ("prosody", "plain.test", "xmpp", Off(UNSUPPORTED)),
    // Between servers it has no other features to offer, so that the stream ends with `undefined-condition`.
    ("prosody s2s", "plain.test", "xmpp-server", Off(REFUSED)),
    // Nobody there has this name: the stream ends with `host-unknown`.
    ("prosody", "nobody.test", "xmpp", Off(REFUSED)),
    ("prosody s2s", "nobody.test", "xmpp-server", Off(REFUSED)),
];
