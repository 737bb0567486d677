//! Why there is no certificate, in words: code, message, what to try.

use std::fmt::Write as _;
use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

use super::code::Code;
use super::command::{Command, Program};
use super::{Again, Help};
use crate::evidence::{CertificateFailure, Failure, Family, Peer, Plaintext, Progress, ProxyStop, TlsFailure};
use crate::starttls::{Protocol, Stop};
use crate::tls::Alert;

/// A failure in words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Explained {
    /// Which.
    pub code: Code,
    /// One line that carries the facts.
    pub message: String,
    /// What to try.
    pub help: Vec<Help>,
}

fn say(code: Code, message: String, help: &[&str]) -> Explained {
    let help = help.iter().map(|text| Help { text: (*text).to_owned(), ..Help::default() }).collect();
    Explained { code, message, help }
}

/// The code of a failure, without its words.
#[must_use]
pub fn code_of(failure: &Failure) -> Code {
    match failure {
        Failure::BadTargetLine { .. } => Code::BadTargetLine,
        Failure::UnreadableFile { .. } => Code::UnreadableFile,
        Failure::NoSuchHost { .. } => Code::NoSuchHost,
        Failure::NoAddress { .. } | Failure::NoMail { .. } | Failure::BadExchanger { .. } => Code::NoAddress,
        Failure::ToProxy { why, .. } => code_of(why),
        Failure::ResolveFailed { .. } => Code::ResolveFailed,
        Failure::Refused { .. } => Code::ConnectionRefused,
        Failure::Unreachable { .. } => Code::Unreachable,
        Failure::Reset { .. } => Code::ConnectionReset,
        Failure::Timeout { .. } => Code::Timeout,
        Failure::Proxy { why, .. } => match why {
            ProxyStop::Refused(_) => Code::ProxyRefused,
            ProxyStop::Login(_) => Code::ProxyAuth,
            ProxyStop::Violation(_) => Code::ProxyViolation,
        },
        Failure::Starttls { why, .. } => match why {
            Stop::Unsupported(_) => Code::StarttlsUnsupported,
            Stop::Refused(_) | Stop::TurnedAway(_) => Code::StarttlsRefused,
            Stop::Violation(_) | Stop::SpeaksTls => Code::StarttlsViolation,
            Stop::Injection { .. } => Code::StarttlsInjection,
        },
        Failure::Tls { why, .. } => match why {
            TlsFailure::NotTls { .. } => Code::NotTls,
            TlsFailure::SniRefused { .. } => Code::SniRefused,
            TlsFailure::Alert { .. } | TlsFailure::OutOfReach { .. } => Code::TlsAlert,
            TlsFailure::Handshake { .. } => Code::TlsHandshake,
            TlsFailure::MessageTooLarge => Code::MessageTooLarge,
            TlsFailure::NoCertificate => Code::NoCertificate,
        },
        Failure::Certificate(_) => Code::UnreadableCertificate,
    }
}

/// Words for a failure. Of what was typed, commands hold what `again` has, and nothing else.
#[must_use]
pub fn explain(failure: &Failure, again: Again<'_>) -> Explained {
    let code = code_of(failure);
    match failure {
        Failure::BadTargetLine { number, text, why } => say(
            code,
            format!("line {number}, `{text}`: {why}"),
            &["a line is HOST, HOST:PORT, [V6]:PORT, a URL or NAME@HOST[:PORT]"],
        ),
        Failure::UnreadableFile { path, why } => {
            say(code, format!("{path}: {why}"), &["pass a certificate in PEM or DER, or a list of targets in text"])
        }
        Failure::NoSuchHost { host } => say(
            code,
            format!("there is no host `{host}`"),
            &[
                "check the spelling, and whether the name exists only inside another network",
                "to check a name at a known server: NAME@ADDRESS",
            ],
        ),
        Failure::NoAddress { host, family } => {
            let of = match family {
                Some(Family::V4) => " IPv4",
                Some(Family::V6) => " IPv6",
                None => "",
            };
            let help: &[&str] =
                if family.is_some() { &["leave out -4 or -6"] } else { &["add an address record for it"] };
            say(code, format!("`{host}` has no{of} address"), help)
        }
        Failure::ResolveFailed { host, why } => say(
            code,
            format!("`{host}` could not be looked up: {why}"),
            &["try again, or check the resolver (`/etc/resolv.conf`)"],
        ),
        Failure::Refused { address } => say(
            code,
            format!("{address} refused the connection: nothing listens on port {}", address.port()),
            &["check the port, and whether the server runs"],
        ),
        Failure::Unreachable { address, why } => {
            let help = if lacks_a_zone(*address) {
                "a link-local address means something on an interface alone: name it, as in [fe80::1%eth0]"
            } else {
                "check the address, the route and the firewall"
            };
            say(code, format!("{address} cannot be reached: {why}"), &[help])
        }
        Failure::Reset { address, progress } => reset(*address, *progress, again),
        Failure::Timeout { progress, after, address } => timeout(*progress, *after, *address, again),
        Failure::NoMail { host } => say(
            code,
            format!("`{host}` accepts no mail: its one MX record says so (RFC 7505)"),
            &["there is no server to check; if the domain should get mail, replace the record"],
        ),
        Failure::BadExchanger { host, why } => say(
            code,
            format!("a mail exchanger of `{host}` was not checked: {why}"),
            &["an MX record names a host that has an address (RFC 5321, 5.1)"],
        ),
        Failure::ToProxy { proxy, why } => Explained {
            message: format!("the proxy {proxy} cannot be reached: {}", explain(why, Again::default()).message),
            ..say(code, String::new(), &["check the proxy's address, or go around it with --no-proxy"])
        },
        Failure::Proxy { proxy, why } => refused_by_proxy(*proxy, why),
        Failure::Starttls { address, protocol, why } => not_turned(*address, *protocol, why, again),
        Failure::Tls { address, why } => without_certificate(code, *address, why, again),
        Failure::Certificate(why) => without_judgement(code, why),
    }
}

/// A link-local address (RFC 4291, 2.5.6) without the zone that it needs (RFC 4007, 6).
fn lacks_a_zone(address: SocketAddr) -> bool {
    matches!(address, SocketAddr::V6(v6) if v6.ip().is_unicast_link_local() && v6.scope_id() == 0)
}

fn refused_by_proxy(proxy: SocketAddr, why: &ProxyStop) -> Explained {
    match why {
        ProxyStop::Refused(words) => say(
            Code::ProxyRefused,
            format!("the proxy {proxy} does not make the connection: {words}"),
            &["ask whoever runs the proxy, or go around it with --no-proxy"],
        ),
        ProxyStop::Login(words) => say(
            Code::ProxyAuth,
            format!("the proxy {proxy} wants a login, or another one: {words}"),
            &["give USER:PASSWORD with --proxy-user-file or --proxy-user-env"],
        ),
        ProxyStop::Violation(why) => say(
            Code::ProxyViolation,
            format!("what answers at {proxy} is not the proxy it should be: {why}"),
            &["check scheme, host and port of the proxy's address"],
        ),
    }
}

fn not_turned(address: Peer, protocol: Protocol, why: &Stop, again: Again<'_>) -> Explained {
    let spoken = protocol.spoken();
    match why {
        Stop::Unsupported(words) => say(
            Code::StarttlsUnsupported,
            format!("{address} speaks {spoken} and does not offer TLS (it says `{words}`)"),
            &["switch TLS on in the server's configuration, or ask the port that speaks TLS from the first byte"],
        ),
        Stop::Refused(words) => say(
            Code::StarttlsRefused,
            format!("{address} refuses to turn from {spoken} to TLS: `{words}`"),
            &["the server's log says why"],
        ),
        Stop::TurnedAway(words) => say(
            Code::StarttlsRefused,
            format!("{address} turns this client away before it is asked for TLS: `{words}`"),
            &[
                "servers do that by a client's address, by the name it greets with (here `[127.0.0.1]`), or to all: ask from a host that this one serves",
                "the server's log says why",
            ],
        ),
        Stop::SpeaksTls => Explained {
            code: Code::StarttlsViolation,
            message: format!("{address} answers with an alert of TLS, not as {spoken} does"),
            help: vec![Help {
                text: "the port has TLS from the first byte: ask it without --starttls".to_owned(),
                add_san: None,
                command: again.at(address),
            }],
        },
        Stop::Violation(why) => say(
            Code::StarttlsViolation,
            format!("{address} does not answer as {spoken} does: {why}"),
            &["check the port, and the protocol that was named"],
        ),
        Stop::Injection { count, words } => say(
            Code::StarttlsInjection,
            format!("{address} sent {count} bytes where the TLS handshake has to begin: `{words}`"),
            &[
                "something on the way puts plain text into the conversation: mend that first",
                "or the server cannot do TLS after all, and says so too late: its log says why",
            ],
        ),
    }
}

fn without_certificate(code: Code, address: Peer, why: &TlsFailure, again: Again<'_>) -> Explained {
    match why {
        TlsFailure::NotTls { protocol, first } => not_tls(address, *protocol, first.as_str(), again),
        TlsFailure::SniRefused { sni, alert } => say(
            code,
            format!("{address} refuses the name `{sni}` (alert {alert})"),
            &[
                "add a site with a certificate for this name to the server",
                "to see what it serves without a name: --no-sni",
            ],
        ),
        TlsFailure::Alert { alert } => {
            let message = format!("{address} ended the handshake with the alert {alert}");
            // With SNI it would be the name that is refused.
            match *alert {
                Alert::UNRECOGNIZED_NAME => say(code, message, &[&without_sni(again.name)]),
                alert => say(code, message, &[alert_help(alert)]),
            }
        }
        TlsFailure::OutOfReach { alert } => say(
            code,
            format!(
                "{address} speaks only TLS 1.3, with groups or suites that certcheck does not have (FFDHE, X448, CCM): alert {alert}"
            ),
            &["allow X25519 or P-256, and AES-GCM, as nearly all clients need them"],
        ),
        TlsFailure::Handshake { fault } => say(
            code,
            format!("the handshake with {address} failed: {fault}"),
            &["check which versions and suites the server allows"],
        ),
        TlsFailure::MessageTooLarge => say(
            code,
            format!("{address} sends a handshake message over 64 KiB, more than the TLS library takes"),
            &["a certificate with thousands of names does that; split them over several certificates"],
        ),
        TlsFailure::NoCertificate => say(
            code,
            format!("the handshake with {address} ended without a certificate"),
            &["configure the server with a certificate"],
        ),
    }
}

fn without_judgement(code: Code, why: &CertificateFailure) -> Explained {
    match why {
        CertificateFailure::Unreadable(why) => say(
            code,
            format!("the certificate cannot be read: {why}"),
            &["look at it with: certcheck --format pem, and reissue it"],
        ),
        CertificateFailure::TooManyNames { total } => say(
            code,
            format!(
                "the certificate lists {total} names; the first {} do not cover the name, and no more are compared",
                crate::certificate::MAX_NAMES
            ),
            &["split the names over several certificates"],
        ),
    }
}

fn reset(address: Peer, progress: Progress, again: Again<'_>) -> Explained {
    let message = match progress {
        Progress::Resolving | Progress::Connecting => format!("{address} reset the connection while it was made"),
        Progress::Tunnelling => "the proxy closed the connection before it had made the one behind it".to_owned(),
        Progress::Unheard => format!("{address} closed the connection without a word"),
        Progress::Turning => format!("{address} closed the connection before it turned to TLS"),
        Progress::NoReply => format!("{address} closed the connection without an answer to the TLS hello"),
        Progress::Handshaking => format!("{address} closed the connection in the handshake, before its certificate"),
    };
    let mut explained = say(Code::ConnectionReset, message, &[]);
    let usual = Protocol::on_port(address.port()).filter(|_| progress == Progress::NoReply);
    if let Some(protocol) = usual {
        let spoken = protocol.spoken();
        explained.help.push(Help {
            text: format!(
                "port {} is mostly {spoken}, which turns to TLS by a command of its own: --starttls {}",
                address.port(),
                protocol.name()
            ),
            add_san: None,
            command: with_starttls(again, address, protocol),
        });
    }
    if progress == Progress::Unheard {
        explained.help.push(silent(again, address));
    }
    explained.help.push(Help {
        text: match progress {
            Progress::Tunnelling => "check the proxy, and whether it may connect to this server".to_owned(),
            Progress::Unheard | Progress::Turning => {
                "check that the port speaks the protocol that was named".to_owned()
            }
            _ => "check that the port speaks TLS, and that no filter stands in between".to_owned(),
        },
        ..Help::default()
    });
    explained
}

/// How to ask again, with STARTTLS.
fn with_starttls(again: Again<'_>, address: Peer, protocol: Protocol) -> Option<Command> {
    Some(again.at(address)?.word("--starttls").word(protocol.name()))
}

/// What to try where a protocol was to be spoken, and the server said nothing.
fn silent(again: Again<'_>, address: Peer) -> Help {
    Help {
        text: "a server that has TLS from the first byte waits for its hello: ask it without --starttls".to_owned(),
        add_san: None,
        command: again.at(address),
    }
}

fn timeout(progress: Progress, after: Duration, address: Option<Peer>, again: Again<'_>) -> Explained {
    let within = format!("within {}", seconds(after));
    let at = address.map_or_else(|| "the server".to_owned(), |a| a.to_string());
    let message = match progress {
        Progress::Resolving => format!("the name was not resolved {within}"),
        Progress::Connecting => format!("no answer from {at} {within} (TCP was not connected)"),
        Progress::Tunnelling => format!("no connection to {at} {within} (the proxy does not answer)"),
        Progress::Unheard => format!("no word from {at} {within} (TCP connected)"),
        Progress::Turning => format!("no way to TLS with {at} {within} (TCP connected)"),
        Progress::NoReply => format!("no answer from {at} {within} (TCP connected, no TLS reply)"),
        Progress::Handshaking => format!("no certificate from {at} {within} (the TLS handshake had begun)"),
    };
    let help: &[&str] = match progress {
        Progress::Resolving => &["check the resolver, or allow more time with --timeout"],
        Progress::Connecting => {
            &["a firewall may drop the packets; check address and port, or allow more time with --timeout"]
        }
        Progress::Tunnelling => &["check the proxy, or allow more time with --timeout"],
        Progress::Unheard | Progress::Turning => &["check port and protocol, or allow more time with --timeout"],
        Progress::NoReply => {
            &["the port may wait for another protocol; check the port, or allow more time with --timeout"]
        }
        Progress::Handshaking => &["allow more time with --timeout"],
    };
    let mut explained = say(Code::Timeout, message, help);
    if let (Progress::Unheard, Some(address)) = (progress, address) {
        explained.help.insert(0, silent(again, address));
    }
    explained
}

/// A duration in seconds, without digits that say nothing.
#[must_use]
pub fn seconds(d: Duration) -> String {
    if d.subsec_millis() == 0 { format!("{} s", d.as_secs()) } else { format!("{} s", d.as_secs_f64()) }
}

fn not_tls(address: Peer, protocol: Plaintext, first: &str, again: Again<'_>) -> Explained {
    let mut message = match protocol {
        Plaintext::Other => format!("{address} answered in plain text, not TLS"),
        known => format!("{address} answered with plain {}, not TLS", known.name()),
    };
    if !first.is_empty() {
        let _ = write!(message, " (`{first}`)");
    }
    let help = match (protocol, protocol.starttls()) {
        (_, Some(starttls)) => Help {
            text: format!("{} turns to TLS by a command of its own: --starttls {}", protocol.name(), starttls.name()),
            add_san: None,
            command: with_starttls(again, address, starttls),
        },
        (Plaintext::Http, _) if address.port() == 443 => Help {
            text: "the server speaks HTTP on the port of HTTPS: switch TLS on in its configuration".to_owned(),
            ..Help::default()
        },
        (Plaintext::Http, _) => Help {
            text: "HTTPS listens on another port, mostly 443".to_owned(),
            add_san: None,
            command: again.at_port(address, 443),
        },
        (Plaintext::Ssh, _) => Help {
            text: "SSH has no certificate of this kind, but a host key".to_owned(),
            add_san: None,
            command: address.address().map(|place| {
                Command::new(Program::SshKeyscan)
                    .word("-p")
                    .word(place.port().to_string())
                    .value(place.ip().to_string())
            }),
        },
        _ => Help { text: "check the port".to_owned(), ..Help::default() },
    };
    Explained { code: Code::NotTls, message, help: vec![help] }
}

/// What to try where a hello without SNI is refused.
fn without_sni(name: Option<&str>) -> String {
    let refused = "the server refuses a hello without SNI";
    match name {
        Some(name) if name.parse::<IpAddr>().is_ok() => {
            format!("{refused}, and an IP address is never sent as one (RFC 6066, 3): connect by a name that it has")
        }
        // Services are written with a colon; what they send is the domain.
        Some(name) if !name.contains(':') => format!("{refused}: let the client send `{name}`"),
        _ => format!("{refused}: let the client send one"),
    }
}

fn alert_help(alert: Alert) -> &'static str {
    match alert {
        Alert::HANDSHAKE_FAILURE | Alert::INSUFFICIENT_SECURITY => {
            "the server found no suite, group or signature in common"
        }
        Alert::PROTOCOL_VERSION => "the server allows none of the versions from SSL 3.0 to TLS 1.3",
        Alert::INTERNAL_ERROR => "the server failed by itself; its log says why",
        Alert::ACCESS_DENIED => "the server refuses this client or this name",
        Alert::NO_APPLICATION_PROTOCOL => "the server wants an application protocol (ALPN) to be named",
        Alert::CERTIFICATE_REQUIRED | Alert::BAD_CERTIFICATE => "the server wants a client certificate",
        _ => "the server's log says why",
    }
}
