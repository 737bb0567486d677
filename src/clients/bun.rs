//! Bun 1.4.5: fetch, src/js/node/tls.ts, `checkServerIdentity`.
//! The name goes through the URL's host first, then by the rule that Bun has from Node.js: partial
//! wildcards, and all the common names where there is no dNSName. A host that holds anything but
//! letters, digits, dots, hyphens and underscores matches nothing.

use super::Answer;
use super::labels::{accept_if, dns_names, has_ip, partial_wildcard_covers, subject_decodes, without_final_dot};
use super::url_host::{self, Flavour, UrlHost};
use crate::certificate::SubjectNames;

const URL: Flavour = Flavour { also_forbidden: b" ", checks_a_labels: false, bare_0x_is_a_number: true };

/// What Bun says.
pub fn ask(name: &[u8], leaf: &SubjectNames) -> Answer {
    // Behind `https://` any number of slashes, of either kind, counts for nothing.
    let name = &name[name.iter().take_while(|b| b"/\\".contains(b)).count()..];
    let host = match url_host::parse(name, &URL) {
        Ok(host) => host,
        Err(why) => return Answer::RefuseName(why),
    };
    if !subject_decodes(leaf) {
        return Answer::Unreadable("a string of the subject cannot be decoded");
    }
    match host {
        UrlHost::Ip(ip) => accept_if(has_ip(leaf, ip), "an IP address is compared with iPAddress entries alone"),
        UrlHost::Domain(domain) => compare(without_final_dot(&domain), leaf),
    }
}

fn compare(host: &[u8], leaf: &SubjectNames) -> Answer {
    if !host.iter().all(|&b| b.is_ascii_alphanumeric() || b"._-".contains(&b)) {
        return Answer::Reject("the name holds a character that no host name holds");
    }
    let mut presented = dns_names(leaf).peekable();
    if presented.peek().is_some() {
        return accept_if(presented.any(|dns| partial_wildcard_covers(dns, host)), "no dNSName covers the name");
    }
    let covered = leaf.common_names().any(|cn| partial_wildcard_covers(&cn.text(), host));
    accept_if(covered, "there is no dNSName, and no common name covers the name")
}
