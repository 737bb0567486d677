//! Which fixes are wanted, and what they are made from. Pure; imports `data`, `evidence`, `report`.

use std::net::IpAddr;

use super::names::Name;
use super::{client_fix, fix};
use crate::certificate::SubjectNames;
use crate::data::fixes::Tool;
use crate::evidence::Visited;
use crate::identity::{Asked, ReferenceId};
use crate::report::model::{FixItem, RootsWord, SideWord, TrustWord, ValidityWord};
use crate::starttls::Protocol;

/// The port that is meant where no server was asked.
const HTTPS: u16 = 443;

/// Which fixes are wanted.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Wanted {
    /// For whoever runs the server.
    pub server: Vec<Tool>,
    /// For whoever has only the client.
    pub client: Vec<Tool>,
    /// The file of CAs that clients are to be given.
    pub ca_file: CaFile,
}

/// The file of CAs that was asked with.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum CaFile {
    /// None.
    #[default]
    None,
    /// At this path: plain text of one line.
    At(String),
    /// At a path that cannot stand in a command.
    Unprintable,
}

impl Wanted {
    /// Whether there is nothing to do.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.server.is_empty() && self.client.is_empty()
    }

    /// The fixes that are wanted for a mismatch.
    #[must_use]
    pub fn items(&self, seen: &Seen<'_>) -> Vec<FixItem> {
        let server = self.server.iter().map(|tool| (SideWord::Server, tool, fix::text(*tool, seen)));
        let client = self.client.iter().map(|tool| (SideWord::Client, tool, client_fix::text(*tool, seen)));
        let item = |(side, tool, text): (SideWord, &Tool, Result<String, _>)| {
            // A template that cannot hold what it is given says nothing rather than half of it.
            let text = text.unwrap_or_else(|_| format!("# {} cannot be told these names safely\n", tool.name));
            FixItem { side, tool: tool.name.to_owned(), text }
        };
        server.chain(client).map(item).collect()
    }
}

impl CaFile {
    /// The path, where a command can name it.
    #[must_use]
    pub fn path(&self) -> Option<&str> {
        match self {
            Self::At(path) => Some(path),
            Self::None | Self::Unprintable => None,
        }
    }
}

/// What a fix is made from.
#[derive(Clone, Copy, Debug)]
pub struct Seen<'a> {
    /// The name that the certificate does not cover.
    pub asked: &'a Asked,
    /// The certificate.
    pub leaf: &'a SubjectNames,
    /// How the server was reached; none offline.
    pub visit: Option<&'a Visited>,
    /// The file of CAs that was asked with.
    pub ca_file: &'a CaFile,
    /// Whether the chain is trusted.
    pub trust: TrustWord,
    /// Which roots were asked.
    pub roots: RootsWord,
    /// Whether it is in time.
    pub validity: ValidityWord,
}

impl Seen<'_> {
    /// The server's port.
    #[must_use]
    pub fn port(&self) -> u16 {
        self.visit.map_or(HTTPS, |visit| visit.port)
    }

    /// The server's address, where it is known.
    #[must_use]
    pub fn address(&self) -> Option<IpAddr> {
        self.visit.and_then(|visit| visit.address).map(|address| address.ip())
    }

    /// The protocol that turned to TLS by a command.
    #[must_use]
    pub fn starttls(&self) -> Option<Protocol> {
        self.visit.and_then(|visit| visit.starttls)
    }

    /// The host of a name: its own text, or the domain of a service.
    #[must_use]
    pub fn site(&self, name: &Name) -> Name {
        match self.asked.reference().and_then(ReferenceId::sni) {
            Some(host) => Name::Dns(host.to_string()),
            None => name.clone(),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::certificate::NameKind;
    use crate::data::fixes::{CLIENT, SERVER};
    use crate::escape::Shown;
    use crate::identity::Typed;
    use crate::starttls::PROTOCOLS;
    use crate::target::Host;

    fn visit(starttls: Option<Protocol>, proxy: Option<&str>) -> Visited {
        Visited {
            host: Host::Ip([192, 0, 2, 7].into(), None),
            address: proxy.is_none().then(|| "192.0.2.7:5432".parse().unwrap()),
            port: 5432,
            sni: None,
            exchanger_of: None,
            starttls,
            proxy: proxy.map(|text| Shown::new(text.as_bytes())),
            attempts: Vec::new(),
            handshake: None,
            elapsed: Duration::ZERO,
        }
    }

    fn texts(asked: &str, visit: &Visited) -> Vec<(&'static str, String)> {
        let leaf = SubjectNames::of(&[(NameKind::Dns, b"good.test".to_vec())]);
        let asked = Asked::parse(Typed::new(asked.as_bytes()));
        let seen = Seen {
            asked: &asked,
            leaf: &leaf,
            visit: Some(visit),
            ca_file: &CaFile::None,
            trust: TrustWord::Trusted,
            roots: RootsWord::Mozilla,
            validity: ValidityWord::InTime,
        };
        let server = SERVER.iter().map(|tool| (tool.name, fix::text(*tool, &seen).unwrap()));
        let server = server.collect::<Vec<_>>();
        let client = CLIENT.iter().map(|tool| (tool.name, client_fix::text(*tool, &seen).unwrap()));
        server.into_iter().chain(client).collect()
    }

    /// No name, no protocol and no way leaves a template without a value.
    #[test]
    fn every_template_can_be_filled() {
        let protocols = PROTOCOLS.iter().map(|(protocol, ..)| Some(*protocol));
        for starttls in protocols.chain([None]) {
            for asked in ["a.test", "*", "localhost", "192.0.2.1", "::1", "srv:_x.a.test", "uri:sip:a.test", "a b"] {
                for proxy in [None, Some("http://proxy.test")] {
                    for (tool, text) in texts(asked, &visit(starttls, proxy)) {
                        assert!(text.ends_with('\n') && !text.contains("<<"), "{tool} {asked} {starttls:?}: {text}");
                    }
                }
            }
        }
    }

    #[test]
    fn a_protocol_that_a_tool_does_not_speak_is_said() {
        let smtp = texts("a.test", &visit(Some(Protocol::Submission), None));
        let of = |name: &str, at: usize| &smtp.iter().filter(|(tool, _)| *tool == name).nth(at).unwrap().1;
        for tool in ["nginx", "apache", "caddy"] {
            assert!(of(tool, 0).starts_with("# what answers here speaks SMTP submission: "), "{}", of(tool, 0));
        }
        for tool in ["curl", "python", "requests", "psql"] {
            assert!(of(tool, 0).starts_with("# the server turns to TLS by a command of SMTP "), "{}", of(tool, 0));
        }
        assert!(of("openssl", 1).contains("-starttls smtp \\\n"), "{}", of("openssl", 1));
        let xmpp = texts("a.test", &visit(Some(Protocol::Xmpp), None)).pop().unwrap().1;
        assert!(xmpp.contains("-starttls xmpp \\\n    -name 'good.test' \\\n"), "{xmpp}");
    }

    #[test]
    fn behind_a_proxy_the_name_is_the_server_and_that_is_said() {
        let texts = texts("a.test", &visit(None, Some("http://proxy.test")));
        let curl = &texts.iter().find(|(tool, _)| *tool == "curl").unwrap().1;
        assert!(curl.contains("The check went through a proxy, which alone knows"), "{curl}");
        assert!(curl.contains("--connect-to 'good.test:5432:a.test:5432'"), "{curl}");
    }
}
