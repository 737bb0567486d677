//! URL schemes: their ports, and how TLS begins there.

use crate::starttls::Protocol;

/// What a scheme says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Scheme {
    /// The port where its servers listen.
    pub port: u16,
    /// The protocol that turns to TLS; none where TLS begins with the first byte.
    pub starttls: Option<Protocol>,
    /// The service label of the SRV-ID that counts beside the name (RFC 4985), with its underscore.
    pub service: Option<&'static str>,
    /// Which servers are meant.
    pub servers: Servers,
}

/// Which servers a host stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Servers {
    /// Itself.
    Host,
    /// Its mail exchangers.
    Exchangers,
}

/// What a scheme says, in any case.
#[must_use]
pub fn find(scheme: &str) -> Option<Scheme> {
    rows().find(|row| row[0].eq_ignore_ascii_case(scheme)).and_then(|[_, cells @ ..]| read(cells))
}

fn rows() -> impl Iterator<Item = [&'static str; 4]> {
    let lines = include_str!("schemes.tsv").lines().filter(|line| !line.starts_with('#')).skip(1);
    lines.filter_map(|line| {
        let mut cells = line.split('\t');
        Some([cells.next()?, cells.next()?, cells.next()?, cells.next()?])
    })
}

fn read([port, begins, service]: [&'static str; 3]) -> Option<Scheme> {
    let starttls = if begins == "tls" { None } else { Some(Protocol::by_name(begins)?) };
    Some(Scheme {
        port: port.parse().ok()?,
        starttls,
        service: Some(service).filter(|s| s.starts_with('_')),
        servers: if service == "mx" { Servers::Exchangers } else { Servers::Host },
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::starttls::PROTOCOLS;

    #[test]
    fn schemes_have_ports() {
        let found = |name| find(name).map(|s| (s.port, s.starttls, s.service));
        assert_eq!(found("https"), Some((443, None, None)));
        assert_eq!(found("IMAPS"), Some((993, None, None)));
        assert_eq!(found("postgresql"), Some((5432, Some(Protocol::Postgres), None)));
        assert_eq!(found("xmpps"), Some((5223, None, Some("_xmpp-client"))));
        assert_eq!(found("http"), None);
        assert_eq!(found("scheme"), None);
        assert_eq!(rows().count(), 38);
        for [scheme, cells @ ..] in rows() {
            assert!(read(cells).is_some(), "{scheme}");
        }
    }

    #[test]
    fn each_protocol_has_a_scheme_of_its_name_and_port() {
        for (protocol, name, port, _) in PROTOCOLS {
            let scheme = find(name).unwrap();
            assert_eq!((scheme.port, scheme.starttls), (*port, Some(*protocol)), "{name}");
            assert_eq!(scheme.service, protocol.service(), "{name}");
        }
    }
}
