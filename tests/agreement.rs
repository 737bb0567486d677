//! Our verdict against that of rustls-webpki, on names and certificates made up at random.
//!
//! The two may differ where [`READING`] and [`MATCHING`] say so, each with its reason, and nowhere
//! else. Every certificate has the name that is asked for as its common name, which neither reads.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::print_stdout)]
#![allow(missing_docs, unreachable_pub)]

mod support;

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use certcheck::certificate::{Certificate, GeneralName, NameKind};
use certcheck::escape::escape;
use certcheck::identity::matching::covers;
use certcheck::identity::{Asked, BadName, NotAName, PresentedId, ReferenceId, Typed, Verdict, evaluate};
use proptest::collection::vec;
use proptest::option::weighted;
use proptest::prelude::*;
use proptest::sample::select;
use proptest::test_runner::{Config, TestCaseError, TestRunner};
use rustls_pki_types::{CertificateDer, ServerName};
use support::der::{context, seq, set_of};
use support::name::{StringType, attribute};
use support::{Key, Leaf, case};
use webpki::EndEntityCert;

/// How many cases are run, unless `PROPTEST_CASES` asks for more.
const CASES: u32 = 4096;

/// A rule about a text and what we read it as.
type OfText = fn(&str, &Asked) -> bool;
/// A rule about an entry and those that stand before it.
type OfEntry = fn(&[GeneralName<'_>], &[u8]) -> bool;

/// Where one reads a text as a name and the other does not.
const READING: [(&str, OfText); 4] = [
    // RFC 9525, 6.3: U-labels become A-labels. webpki leaves that to its caller.
    ("u-label", |text, asked| !text.is_ascii() && matches!(asked.reference(), Some(ReferenceId::Dns(_)))),
    // A host as a URL has it. webpki takes the address alone.
    ("brackets", |text, asked| text.starts_with('[') && matches!(asked.reference(), Some(ReferenceId::Ip(_)))),
    // RFC 4007, 11: the zone is for the socket. webpki takes the address alone.
    ("zone-id", |text, asked| text.contains('%') && matches!(asked.reference(), Some(ReferenceId::Ip(_)))),
    // RFC 5890, 2.3.2.1: what looks like an A-label and is none. webpki does not decode labels.
    ("broken-a-label", |_, asked| matches!(asked, Asked::NotAName { why: NotAName::Dns(BadName::Idna(_)), .. })),
];

/// Where an entry covers the name for us, and not for webpki.
const MATCHING: [(&str, OfEntry); 3] = [
    // RFC 9525, 6.3 has no rule against it. webpki wants two labels behind an asterisk.
    ("lone-asterisk", |_, entry| entry == b"*"),
    // RFC 9525, 7.1: out of scope. webpki wants two labels behind an asterisk.
    ("wildcard-under-tld", |_, entry| entry.strip_prefix(b"*.").is_some_and(|parent| !parent.contains(&b'.'))),
    // A tag that RFC 5280 does not know: no identifier for us. webpki stops there.
    ("behind-unknown-entry", |before, _| before.iter().any(|name| matches!(name.kind, NameKind::Unknown(_)))),
];

#[test]
fn verdicts_agree_with_webpki() {
    let key = Key::generate();
    let seen = RefCell::new(BTreeMap::new());
    let config = Config::default();
    let config = Config { cases: config.cases.max(CASES), failure_persistence: None, ..config };
    let result = TestRunner::new(config).run(&(reference(), vec(shape(), 0..6)), |(text, shapes)| {
        let what = compare(&text, &shapes, &key).map_err(TestCaseError::fail)?;
        for what in what {
            *seen.borrow_mut().entry(what).or_insert(0_u32) += 1;
        }
        Ok(())
    });
    if let Err(error) = result {
        panic!("{error}");
    }
    let seen = seen.into_inner();
    for (what, cases) in &seen {
        println!("{cases:6} {what}");
    }
    let count = |what| seen.get(what).copied().unwrap_or(0);
    assert!(count("both match") > CASES / 5, "few cases match");
    assert!(count("both do not") > CASES / 5, "few cases do not match");
    for id in READING.iter().map(|(id, _)| *id).chain(MATCHING.iter().map(|(id, _)| *id)) {
        assert!(count(id) > 0, "{id} explains nothing");
    }
}

/// What became of a case: one verdict, and the differences that are explained.
fn compare(text: &str, shapes: &[Shape], key: &Key) -> Result<Vec<&'static str>, String> {
    let der = mint(text, shapes, key);
    let leaf = Certificate::from_der(&der).map_err(|error| error.to_string())?;
    let asked = Asked::parse(Typed::new(text.as_bytes()));
    let mut seen = Vec::new();
    // webpki is asked for the text, or for what we read it as, where it cannot read it.
    let canonical = asked.reference().map(ReferenceId::to_string).unwrap_or_default();
    let name = match (ServerName::try_from(text), asked.reference()) {
        (Ok(name), Some(_)) => name,
        (Err(_), None) => return Ok(vec!["neither reads the name"]),
        (theirs, ours) => {
            let known = READING.iter().find(|(_, holds)| holds(text, &asked));
            seen.push(known.ok_or_else(|| format!("{text:?}: read as {ours:?}, by webpki as {theirs:?}"))?.0);
            if ours.is_none() {
                return Ok(seen);
            }
            ServerName::try_from(canonical.as_str()).map_err(|error| format!("{text:?}, {canonical}: {error}"))?
        }
    };
    let der = CertificateDer::from(der);
    let end_entity = EndEntityCert::try_from(&der).map_err(|error| error.to_string())?;
    let theirs = end_entity.verify_is_valid_for_subject_name(&name);
    match (evaluate(&asked, leaf.subject_names()), &theirs) {
        (Verdict::Match(_), Ok(())) => seen.push("both match"),
        (Verdict::Mismatch(_), Err(_)) => seen.push("both do not"),
        (ours, _) => match explained(&asked, &leaf) {
            Some(id) if theirs.is_err() => seen.push(id),
            _ => return Err(format!("{text:?}, presented {}: {ours:?}, webpki {theirs:?}", list(&leaf))),
        },
    }
    Ok(seen)
}

/// Why webpki does not match where we do: the reason for the first entry that covers the name, if
/// there is one for every such entry.
fn explained(asked: &Asked, leaf: &Certificate) -> Option<&'static str> {
    let names: Vec<_> = leaf.subject_names().names().collect();
    let reference = asked.reference()?;
    let covering = (0..names.len()).filter(|at| covers(&PresentedId::parse(&names[*at]), reference).is_ok());
    let why = |at: usize| MATCHING.iter().find(|(_, holds)| holds(&names[..at], names[at].bytes));
    let reasons: Option<Vec<_>> = covering.map(why).collect();
    reasons?.first().map(|(id, _)| *id)
}

fn list(leaf: &Certificate) -> String {
    leaf.subject_names()
        .names()
        .map(|name| format!("{:?}:{}", name.kind, escape(name.bytes)))
        .collect::<Vec<_>>()
        .join(", ")
}

fn mint(text: &str, shapes: &[Shape], key: &Key) -> Vec<u8> {
    let san = seq(shapes.iter().map(|shape| shape.general_name(text)));
    let subject = seq([set_of([attribute("CN", text.as_bytes(), StringType::Utf8)])]);
    Leaf::default().subject_der(subject).san_der(san).key(key.clone()).self_signed().der
}

/// An entry of the certificate, as it comes from the name that is asked for.
#[derive(Clone, Debug)]
enum Shape {
    /// The same text.
    Same,
    /// In the other case.
    Recased,
    /// In A-labels, without a final dot: what a certificate for the name has.
    Proper,
    /// The octets of the address, more or fewer by some.
    Octets(i8),
    /// `*` for so many of the first labels, with something around the asterisk.
    Wildcard(usize, &'static str, &'static str),
    /// `*` for one label that is not the first.
    Inner(usize),
    /// Without so many of the first labels.
    Parent(usize),
    /// With something before it.
    Behind(&'static str),
    /// With something after it.
    Before(&'static str),
    /// One octet exchanged.
    Changed(usize, u8),
    /// Another name.
    Name(String),
    /// Another address.
    Address(IpAddr),
    /// The text as a name of another type.
    Type(&'static str),
    /// Under a tag that no name has.
    Tag(u8),
}

impl Shape {
    fn general_name(&self, text: &str) -> Vec<u8> {
        let proper = idna::domain_to_ascii(text).unwrap_or_else(|_| text.to_owned());
        let proper = proper.strip_suffix('.').unwrap_or(&proper);
        let dns = |name: String| context(2, name.as_bytes());
        let rest = |labels| proper.splitn(labels + 1, '.').nth(labels).unwrap_or_default();
        match self {
            Self::Same => dns(text.to_owned()),
            Self::Recased => dns(recased(proper)),
            Self::Proper => dns(proper.to_owned()),
            Self::Octets(extra) => context(7, &octets(text, *extra)),
            Self::Wildcard(labels, before, after) if rest(*labels).is_empty() => dns(format!("{before}*{after}")),
            Self::Wildcard(labels, before, after) => dns(format!("{before}*{after}.{}", rest(*labels))),
            Self::Inner(label) => {
                let mut labels: Vec<&str> = proper.split('.').collect();
                let label = (1 + label).min(labels.len() - 1);
                labels[label] = "*";
                dns(labels.join("."))
            }
            Self::Parent(labels) => dns(rest(*labels).to_owned()),
            Self::Behind(label) => dns(format!("{label}{proper}")),
            Self::Before(label) => dns(format!("{proper}{label}")),
            Self::Changed(at, octet) => {
                let mut name = proper.as_bytes().to_vec();
                if !name.is_empty() {
                    let at = at % name.len();
                    name[at] = *octet;
                }
                context(2, &name)
            }
            Self::Name(name) => dns(name.clone()),
            Self::Address(IpAddr::V4(v4)) => context(7, &v4.octets()),
            Self::Address(IpAddr::V6(v6)) => context(7, &v6.octets()),
            Self::Type(kind) => case::general_name(&format!("{kind}:{}", escape(proper.as_bytes()))),
            Self::Tag(tag) => context(*tag, proper.as_bytes()),
        }
    }
}

fn recased(name: &str) -> String {
    name.chars().map(|c| if c.is_ascii_lowercase() { c.to_ascii_uppercase() } else { c.to_ascii_lowercase() }).collect()
}

/// The octets of an address literal, or of the text.
fn octets(text: &str, extra: i8) -> Vec<u8> {
    let bare = text.trim_matches(['[', ']']);
    let bare = bare.split_once('%').map_or(bare, |(address, _)| address);
    let mut octets = match bare.parse() {
        Ok(IpAddr::V4(v4)) => v4.octets().to_vec(),
        Ok(IpAddr::V6(v6)) => v6.octets().to_vec(),
        Err(_) => text.as_bytes().to_vec(),
    };
    octets.resize(octets.len().saturating_add_signed(extra.into()), 0);
    octets
}

fn shape() -> impl Strategy<Value = Shape> {
    prop_oneof![
        2 => Just(Shape::Same),
        1 => Just(Shape::Recased),
        2 => Just(Shape::Proper),
        2 => Just(Shape::Octets(0)),
        1 => (-3_i8..4).prop_map(Shape::Octets),
        3 => (1_usize..3).prop_map(|labels| Shape::Wildcard(labels, "", "")),
        1 => (0_usize..3, select(vec!["", "a", "*."]), select(vec!["", "a", "*"]))
            .prop_map(|(labels, before, after)| Shape::Wildcard(labels, before, after)),
        1 => (0_usize..3).prop_map(Shape::Inner),
        1 => (1_usize..3).prop_map(Shape::Parent),
        1 => select(vec!["a.", ".", "a", "-", "*.", "*", " ", "\0"]).prop_map(Shape::Behind),
        1 => select(vec![".", ".a", "a", "-", "\0", ".a.", " "]).prop_map(Shape::Before),
        1 => (any::<usize>(), prop_oneof![any::<u8>(), select(b".-_*aZ0".to_vec())])
            .prop_map(|(at, octet)| Shape::Changed(at, octet)),
        3 => name().prop_map(Shape::Name),
        1 => address().prop_map(Shape::Address),
        1 => select(vec!["email", "URI", "SRV", "XMPP", "UPN", "DIR"]).prop_map(Shape::Type),
        1 => (9_u8..16).prop_map(Shape::Tag),
    ]
}

fn reference() -> impl Strategy<Value = String> {
    prop_oneof![
        10 => name(),
        2 => address().prop_map(|ip| ip.to_string()),
        1 => (address(), 0_usize..6).prop_map(|(ip, form)| dressed(ip, form)),
        1 => select(vec!["", ".", "1.2.3", "1.2.3.256", "01.2.3.4", "1.2.3.4.", "1:2", "::1::", "0x7f.1", "a:1"])
            .prop_map(str::to_owned),
    ]
}

/// An address in another form than its usual one.
fn dressed(ip: IpAddr, form: usize) -> String {
    match (ip, form) {
        (_, 0) => format!("[{ip}]"),
        (_, 1) => format!("{ip}%eth0"),
        (_, 2) => format!("{ip}."),
        (IpAddr::V4(v4), _) => format!("::ffff:{v4}"),
        (IpAddr::V6(v6), 3) => v6.segments().map(|group| format!("{group:04X}")).join(":"),
        (IpAddr::V6(v6), 4) => {
            let [.., a, b, c, d] = v6.octets();
            let groups = v6.segments()[..6].iter().map(|group| format!("{group:x}")).collect::<Vec<_>>();
            format!("{}:{a}.{b}.{c}.{d}", groups.join(":"))
        }
        (IpAddr::V6(_), _) => format!("[{ip}%25eth0]"),
    }
}

fn address() -> impl Strategy<Value = IpAddr> {
    // Few bits, so that two are sometimes the same.
    prop_oneof![
        (0_u8..2).prop_map(|last| IpAddr::from([192, 0, 2, last])),
        any::<[u8; 4]>().prop_map(|octets| Ipv4Addr::from(octets).into()),
        (0_u16..2).prop_map(|last| Ipv6Addr::new(0x2001, 0xdb8, 0, 0, 0, 0, 0, last).into()),
        any::<[u16; 8]>().prop_map(|groups| Ipv6Addr::from(groups).into()),
        (0_u8..2).prop_map(|last| Ipv4Addr::new(192, 0, 2, last).to_ipv6_mapped().into()),
    ]
}

fn name() -> impl Strategy<Value = String> {
    // About as long as a name can be, now and then.
    let long = vec((59_usize..64).prop_map(|octets| "a".repeat(octets)), 4);
    let labels = prop_oneof![40 => vec(label(), 1..5), 1 => long];
    (labels, weighted(0.2, Just("."))).prop_map(|(labels, dot)| {
        let name = labels.join(".");
        // webpki counts the final dot among the 253 octets (RFC 1035, 2.3.4 does not).
        if name.len() == 253 { name } else { name + dot.unwrap_or_default() }
    })
}

/// A label: mostly one of a few that are valid, so that names meet.
fn label() -> impl Strategy<Value = String> {
    let valid = ["a", "b", "www", "A", "Www", "_x", "a_b", "_", "7", "a1", "a--b", "xn--bcher-kva", "XN--BCHER-KVA"];
    let odd = ["", "*", "w*", "-a", "a-", "-", "a b", "0x", "0x7f", "xn--a", "xn--", "bücher", "ß", "ｗ", "１", "a\0"];
    prop_oneof![
        40 => select(valid.to_vec()).prop_map(str::to_owned),
        4 => "[a-z0-9_-]{1,4}",
        1 => (61_usize..66).prop_map(|octets| "a".repeat(octets)),
        3 => select(odd.to_vec()).prop_map(str::to_owned),
    ]
}
