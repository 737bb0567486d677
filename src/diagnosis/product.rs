//! Certificates that a product made for itself, and issuers worth a note.

use super::Finding;
use super::code::Code;
use super::facts::Facts;
use crate::certificate::SubjectNames;
use crate::data::wellknown::{Class, WellKnown, find};
use crate::identity::ReferenceId;

/// A product's default certificate; names the product, and what to do there.
pub fn product_default(facts: &Facts<'_>) -> Option<Finding> {
    let known = find(facts.leaf, Class::Default)?;
    let product = known.product;
    let finding =
        Finding::new(Code::ProductDefault, format!("this is the default certificate of {product}, a placeholder"))
            .note("no presented identifier is the name that was asked for (RFC 9525, 6.6)");
    Some(match facts.reference() {
        // Sites are told apart by SNI, which an address never is.
        Some(id @ ReferenceId::Ip(_)) => finding
            .note("an IP address is never sent as SNI (RFC 6066, 3), and what comes without SNI is the default")
            .help("if a site behind it is meant: connect by that site's name")
            .help(format!("if {product} itself is: load a certificate for `{id}` into it, as its default"))
            .help_of(known, id),
        Some(id) => finding
            .help(format!("load the real certificate for `{id}` into {product}, and bind it to that name"))
            .help_of(known, id),
        None => finding,
    })
}

impl Finding {
    /// The same with what the table says is to be done at a product.
    #[must_use]
    pub fn help_of(self, known: &WellKnown, id: &ReferenceId) -> Self {
        match known.help {
            Some(text) => self.help(text.replace("{}", &id.as_name())),
            None => self,
        }
    }
}

/// The issuer is a staging, local or development CA.
#[must_use]
pub fn well_known_issuer(leaf: &SubjectNames) -> Option<Finding> {
    let issuer = find(leaf, Class::Issuer)?.product;
    Some(Finding::new(Code::WellKnownIssuer, format!("issued by {issuer}, which clients elsewhere do not trust")))
}
