//! Which kind of service a server is, where that says something about the names it goes by.

use crate::starttls::Protocol;

/// A kind of service.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Service {
    /// Mail: servers bear the provider's or the exchanger's name, and serve many domains.
    Mail,
    /// A database: clusters bear names of their own, and are reached through tunnels and gateways.
    Database,
}

/// The registered ports of mail (IANA): with TLS from the first byte on, and without.
const MAIL: [u16; 10] = [24, 25, 110, 143, 465, 587, 993, 995, 2525, 4190];
/// The registered ports of databases: SQL Server, Oracle, MySQL, PostgreSQL, Redis, Cassandra, MongoDB.
const DATABASES: [u16; 8] = [1433, 2484, 3306, 5432, 6379, 6380, 9142, 27017];

impl Service {
    /// The kind, by the protocol that turned to TLS, or by the port where TLS began at once.
    #[must_use]
    pub fn of(starttls: Option<Protocol>, port: u16) -> Option<Self> {
        match starttls {
            Some(
                Protocol::Smtp
                | Protocol::Submission
                | Protocol::Lmtp
                | Protocol::Imap
                | Protocol::Pop3
                | Protocol::Sieve,
            ) => Some(Self::Mail),
            Some(Protocol::Mysql | Protocol::Postgres | Protocol::Mssql) => Some(Self::Database),
            None if MAIL.contains(&port) => Some(Self::Mail),
            None if DATABASES.contains(&port) => Some(Self::Database),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_protocol_decides_before_the_port() {
        for (starttls, port, service) in [
            (Some(Protocol::Smtp), 5432, Some(Service::Mail)),
            (Some(Protocol::Postgres), 25, Some(Service::Database)),
            (Some(Protocol::Ldap), 25, None),
            (None, 993, Some(Service::Mail)),
            (None, 27017, Some(Service::Database)),
            (None, 443, None),
        ] {
            assert_eq!(Service::of(starttls, port), service, "{starttls:?} {port}");
        }
    }
}
