//! The domain and its www. name.

use super::code::Code;
use super::facts::Facts;
use super::{Finding, Place, Span};

const BEFORE_HTTP: &str = "a redirect cannot help: TLS comes before HTTP";

/// The reference begins with `www.` and what follows is presented.
pub fn www_missing(facts: &Facts<'_>) -> Option<Finding> {
    let name = facts.dns()?;
    let apex = name.as_str().strip_prefix("www.")?;
    let entry = facts.entries.iter().find(|e| e.exact().is_some_and(|p| p.eq_ignore_ascii_case(apex)))?;
    Some(
        Finding::new(Code::WwwMissing, format!("the certificate covers `{apex}`, and not `www.{apex}`"))
            .note("no presented identifier is the name that was asked for (RFC 9525, 6.2)")
            .note(BEFORE_HTTP)
            .mark(Place::San(entry.index), Span::Whole, "covers the name without `www.`")
            .add("add the name to the certificate", format!("DNS:{name}"))
            .help(format!("or connect to `{apex}`")),
    )
}

/// `www.` + the reference is presented, the reference is not.
pub fn apex_missing(facts: &Facts<'_>) -> Option<Finding> {
    let name = facts.dns()?;
    let www = format!("www.{name}");
    let entry = facts.entries.iter().find(|e| e.exact().is_some_and(|p| p.eq_ignore_ascii_case(&www)))?;
    Some(
        Finding::new(Code::ApexMissing, format!("the certificate covers `{www}`, and not `{name}`"))
            .note("no presented identifier is the name that was asked for (RFC 9525, 6.2)")
            .note(BEFORE_HTTP)
            .mark(Place::San(entry.index), Span::Whole, "covers the name with `www.`")
            .add("add the domain itself to the certificate", format!("DNS:{name}"))
            .help(format!("or connect to `{www}`")),
    )
}
