//! A target -> visits: which names are asked of whom, under which SNI, and where.

use std::ffi::OsStr;

use super::{DEFAULT_PORT, UsageError, wrong};
use crate::cli::Args;
use crate::data::schemes::Servers;
use crate::escape::Shown;
use crate::evidence::Family;
use crate::identity::{Asked, DnsName, ReferenceId, Typed};
use crate::starttls::Protocol;
use crate::target::{self, Begins, Endpoint, Host, Target};

/// How a target becomes visits.
#[derive(Clone, Debug)]
pub struct Asking {
    /// The names asked instead of the target's own; empty: its own.
    pub names: Vec<Asked>,
    /// Which SNI is sent.
    pub sni: SniPlan,
    /// Where to connect instead.
    pub connect: Option<Connect>,
    /// The family of addresses.
    pub family: Option<Family>,
    /// The protocol that is spoken first.
    pub starttls: Option<Protocol>,
    /// Which addresses are checked.
    pub addresses: Addresses,
}

/// `--connect`: a host, and a port where one was given.
#[derive(Clone, Debug)]
pub struct Connect {
    endpoint: Endpoint,
    port: PortGiven,
}

#[derive(Clone, Copy, Debug)]
enum PortGiven {
    Yes,
    No,
}

/// Which SNI is sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SniPlan {
    /// The name asked for.
    Follow,
    /// This one.
    Fixed(DnsName),
    /// None.
    Off,
}

/// Which addresses of a host are checked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Addresses {
    /// The one that answers first.
    First,
    /// Each.
    All,
}

/// One handshake, and the names that are asked of its certificate.
#[derive(Clone, Debug)]
pub struct Visit {
    /// The target as given, logins removed.
    pub shown: Shown,
    /// Where to connect.
    pub endpoint: Endpoint,
    /// The family of addresses.
    pub family: Option<Family>,
    /// The protocol that is spoken first.
    pub starttls: Option<Protocol>,
    /// The name sent as SNI.
    pub sni: Option<DnsName>,
    /// At least one.
    pub names: Vec<Asked>,
    /// Whether the host is the server.
    pub located: Located,
    /// Which addresses are checked.
    pub addresses: Addresses,
    /// Which server it is, where a target stands for several: its mail exchanger, its address.
    pub server: Option<Shown>,
}

/// Where the servers of a visit are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Located {
    /// At the host.
    Here,
    /// At the host, which is a mail exchanger.
    Exchanger {
        /// Of this domain.
        of: DnsName,
    },
    /// At its mail exchangers.
    ByMx {
        /// The name that is asked for.
        name: Follows,
        /// The name that is sent as SNI.
        sni: Follows,
    },
}

/// Whose name it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Follows {
    /// The exchanger's.
    Host,
    /// What was asked for.
    Command,
}

impl Asking {
    /// What the arguments say of it.
    pub(super) fn new(args: &Args) -> Result<Self, UsageError> {
        let names: Vec<Asked> = args.names.iter().map(|text| Asked::parse(Typed::from_os(text))).collect();
        if args.cert.is_none() {
            names.iter().try_for_each(|asked| valid("--name", asked))?;
        }
        let sni = match &args.sni {
            Some(text) => match Asked::parse(Typed::from_os(text)) {
                Asked::Reference { ids, .. } => match ids.first {
                    ReferenceId::Dns(name) => SniPlan::Fixed(name),
                    _ => return Err(wrong("--sni", text, "only a DNS name can be sent as SNI (RFC 6066, 3)")),
                },
                Asked::NotAName { why, .. } => return Err(wrong("--sni", text, why)),
            },
            None if args.no_sni => SniPlan::Off,
            None => SniPlan::Follow,
        };
        Ok(Self {
            names,
            sni,
            connect: args.connect.as_deref().map(connect).transpose()?,
            starttls: args.starttls.as_deref().and_then(Protocol::by_name),
            addresses: if args.all_addresses { Addresses::All } else { Addresses::First },
            family: match (args.ipv4, args.ipv6) {
                (true, _) => Some(Family::V4),
                (_, true) => Some(Family::V6),
                _ => None,
            },
        })
    }

    /// A target; where it has no port, that of the protocol.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn target(&self, text: &[u8]) -> Result<Target, String> {
        target::parse(text, self.starttls.map_or(DEFAULT_PORT, Protocol::port))
    }

    /// The visits of one target: one for each distinct SNI, shared by the names it serves, in the
    /// order in which the names first need it.
    ///
    /// # Errors
    /// Why the target's own name is none, where that is the one to be asked.
    pub fn visits(&self, target: &Target) -> Result<Vec<Visit>, String> {
        let own = std::slice::from_ref(&target.name);
        let names = if self.names.is_empty() { own } else { &self.names };
        let starttls = self.starttls(target)?;
        let located = self.located(target)?;
        let service = target.service.or_else(|| starttls.and_then(Protocol::service));
        let mut visits: Vec<Visit> = Vec::new();
        for asked in names {
            let reference = match asked {
                Asked::Reference { ids, .. } => &ids.first,
                Asked::NotAName { typed, why } => return Err(format!("`{}`: {why}", typed.quoted())),
            };
            let sni = match &self.sni {
                SniPlan::Follow => reference.sni().cloned(),
                SniPlan::Fixed(name) => Some(name.clone()),
                SniPlan::Off => None,
            };
            let asked = service.map_or_else(|| asked.clone(), |service| asked.clone().with_service(service));
            match visits.iter_mut().find(|v| v.sni == sni) {
                Some(visit) => visit.names.push(asked),
                None => visits.push(Visit {
                    shown: target.shown.clone(),
                    endpoint: self.endpoint(target),
                    family: self.family,
                    starttls,
                    sni,
                    names: vec![asked],
                    located: located.clone(),
                    addresses: self.addresses,
                    server: None,
                }),
            }
        }
        Ok(visits)
    }

    fn located(&self, target: &Target) -> Result<Located, String> {
        match (target.servers, &target.endpoint.host, &self.connect) {
            (Servers::Host, ..) => Ok(Located::Here),
            (Servers::Exchangers, Host::Ip(..), _) => {
                Err("mail exchangers belong to a domain, not an address".to_owned())
            }
            (Servers::Exchangers, _, Some(_)) => Err("its servers are looked up; leave out --connect".to_owned()),
            (Servers::Exchangers, Host::Name { .. }, None) => Ok(Located::ByMx {
                name: if self.names.is_empty() { Follows::Host } else { Follows::Command },
                sni: if self.names.is_empty() && self.sni == SniPlan::Follow {
                    Follows::Host
                } else {
                    Follows::Command
                },
            }),
        }
    }

    fn starttls(&self, target: &Target) -> Result<Option<Protocol>, String> {
        match (self.starttls, target.begins) {
            (flag, Begins::Unsaid) => Ok(flag),
            (None, Begins::AtOnce) => Ok(None),
            (None, Begins::After(protocol)) => Ok(Some(protocol)),
            (Some(flag), Begins::After(protocol)) if flag == protocol => Ok(Some(flag)),
            (Some(_), _) => Err("its scheme says how TLS begins, and --starttls says something else".to_owned()),
        }
    }

    fn endpoint(&self, target: &Target) -> Endpoint {
        match &self.connect {
            Some(Connect { endpoint, port: PortGiven::Yes }) => endpoint.clone(),
            Some(Connect { endpoint, port: PortGiven::No }) => {
                Endpoint { host: endpoint.host.clone(), port: target.endpoint.port }
            }
            None => target.endpoint.clone(),
        }
    }
}

fn connect(text: &OsStr) -> Result<Connect, UsageError> {
    let utf8 = text.to_str().ok_or_else(|| wrong("--connect", text, "it is not UTF-8"))?;
    let (endpoint, host) = target::parse_endpoint(utf8, DEFAULT_PORT).map_err(|why| wrong("--connect", text, why))?;
    let port = if host.len() == utf8.len() { PortGiven::No } else { PortGiven::Yes };
    Ok(Connect { endpoint, port })
}

/// A name that is no valid reference identifier is a usage error where a server is asked.
fn valid(what: &str, asked: &Asked) -> Result<(), UsageError> {
    match asked {
        Asked::Reference { .. } => Ok(()),
        Asked::NotAName { typed, why } => Err(UsageError(format!("{what} `{}`: {why}", typed.quoted()))),
    }
}

#[cfg(test)]
mod tests {
    use crate::plan::Source;
    use crate::plan::tests::plan;

    fn visits(args: &[&str]) -> Vec<(Option<String>, usize)> {
        let Source::Network { visits, .. } = plan(args).unwrap().source else { panic!("offline") };
        visits.into_iter().map(|v| (v.sni.map(|n| n.to_string()), v.names.len())).collect()
    }

    #[test]
    fn one_handshake_for_each_distinct_sni() {
        let sni = |text: &str| Some(text.to_owned());
        assert_eq!(visits(&["h.example"]), [(sni("h.example"), 1)]);
        assert_eq!(visits(&["192.0.2.1"]), [(None, 1)]);
        assert_eq!(
            visits(&[
                "h.example",
                "--name",
                "a.example",
                "--name",
                "A.EXAMPLE.",
                "--name",
                "ip:192.0.2.1",
                "--name",
                "srv:_x.a.example"
            ]),
            [(sni("a.example"), 3), (None, 1)]
        );
        assert_eq!(
            visits(&["h.example", "--name", "a.example", "--name", "b.example", "--sni", "c.example"]),
            [(sni("c.example"), 2)]
        );
        assert_eq!(visits(&["h.example", "--no-sni", "--name", "a.example", "--name", "b.example"]), [(None, 2)]);
    }

    #[test]
    fn connect_keeps_the_port_unless_it_has_one() {
        for (connect, expected) in [("192.0.2.1", 8443), ("192.0.2.1:1", 1), ("[::1]", 8443), ("[::1]:2", 2)] {
            let plan = plan(&["h.example:8443", "--connect", connect]).unwrap();
            let Source::Network { visits, .. } = plan.source else { panic!("offline") };
            assert_eq!(visits[0].endpoint.port, expected, "{connect}");
        }
    }
}
