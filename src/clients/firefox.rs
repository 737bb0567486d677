//! Firefox 153 ESR: mozilla::pkix, lib/mozpkix/lib/pkixnames.cpp, `CheckCertHostname`; nsStandardURL.
//! The name goes through the URL's host first, where `*` and quotes are refused and A-labels must hold
//! up. The CN is never read; a wildcard is a whole label with two labels after it; a presented name
//! must be a DNS name to the letter, and is passed over where it is none.

use super::Answer;
use super::dns_id::{self, Hyphens};
use super::labels::{accept_if, dns_names, has_ip};
use super::url_host::{self, Flavour, UrlHost};
use crate::certificate::{NameKind, San, SubjectNames};

const URL: Flavour = Flavour { also_forbidden: b" \"*", checks_a_labels: true, bare_0x_is_a_number: false };

/// What Firefox says.
pub fn ask(name: &[u8], leaf: &SubjectNames) -> Answer {
    let host = match url_host::parse(name, &URL) {
        Ok(host) => host,
        Err(why) => return Answer::RefuseName(why),
    };
    if matches!(leaf.san(), San::Broken { .. }) || leaf.names().any(|n| matches!(n.kind, NameKind::Unknown(_))) {
        return Answer::Unreadable("the subjectAltName holds an entry of no known kind");
    }
    match host {
        UrlHost::Ip(ip) if ip.is_ipv6() && ip.is_unspecified() => Answer::Reject("the address :: is not compared"),
        UrlHost::Ip(ip) => accept_if(has_ip(leaf, ip), "an IP address is compared with iPAddress entries alone"),
        UrlHost::Domain(domain) if !dns_id::is_reference(&domain, Hyphens::Anywhere) => {
            Answer::Reject("the name does not hold to DNS syntax")
        }
        UrlHost::Domain(domain) => {
            accept_if(dns_names(leaf).any(|dns| dns_id::covers(dns, &domain)), "no dNSName covers the name")
        }
    }
}
