//! Certificates that a product made for itself, and issuers worth a note.

use super::Finding;
use super::code::Code;
use super::facts::Facts;
use crate::certificate::LeafCertificate;
use crate::data::wellknown::{Class, find};

/// A product's default certificate; names the product.
pub fn product_default(facts: &Facts<'_>) -> Option<Finding> {
    let product = find(facts.leaf, Class::Default)?.product;
    let mut finding =
        Finding::new(Code::ProductDefault, format!("this is the default certificate of {product}, a placeholder"))
            .note("no presented identifier is the name that was asked for (RFC 9525, 6.6)");
    finding = match facts.reference() {
        Some(id) => {
            finding.help(format!("load the real certificate for `{id}` into {product}, and bind it to that name"))
        }
        None => finding,
    };
    Some(finding)
}

/// The issuer is a staging, local or development CA.
#[must_use]
pub fn well_known_issuer(leaf: &LeafCertificate) -> Option<Finding> {
    let issuer = find(leaf, Class::Issuer)?.product;
    Some(Finding::new(Code::WellKnownIssuer, format!("issued by {issuer}, which clients elsewhere do not trust")))
}
