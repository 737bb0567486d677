//! How a connection in plain text turns to TLS, protocol by protocol: bytes in, steps out, no
//! socket (`net/starttls.rs` has that). Pure; imports `escape` and `identity`.
//!
//! `framing.rs` is for those whose packets the handshake travels in.
//!
//! To add a protocol: a file with its [`Dialogue`], a line in [`PROTOCOLS`], rows in
//! `data/schemes.tsv`, transcripts in `tests/transcripts/`.

pub mod framing;
pub mod ftp;
pub mod imap;
pub mod irc;
pub mod ldap;
pub mod mssql;
pub mod mysql;
pub mod nntp;
pub mod pop3;
pub mod postgres;
pub mod rdp;
pub mod reply;
pub mod sieve;
pub mod smtp;
pub mod step;
pub mod tds;
pub mod xmpp;

pub use framing::Framing;
pub use step::{Dialogue, Inbox, Step, Stop};

use crate::identity::DnsName;

/// A protocol that turns to TLS.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
#[allow(missing_docs)]
pub enum Protocol {
    Smtp,
    Lmtp,
    Submission,
    Imap,
    Pop3,
    Ftp,
    Nntp,
    Sieve,
    Irc,
    Ldap,
    Xmpp,
    XmppServer,
    Postgres,
    Mysql,
    Mssql,
    Rdp,
}

/// All of them: name, the port where they are mostly met, and how they are called in a sentence.
pub const PROTOCOLS: &[(Protocol, &str, u16, &str)] = &[
    (Protocol::Smtp, "smtp", 25, "SMTP"),
    (Protocol::Lmtp, "lmtp", 24, "LMTP"),
    (Protocol::Submission, "submission", 587, "SMTP submission"),
    (Protocol::Imap, "imap", 143, "IMAP"),
    (Protocol::Pop3, "pop3", 110, "POP3"),
    (Protocol::Ftp, "ftp", 21, "FTP"),
    (Protocol::Nntp, "nntp", 119, "NNTP"),
    (Protocol::Sieve, "sieve", 4190, "ManageSieve"),
    (Protocol::Irc, "irc", 6667, "IRC"),
    (Protocol::Ldap, "ldap", 389, "LDAP"),
    (Protocol::Xmpp, "xmpp", 5222, "XMPP"),
    (Protocol::XmppServer, "xmpp-server", 5269, "XMPP between servers"),
    (Protocol::Postgres, "postgres", 5432, "PostgreSQL"),
    (Protocol::Mysql, "mysql", 3306, "MySQL"),
    (Protocol::Mssql, "mssql", 1433, "SQL Server"),
    (Protocol::Rdp, "rdp", 3389, "RDP"),
];

impl Protocol {
    fn row(self) -> (&'static str, u16, &'static str) {
        let found = PROTOCOLS.iter().find(|(protocol, ..)| *protocol == self);
        found.map_or(("", 0, ""), |&(_, name, port, spoken)| (name, port, spoken))
    }

    /// As `--starttls` takes it.
    #[must_use]
    pub fn name(self) -> &'static str {
        self.row().0
    }

    /// The port where it is mostly met.
    #[must_use]
    pub fn port(self) -> u16 {
        self.row().1
    }

    /// As a sentence has it.
    #[must_use]
    pub fn spoken(self) -> &'static str {
        self.row().2
    }

    /// The service whose SRV-ID its clients accept beside the host's name (RFC 6120, 13.7.1.2).
    #[must_use]
    pub fn service(self) -> Option<&'static str> {
        match self {
            Self::Xmpp => Some("_xmpp-client"),
            Self::XmppServer => Some("_xmpp-server"),
            _ => None,
        }
    }

    /// The protocol of a name.
    #[must_use]
    pub fn by_name(name: &str) -> Option<Self> {
        PROTOCOLS.iter().find(|(_, known, ..)| *known == name).map(|(protocol, ..)| *protocol)
    }

    /// The protocol that a port is mostly used for.
    #[must_use]
    pub fn on_port(port: u16) -> Option<Self> {
        PROTOCOLS.iter().find(|(.., usual, _)| *usual == port).map(|(protocol, ..)| *protocol)
    }

    /// Its way to TLS; `domain` is the service that is asked for, where a server hosts several.
    #[must_use]
    pub fn dialogue(self, domain: Option<&DnsName>) -> Box<dyn Dialogue> {
        match self {
            Self::Smtp | Self::Submission => Box::new(smtp::Smtp::new(smtp::Hello::Ehlo)),
            Self::Lmtp => Box::new(smtp::Smtp::new(smtp::Hello::Lhlo)),
            Self::Imap => Box::new(imap::Imap::default()),
            Self::Pop3 => Box::new(pop3::Pop3::default()),
            Self::Ftp => Box::new(ftp::Ftp::default()),
            Self::Nntp => Box::new(nntp::Nntp::default()),
            Self::Sieve => Box::new(sieve::Sieve::default()),
            Self::Irc => Box::new(irc::Irc::default()),
            Self::Ldap => Box::new(ldap::Ldap::default()),
            Self::Xmpp => Box::new(xmpp::Xmpp::new(xmpp::Side::Client, domain)),
            Self::XmppServer => Box::new(xmpp::Xmpp::new(xmpp::Side::Server, domain)),
            Self::Postgres => Box::new(postgres::Postgres::default()),
            Self::Mysql => Box::new(mysql::Mysql),
            Self::Mssql => Box::new(mssql::Mssql::default()),
            Self::Rdp => Box::new(rdp::Rdp::default()),
        }
    }
}
