//! PostgreSQL JDBC 42.5.5, sslmode=verify-full: org/postgresql/ssl/PGjdbcHostnameVerifier.java, `verify`.
//! The name goes through IDNA 2003 unless it is in brackets. dNSName and iPAddress entries are text
//! alike, addresses in the JDK's spelling. A pattern begins with its only `*` and holds a dot; the
//! `*` may stand for nothing. Without any dNSName the CN with the most dots is compared.

use std::borrow::Cow;
use std::cmp::Reverse;

use super::Answer;
use super::idna::{self, Ascii};
use super::jdk::{self, Names};
use super::labels::{accept_if, dns_names, ip_octets, without_brackets};
use crate::certificate::{Attribute, SubjectNames};

/// What the PostgreSQL driver says.
pub fn ask(name: &[u8], leaf: &SubjectNames) -> Answer {
    let names = match jdk::read(leaf) {
        Ok(names) => names,
        Err(why) => return Answer::Unreadable(why),
    };
    let text = String::from_utf8_lossy(without_brackets(name));
    let host = if name.len() == text.len() { idna::idna2003(&text, Ascii::Any) } else { Some(Cow::Borrowed(&*text)) };
    let Some(host) = host else { return Answer::Reject("the name is no internationalised name (IDNA 2003)") };
    if names == Names::Read {
        let mut presented = dns_names(leaf).peekable();
        let has_dns = presented.peek().is_some();
        if presented.any(|dns| covers(&jdk::ia5(dns), &host)) || has_ip_text(leaf, &host) {
            return Answer::Accept;
        }
        if has_dns {
            return Answer::Reject("no dNSName covers the name");
        }
    }
    let covered = common_name(leaf).is_some_and(|cn| covers(&cn, &host));
    accept_if(covered, "there is no dNSName, and the common name does not cover the name")
}

fn has_ip_text(leaf: &SubjectNames, host: &str) -> bool {
    let may_be = host.as_bytes().first().is_some_and(u8::is_ascii_hexdigit);
    may_be && ip_octets(leaf).filter_map(jdk::entry_address).any(|ip| jdk::is_text_of(host, ip))
}

/// Of the RDNs whose first attribute in order is a CN, the one with the most dots, the fewest
/// asterisks, the longest; of equals the last.
fn common_name(leaf: &SubjectNames) -> Option<Cow<'_, str>> {
    let first_of_rdn = |cn: &Attribute<'_>| leaf.subject().filter(|a| a.rdn == cn.rdn).all(|a| sorts_after_cn(&a, cn));
    let texts = leaf.common_names().filter(first_of_rdn).map(|cn| jdk::ldap_string(&cn));
    // One that is no text is not compared with the others: the driver fails.
    let texts: Option<Vec<_>> = texts.collect();
    texts?.into_iter().max_by_key(|cn| {
        let count = |c| cn.matches(c).count();
        (count('.'), Reverse(count('*')), cn.len())
    })
}

/// Whether an attribute comes after this CN in LDAP's order of an RDN: by the type's name (`C` and
/// numbers come before `CN`), then by the value.
fn sorts_after_cn(attribute: &Attribute<'_>, cn: &Attribute<'_>) -> bool {
    match attribute.short_name() {
        Some("CN") => jdk::ldap_order(attribute.bytes, cn.bytes).is_ge(),
        Some("DC" | "L" | "O" | "OU" | "ST" | "street" | "UID") => true,
        _ => false,
    }
}

fn covers(pattern: &str, host: &str) -> bool {
    let Some(after) = pattern.strip_prefix('*') else {
        return !pattern.contains('*') && jdk::equals_ignoring_case(pattern, host);
    };
    if after.contains('*') || !after.contains('.') {
        return false;
    }
    let split = host.len().checked_sub(after.len()).and_then(|at| host.split_at_checked(at));
    split.is_some_and(|(label, rest)| !label.contains('.') && jdk::equals_ignoring_case(rest, after))
}
