//! What current clients offer in a TLS handshake. The table's own first lines say how that is known.

use std::sync::LazyLock;

use super::{CipherSuite, NamedGroup};
use crate::certificate::{Curve, PublicKey};

/// A client.
#[derive(Clone, Debug)]
pub struct Client {
    /// Its id, as `--clients` has it, or that of the library it uses.
    pub id: &'static str,
    /// The version measured.
    pub version: &'static str,
    /// The fewest bits of a DHE prime; none where it offers no such suite.
    pub dhe: Option<u32>,
    /// The groups that it offers for key exchange.
    pub groups: Vec<NamedGroup>,
    /// The kinds of certificate keys whose signatures it offers to verify.
    pub keys: Vec<KeyKind>,
    /// The cipher suites that it offers.
    pub suites: Vec<CipherSuite>,
}

/// A kind of certificate key, of any size.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum KeyKind {
    /// RSA.
    Rsa,
    /// Another one, which has no size.
    Other(PublicKey),
}

impl KeyKind {
    /// The kind of a key.
    #[must_use]
    pub fn of(key: &PublicKey) -> Self {
        match key {
            PublicKey::Rsa { .. } => Self::Rsa,
            other => Self::Other(other.clone()),
        }
    }

    fn by_name(name: &str) -> Option<Self> {
        Some(match name {
            "RSA" => Self::Rsa,
            "RSA-PSS" => Self::Other(PublicKey::RsaPss),
            "EC P-256" => Self::Other(PublicKey::Ec(Curve::P256)),
            "EC P-384" => Self::Other(PublicKey::Ec(Curve::P384)),
            "EC P-521" => Self::Other(PublicKey::Ec(Curve::P521)),
            "Ed25519" => Self::Other(PublicKey::Ed25519),
            "Ed448" => Self::Other(PublicKey::Ed448),
            "DSA" => Self::Other(PublicKey::Dsa),
            _ => return None,
        })
    }
}

static TABLE: LazyLock<Vec<Client>> = LazyLock::new(|| {
    include_str!("support.tsv").lines().filter(|line| !line.starts_with('#')).filter_map(row).collect()
});

/// All of them; none takes less than TLS 1.2.
#[must_use]
pub fn clients() -> &'static [Client] {
    &TABLE
}

fn row(line: &'static str) -> Option<Client> {
    let cells: Vec<&'static str> = line.split('\t').collect();
    let [id, version, dhe, groups, keys, suites] = cells[..] else { return None };
    let suite = |code| {
        let suite = CipherSuite(u16::from_str_radix(code, 16).ok()?);
        suite.name().map(|_| suite)
    };
    Some(Client {
        id,
        version,
        dhe: dhe.parse().ok(),
        groups: groups.split(',').map(NamedGroup::by_name).collect::<Option<_>>()?,
        keys: keys.split(',').map(KeyKind::by_name).collect::<Option<_>>()?,
        suites: suites.split(' ').map(suite).collect::<Option<Vec<_>>>()?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tls::Exchange;

    #[test]
    fn every_row_is_read() {
        let rows = include_str!("support.tsv").lines().filter(|line| !line.starts_with('#'));
        assert_eq!(rows.count(), clients().len());
        assert!(clients().len() >= 8);
        for client in clients() {
            let has_dhe = client.suites.iter().any(|suite| suite.exchange() == Exchange::Dhe);
            assert_eq!(has_dhe, client.dhe.is_some(), "{}", client.id);
            assert!(client.groups.contains(&NamedGroup::X25519), "{}", client.id);
            assert!(client.keys.contains(&KeyKind::of(&PublicKey::Ec(Curve::P256))), "{}", client.id);
            assert!(client.suites.contains(&CipherSuite(0x1301)), "{}", client.id);
        }
    }
}
