//! Which fixes are wanted, and what they are made from. Pure; imports `data`, `evidence`, `report`.

use std::net::IpAddr;

use super::names::Name;
use super::{client_fix, fix};
use crate::certificate::LeafCertificate;
use crate::data::fixes::Tool;
use crate::evidence::{Observation, Visited};
use crate::identity::{Asked, ReferenceId};
use crate::report::Report;
use crate::report::model::{FixItem, RootsWord, SideWord, TrustWord, ValidityWord, VerdictWord};
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

    /// Adds the fixes that are wanted to the report of a mismatch; nothing to another.
    pub fn add_to(&self, report: &mut Report, asked: &Asked, observation: &Observation) {
        let (VerdictWord::Mismatch, Ok(served)) = (report.verdict, &observation.outcome) else { return };
        if self.is_empty() {
            return;
        }
        let Ok(leaf) = LeafCertificate::from_der(&served.leaf) else { return };
        let seen = Seen {
            asked,
            leaf: &leaf,
            visit: observation.visit.as_ref(),
            ca_file: &self.ca_file,
            trust: report.trust.verdict,
            roots: report.trust.roots,
            validity: report.validity.verdict,
        };
        let server = self.server.iter().map(|tool| (SideWord::Server, tool, fix::text(*tool, &seen)));
        let client = self.client.iter().map(|tool| (SideWord::Client, tool, client_fix::text(*tool, &seen)));
        for (side, tool, text) in server.chain(client) {
            // A template that cannot hold what it is given says nothing rather than half of it.
            let text = text.unwrap_or_else(|_| format!("# {} cannot be told these names safely\n", tool.name));
            report.fixes.push(FixItem { side, tool: tool.name.to_owned(), text });
        }
    }
}

/// What a fix is made from.
#[derive(Clone, Copy, Debug)]
pub struct Seen<'a> {
    /// The name that the certificate does not cover.
    pub asked: &'a Asked,
    /// The certificate.
    pub leaf: &'a LeafCertificate,
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
