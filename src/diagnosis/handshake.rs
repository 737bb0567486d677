//! What the handshake itself says: possession of the key, a client certificate.

use super::Finding;
use super::code::Code;
use crate::evidence::{ClientCertificate, Handshake, Possession};

/// Whether the peer showed that it holds the key, where it did not.
#[must_use]
pub fn possession(handshake: &Handshake) -> Option<Finding> {
    match &handshake.possession {
        Possession::Proven => None,
        Possession::NotProven(why) => Some(Finding::new(
            Code::PossessionNotProven,
            format!("whether the server holds the certificate's key is not known: {why}"),
        )),
        Possession::Failed => Some(
            Finding::new(
                Code::PossessionFailed,
                "the handshake's signature is wrong: this peer does not hold the certificate's key",
            )
            .help("on the server, check that certificate and key belong together"),
        ),
    }
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
