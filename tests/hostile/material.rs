//! What hostile certificates are made of: names of every kind, texts, and changes to a certificate.

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::{Index, select};

use crate::support::case::general_name;
use crate::support::der::{context, context_constructed, seq, set_of, tlv};
use crate::support::name::{StringType, attribute};

/// The names of a certificate.
#[derive(Clone, Debug)]
pub struct Names {
    san: San,
    subject: Vec<(u8, Vec<u8>)>,
}

#[derive(Clone, Debug)]
enum San {
    /// GeneralNames, each encoded.
    List(Vec<Vec<u8>>),
    /// The extension's value as it stands.
    Raw(Vec<u8>),
}

impl Names {
    /// Names by the kinds of the case notation; the values are common names too.
    pub fn of(names: &[(&str, &str)]) -> Self {
        Self {
            san: San::List(names.iter().map(|(kind, text)| named(kind, text.as_bytes())).collect()),
            subject: names.iter().map(|(_, text)| (0x0c, text.as_bytes().to_vec())).collect(),
        }
    }

    /// The value of a subjectAltName, well-formed or not.
    pub fn raw(san: Vec<u8>) -> Self {
        Self { san: San::Raw(san), subject: vec![] }
    }

    /// The value of the subjectAltName.
    pub fn san_der(&self) -> Vec<u8> {
        match &self.san {
            San::List(names) => seq(names),
            San::Raw(value) => value.clone(),
        }
    }

    /// The subject: common names, each under its string tag.
    pub fn subject_der(&self) -> Vec<u8> {
        // The type of an attribute, without the value that belongs to it.
        let common_name = &attribute("CN", b"", StringType::Utf8)[2..7];
        seq(self.subject.iter().map(|(tag, text)| set_of([seq([common_name, &tlv(*tag, text)])])))
    }
}

/// A general name of the case notation, every byte of whose text is escaped.
fn named(kind: &str, text: &[u8]) -> Vec<u8> {
    let escaped: String = text.iter().fold(String::new(), |escaped, byte| escaped + &format!("\\x{byte:02x}"));
    general_name(&format!("{kind}:{escaped}"))
}

/// Names with hostile texts in every kind of general name, known or not, and in the subject.
pub fn names() -> impl Strategy<Value = Names> {
    let san = prop_oneof![
        20 => vec(general_name_of_any_kind(), 0..20).prop_map(San::List),
        1 => vec(any::<u8>(), 0..64).prop_map(San::Raw),
    ];
    // UTF8String, PrintableString, TeletexString, IA5String, UniversalString, BMPString, INTEGER.
    let string = (select(vec![0x0c_u8, 0x13, 0x14, 0x16, 0x1c, 0x1e, 0x02]), hostile_text());
    (san, vec(string, 0..4)).prop_map(|(san, subject)| Names { san, subject })
}

fn general_name_of_any_kind() -> impl Strategy<Value = Vec<u8>> {
    let in_notation = select(vec!["email", "DNS", "URI", "SRV", "XMPP", "UPN", "DIR"]);
    prop_oneof![
        8 => (in_notation, hostile_text()).prop_map(|(kind, text)| named(kind, &text)),
        4 => hostile_text().prop_map(|text| named("DNS", &text)),
        4 => (0_u8..31, hostile_text()).prop_map(|(tag, text)| context(tag, &text)),
        2 => (0_u8..31, hostile_text()).prop_map(|(tag, text)| context_constructed(tag, &text)),
        2 => vec(any::<u8>(), 0..20).prop_map(|octets| context(7, &octets)),
        1 => (any::<u8>(), hostile_text()).prop_map(|(tag, text)| tlv(tag & !0x1f | tag & 0x0f, &text)),
    ]
}

/// Text of harmless and harmful parts.
pub fn hostile_text() -> impl Strategy<Value = Vec<u8>> {
    let part = prop_oneof![
        6 => select(HARMLESS.to_vec()).prop_map(|text| text.as_bytes().to_vec()),
        6 => select(HARMFUL.to_vec()).prop_map(<[u8]>::to_vec),
        1 => vec(any::<u8>(), 0..8),
        1 => any::<char>().prop_map(|c| c.to_string().into_bytes()),
    ];
    let text = vec(part, 0..8).prop_map(|parts| parts.concat());
    let long = (hostile_part(), 20_usize..400).prop_map(|(part, times)| part.repeat(times));
    prop_oneof![20 => text, 1 => long]
}

fn hostile_part() -> impl Strategy<Value = Vec<u8>> {
    select(HARMFUL.to_vec()).prop_map(<[u8]>::to_vec)
}

/// What may be asked for: now and then a name that the certificate nearly has.
pub fn reference() -> impl Strategy<Value = Vec<u8>> {
    let plain = ["orchard.example", "www.orchard.example", "fig", "a.b.orchard.example", "192.0.2.7", "2001:db8::7"];
    let others = ["srv:_ferry.orchard.example", "uri:sip:orchard.example", "bücher.example", "ap_i.example"];
    prop_oneof![
        3 => select([&plain[..], &others[..]].concat()).prop_map(|text| text.as_bytes().to_vec()),
        1 => hostile_text(),
    ]
}

const HARMLESS: [&str; 14] = [
    "orchard.example",
    "*.orchard.example",
    "www.",
    "orchrad.example",
    "fig",
    ".",
    "192.0.2.7",
    "xn--bcher-kva.example",
    "xn--",
    "_ferry.orchard.example",
    "spiffe://",
    "bücher",
    "日本",
    "e\u{301}",
];

/// Controls, escapes, directions, invisible characters, separators, broken UTF-8, our own words, and
/// commands of CI runners.
const HARMFUL: [&[u8]; 51] = [
    b"\nforged: line",
    b"\r\nforged: line",
    b"\rforged: line",
    b"\x0bforged: line",
    b"\x0cforged: line",
    "\u{85}forged: line".as_bytes(),
    "\u{2028}forged: line".as_bytes(),
    "\u{2029}forged: line".as_bytes(),
    b"\n",
    b"\n\n",
    b"\0",
    b"\t",
    b"\x07",
    b"\x08\x08\x08",
    b"\x7f",
    b"\x1b[31m",
    b"\x1b[2J",
    b"\x1b]8;;https://quarry.test\x1b\\",
    b"\x9b31m",
    "\u{9b}31m".as_bytes(),
    "\u{202e}".as_bytes(),
    "\u{202a}".as_bytes(),
    "\u{2066}".as_bytes(),
    "\u{200b}".as_bytes(),
    "\u{200f}".as_bytes(),
    "\u{61c}".as_bytes(),
    "\u{feff}".as_bytes(),
    "\u{ad}".as_bytes(),
    "\u{e0041}".as_bytes(),
    "\u{e000}".as_bytes(),
    "\u{a0}".as_bytes(),
    b"\\",
    b"\\x0a",
    b"\"'`",
    b"\xff\xfe",
    b"\xc3",
    b"\xed\xa0\x80",
    b"\xf4\x90\x80\x80",
    b"${HOST}",
    b"https://quarry.test/",
    b"##vso[task.setvariable variable=x]y",
    b"##[error]x",
    b"#",
    b"::set-output name=x::y",
    b"::add-mask::x",
    b":",
    b"##teamcity[buildStop]",
    "\u{3164}".as_bytes(),
    "\u{fe0f}\u{34f}".as_bytes(),
    "\u{2800}".as_bytes(),
    "\u{180e}\u{115f}".as_bytes(),
];

/// A change to a certificate.
#[derive(Clone, Debug)]
pub enum Mutation {
    /// One bit the other way.
    Flip(Index, u8),
    /// One octet set.
    Set(Index, u8),
    /// Nothing after here.
    Truncate(Index),
    /// Octets put in.
    Insert(Index, Vec<u8>),
    /// Some octets left out.
    Remove(Index, usize),
    /// A length in long form changed.
    Length(Index, u8),
    /// Some octets twice.
    Repeat(Index, usize),
}

/// Any of them; those that leave the most of a certificate standing are the most frequent.
pub fn mutation() -> impl Strategy<Value = Mutation> {
    let at = any::<Index>;
    prop_oneof![
        6 => (at(), 0_u8..8).prop_map(|(at, bit)| Mutation::Flip(at, bit)),
        6 => (at(), any::<u8>()).prop_map(|(at, octet)| Mutation::Set(at, octet)),
        1 => at().prop_map(Mutation::Truncate),
        1 => (at(), vec(any::<u8>(), 1..8)).prop_map(|(at, octets)| Mutation::Insert(at, octets)),
        1 => (at(), 1_usize..8).prop_map(|(at, octets)| Mutation::Remove(at, octets)),
        2 => (at(), any::<u8>()).prop_map(|(at, octet)| Mutation::Length(at, octet)),
        1 => (at(), 1_usize..64).prop_map(|(at, octets)| Mutation::Repeat(at, octets)),
    ]
}

impl Mutation {
    /// The certificate after the change.
    pub fn apply(&self, mut der: Vec<u8>) -> Vec<u8> {
        if der.is_empty() {
            return der;
        }
        let place = |at: &Index| at.index(der.len());
        match self {
            Self::Flip(at, bit) => {
                let at = place(at);
                der[at] ^= 1 << bit;
            }
            Self::Set(at, octet) => {
                let at = place(at);
                der[at] = *octet;
            }
            Self::Truncate(at) => der.truncate(place(at)),
            Self::Insert(at, octets) => {
                let at = place(at);
                der.splice(at..at, octets.iter().copied());
            }
            Self::Remove(at, octets) => {
                let at = place(at);
                der.drain(at..der.len().min(at + octets));
            }
            Self::Length(at, octet) => {
                let lengths: Vec<usize> = (1..der.len()).filter(|i| matches!(der[*i], 0x81..=0x84)).collect();
                if !lengths.is_empty() {
                    let at = lengths[at.index(lengths.len())];
                    let after = (at + 1).min(der.len() - 1);
                    der[after] = *octet;
                }
            }
            Self::Repeat(at, octets) => {
                let at = place(at);
                let part = der[at..der.len().min(at + octets)].to_vec();
                der.splice(at..at, part);
            }
        }
        der
    }
}
