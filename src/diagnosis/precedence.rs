//! Which finding about a mismatch leads: the rules in the order of their ranks, and the order of
//! all findings of a report.

use super::code::Code;
use super::facts::Facts;
use super::{
    Finding, address, host, kubernetes, lost, nearest, product, served, shape, similar, spelling, wildcard, www,
};
use crate::identity::ReferenceId;

/// A rule: its finding, where its condition holds.
type Rule = fn(&Facts<'_>) -> Option<Finding>;

/// In the order in which they lead.
const RULES: &[Rule] = &[
    shape::invalid_reference,
    served::intercepted,
    served::sni_required,
    served::family_differs,
    served::address_differs,
    served::node_differs,
    served::key_type_differs,
    lost::names_lost,
    product::product_default,
    shape::template_unexpanded,
    address::ip_in_dns_name,
    spelling::idn_form,
    spelling::trailing_dot,
    wildcard::s3_bucket_dots,
    wildcard::wildcard_depth,
    wildcard::wildcard_apex,
    www::www_missing,
    www::apex_missing,
    wildcard::partial_wildcard,
    host::search_suffix,
    kubernetes::kubernetes_service_name,
    kubernetes::short_name,
    spelling::underscore,
    spelling::other_tld,
    similar::similar_name,
    shape::common_name_only,
    shape::malformed_nearest,
    shape::uri_only,
    shape::no_identifiers,
    host::platform_certificate,
    host::mail_host_name,
    host::database_host_name,
    served::default_certificate,
    address::ip_not_listed,
];

/// The codes that can be drawn for an IP address.
const FOR_ADDRESSES: &[Code] = &[
    Code::Intercepted,
    Code::FamilyDiffers,
    Code::AddressDiffers,
    Code::NodeDiffers,
    Code::KeyTypeDiffers,
    Code::NamesLost,
    Code::ProductDefault,
    Code::IpInDnsName,
    Code::UriOnly,
    Code::NoIdentifiers,
    Code::IpNotListed,
];

/// The findings about a mismatch, the one that leads first; never empty.
#[must_use]
pub fn mismatch(facts: &Facts<'_>) -> Vec<Finding> {
    let is_address = matches!(facts.reference(), Some(ReferenceId::Ip(_)));
    let mut found: Vec<Finding> = RULES
        .iter()
        .filter_map(|rule| rule(facts))
        .filter(|f| !is_address || FOR_ADDRESSES.contains(&f.code))
        .collect();
    if found.is_empty() {
        found.push(nearest::different_name(facts));
    }
    if let (Some(lead), Some((text, seen))) = (found.first_mut(), served::bound_to_another(facts)) {
        lead.help.insert(0, super::Help { text, ..super::Help::default() });
        lead.evidence.push(seen);
    }
    let nearest = found.iter().find(|f| f.code == Code::MalformedIdentifier).and_then(|f| f.marks.first());
    let others = shape::malformed_others(facts, nearest.map(|m| m.place));
    found.extend(others);
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_have_their_own_list() {
        let ranks: Vec<_> = FOR_ADDRESSES.iter().filter_map(|c| c.rank()).collect();
        assert_eq!(ranks, [15, 30, 31, 32, 33, 40, 60, 80, 240, 250, 310]);
    }
}
