//! Rows of public test suites, turned into certificates.
//!
//! One table form for all, headed by the names of its columns: suite, source, reference, san, cn,
//! expected, options, note. Cells are escaped as ours are; `-` is absent, and an empty cell the
//! empty text.
//!
//! | column | what it holds |
//! | --- | --- |
//! | `expected` | `accept`, `reject`, or `error`: the suite wants a hard failure |
//! | `san` | as in our tables, but octets are `IP:#hex`, mail addresses `EMAIL:`, all else `OTHER:kind=value` |
//! | `options` | the mode in which the suite runs; `subject=` stands last and holds the whole subject |
//! | `note` | `about=` says what a row is about, where that may be something else than names |

use certcheck::certificate::{Certificate, GeneralName, NameKind};
use certcheck::identity::{Asked, Typed, Verdict, evaluate};
use data_encoding::HEXLOWER;

use crate::support::der::{context, context_constructed, seq, tlv};
use crate::support::{Key, Leaf, case, unescape};

/// Modes in which a suite does something else than to compare names as RFC 9525 says, or does not
/// compare them at all: the beginning of an option or of a note.
const OTHER_MODES: [&str; 11] = [
    // Rules switched off, or other ones switched on.
    "no-wildcards",
    "no-ip-matches",
    "non-strict",
    "uri-names",
    "dot-prefix-reference",
    // The reference is rewritten before it is compared.
    "percent-decoded-reference",
    "inet-aton-reference",
    // Rows that are about something else than names.
    "validate=CLIENT",
    "about=chain",
    "about=name-constraints",
    "about=real-chain",
];

/// A row, its certificate, and the name asked for.
pub struct Row<'a> {
    pub line: usize,
    pub suite: &'a str,
    pub options: Vec<&'a str>,
    pub reference: Vec<u8>,
    pub asked: Asked,
    pub leaf: Certificate,
    expected: &'a str,
    note: &'a str,
}

impl<'a> Row<'a> {
    /// Reads a row and mints its certificate.
    pub fn new(line: usize, cells: &[&'a str], key: &Key) -> Self {
        let [suite, _source, reference, san, cn, expected, options, note] = *cells else {
            panic!("line {line}: eight columns wanted, {} found", cells.len());
        };
        let (options, subject) = match options.split_once("subject=") {
            Some((options, subject)) => (options, subject.to_owned()),
            None => (options, subject_of(cn)),
        };
        let options: Vec<&str> = options.split(' ').filter(|option| !option.is_empty() && *option != "-").collect();
        let reference = unescape(reference);
        let kind = match () {
            () if options.contains(&"ref-type=SRV-ID") => "srv:",
            () if options.contains(&"ref-type=URI-ID") => "uri:",
            () => "",
        };
        let mut spec = Leaf::default().key(key.clone()).cn(&subject);
        if let Some(value) = san_value(san) {
            spec = spec.extra_extension(SUBJECT_ALT_NAME, options.contains(&"san-critical"), &value);
        }
        let leaf = Certificate::from_der(&spec.self_signed().der);
        Self {
            line,
            suite,
            asked: Asked::parse(Typed::new(&[kind.as_bytes(), &reference].concat())),
            leaf: leaf.unwrap_or_else(|error| panic!("line {line}: {error}")),
            reference,
            options,
            expected,
            note,
        }
    }

    /// The mode that keeps the row from being compared, if there is one. Whether wildcards count is
    /// all the same to a certificate without an asterisk.
    pub fn other_mode(&self) -> Option<&'static str> {
        let asterisk = self.leaf.subject_names().names().any(|name| name.bytes.contains(&b'*'));
        let words = || self.options.iter().copied().chain(self.note.split(' '));
        OTHER_MODES
            .into_iter()
            .filter(|mode| asterisk || *mode != "no-wildcards")
            .find(|mode| words().any(|word| word.starts_with(mode)))
    }

    /// Whether the suite wants the name accepted.
    pub fn accepted(&self) -> bool {
        match self.expected {
            "accept" => true,
            "reject" | "error" => false,
            other => panic!("line {}: no verdict: {other}", self.line),
        }
    }

    /// The entry that we say covers the name.
    pub fn matched(&self) -> Option<GeneralName<'_>> {
        match evaluate(&self.asked, self.leaf.subject_names()) {
            Verdict::Match(found) => self.leaf.subject_names().names().nth(found.entry),
            Verdict::Mismatch(_) => None,
        }
    }

    /// The entries of one kind.
    pub fn entries(&self, kind: NameKind) -> impl Iterator<Item = &[u8]> {
        self.leaf.subject_names().names().filter(move |name| name.kind == kind).map(|name| name.bytes)
    }

    /// The common names in UTF-8.
    pub fn common_names(&self) -> impl Iterator<Item = Vec<u8>> {
        self.leaf.subject_names().common_names().map(|cn| cn.text().into_owned())
    }
}

const SUBJECT_ALT_NAME: &str = "2.5.29.17";

/// A list of common names in the notation of our tables, where some beginnings have a meaning.
fn subject_of(cn: &str) -> String {
    let plain = |name: &str| match name.as_bytes() {
        [first, rest @ ..] if matches!(first, b'+' | b'[') || name.starts_with("OU=") => {
            format!("\\x{first:02x}{}", str::from_utf8(rest).unwrap())
        }
        _ => name.to_owned(),
    };
    cn.split('|').map(plain).collect::<Vec<_>>().join("|")
}

/// The value of the subjectAltName extension, where there is one.
fn san_value(cell: &str) -> Option<Vec<u8>> {
    match cell {
        "-" => None,
        "EMPTY" => Some(tlv(0x30, &[])),
        "OTHER:unreadable" => Some(b"no sequence".to_vec()),
        "OTHER:san-extension-value-without-sequence" => Some(Vec::new()),
        list => Some(seq(list.split(',').map(general_name))),
    }
}

fn general_name(entry: &str) -> Vec<u8> {
    let hex = |digits: &str| HEXLOWER.decode(digits.as_bytes()).expect(entry);
    let (kind, value) = entry.split_once(':').expect(entry);
    match (kind, value.split_once('=')) {
        ("EMAIL", _) => case::general_name(&format!("email:{value}")),
        ("IP", _) if value.starts_with('#') => context(7, &hex(&value[1..])),
        ("OTHER", Some(("upn", name))) => case::general_name(&format!("UPN:{name}")),
        ("OTHER", Some(("xmpp", name))) => case::general_name(&format!("XMPP:{name}")),
        ("OTHER", Some(("dirname", name))) => case::general_name(&format!("DIR:{name}")),
        ("OTHER", Some(("othername", "empty-body"))) => context_constructed(0, &[]),
        ("OTHER", Some(("othername", other))) => {
            let type_id = tlv(0x06, &hex(other.strip_prefix("oid-hex-").expect(entry)));
            context_constructed(0, &[type_id, context_constructed(0, &tlv(0x0c, b"x"))].concat())
        }
        ("OTHER", Some((tag, octets))) => {
            context(tag.strip_prefix("tag").and_then(|number| number.parse().ok()).expect(entry), &hex(octets))
        }
        _ => case::general_name(entry),
    }
}
