//! Well-known certificates: products' placeholders, and issuers worth a note.
//! The table's own first lines say how a marker is written.

use std::sync::LazyLock;

use crate::certificate::{Attribute, NameKind, SubjectNames};
use crate::identity::DnsName;

/// A row of the table.
#[derive(Clone, Debug)]
pub struct WellKnown {
    /// The product's or issuer's name.
    pub product: &'static str,
    /// What to do there, where there is more to say than for any product; `{}` stands for the name.
    pub help: Option<&'static str>,
    /// What the certificate is.
    pub class: Class,
    /// Any of these groups, of which all conditions must hold.
    marker: Vec<Vec<Condition>>,
}

/// What a well-known certificate is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Class {
    /// A product's placeholder.
    Default,
    /// A hosting platform's or a content delivery network's own.
    Platform,
    /// An issuer worth a note.
    Issuer,
    /// That of a product which inspects TLS.
    Interception,
}

#[derive(Clone, Debug)]
struct Condition {
    field: Field,
    test: Test,
}

#[derive(Clone, Copy, Debug)]
enum Field {
    Subject(&'static str),
    Issuer(&'static str),
    DnsName,
    Uri,
    Host,
}

#[derive(Clone, Copy, Debug)]
enum Test {
    Equals(&'static str),
    BeginsWith(&'static str),
    EndsWith(&'static str),
    Pattern(&'static str),
}

static TABLE: LazyLock<Vec<WellKnown>> =
    LazyLock::new(|| include_str!("wellknown.tsv").lines().filter_map(row).collect());

/// The first row of a class whose marker a certificate bears.
#[must_use]
pub fn find(leaf: &SubjectNames, class: Class) -> Option<&'static WellKnown> {
    TABLE
        .iter()
        .filter(|row| row.class == class)
        .find(|row| row.marker.iter().any(|all| all.iter().all(|c| c.holds(leaf))))
}

/// The platform whose own names a host's name is one of.
#[must_use]
pub fn of_host(name: &DnsName) -> Option<&'static WellKnown> {
    let platforms = TABLE.iter().filter(|row| row.class == Class::Platform);
    platforms.into_iter().find(|row| row.marker.iter().flatten().any(|condition| condition.is_parent_of(name.as_str())))
}

fn row(line: &'static str) -> Option<WellKnown> {
    let mut cells = line.split('\t');
    let (product, class, marker, help) = (cells.next()?, cells.next()?, cells.next()?, cells.next()?);
    let class = match class {
        "default" => Class::Default,
        "platform" => Class::Platform,
        "issuer" => Class::Issuer,
        "interception" => Class::Interception,
        _ => return None,
    };
    let marker = marker.split(" | ").map(|all| all.split(" & ").map(condition).collect::<Option<Vec<_>>>());
    let help = Some(help).filter(|text| *text != "-");
    Some(WellKnown { product, class, help, marker: marker.collect::<Option<Vec<_>>>()? })
}

fn condition(text: &'static str) -> Option<Condition> {
    let (field, value) = text.split_once('=')?;
    let field = match field {
        "san" => Field::DnsName,
        "san.uri" => Field::Uri,
        "host" => Field::Host,
        _ => match field.split_once('.')? {
            ("subject", name) => Field::Subject(name),
            ("issuer", name) => Field::Issuer(name),
            _ => return None,
        },
    };
    let test = match value.as_bytes().first()? {
        b'^' => Test::BeginsWith(&value[1..]),
        b'$' => Test::EndsWith(&value[1..]),
        b'~' => Test::Pattern(&value[1..]),
        _ => Test::Equals(value),
    };
    Some(Condition { field, test })
}

impl Condition {
    /// Whether a name is the domain of a wildcard that is presented, or lies below it.
    fn is_parent_of(&self, name: &str) -> bool {
        match (self.field, self.test) {
            (Field::DnsName | Field::Host, Test::Equals(text)) => {
                text.strip_prefix('*').is_some_and(|suffix| name.ends_with(suffix) || suffix[1..] == *name)
            }
            _ => false,
        }
    }

    fn holds(&self, leaf: &SubjectNames) -> bool {
        let any = |attribute: Attribute<'_>, name| {
            attribute.short_name() == Some(name) && self.test.passes(&attribute.text())
        };
        match self.field {
            Field::Subject(name) => leaf.subject().any(|a| any(a, name)),
            Field::Issuer(name) => leaf.issuer().any(|a| any(a, name)),
            Field::DnsName => leaf.names().any(|n| n.kind == NameKind::Dns && self.test.passes(n.bytes)),
            Field::Host => false,
            Field::Uri => leaf.names().any(|n| n.kind == NameKind::Uri && self.test.passes(n.bytes)),
        }
    }
}

impl Test {
    fn passes(self, value: &[u8]) -> bool {
        match self {
            Self::Equals(text) => value == text.as_bytes(),
            Self::BeginsWith(text) => value.starts_with(text.as_bytes()),
            Self::EndsWith(text) => value.ends_with(text.as_bytes()),
            Self::Pattern(pattern) => pattern_matches(pattern, value),
        }
    }
}

/// A pattern in which `HEX32` stands for 32 lower-case hexadecimal digits and `HEX` for one or
/// more.
fn pattern_matches(pattern: &str, value: &[u8]) -> bool {
    let is_hex = |b: &u8| matches!(b, b'0'..=b'9' | b'a'..=b'f');
    if let Some(rest) = pattern.strip_prefix("HEX32") {
        return value.len() >= 32 && value[..32].iter().all(is_hex) && pattern_matches(rest, &value[32..]);
    }
    if let Some(rest) = pattern.strip_prefix("HEX") {
        let digits = value.iter().take_while(|b| is_hex(b)).count();
        return digits > 0 && pattern_matches(rest, &value[digits..]);
    }
    match (pattern.as_bytes(), value) {
        ([], []) => true,
        ([p, ..], [v, rest @ ..]) if p == v => pattern_matches(&pattern[1..], rest),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_row_is_read() {
        let rows = include_str!("wellknown.tsv").lines().filter(|l| !l.starts_with('#')).skip(1);
        assert_eq!(TABLE.len(), rows.count());
        for row in TABLE.iter().filter(|row| matches!(row.class, Class::Default | Class::Platform)) {
            assert!(row.help.is_some_and(|help| help.contains("{}") && help.len() > 40), "{row:?}");
        }
    }

    #[test]
    fn hexadecimal_patterns() {
        let h = "0123456789abcdef0123456789abcdef";
        assert!(pattern_matches("HEX32.HEX32.traefik.default", format!("{h}.{h}.traefik.default").as_bytes()));
        assert!(!pattern_matches("HEX32.HEX32.traefik.default", format!("{h}.{h}0.traefik.default").as_bytes()));
        assert!(pattern_matches("HEX", b"0af"));
        assert!(!pattern_matches("HEX", b"0aF"));
        assert!(!pattern_matches("HEX", b""));
    }
}
