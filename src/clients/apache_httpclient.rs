//! Apache HttpClient 4.5.14: org/apache/http/conn/ssl/DefaultHostnameVerifier.java, `verify`, with the public suffix list.
//! The name is compared as it is, without IDNA, and a final dot counts. A presented name holds only
//! below its own registrable domain; a `*` may be part of any label. Without any dNSName or iPAddress
//! the most specific CN is compared, for addresses too.

use std::borrow::Cow;

use super::Answer;
use super::jdk::{self, Names};
use super::labels::{accept_if, dns_names, ip_octets, registrable, spans, without_brackets};
use crate::certificate::SubjectNames;

/// What Apache HttpClient says.
pub fn ask(name: &[u8], leaf: &SubjectNames) -> Answer {
    let names = match jdk::read(leaf) {
        Ok(names) => names,
        Err(why) => return Answer::Unreadable(why),
    };
    let text = String::from_utf8_lossy(name);
    let host: &str = &text;
    if names != Names::Read || dns_names(leaf).next().or_else(|| ip_octets(leaf).next()).is_none() {
        let covered = common_name(leaf).is_some_and(|cn| covers(&cn, host));
        return accept_if(
            covered,
            "there is no name or address, and the most specific common name does not cover the name",
        );
    }
    let mut addresses = ip_octets(leaf).filter_map(jdk::entry_address);
    if is_ipv4(host) {
        let listed = addresses.any(|ip| jdk::is_text_of(host, ip));
        return accept_if(listed, "an IP address is compared with iPAddress entries alone");
    }
    let literal = without_brackets(name);
    if is_ipv6(literal) {
        let asked = jdk::ipv6(literal);
        return accept_if(
            addresses.any(|ip| asked == Some(ip)),
            "an IP address is compared with iPAddress entries alone",
        );
    }
    accept_if(dns_names(leaf).any(|dns| covers(&jdk::ia5(dns), host)), "no dNSName covers the name")
}

/// Four decimal parts without leading zeros, the first not 0.
fn is_ipv4(host: &str) -> bool {
    host.parse::<std::net::Ipv4Addr>().is_ok() && !host.starts_with('0')
}

/// Eight groups of one to four digits, or fewer around one `::`; no IPv4 part.
fn is_ipv6(host: &[u8]) -> bool {
    let is_group = |group: &[u8]| group.len() <= 4 && group.iter().all(u8::is_ascii_hexdigit);
    host.contains(&b':') && host.split(|&b| b == b':').all(is_group) && jdk::ipv6(host).is_some()
}

/// The CN of the last RDN that has one; of several in it, the first in order.
fn common_name(leaf: &SubjectNames) -> Option<Cow<'_, str>> {
    let rdn = leaf.common_names().last()?.rdn;
    let of_rdn = leaf.common_names().filter(|cn| cn.rdn == rdn);
    of_rdn.min_by(|a, b| jdk::ldap_order(a.bytes, b.bytes)).and_then(|cn| jdk::ldap_string(&cn))
}

fn covers(identity: &str, host: &str) -> bool {
    let is_same = || match identity.split_once('*') {
        Some((before, after)) => spans(before.as_bytes(), after.as_bytes(), host.as_bytes()),
        None => jdk::equals_ignoring_case(identity, host),
    };
    is_same() && (!host.contains('.') || is_below_root(host, identity))
}

/// `matchDomainRoot`: the host is the identity's registrable domain or below it.
fn is_below_root(host: &str, identity: &str) -> bool {
    let identity = identity.to_ascii_lowercase();
    let Some(root) = registrable(identity.as_bytes()) else { return false };
    let Some(at) = host.len().checked_sub(root.len()) else { return false };
    host.as_bytes().get(at..).is_some_and(|end| end.eq_ignore_ascii_case(root))
        && (at == 0 || host.as_bytes().get(at - 1) == Some(&b'.'))
}
