//! The commands that ask the same server again, made of identifiers that were parsed.

use std::net::SocketAddr;

use super::command::{Command, Program};
use crate::evidence::{Peer, Visited};
use crate::identity::{DnsName, ReferenceId};
use crate::target::{Endpoint, Host};

/// What a command that asks again is made of.
#[derive(Clone, Copy, Debug, Default)]
pub struct Again<'a> {
    /// The name asked for, as `--name` takes a parsed identifier.
    pub name: Option<&'a str>,
    /// The host that was to be connected to. It stands for the server where a proxy alone knows
    /// the address.
    pub host: Option<&'a Host>,
}

impl<'a> Again<'a> {
    /// Under this name, where the server's address is known.
    #[must_use]
    pub fn named(name: Option<&'a str>) -> Self {
        Self { name, host: None }
    }

    /// `certcheck` and the target, which is this server; none where it has no place that is known.
    #[must_use]
    pub fn at(self, peer: Peer) -> Option<Command> {
        self.at_port(peer, peer.port())
    }

    /// The same at another of its ports.
    #[must_use]
    pub fn at_port(self, peer: Peer, port: u16) -> Option<Command> {
        let place = match (peer, self.host) {
            (Peer::Address(address), _) => SocketAddr::new(address.ip(), port).to_string(),
            (Peer::Behind { .. }, Some(host)) => Endpoint { host: host.clone(), port }.to_string(),
            (Peer::Behind { .. }, None) => return None,
        };
        Some(command(self.name, &place))
    }
}

/// The same server once more, under this SNI.
#[must_use]
pub fn again(id: &ReferenceId, visited: &Visited, sni: Option<&DnsName>) -> Command {
    let mut command = command(Some(&id.as_name()), &place(visited));
    if let Some(protocol) = visited.starttls {
        command = command.word("--starttls").word(protocol.name());
    }
    match sni {
        sni if sni == id.sni() => command,
        Some(other) => command.word("--sni").value(other.as_str()),
        None => command.word("--no-sni"),
    }
}

/// Where a server is: its address and port, or its host's, where a proxy alone knows the address.
#[must_use]
pub fn place(visited: &Visited) -> String {
    match visited.address {
        Some(address) => address.to_string(),
        None => Endpoint { host: visited.host.clone(), port: visited.port }.to_string(),
    }
}

fn command(name: Option<&str>, place: &str) -> Command {
    let is_of = |name: &str| place.rsplit_once(':').is_some_and(|(host, _)| host == name);
    let target = match name {
        Some(name) if !is_of(name) => format!("{name}@{place}"),
        _ => place.to_owned(),
    };
    Command::new(Program::Certcheck).value(target)
}
