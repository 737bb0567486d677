//! The name to connect under: one that the certificate holds and that the client accepts. Pure; imports
//! `identity`, `certificate`, `clients`.

use super::names::{Name, Names};
use crate::certificate::SubjectNames;
use crate::clients::{Answer, by_id, plain};
use crate::identity::{Asked, ReferenceId, Typed, covers_name};

/// How many names are tried at the most.
const TRIED: usize = 16;
/// How many bytes of names are compared by edit distance: the work grows with them.
const COMPARED_BYTES: usize = 1 << 16;
/// The label that stands for a wildcard where the name that was asked for has none that fits.
const EXAMPLE_LABEL: &str = "www";

/// A name to connect under.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Certified {
    /// The name.
    pub name: Name,
    /// The wildcard that it is an example of.
    pub wildcard: Option<String>,
}

/// The order in which names are tried.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Rank {
    Exact,
    Wildcard,
    ExampleOfWildcard,
    Address,
}

/// The certified name that is nearest to the one that was asked for. RFC 9525 and each of the clients
/// (by their ids) accept it.
#[must_use]
pub fn nearest(asked: &Asked, leaf: &SubjectNames, clients: &[&str]) -> Option<Certified> {
    let wanted = asked.reference().and_then(ReferenceId::sni).map(ToString::to_string).unwrap_or_default();
    let mut bytes = 0;
    let mut candidates: Vec<(Rank, usize, Certified)> = Names::of(leaf)
        .kept
        .into_iter()
        .take_while(|(_, name)| {
            bytes += name.to_string().len();
            bytes <= COMPARED_BYTES
        })
        .flat_map(|(_, name)| candidates(name, &wanted))
        .collect();
    candidates.sort_by_key(|(rank, distance, _)| (*rank, *distance));
    let names = candidates.into_iter().take(TRIED).map(|(_, _, certified)| certified);
    names.into_iter().find(|certified| is_accepted(&certified.name, leaf, clients))
}

fn candidates(name: Name, wanted: &str) -> Vec<(Rank, usize, Certified)> {
    let Name::Dns(text) = &name else {
        let is_address = matches!(name, Name::Ip(_));
        return is_address.then_some((Rank::Address, 0, Certified { name, wildcard: None })).into_iter().collect();
    };
    let Some(parent) = text.strip_prefix("*.") else {
        return vec![(Rank::Exact, strsim::levenshtein(text, wanted), Certified { name, wildcard: None })];
    };
    let distance = strsim::levenshtein(parent, wanted);
    let own = wanted.split('.').next().filter(|label| !label.is_empty());
    let own = own.map(|label| (Rank::Wildcard, label));
    let examples = own.into_iter().chain([(Rank::ExampleOfWildcard, EXAMPLE_LABEL)]);
    let certified =
        |label: &str| Certified { name: Name::Dns(format!("{label}.{parent}")), wildcard: Some(text.clone()) };
    examples.map(|(rank, label)| (rank, distance, certified(label))).collect()
}

fn is_accepted(name: &Name, leaf: &SubjectNames, clients: &[&str]) -> bool {
    let text = name.to_string();
    let matches = covers_name(leaf, &Asked::parse(Typed::new(text.as_bytes())));
    matches && clients.iter().all(|id| answer(id, text.as_bytes(), leaf) == Some(Answer::Accept))
}

/// What a client says of a name; none where there is no such client.
#[must_use]
pub fn answer(id: &str, name: &[u8], leaf: &SubjectNames) -> Option<Answer> {
    let shorter = plain::with_names_for(name, leaf);
    by_id(id).map(|client| (client.ask)(name, shorter.as_ref().unwrap_or(leaf)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::certificate::NameKind;

    fn chosen(asked: &str, names: &[&str], clients: &[&str]) -> Option<String> {
        let names: Vec<(NameKind, Vec<u8>)> =
            names.iter().map(|name| (NameKind::Dns, name.as_bytes().to_vec())).collect();
        let leaf = SubjectNames::of(&names);
        nearest(&Asked::parse(Typed::new(asked.as_bytes())), &leaf, clients).map(|found| found.name.to_string())
    }

    #[test]
    fn the_nearest_that_the_client_accepts() {
        for (asked, names, clients, expected) in [
            ("www.b.test", &["www.a.test", "far.test"][..], &["go"][..], Some("www.a.test")),
            ("x.y.a.test", &["*.a.test", "far.test"], &["go"], Some("far.test")),
            ("x.y.a.test", &["*.a.test"], &["go"], Some("x.a.test")),
            ("192.0.2.1", &["*.a.test"], &["go"], Some("www.a.test")),
            // OpenSSL's wildcard stands for letters, digits and hyphens.
            ("a_b.y.a.test", &["*.a.test"], &["openssl"], Some("www.a.test")),
            ("www.test", &["*"], &["go"], None),
            ("www.test", &["bad name", "a*.test"], &["go"], None),
            ("www.test", &[], &["go"], None),
            ("www.test", &["a.test"], &["no such client"], None),
        ] {
            assert_eq!(chosen(asked, names, clients).as_deref(), expected, "{asked} {names:?} {clients:?}");
        }
    }
}
