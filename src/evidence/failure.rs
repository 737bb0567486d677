//! Why there is no certificate: one variant for each cause that has its own remedy, with the
//! facts that a message needs. Stages are those of the design's error list.

use std::fmt;
use std::net::SocketAddr;
use std::time::Duration;

use super::{Peer, Plaintext};
use crate::certificate::Unreadable;
use crate::escape::Shown;
use crate::identity::DnsName;
use crate::starttls::{Protocol, Stop};
use crate::tls::Alert;

/// Where on the way to a leaf it failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[allow(missing_docs)]
pub enum Stage {
    Input,
    Resolve,
    Proxy,
    Connect,
    Starttls,
    Tls,
    Certificate,
}

/// An address family that was asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Family {
    /// IPv4 only (`-4`).
    V4,
    /// IPv6 only (`-6`).
    V6,
}

/// How far a connection came.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Progress {
    /// The name's addresses were being looked up.
    Resolving,
    /// TCP was being connected.
    Connecting,
    /// The proxy was connected, and had not made the connection behind it.
    Tunnelling,
    /// TCP was connected, a protocol had to turn to TLS, and not a byte came back.
    Unheard,
    /// TCP was connected, and the protocol had not turned to TLS.
    Turning,
    /// TCP was connected, and not a byte came back.
    NoReply,
    /// The peer had answered, and its certificate was missing.
    Handshaking,
}

/// Why a proxy does not make a connection.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ProxyStop {
    /// It refuses; its status and words.
    Refused(Shown),
    /// It wants a login, or another one; its status and words.
    Login(Shown),
    /// Its answer is not the protocol; what is wrong with it.
    Violation(String),
}

/// What is wrong with a handshake, other than an alert or the end of the connection.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum HandshakeFault {
    /// Client and server have no version, suite, group or signature scheme in common.
    NothingInCommon,
    /// A message cannot be parsed.
    Malformed,
    /// A message comes where another one is due.
    OutOfPlace,
    /// A message breaks a rule of the protocol.
    Violation,
    /// A record does not decrypt.
    Undecryptable,
    /// A record is longer than the protocol allows.
    Oversized,
    /// The requested name cannot be sent as SNI.
    UnsendableName,
    /// The connection or the protocol around the handshake failed; how, in our words or the system's.
    Transport(String),
    /// The TLS library failed by itself.
    Library,
}

impl fmt::Display for HandshakeFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::NothingInCommon => {
                "the server offers no version, suite, group or signature scheme that certcheck has"
            }
            Self::Malformed => "a message from the server is malformed",
            Self::OutOfPlace => "a message from the server is out of place",
            Self::Violation => "a message from the server breaks the TLS protocol",
            Self::Undecryptable => "a message from the server does not decrypt",
            Self::Oversized => "a record from the server is too long",
            Self::UnsendableName => "the name cannot be sent as SNI",
            Self::Transport(why) => why,
            Self::Library => "the TLS library failed",
        })
    }
}

/// Why there is no certificate.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Failure {
    /// A line of a list that is no target.
    BadTargetLine {
        /// The line's number, from 1.
        number: u64,
        /// The line, escaped and shortened.
        text: Shown,
        /// What is wrong with it.
        why: String,
    },
    /// A file that cannot be read or holds no certificate.
    UnreadableFile {
        /// Its name, escaped.
        path: Shown,
        /// Why.
        why: String,
    },
    /// The name does not exist.
    NoSuchHost {
        /// Which.
        host: Shown,
    },
    /// The domain takes no mail (RFC 7505).
    NoMail {
        /// Which.
        host: Shown,
    },
    /// A mail exchanger that cannot be visited.
    BadExchanger {
        /// Of which domain.
        host: Shown,
        /// What is wrong with it.
        why: String,
    },
    /// The name exists and has no address of the family asked for.
    NoAddress {
        /// Which.
        host: Shown,
        /// The family, where one was asked for.
        family: Option<Family>,
    },
    /// The resolver did not answer, or failed for now.
    ResolveFailed {
        /// Which name.
        host: Shown,
        /// The resolver's words.
        why: String,
    },
    /// No process listens there.
    Refused {
        /// The last address tried.
        address: SocketAddr,
    },
    /// No route, network down, not permitted.
    Unreachable {
        /// The last address tried.
        address: SocketAddr,
        /// The system's words.
        why: String,
    },
    /// The peer closed or reset the connection.
    Reset {
        /// Which.
        address: Peer,
        /// How far it got.
        progress: Progress,
    },
    /// Time was up.
    Timeout {
        /// What was still missing.
        progress: Progress,
        /// How long was waited.
        after: Duration,
        /// The address waited for, where it was known.
        address: Option<Peer>,
    },
    /// The proxy itself cannot be reached.
    ToProxy {
        /// The proxy, as it is shown: without its login.
        proxy: Shown,
        /// Why not.
        why: Box<Failure>,
    },
    /// The proxy does not make the connection.
    Proxy {
        /// The proxy's address.
        proxy: SocketAddr,
        /// Why not.
        why: ProxyStop,
    },
    /// The protocol does not turn to TLS.
    Starttls {
        /// Which server.
        address: Peer,
        /// The protocol.
        protocol: Protocol,
        /// Why not.
        why: Stop,
    },
    /// No certificate came out of a TLS handshake.
    Tls {
        /// Which server.
        address: Peer,
        /// Why not.
        why: TlsFailure,
    },
    /// The certificate cannot be judged.
    Certificate(CertificateFailure),
}

/// Why no certificate came out of a TLS handshake.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TlsFailure {
    /// The server answers in plain text of another protocol.
    NotTls {
        /// The protocol.
        protocol: Plaintext,
        /// The first bytes, escaped and shortened.
        first: Shown,
    },
    /// The server does not serve the name that was sent as SNI.
    SniRefused {
        /// The name.
        sni: DnsName,
        /// The alert it sent.
        alert: Alert,
    },
    /// The server sent a fatal alert before a certificate.
    Alert {
        /// The alert.
        alert: Alert,
    },
    /// The server speaks TLS 1.3 alone, with groups or suites that certcheck lacks.
    OutOfReach {
        /// The alert it sent.
        alert: Alert,
    },
    /// The handshake failed in another way.
    Handshake {
        /// How.
        fault: HandshakeFault,
    },
    /// A handshake message is longer than the TLS library takes.
    MessageTooLarge,
    /// The handshake ended without a certificate.
    NoCertificate,
}

/// Why a certificate cannot be judged.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CertificateFailure {
    /// It is not a certificate that can be parsed.
    Unreadable(Unreadable),
    /// It has more names than are compared, and none of those covers the name.
    TooManyNames {
        /// How many it has.
        total: usize,
    },
}

impl Failure {
    /// Where it failed.
    #[must_use]
    pub fn stage(&self) -> Stage {
        match self {
            Self::BadTargetLine { .. } | Self::UnreadableFile { .. } => Stage::Input,
            Self::NoSuchHost { .. }
            | Self::NoMail { .. }
            | Self::BadExchanger { .. }
            | Self::NoAddress { .. }
            | Self::ResolveFailed { .. } => Stage::Resolve,
            Self::Refused { .. } | Self::Unreachable { .. } => Stage::Connect,
            Self::Reset { progress, .. } | Self::Timeout { progress, .. } => match progress {
                Progress::Resolving => Stage::Resolve,
                Progress::Connecting => Stage::Connect,
                Progress::Tunnelling => Stage::Proxy,
                Progress::Unheard | Progress::Turning => Stage::Starttls,
                Progress::NoReply | Progress::Handshaking => Stage::Tls,
            },
            Self::Proxy { .. } | Self::ToProxy { .. } => Stage::Proxy,
            Self::Starttls { .. } => Stage::Starttls,
            Self::Tls { why, .. } => match why {
                TlsFailure::NotTls { .. }
                | TlsFailure::SniRefused { .. }
                | TlsFailure::Alert { .. }
                | TlsFailure::OutOfReach { .. }
                | TlsFailure::Handshake { .. }
                | TlsFailure::MessageTooLarge => Stage::Tls,
                TlsFailure::NoCertificate => Stage::Certificate,
            },
            Self::Certificate(_) => Stage::Certificate,
        }
    }

    /// Whether it may pass by itself, so that a retry makes sense.
    #[must_use]
    pub fn may_pass(&self) -> bool {
        match self {
            Self::ToProxy { why, .. } => why.may_pass(),
            _ => matches!(self, Self::ResolveFailed { .. } | Self::Reset { .. } | Self::Timeout { .. }),
        }
    }
}
