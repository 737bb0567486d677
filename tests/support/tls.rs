//! TLS values from the texts that tables are written in.

use certcheck::tls::{CipherSuite, Exchange, Group, KeyExchange, NamedGroup, ProtocolVersion};

/// `TLS 1.2`
pub fn version(text: &str) -> ProtocolVersion {
    let all = (0x0300..=0x0304).map(ProtocolVersion);
    all.into_iter().find(|version| version.to_string() == text).unwrap_or_else(|| panic!("no version: {text}"))
}

/// `TLS_RSA_WITH_AES_128_CBC_SHA`, or a number such as `0x5A5A`.
pub fn suite(text: &str) -> CipherSuite {
    match text.strip_prefix("0x") {
        Some(number) => CipherSuite(u16::from_str_radix(number, 16).unwrap()),
        None => {
            let mut all = CipherSuite::all();
            all.find(|suite| suite.to_string() == text).unwrap_or_else(|| panic!("no suite: {text}"))
        }
    }
}

/// `RSA`, `DHE 1024 bits`, `ECDHE secp256k1`; a group alone is one of ECDHE.
pub fn key_exchange(text: &str) -> KeyExchange {
    let all = [Exchange::Ecdhe, Exchange::Rsa, Exchange::Dhe, Exchange::Ecdh, Exchange::Dh];
    let named = |group| NamedGroup::by_name(group).map(Group::Named).unwrap_or_else(|| panic!("no group: {text}"));
    let (word, group) = text.split_once(' ').unwrap_or((text, ""));
    match all.into_iter().find(|kind| kind.to_string() == word) {
        None => KeyExchange { kind: Exchange::Ecdhe, group: Some(named(text)) },
        Some(kind) if group.is_empty() => KeyExchange { kind, group: None },
        Some(kind @ Exchange::Dhe) => {
            let bits = group.trim_end_matches(" bits").parse().unwrap();
            KeyExchange { kind, group: Some(Group::Prime { bits }) }
        }
        Some(kind) => KeyExchange { kind, group: Some(named(group)) },
    }
}
