//! JDK 25.0.2: sun.security.util.HostnameChecker, `match`; sun.security.ssl.X509TrustManagerImpl, `checkIdentity`.
//! The name must be an IDNA 2003 host name of letters, digits and hyphens, or it is refused; name and
//! pattern are compared in Unicode. A `*` may stand anywhere in the left-most label, several times,
//! before a top-level label too. Without any dNSName the most specific CN is compared.

use std::borrow::Cow;

use unicode_normalization::is_nfkc;

use super::Answer;
use super::idna;
use super::jdk::{self, Names};
use super::labels::{accept_if, dns_names, ip_octets, pieces_cover, without_brackets, without_final_dot};
use crate::certificate::SubjectNames;

/// What Java says.
pub fn ask(name: &[u8], leaf: &SubjectNames) -> Answer {
    let names = match jdk::read(leaf) {
        Ok(names) => names,
        Err(why) => return Answer::Unreadable(why),
    };
    let host = without_brackets(without_final_dot(name));
    let ip = jdk::address(host);
    if ip.is_none() && !jdk::is_host_name(host) {
        return Answer::RefuseName("the name is no host name of letters, digits and hyphens");
    }
    if names == Names::Unparseable {
        return Answer::Unreadable("the subjectAltName holds a malformed entry");
    }
    match (ip, Name::new(host)) {
        (Some(ip), _) => {
            // An address with a zone is looked up: IPv4 mapped into IPv6 has none, and what begins with
            // a digit is the number of an interface or no interface at all. Others are taken to exist.
            let zone = host.splitn(2, |&b| b == b'%').nth(1);
            let is_number = |zone: &[u8]| zone.iter().all(u8::is_ascii_digit);
            let is_nowhere = zone
                .is_some_and(|zone| ip.is_ipv4() || zone.first().is_some_and(u8::is_ascii_digit) && !is_number(zone));
            let listed = !is_nowhere && ip_octets(leaf).any(|octets| jdk::entry_address(octets) == Some(ip));
            accept_if(listed, "an IP address is compared with iPAddress entries alone")
        }
        (None, Some(name)) => compare(&name, leaf),
        (None, None) => Answer::Reject("the name has no Unicode form"),
    }
}

fn compare(name: &Name<'_>, leaf: &SubjectNames) -> Answer {
    let mut presented = dns_names(leaf).peekable();
    if presented.peek().is_some() {
        return accept_if(presented.any(|dns| name.is_covered_by(&jdk::ia5(dns))), "no dNSName covers the name");
    }
    let cn = jdk::most_specific_cn(leaf).and_then(|cn| jdk::string(&cn));
    let covered = cn.is_some_and(|cn| (cn.is_ascii() || is_nfkc(&cn)) && name.is_covered_by(&cn));
    accept_if(covered, "there is no dNSName, and the most specific common name does not cover the name")
}

/// A name in Unicode, in lower case unless it is ASCII.
struct Name<'a>(Cow<'a, str>);

impl<'a> Name<'a> {
    fn new(name: &'a [u8]) -> Option<Self> {
        let text = std::str::from_utf8(name).ok()?;
        idna::idna2003_unicode(Cow::Borrowed(text)).map(Self)
    }

    fn is_covered_by(&self, pattern: &str) -> bool {
        // What is ASCII without an A-label is compared as it is, so most patterns are done with here.
        if pattern.is_ascii() && !idna::has_a_label(pattern.as_bytes()) && !self.has_shape_of(pattern) {
            return false;
        }
        let Some(pattern) = idna::idna2003_unicode(Cow::Borrowed(pattern)) else { return false };
        self.has_shape_of(&pattern)
            && !has_illegal_wildcard(&pattern)
            && jdk::is_host_name(pattern.replace('*', "z").as_bytes())
    }

    fn has_shape_of(&self, pattern: &str) -> bool {
        let (first, rest) = split(&self.0);
        let (pattern_first, pattern_rest) = split(pattern);
        rest.eq_ignore_ascii_case(pattern_rest) && pieces_cover(pattern_first, first)
    }
}

/// The first label, and the rest with its dot.
fn split(name: &str) -> (&str, &str) {
    name.split_at(name.find('.').unwrap_or(name.len()))
}

/// No name but the `*`, or no dot after the last `*`.
fn has_illegal_wildcard(pattern: &str) -> bool {
    pattern == "*" || pattern == "*." || pattern.rfind('*').is_some_and(|star| !pattern[star..].contains('.'))
}
