//! What further questions found out after a name did not match. Empty where none was asked.

use std::net::SocketAddr;
use std::time::Duration;

use super::Failure;
use crate::identity::DnsName;
use crate::starttls::Protocol;

/// What was found out.
#[derive(Clone, Debug, Default)]
pub struct Evidence {
    /// The questions with their answers, in the order in which they count.
    pub probes: Vec<Probe>,
    /// How many addresses of the host were left unasked, since there are more than may be.
    pub unasked: usize,
    /// What DNS says about the host.
    pub names: Names,
}

/// A question put to a server once, and the answer.
#[derive(Clone, Debug)]
pub struct Probe {
    /// What was asked.
    pub question: Question,
    /// The address that was asked; unknown behind a proxy.
    pub address: Option<SocketAddr>,
    /// The port that was asked.
    pub port: u16,
    /// The name sent as SNI.
    pub sni: Option<DnsName>,
    /// The leaf, DER, or why none came.
    pub answer: Result<Vec<u8>, Failure>,
    /// From connecting to the answer.
    pub elapsed: Duration,
}

/// What a probe asks; where nothing is said of it, the address and the SNI are those of the check.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Question {
    /// The same once more.
    Repeat,
    /// With the name that was asked for as SNI, where the check sent another or none.
    Reference,
    /// Without SNI, where the check sent one.
    NoSni,
    /// With an SNI that cannot exist.
    Impossible,
    /// Another address of the host.
    Address,
    /// With ECDSA signatures alone on offer.
    Ecdsa,
    /// With RSA signatures alone on offer.
    Rsa,
    /// With the `www.` name of the name asked for as SNI, or the name without its `www.`.
    Sibling,
    /// With the longest parent of the name that the certificate covers as SNI.
    Parent,
    /// By the way to TLS that a server has which answered in plain text.
    Neighbour(Neighbour),
}

/// Where a server that answers in plain text may speak TLS.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Neighbour {
    /// On the same port, once its protocol is asked to turn.
    Starttls(Protocol),
    /// On this other port, from the first byte on.
    Port(u16),
}

impl Question {
    /// Its name in a report.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Repeat => "repeat",
            Self::Reference => "reference-sni",
            Self::NoSni => "no-sni",
            Self::Impossible => "impossible-sni",
            Self::Address => "address",
            Self::Ecdsa => "ecdsa",
            Self::Rsa => "rsa",
            Self::Sibling => "sibling",
            Self::Parent => "parent",
            Self::Neighbour(_) => "neighbour",
        }
    }
}

/// What DNS says about the host that was connected to.
#[derive(Clone, Debug, Default)]
pub struct Names {
    /// The names that it stands for, from alias to alias (CNAME).
    pub aliases: Vec<DnsName>,
    /// The full name to which the system's search list completes it, where it resolves only so.
    pub completed: Option<DnsName>,
    /// The mail exchangers of the name asked for (MX); looked up for mail alone.
    pub exchangers: Vec<DnsName>,
    /// The names of the address (PTR); looked up for mail alone.
    pub pointers: Vec<DnsName>,
}
