//! The notation in which the tables write a certificate's names, turned into DER.
//!
//! A SAN cell is `-` (no extension), `EMPTY` (an empty list), or a comma-separated list:
//!
//! | entry | general name |
//! | --- | --- |
//! | `DNS:` `email:` `URI:` | the bytes as written |
//! | `IP:` | an address in text: 4 or 16 octets |
//! | `IPHEX:` | iPAddress octets in hex, any number of them |
//! | `SRV:` `XMPP:` `UPN:` | otherName: id-on-dnsSRV, id-on-xmppAddr, Microsoft's user principal name |
//! | `DIR:` | directoryName of that CN |
//! | `RID:` | registeredID |
//!
//! and the word `CRITICAL` among them marks the extension. Spaces around an entry do not count, but
//! one that begins with `DNS:` right after the comma is taken as it stands.
//!
//! A CN cell is `-` (the organization only), `EMPTYSUBJECT`, or common names after the organization,
//! split by `|`. In front of a value, in this order: `+` puts it into the RDN before, `OU=` makes it
//! an organizational unit, `[utf8]`, `[printable]`, `[ia5]`, `[t61]`, `[bmp]` or `[univ]` is its type.
//!
//! In both, `\xHH` is a byte (`\x2c` a comma inside a value) and `\\` a backslash.

use std::net::IpAddr;

use data_encoding::HEXLOWER_PERMISSIVE;

use super::der::{context, context_constructed, oid, oid_contents, seq, set_of, tlv};
use super::name::{self, ORGANIZATION, StringType};
use super::table::unescape;

/// The subjectAltName extension that a cell asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct San {
    /// Whether the extension is marked critical.
    pub critical: bool,
    /// The extension's value: GeneralNames, perhaps empty.
    pub names: Vec<u8>,
}

/// Reads a SAN cell; `None` is a certificate without the extension.
pub fn san(cell: &str) -> Option<San> {
    let entries = match cell {
        "-" => return None,
        "EMPTY" => vec![],
        list => entries(list),
    };
    let critical = entries.contains(&"CRITICAL");
    let names = entries.into_iter().filter(|entry| *entry != "CRITICAL");
    Some(San { critical, names: seq(names.map(general_name)) })
}

/// Reads a CN cell into a whole subject.
pub fn subject(cell: &str) -> Vec<u8> {
    if cell == "EMPTYSUBJECT" {
        return tlv(0x30, &[]);
    }
    let (organization, value) = ORGANIZATION;
    let mut rdns = vec![vec![name::attribute(organization, value.as_bytes(), StringType::Utf8)]];
    for entry in cell.split('|').filter(|_| cell != "-") {
        match entry.strip_prefix('+') {
            Some(joined) => rdns.last_mut().unwrap().push(attribute(joined)),
            None => rdns.push(vec![attribute(entry)]),
        }
    }
    seq(rdns.into_iter().map(set_of))
}

/// Reads a reference cell: the bytes of the name that a client is asked for.
pub fn reference(cell: &str) -> Vec<u8> {
    unescape(cell)
}

/// The value of a nameConstraints extension; both cells are SAN lists, or `-` for none.
/// A constraint on addresses is `IPHEX:` with the address and the mask.
pub fn name_constraints(permitted: &str, excluded: &str) -> Vec<u8> {
    let subtrees = |number, cell| match cell {
        "-" => vec![],
        list => {
            let subtrees = entries(list).into_iter().map(|entry| seq([general_name(entry)]));
            context_constructed(number, &subtrees.collect::<Vec<_>>().concat())
        }
    };
    seq([subtrees(0, permitted), subtrees(1, excluded)])
}

fn entries(list: &str) -> Vec<&str> {
    list.split(',').map(|entry| if entry.starts_with("DNS:") { entry } else { entry.trim_matches(' ') }).collect()
}

/// One `TYPE:value` as a GeneralName.
pub fn general_name(entry: &str) -> Vec<u8> {
    let (kind, text) = entry.split_once(':').unwrap_or((entry, ""));
    let raw = unescape(text);
    match kind {
        "email" => context(1, &raw),
        "DNS" => context(2, &raw),
        "URI" => context(6, &raw),
        "IP" => context(7, &octets_of(text)),
        "IPHEX" => context(7, &HEXLOWER_PERMISSIVE.decode(text.as_bytes()).expect(entry)),
        "RID" => context(8, &oid_contents(text)),
        "DIR" => {
            let cn = name::attribute("CN", &raw, StringType::Utf8);
            context_constructed(4, &seq([set_of([cn])]))
        }
        "SRV" => other_name("1.3.6.1.5.5.7.8.7", &raw, StringType::Ia5),
        "XMPP" => other_name("1.3.6.1.5.5.7.8.5", &raw, StringType::Utf8),
        "UPN" => other_name("1.3.6.1.4.1.311.20.2.3", &raw, StringType::Utf8),
        _ => panic!("not an entry of a SAN cell: {entry:?}"),
    }
}

fn octets_of(address: &str) -> Vec<u8> {
    match address.parse().unwrap_or_else(|_| panic!("not an address: {address:?}")) {
        IpAddr::V4(v4) => v4.octets().to_vec(),
        IpAddr::V6(v6) => v6.octets().to_vec(),
    }
}

fn other_name(type_id: &str, raw: &[u8], string: StringType) -> Vec<u8> {
    let value = context_constructed(0, &string.encode(raw));
    context_constructed(0, &[oid(type_id), value].concat())
}

fn attribute(entry: &str) -> Vec<u8> {
    let (attribute, entry) = match entry.strip_prefix("OU=") {
        Some(unit) => ("OU", unit),
        None => ("CN", entry),
    };
    let (string, value) = string_type(entry).unwrap_or((StringType::Utf8, entry));
    name::attribute(attribute, &unescape(value), string)
}

/// The string type in brackets and what follows it; `[` may also begin an ordinary value.
fn string_type(entry: &str) -> Option<(StringType, &str)> {
    let (word, value) = entry.strip_prefix('[')?.split_once(']')?;
    let string = match word {
        "utf8" => StringType::Utf8,
        "printable" => StringType::Printable,
        "ia5" => StringType::Ia5,
        "t61" => StringType::T61,
        "bmp" => StringType::Bmp,
        "univ" => StringType::Universal,
        _ => return None,
    };
    Some((string, value))
}
