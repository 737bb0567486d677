//! IP addresses that a certificate does not list, or lists as text.

use std::net::IpAddr;

use super::code::Code;
use super::facts::Facts;
use super::{Finding, Place, Span, host, nearest};
use crate::escape::Shown;
use crate::identity::PresentedId;

const OCTETS: &str = "an IP address is compared with iPAddress entries alone, octet for octet (RFC 9525, 6.4)";

fn is_text_of(text: &[u8], ip: IpAddr) -> bool {
    std::str::from_utf8(text).is_ok_and(|text| {
        let text = text.trim().trim_start_matches('[').trim_end_matches(']');
        text.parse() == Ok(ip)
    })
}

/// The reference is an IP, and a dNSName or the CN holds that address as text.
pub fn ip_in_dns_name(facts: &Facts<'_>) -> Option<Finding> {
    let ip = facts.ip()?;
    let in_san = facts.dns_entries().find(|e| is_text_of(e.name.bytes, ip)).map(|e| (Place::San(e.index), "a dNSName"));
    let in_cn = || {
        let mut names = facts.common_names();
        names.find(|(.., text)| is_text_of(text, ip)).map(|(i, ..)| (Place::CommonName(i), "the common name"))
    };
    let (place, what) = in_san.or_else(in_cn)?;
    Some(
        Finding::new(Code::IpInDnsName, format!("the address stands in {what}, where it is only text"))
            .note(OCTETS)
            .accepted_by(facts.clients)
            .mark(place, Span::Whole, "an address as text")
            .add("reissue with the address as an iPAddress entry", format!("IP:{ip}")),
    )
}

/// The reference is an IP and no iPAddress equals it.
pub fn ip_not_listed(facts: &Facts<'_>) -> Option<Finding> {
    let ip = facts.ip()?;
    let listed: Vec<IpAddr> = facts
        .entries
        .iter()
        .filter_map(|e| match e.id {
            PresentedId::Ip(ip) => Some(ip),
            _ => None,
        })
        .collect();
    let message = match listed.as_slice() {
        [] => "the certificate lists no IP address".to_owned(),
        [one] => format!("the certificate lists the address {one}, not {ip}"),
        many => format!("none of the {} addresses that the certificate lists is {ip}", many.len()),
    };
    let mut finding = Finding::new(Code::IpNotListed, message).note(OCTETS);
    if let Some(twin) = listed.iter().find(|&&other| other != ip && other.to_canonical() == ip.to_canonical()) {
        finding = finding.note(format!("{twin} is the same host in another family; as octets the two differ"));
    }
    let name = facts.entries.iter().find_map(|e| e.exact());
    if let Some(name) = name {
        let shown = Shown::new(name.as_bytes());
        finding = finding.help(format!("connect by a name that the certificate has, such as `{shown}`"));
        if let Some(both) = facts.visited.and_then(|visited| host::libpq(visited, &name.to_ascii_lowercase())) {
            finding = finding.help(both);
        }
    }
    for entry in nearest::first_entries(facts) {
        finding = finding.show(entry);
    }
    let or = if name.is_some() { "or " } else { "" };
    Some(finding.add(format!("{or}add the address to the certificate, as an iPAddress entry"), format!("IP:{ip}")))
}
