//! What current clients offer in a TLS handshake. The table's own first lines say how that is known.

use std::sync::LazyLock;

use super::suites::name_of;

/// A client.
#[derive(Clone, Debug)]
pub struct Client {
    /// Its id, as `--clients` has it, or that of the library it uses.
    pub id: &'static str,
    /// The version measured.
    pub version: &'static str,
    /// The fewest bits of a DHE prime; none where it offers no such suite.
    pub dhe: Option<u32>,
    /// Its groups for key exchange, as rustls writes them.
    pub groups: Vec<&'static str>,
    /// The kinds of certificate keys that it takes: `RSA`, `EC P-256`.
    pub keys: Vec<&'static str>,
    /// The names of its suites.
    pub suites: Vec<&'static str>,
}

static TABLE: LazyLock<Vec<Client>> = LazyLock::new(|| {
    include_str!("tls_support.tsv").lines().filter(|line| !line.starts_with('#')).filter_map(row).collect()
});

/// All of them; none takes less than TLS 1.2.
#[must_use]
pub fn clients() -> &'static [Client] {
    &TABLE
}

fn row(line: &'static str) -> Option<Client> {
    let cells: Vec<&'static str> = line.split('\t').collect();
    let [id, version, dhe, groups, keys, suites] = cells[..] else { return None };
    let suite = |code| u16::from_str_radix(code, 16).ok().and_then(name_of);
    Some(Client {
        id,
        version,
        dhe: dhe.parse().ok(),
        groups: groups.split(',').collect(),
        keys: keys.split(',').collect(),
        suites: suites.split(' ').map(suite).collect::<Option<Vec<_>>>()?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data::suites::Exchange;

    #[test]
    fn every_row_is_read() {
        let rows = include_str!("tls_support.tsv").lines().filter(|line| !line.starts_with('#'));
        assert_eq!(rows.count(), clients().len());
        assert!(clients().len() >= 8);
        for client in clients() {
            let has_dhe = client.suites.iter().any(|suite| Exchange::of(suite) == Exchange::Dhe);
            assert_eq!(has_dhe, client.dhe.is_some(), "{}", client.id);
            assert!(client.groups.contains(&"X25519") && client.keys.contains(&"EC P-256"), "{}", client.id);
            assert!(client.suites.contains(&"TLS_AES_128_GCM_SHA256"), "{}", client.id);
        }
    }
}
