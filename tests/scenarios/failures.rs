//! Why there is no certificate: every failure, its code and stage, and what its message must carry.

use std::net::SocketAddr;
use std::time::Duration;

use certcheck::certificate::Unreadable;
use certcheck::diagnosis::Code;
use certcheck::escape::Shown;
use certcheck::evidence::{
    CertificateFailure, Failure, Family, HandshakeFault, Peer, Plaintext, Progress, ProxyStop, Stage, TlsFailure,
};
use certcheck::identity::DnsName;
use certcheck::starttls::{Protocol, Stop};
use certcheck::tls::Alert;

/// The address of every failure.
pub const ADDRESS: &str = "192.0.2.7:8443";

/// A failure and what is to be said about it.
pub struct Row {
    /// The failure.
    pub failure: Failure,
    /// Its code.
    pub code: Code,
    /// Where it stands on the way to a certificate.
    pub stage: Stage,
    /// What the message holds.
    pub facts: &'static [&'static str],
}

/// All of them.
pub fn failures() -> Vec<Row> {
    let rows = [before_tls(), at_a_proxy(), before_the_go_ahead(), resets_and_timeouts(), in_tls(), certificates()];
    let row = |(failure, code, stage, facts)| Row { failure, code, stage, facts };
    rows.into_iter().flatten().map(row).collect()
}

type Cells = (Failure, Code, Stage, &'static [&'static str]);

fn before_tls() -> Vec<Cells> {
    let host = || Shown::new(b"orchard.example");
    vec![
        (
            Failure::BadTargetLine { number: 17, text: Shown::new(b"a b"), why: "it holds a space".to_owned() },
            Code::BadTargetLine,
            Stage::Input,
            &["17", "a b", "it holds a space"],
        ),
        (
            Failure::UnreadableFile { path: Shown::new(b"leaf.pem"), why: "file not found".to_owned() },
            Code::UnreadableFile,
            Stage::Input,
            &["leaf.pem", "file not found"],
        ),
        (Failure::NoSuchHost { host: host() }, Code::NoSuchHost, Stage::Resolve, &["orchard.example"]),
        (
            Failure::NoAddress { host: host(), family: None },
            Code::NoAddress,
            Stage::Resolve,
            &["orchard.example", "address"],
        ),
        (
            Failure::NoAddress { host: host(), family: Some(Family::V4) },
            Code::NoAddress,
            Stage::Resolve,
            &["orchard.example", "IPv4"],
        ),
        (
            Failure::NoAddress { host: host(), family: Some(Family::V6) },
            Code::NoAddress,
            Stage::Resolve,
            &["orchard.example", "IPv6"],
        ),
        (
            Failure::ResolveFailed { host: host(), why: "the resolver did not answer".to_owned() },
            Code::ResolveFailed,
            Stage::Resolve,
            &["orchard.example", "the resolver did not answer"],
        ),
        (Failure::Refused { address: socket() }, Code::ConnectionRefused, Stage::Connect, &[ADDRESS, "port 8443"]),
        (
            Failure::Unreachable { address: socket(), why: "no route to host".to_owned() },
            Code::Unreachable,
            Stage::Connect,
            &[ADDRESS, "no route to host"],
        ),
    ]
}

/// At a proxy.
fn at_a_proxy() -> Vec<Cells> {
    let proxy = |why| Failure::Proxy { proxy: socket(), why };
    let words = || Shown::new(b"words of a server");
    let behind = Peer::Behind { proxy: socket(), port: 993 };
    vec![
        (
            Failure::ToProxy {
                proxy: Shown::new(b"http://proxy.example:3128"),
                why: Box::new(Failure::Refused { address: socket() }),
            },
            Code::ConnectionRefused,
            Stage::Proxy,
            &["http://proxy.example:3128", ADDRESS],
        ),
        (Failure::NoMail { host: words() }, Code::NoAddress, Stage::Resolve, &["words of a server", "7505"]),
        (
            Failure::BadExchanger { host: words(), why: "it is an address".to_owned() },
            Code::NoAddress,
            Stage::Resolve,
            &["words of a server", "it is an address"],
        ),
        (proxy(ProxyStop::Refused(words())), Code::ProxyRefused, Stage::Proxy, &[ADDRESS, "words of a server"]),
        (proxy(ProxyStop::Login(words())), Code::ProxyAuth, Stage::Proxy, &[ADDRESS, "words of a server"]),
        (proxy(ProxyStop::Violation("no HTTP".to_owned())), Code::ProxyViolation, Stage::Proxy, &[ADDRESS, "no HTTP"]),
        (
            Failure::Reset { address: behind, progress: Progress::Tunnelling },
            Code::ConnectionReset,
            Stage::Proxy,
            &["proxy"],
        ),
        (
            Failure::Timeout {
                progress: Progress::Tunnelling,
                after: Duration::from_millis(2500),
                address: Some(behind),
            },
            Code::Timeout,
            Stage::Proxy,
            &[ADDRESS, "2.5 s", "993"],
        ),
        (
            Failure::Reset { address: behind, progress: Progress::Handshaking },
            Code::ConnectionReset,
            Stage::Tls,
            &[ADDRESS, "993"],
        ),
    ]
}

/// Before TLS begins.
fn before_the_go_ahead() -> Vec<Cells> {
    let words = || Shown::new(b"words of a server");
    let turning = |why| Failure::Starttls { address: address(), protocol: Protocol::Imap, why };
    vec![
        (
            turning(Stop::Unsupported(words())),
            Code::StarttlsUnsupported,
            Stage::Starttls,
            &[ADDRESS, "IMAP", "words of a server"],
        ),
        (turning(Stop::SpeaksTls), Code::StarttlsViolation, Stage::Starttls, &[ADDRESS, "an alert of TLS", "IMAP"]),
        (
            Failure::Reset { address: address(), progress: Progress::Unheard },
            Code::ConnectionReset,
            Stage::Starttls,
            &[ADDRESS, "without a word"],
        ),
        (
            turning(Stop::TurnedAway(words())),
            Code::StarttlsRefused,
            Stage::Starttls,
            &[ADDRESS, "before it is asked for TLS", "words of a server"],
        ),
        (
            turning(Stop::Refused(words())),
            Code::StarttlsRefused,
            Stage::Starttls,
            &[ADDRESS, "IMAP", "words of a server"],
        ),
        (
            turning(Stop::Violation("a line is too long".to_owned())),
            Code::StarttlsViolation,
            Stage::Starttls,
            &[ADDRESS, "IMAP", "a line is too long"],
        ),
        (
            turning(Stop::Injection { count: 7, words: words() }),
            Code::StarttlsInjection,
            Stage::Starttls,
            &[ADDRESS, "7 bytes", "words of a server"],
        ),
        (
            Failure::Reset { address: address(), progress: Progress::Turning },
            Code::ConnectionReset,
            Stage::Starttls,
            &[ADDRESS],
        ),
        (
            Failure::Timeout {
                progress: Progress::Turning,
                after: Duration::from_millis(2500),
                address: Some(address()),
            },
            Code::Timeout,
            Stage::Starttls,
            &[ADDRESS, "2.5 s"],
        ),
    ]
}

fn resets_and_timeouts() -> Vec<Cells> {
    let address = address();
    let reset = |progress| Failure::Reset { address, progress };
    let timeout = |progress, address| Failure::Timeout { progress, after: Duration::from_millis(2500), address };
    vec![
        (reset(Progress::Connecting), Code::ConnectionReset, Stage::Connect, &[ADDRESS]),
        (reset(Progress::NoReply), Code::ConnectionReset, Stage::Tls, &[ADDRESS, "hello"]),
        (reset(Progress::Handshaking), Code::ConnectionReset, Stage::Tls, &[ADDRESS, "handshake"]),
        (timeout(Progress::Resolving, None), Code::Timeout, Stage::Resolve, &["2.5 s", "resolved"]),
        (timeout(Progress::Connecting, None), Code::Timeout, Stage::Connect, &["2.5 s", "TCP was not connected"]),
        (
            timeout(Progress::Connecting, Some(address)),
            Code::Timeout,
            Stage::Connect,
            &[ADDRESS, "2.5 s", "TCP was not connected"],
        ),
        (timeout(Progress::NoReply, Some(address)), Code::Timeout, Stage::Tls, &[ADDRESS, "2.5 s", "no TLS reply"]),
        (
            timeout(Progress::Handshaking, Some(address)),
            Code::Timeout,
            Stage::Tls,
            &[ADDRESS, "2.5 s", "certificate", "handshake"],
        ),
    ]
}

fn in_tls() -> Vec<Cells> {
    let address = address();
    let not_tls =
        |protocol| Failure::Tls { address, why: TlsFailure::NotTls { protocol, first: Shown::new(b"220 ready\r\n") } };
    let mut rows: Vec<Cells> = vec![
        (
            Failure::Tls {
                address,
                why: TlsFailure::SniRefused {
                    sni: DnsName::parse("orchard.example").expect("a name"),
                    alert: Alert::UNRECOGNIZED_NAME,
                },
            },
            Code::SniRefused,
            Stage::Tls,
            &[ADDRESS, "orchard.example", "unrecognized_name"],
        ),
        (
            Failure::Tls { address, why: TlsFailure::Alert { alert: Alert::HANDSHAKE_FAILURE } },
            Code::TlsAlert,
            Stage::Tls,
            &[ADDRESS, "handshake_failure"],
        ),
        (
            Failure::Tls { address, why: TlsFailure::Alert { alert: Alert::UNRECOGNIZED_NAME } },
            Code::TlsAlert,
            Stage::Tls,
            &[ADDRESS, "unrecognized_name"],
        ),
        (
            Failure::Tls { address, why: TlsFailure::Alert { alert: Alert(201) } },
            Code::TlsAlert,
            Stage::Tls,
            &[ADDRESS, "alert number 201"],
        ),
        (
            Failure::Tls { address, why: TlsFailure::OutOfReach { alert: Alert::HANDSHAKE_FAILURE } },
            Code::TlsAlert,
            Stage::Tls,
            &[ADDRESS, "TLS 1.3", "FFDHE", "X448", "CCM", "handshake_failure"],
        ),
        (
            Failure::Tls { address, why: TlsFailure::Handshake { fault: HandshakeFault::NothingInCommon } },
            Code::TlsHandshake,
            Stage::Tls,
            &[ADDRESS, "offers no version, suite, group or signature scheme"],
        ),
        (
            Failure::Tls { address, why: TlsFailure::MessageTooLarge },
            Code::MessageTooLarge,
            Stage::Tls,
            &[ADDRESS, "64 KiB"],
        ),
    ];
    rows.extend(
        PROTOCOLS.iter().map(|(protocol, facts)| -> Cells { (not_tls(*protocol), Code::NotTls, Stage::Tls, facts) }),
    );
    rows
}

/// What speaks plain text, and what the message says of it.
const PROTOCOLS: [(Plaintext, &[&str]); 11] = [
    (Plaintext::Http, &[ADDRESS, "HTTP", "220 ready\\x0d\\x0a"]),
    (Plaintext::Ssh, &[ADDRESS, "SSH"]),
    (Plaintext::Smtp, &[ADDRESS, "SMTP"]),
    (Plaintext::Imap, &[ADDRESS, "IMAP"]),
    (Plaintext::Pop3, &[ADDRESS, "POP3"]),
    (Plaintext::Ftp, &[ADDRESS, "FTP"]),
    (Plaintext::MySql, &[ADDRESS, "MySQL"]),
    (Plaintext::PostgreSql, &[ADDRESS, "PostgreSQL"]),
    (Plaintext::Vnc, &[ADDRESS, "VNC"]),
    (Plaintext::Rdp, &[ADDRESS, "RDP"]),
    (Plaintext::Other, &[ADDRESS, "plain text", "220 ready"]),
];

fn certificates() -> Vec<Cells> {
    let unreadable = |why| Failure::Certificate(CertificateFailure::Unreadable(why));
    vec![
        (
            Failure::Tls { address: address(), why: TlsFailure::NoCertificate },
            Code::NoCertificate,
            Stage::Certificate,
            &[ADDRESS],
        ),
        (
            unreadable(Unreadable::Malformed { part: "its validity".to_owned() }),
            Code::UnreadableCertificate,
            Stage::Certificate,
            &["its validity"],
        ),
        (unreadable(Unreadable::TwoSans), Code::UnreadableCertificate, Stage::Certificate, &["subjectAltName"]),
        (unreadable(Unreadable::Trailing(3)), Code::UnreadableCertificate, Stage::Certificate, &["3 bytes"]),
        (unreadable(Unreadable::TooLarge(20_000_000)), Code::UnreadableCertificate, Stage::Certificate, &["20000000"]),
        (
            Failure::Certificate(CertificateFailure::TooManyNames { total: 70_000 }),
            Code::UnreadableCertificate,
            Stage::Certificate,
            &["70000", "65536"],
        ),
    ]
}

fn address() -> Peer {
    Peer::Address(socket())
}

fn socket() -> SocketAddr {
    ADDRESS.parse().expect(ADDRESS)
}
