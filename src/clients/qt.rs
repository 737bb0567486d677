//! Qt 5.15.8: `QSslSocketPrivate::isMatchingHostname` (src/network/ssl/qsslsocket.cpp), `QUrl::toAce` (qurl.cpp).
//! Asks every common name and every dNSName, always. `toAce` makes the empty text of what is no host
//! name, an IPv6 address among others, on both sides, and the empty text equals itself. A `*` stands
//! for the rest of the first label, of which no more is compared than what is before it.

use std::borrow::Cow;

use super::Answer;
use super::idna_libraries::qt_to_ace;
use super::steps::{BROKEN_SUBJECT, address_any_form, dns_names, has_address, has_canonical_names, latin1, to_utf8};
use crate::certificate::SubjectNames;

/// What is longer than this is no dNSName to it.
const MAX_NAME: usize = 8192;

/// What `QSslSocket::connectToHostEncrypted` says of this name.
pub fn ask(name: &[u8], leaf: &SubjectNames) -> Answer {
    let name = String::from_utf8_lossy(name);
    if name.is_empty() {
        return Answer::Reject("the name is empty");
    }
    if !has_canonical_names(leaf) {
        return Answer::Unreadable(BROKEN_SUBJECT);
    }
    if address_any_form(&name).is_some_and(|address| has_address(leaf, address)) {
        return Answer::Accept;
    }
    let host = Host::new(qt_to_ace(&name));
    let in_subject = leaf.common_names().any(|cn| match to_utf8(&cn) {
        Some(text) => host.is_covered_by(&String::from_utf8_lossy(&text)),
        None => host.is_covered_by(""),
    });
    let covered = in_subject || dns_names(leaf).filter(|n| n.len() < MAX_NAME).any(|n| host.is_covered_by(&latin1(n)));
    if covered { Answer::Accept } else { Answer::Reject("no iPAddress, common name or dNSName covers the name") }
}

/// The name after `toAce`, and what of it a wildcard is compared with.
struct Host<'a> {
    ace: Cow<'a, str>,
    is_address: bool,
}

impl<'a> Host<'a> {
    fn new(ace: Cow<'a, str>) -> Self {
        Self { is_address: address_any_form(&ace).is_some(), ace }
    }

    fn is_covered_by(&self, presented: &str) -> bool {
        match presented.find('*') {
            None if presented.is_ascii() && !self.ace.is_empty() => presented.eq_ignore_ascii_case(&self.ace),
            None => qt_to_ace(presented) == self.ace,
            Some(star) => !self.is_address && self.is_covered_by_wildcard(presented, star),
        }
    }

    fn is_covered_by_wildcard(&self, presented: &str, star: usize) -> bool {
        let (label, below) = presented.split_at(star);
        let Some(below) = below.strip_prefix("*.") else { return false };
        let second_dot = below.find('.');
        let is_a_label = presented.get(..4).is_some_and(|prefix| prefix.eq_ignore_ascii_case("xn--"));
        let parent = self.ace.split_once('.').map_or(&*self.ace, |(_, parent)| parent);
        !label.contains('.')
            && second_dot.is_some_and(|dot| dot + 1 < below.len())
            && !below.contains('*')
            && !is_a_label
            && self.ace.get(..star).unwrap_or(&self.ace).eq_ignore_ascii_case(label)
            && (parent == below || parent == qt_to_ace(below))
    }
}
