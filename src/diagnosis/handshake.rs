//! What the handshake itself says: whether it completes, whether the server proved that it holds
//! the certificate's key, whether it asks for a client certificate.

use super::Finding;
use super::code::{Code, Severity};
use super::legacy::legacy_tls;
use super::trust::weighed;
use crate::certificate::Certificate;
use crate::evidence::{Break, ClientCertificate, Handshake, Possession, Unverifiable};
use crate::policy::Policy;

/// The findings about protocol and key, in their order. Those that the policy ignores are notes.
#[must_use]
pub fn findings(handshake: &Handshake, leaf: &Certificate, policy: &Policy) -> Vec<Finding> {
    let broken = handshake.broken.map(incomplete);
    let (errors, warnings): (Vec<Finding>, Vec<Finding>) =
        legacy_tls(handshake, leaf).into_iter().partition(|finding| finding.severity == Severity::Error);
    let is_unreachable = !errors.is_empty();
    let protocol = errors.into_iter().chain(broken).map(|finding| weighed(finding, policy.protocol));
    let possession = possession(&handshake.possession).map(|finding| match handshake.possession {
        // Which client would verify it? `legacy-tls` says that none gets that far.
        Possession::Unverified(Unverifiable::OldHandshake) if is_unreachable => {
            Finding { severity: Severity::Note, help: vec![], ..finding }
        }
        _ => weighed(finding, policy.possession),
    });
    protocol.chain(possession).chain(warnings).collect()
}

/// The handshake broke after the certificate had arrived.
fn incomplete(broken: Break) -> Finding {
    let what = match broken {
        Break::Alert(alert) => format!("the server ended the handshake with the alert {alert}"),
        Break::Closed => "the server closed the connection before the handshake was complete".to_owned(),
        Break::Stalled => "the server stopped answering before the handshake was complete".to_owned(),
        Break::Undecryptable => {
            "a handshake message from the server does not decrypt, or its Finished message is wrong".to_owned()
        }
        Break::Violation => "a handshake message from the server is malformed or out of place".to_owned(),
    };
    let finding =
        Finding::new(Code::HandshakeIncomplete, format!("the certificate arrived, but {what}: clients cannot connect"));
    finding.help(
        "check the server's TLS log for this connection, and whether something between client and server intervenes",
    )
}

/// The server did not prove that it holds the certificate's key.
fn possession(possession: &Possession) -> Option<Finding> {
    let (code, message) = match possession {
        Possession::Proven => return None,
        Possession::NotProven => (
            Code::PossessionNotProven,
            "the server did not prove that it holds the certificate's key: the handshake ended before it signed anything"
                .to_owned(),
        ),
        Possession::Unverified(why) => (
            Code::PossessionUnverified,
            format!(
                "certcheck cannot verify that the server holds the certificate's key: {}",
                match why {
                    Unverifiable::Key(key) => format!("it cannot verify signatures by a key {key}"),
                    Unverifiable::Sha1 => "the server signs with SHA-1".to_owned(),
                    Unverifiable::OldHandshake =>
                        "the server takes only an old kind of handshake, which certcheck does not complete".to_owned(),
                }
            ),
        ),
        Possession::Failed => (
            Code::PossessionFailed,
            "the handshake's signature is wrong: this server does not hold the certificate's key".to_owned(),
        ),
    };
    let finding = Finding::new(code, message);
    Some(match possession {
        Possession::Unverified(_) => finding.help("if the clients that matter can verify it, pass --ignore possession"),
        Possession::Failed => finding.help("on the server, check that the certificate and the key belong together"),
        Possession::NotProven | Possession::Proven => finding,
    })
}

/// The server asked for a client certificate.
#[must_use]
pub fn client_certificate(handshake: &Handshake) -> Option<Finding> {
    let message = match handshake.client_certificate {
        ClientCertificate::NotAsked => return None,
        ClientCertificate::Asked => "the server asked for a client certificate, and went on without one",
        ClientCertificate::Refused => "the server demands a client certificate, and ended the handshake without one",
    };
    Some(Finding::new(Code::ClientCertificateRequired, message))
}
