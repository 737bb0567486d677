//! Chromium 156: net/cert/x509_certificate.cc, `X509SubjectNames::VerifyHostname`; url/url_canon_host.cc.
//! The name goes through the URL's host first. The CN is never read; a wildcard stands for one whole
//! label, and not under a public suffix (the ICANN part of the list, unlisted top-level labels too).
//! One malformed entry of the subjectAltName makes the certificate unreadable.

use super::Answer;
use super::labels::{accept_if, dns_names, has_ip, icann_suffix_len, split_first_label, without_final_dot};
use super::reading::unreadable_to_bssl;
use super::url_host::{self, Flavour, UrlHost};
use crate::certificate::SubjectNames;

/// A space and an asterisk are escaped, and then no DNS name holds them. An A-label is not looked
/// into where the whole host is ASCII.
const URL: Flavour = Flavour { also_forbidden: b"", checks_a_labels: false, bare_0x_is_a_number: true };

/// What Chromium says.
pub fn ask(name: &[u8], leaf: &SubjectNames) -> Answer {
    let host = match url_host::parse(name, &URL) {
        Ok(host) => host,
        Err(why) => return Answer::RefuseName(why),
    };
    if let Some(why) = unreadable_to_bssl(leaf) {
        return Answer::Unreadable(why);
    }
    match host {
        UrlHost::Ip(ip) => accept_if(has_ip(leaf, ip), "an IP address is compared with iPAddress entries alone"),
        UrlHost::Domain(domain) if !is_compliant(&domain) => Answer::Reject("the name does not hold to DNS syntax"),
        UrlHost::Domain(domain) => {
            let host = Host::new(without_final_dot(&domain));
            accept_if(dns_names(leaf).any(|dns| host.is_covered_by(dns)), "no dNSName covers the name")
        }
    }
}

struct Host<'a> {
    name: &'a [u8],
    parent: Option<&'a [u8]>,
}

impl<'a> Host<'a> {
    fn new(name: &'a [u8]) -> Self {
        Self { name, parent: split_first_label(name).1 }
    }

    fn is_covered_by(&self, presented: &[u8]) -> bool {
        let presented = without_final_dot(presented);
        match presented.strip_prefix(b"*.") {
            Some(parent) => self.parent.is_some_and(|p| p.eq_ignore_ascii_case(parent)) && self.may_have_wildcard(),
            None => presented.eq_ignore_ascii_case(self.name),
        }
    }

    fn may_have_wildcard(&self) -> bool {
        self.parent.is_some_and(|parent| parent.len() != icann_suffix_len(self.name))
            && self.name.iter().any(|b| !b.is_ascii_digit() && *b != b'.')
    }
}

/// `IsCanonicalizedHostCompliant`, and the lengths without which no DNS name is looked up.
fn is_compliant(name: &[u8]) -> bool {
    let name = without_final_dot(name);
    let is_label = |label: &[u8]| {
        (1..=63).contains(&label.len()) && label.iter().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_'))
    };
    let last = name.rsplit(|&b| b == b'.').next().unwrap_or(name);
    name.split(|&b| b == b'.').all(is_label) && last.first().is_some_and(u8::is_ascii_alphanumeric)
}
