//! Certificates whose list of names is absent, of another sort, or holds what cannot be a name;
//! and references that are none.

use super::code::{Code, Severity};
use super::facts::{Entry, Facts};
use super::{Finding, Place, Span, nearest};
use crate::certificate::{GeneralName, NameKind, San, SubjectNames};
use crate::escape::Shown;
use crate::identity::presented::dns_pattern;
use crate::identity::{Asked, Malformed, PresentedId, ReferenceId};

/// How many other malformed names are listed.
const LISTED: usize = 3;

/// The name asked for is no valid reference identifier; says which part of it.
pub fn invalid_reference(facts: &Facts<'_>) -> Option<Finding> {
    let Asked::NotAName { typed, why } = facts.asked else { return None };
    let shown = typed.quoted();
    Some(
        Finding::new(Code::InvalidReference, format!("`{shown}` cannot be asked for: {why}"))
            .note("a reference identifier is a DNS name, an IP address, or a service in a domain (RFC 9525, 6.1)")
            .help("correct the name that the client is given"),
    )
}

/// A presented name holds `{`, `}`, `$` or a URL.
pub fn template_unexpanded(facts: &Facts<'_>) -> Option<Finding> {
    let reference = facts.reference()?;
    let is_url = |e: &Entry<'_>| e.name.kind == NameKind::Dns && e.name.bytes.windows(3).any(|w| w == b"://");
    let entry = facts.own_kind().find(|e| e.text().iter().any(|b| b"{}$".contains(b)) || is_url(e))?;
    let shown = entry.described().value;
    let what = if is_url(entry) { "a URL" } else { "a template that was not filled in" };
    let finding = Finding::new(Code::TemplateUnexpanded, format!("`{shown}` is {what}"))
        .note("what cannot be an identifier is passed over (RFC 9525, 6.3)")
        .mark(Place::San(entry.index), Span::Whole, what)
        .help("mend the script that requested the certificate")
        .add("and reissue with the name", reference.as_entry());
    Some(finding)
}

/// No dNSName, and the CN would have matched.
pub fn common_name_only(facts: &Facts<'_>) -> Option<Finding> {
    let name = facts.dns()?;
    if facts.dns_entries().next().is_some() {
        return None;
    }
    let place = facts.covering_common_name()?;
    Some(
        Finding::new(Code::CommonNameOnly, "the name stands in the common name alone, which is no identifier")
            .note("names are compared with subjectAltName entries; the common name is no identifier (RFC 9525, 2)")
            .accepted_by(facts.clients)
            .mark(Place::CommonName(place), Span::Whole, "would have matched, and is not looked at")
            .add("reissue with the name as a subjectAltName entry", format!("DNS:{name}")),
    )
}

fn reason<'e>(entry: &'e Entry<'_>) -> Option<&'e Malformed> {
    match &entry.id {
        PresentedId::Malformed { why, .. } => Some(why),
        _ => None,
    }
}

/// A presented name that cannot be an identifier is the nearest to the reference.
pub fn malformed_nearest(facts: &Facts<'_>) -> Option<Finding> {
    let reference = facts.reference()?;
    let ranked = nearest::by_distance(facts, &reference.to_string());
    let (least, _) = ranked.first()?;
    let tied = ranked.iter().take_while(|(distance, _)| distance == least);
    let entry = tied.map(|(_, e)| *e).reduce(|a, b| if reason(a).is_none() { a } else { b })?;
    let why = reason(entry)?;
    Some(
        malformed_finding(entry, why)
            .accepted_by(facts.clients)
            .add("reissue with the name in a correct entry", reference.as_entry()),
    )
}

fn malformed_finding(entry: &Entry<'_>, why: &Malformed) -> Finding {
    let described = entry.described();
    Finding::new(Code::MalformedIdentifier, format!("`{}` cannot be an identifier: {why}", described.value))
        .note("what breaks the rules for its kind is no identifier, and is passed over (RFC 9525, 6.3)")
        .mark(Place::San(entry.index), Span::Whole, format!("passed over: {why}"))
}

/// The malformed names beside the one that is the nearest, if one is: one warning for all.
#[must_use]
pub fn malformed_others(facts: &Facts<'_>, nearest: Option<Place>) -> Option<Finding> {
    malformed_warning(facts.entries.iter().filter(|e| Some(Place::San(e.index)) != nearest))
}

/// The malformed names of a certificate that matches.
#[must_use]
pub fn malformed_beside_match(leaf: &SubjectNames) -> Option<Finding> {
    let entry = |(index, name): (usize, GeneralName<'_>)| -> Option<(usize, Shown, Malformed)> {
        match PresentedId::parse(&name) {
            PresentedId::Malformed { why, .. } => Some((index, crate::identity::presented::describe(&name).value, why)),
            _ => None,
        }
    };
    warning(leaf.names().enumerate().filter_map(entry))
}

fn malformed_warning<'f, 'a: 'f>(entries: impl Iterator<Item = &'f Entry<'a>>) -> Option<Finding> {
    warning(entries.filter_map(|e| reason(e).map(|why| (e.index, e.described().value, *why))))
}

fn warning(malformed: impl Iterator<Item = (usize, Shown, Malformed)>) -> Option<Finding> {
    let mut listed = Vec::new();
    let mut total = 0_usize;
    for (_, value, why) in malformed {
        total += 1;
        if listed.len() < LISTED {
            listed.push(format!("`{value}` ({why})"));
        }
    }
    if total == 0 {
        return None;
    }
    let more = match total.saturating_sub(listed.len()) {
        0 => String::new(),
        more => format!(" and {more} more"),
    };
    let subject =
        if total == 1 { "an entry that cannot be an identifier" } else { "entries that cannot be identifiers" };
    let mut finding = Finding::new(
        Code::MalformedIdentifier,
        format!("the certificate holds {subject}: {}{more}", listed.join(", ")),
    );
    finding.severity = Severity::Warning;
    Some(finding.note("they are passed over here (RFC 9525, 6.3); some clients refuse the whole certificate for them"))
}

/// The SAN holds only URI, email, SRV or other names.
pub fn uri_only(facts: &Facts<'_>) -> Option<Finding> {
    // Where SRV-IDs count beside the host's name, a list of those alone is no fault of kind.
    let host = matches!(facts.reference()?, ReferenceId::Dns(_) | ReferenceId::Ip(_)) && !facts.has_service();
    let no_hosts = facts.entries.iter().all(|e| !matches!(e.name.kind, NameKind::Dns | NameKind::Ip));
    if !host || facts.entries.is_empty() || !no_hosts {
        return None;
    }
    let mut kinds: Vec<String> = facts.entries.iter().map(|e| e.described().kind.to_string()).collect();
    kinds.sort_unstable();
    kinds.dedup();
    let mesh = facts.entries.iter().any(|e| e.name.kind == NameKind::Uri && e.name.bytes.starts_with(b"spiffe://"));
    let mut finding = Finding::new(
        Code::UriOnly,
        format!("the certificate holds no host name and no address, only {}", kinds.join(", ")),
    )
    .note("a host is compared with dNSName and iPAddress entries alone (RFC 9525, 6.2)");
    if mesh {
        finding = finding
            .note("a SPIFFE certificate names a workload of a mesh; it is not for clients that check host names");
    }
    for place in nearest::first_entries(facts) {
        finding = finding.show(place);
    }
    Some(finding.add("use a certificate that has the name", facts.reference()?.as_entry()))
}

/// No names in a SAN, and the CN would not have matched.
pub fn no_identifiers(facts: &Facts<'_>) -> Option<Finding> {
    if !facts.entries.is_empty() || facts.covering_common_name().is_some() {
        return None;
    }
    let what = match facts.leaf.san() {
        San::Absent => "the certificate has no subjectAltName",
        San::Broken { .. } => "the certificate's subjectAltName cannot be parsed",
        San::Present { .. } => "the certificate's subjectAltName is empty",
    };
    let mut finding = Finding::new(Code::NoIdentifiers, format!("{what}, so it presents no names"))
        .note("the common name is not an identifier (RFC 9525, 2)");
    let reference = facts.reference()?;
    if let Some((i, _, text)) = facts.common_names().find(|(.., text)| dns_pattern(text).is_ok()) {
        let shown = Shown::short(&text);
        finding = finding
            .mark(Place::CommonName(i), Span::Whole, "no identifier")
            .note(format!("the common name `{shown}` would not be `{reference}` either"));
    }
    Some(finding.add("reissue with the name as a subjectAltName entry", reference.as_entry()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::certificate::SubjectNames;
    use crate::clients::Answers;
    use crate::identity::{Asked, Typed};

    #[test]
    fn a_service_has_identities_of_other_kinds() {
        let leaf = SubjectNames::of(&[(NameKind::Uri, b"https://a.test/".to_vec())]);
        let clients = Answers::default();
        let host = Asked::parse(Typed::new(b"a.test"));
        let service = host.clone().with_service("_xmpp-client");
        assert!(uri_only(&Facts::new(&host, &leaf, &clients)).is_some());
        assert_eq!(uri_only(&Facts::new(&service, &leaf, &clients)), None);
    }
}
