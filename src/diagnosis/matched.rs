//! What there is to say about a name that matches.

use super::Finding;
use super::code::Code;
use super::shape;
use crate::certificate::SubjectNames;
use crate::clients::Answers;
use crate::identity::{DnsPattern, Match, PresentedId, ReferenceId};

/// The warnings beside a match.
#[must_use]
pub fn matched(found: &Match, leaf: &SubjectNames, clients: &Answers) -> Vec<Finding> {
    let mut findings = Vec::new();
    let entry = leaf.names().nth(found.entry).map(|name| PresentedId::parse(&name));
    if let Some(PresentedId::Dns(DnsPattern::Wildcard { parent })) = entry
        && is_public_suffix(parent)
    {
        findings.push(
            Finding::new(Code::PublicSuffixWildcard, format!("`*.{parent}` stands directly under a public suffix"))
                .note("public suffixes are out of scope of the rules, so it matches (RFC 9525, 7.1)")
                .refused_by(clients)
                .add("list the name itself", found.reference.as_entry()),
        );
    }
    if let ReferenceId::Dns(name) = &found.reference
        && name.as_str().contains('_')
    {
        findings.push(
            Finding::new(Code::UnderscoreLabel, format!("`{name}` holds an underscore, which some clients refuse"))
                .note("an underscore is no character of a host name (RFC 1123, 2.1)")
                .refused_by(clients)
                .help("for them, give the host a name without underscores"),
        );
    }
    findings.extend(shape::malformed_beside_match(leaf).map(|f| f.refused_by(clients)));
    findings
}

/// Whether names directly under it can be registered by anybody: a suffix of a registry, not of a
/// company that lets out names under its own. One that nobody listed counts where it is a single
/// label (the list's own default rule).
fn is_public_suffix(parent: &str) -> bool {
    let lower = parent.to_ascii_lowercase();
    psl::suffix(lower.as_bytes())
        .is_some_and(|suffix| suffix.as_bytes().len() == lower.len() && suffix.typ() != Some(psl::Type::Private))
}

#[cfg(test)]
mod tests {
    use super::is_public_suffix;

    #[test]
    fn suffixes() {
        for (parent, expected) in [
            ("co.uk", true),
            ("com", true),
            ("CO.UK", true),
            ("example.com", false),
            ("internal", true),
            ("github.io", false),
        ] {
            assert_eq!(is_public_suffix(parent), expected, "{parent}");
        }
    }
}
