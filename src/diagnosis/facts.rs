//! What the rules about a mismatch look at: the name asked for, and the certificate's names,
//! parsed once.

use std::borrow::Cow;
use std::net::IpAddr;

use crate::certificate::names::OtherName;
use crate::certificate::{Attribute, GeneralName, NameKind, SubjectNames};
use crate::clients::Answers;
use crate::diagnosis::probed::Probed;
use crate::evidence::Visited;
use crate::identity::presented::{Described, describe, dns_pattern};
use crate::identity::{Asked, DnsName, DnsPattern, IdKind, PresentedId, ReferenceId};

/// One entry of the certificate's list of names.
#[derive(Clone, Debug)]
pub struct Entry<'a> {
    /// Its position, from 0.
    pub index: usize,
    /// Its kind and bytes.
    pub name: GeneralName<'a>,
    /// What it parses to.
    pub id: PresentedId<'a>,
}

impl Entry<'_> {
    /// How it is shown.
    #[must_use]
    pub fn described(&self) -> Described {
        describe(&self.name)
    }

    /// Its text: of an otherName, the string within.
    #[must_use]
    pub fn text(&self) -> &[u8] {
        match (self.name.kind, self.name.other_name()) {
            (NameKind::Other, OtherName::Srv(text)) => text,
            _ => self.name.bytes,
        }
    }

    /// The kind of identifier that it is, or would be; none for an address.
    #[must_use]
    pub fn kind(&self) -> Option<IdKind> {
        match self.id {
            PresentedId::Dns(_) => Some(IdKind::Dns),
            PresentedId::Srv { .. } => Some(IdKind::Srv),
            PresentedId::Uri { .. } => Some(IdKind::Uri),
            PresentedId::Malformed { kind, .. } => Some(kind),
            _ => None,
        }
    }

    /// The name, where it is a DNS-ID.
    #[must_use]
    pub fn pattern(&self) -> Option<DnsPattern<'_>> {
        match self.id {
            PresentedId::Dns(pattern) => Some(pattern),
            _ => None,
        }
    }

    /// The name, where it is a DNS-ID without a wildcard.
    #[must_use]
    pub fn exact(&self) -> Option<&str> {
        match self.id {
            PresentedId::Dns(DnsPattern::Exact(name)) => Some(name),
            _ => None,
        }
    }
}

/// The facts of one mismatch.
pub struct Facts<'a> {
    /// The name asked for.
    pub asked: &'a Asked,
    /// The certificate.
    pub leaf: &'a SubjectNames,
    /// What real clients say.
    pub clients: &'a Answers,
    /// Its subjectAltName.
    pub entries: Vec<Entry<'a>>,
    /// What the certificate was before, where that is known.
    pub earlier: Option<&'a SubjectNames>,
    /// How the server was reached, where one was.
    pub visited: Option<&'a Visited>,
    /// What further questions found out, where any was asked.
    pub probed: Option<&'a Probed<'a>>,
}

impl<'a> Facts<'a> {
    /// Parses the certificate's names.
    #[must_use]
    pub fn new(asked: &'a Asked, leaf: &'a SubjectNames, clients: &'a Answers) -> Self {
        let entries = leaf.names().enumerate();
        let entries = entries.map(|(index, name)| Entry { index, id: PresentedId::parse(&name), name }).collect();
        Self { asked, leaf, clients, entries, earlier: None, visited: None, probed: None }
    }

    /// With what the certificate was before.
    #[must_use]
    pub fn since(mut self, earlier: Option<&'a SubjectNames>) -> Self {
        self.earlier = earlier;
        self
    }

    /// With how the server was reached, and what further questions found out.
    #[must_use]
    pub fn seen(mut self, visited: Option<&'a Visited>, probed: Option<&'a Probed<'a>>) -> Self {
        (self.visited, self.probed) = (visited, probed);
        self
    }

    /// The name that a client sends as SNI.
    #[must_use]
    pub fn sni(&self) -> Option<&'a DnsName> {
        self.reference().and_then(ReferenceId::sni)
    }

    /// What was asked for, where it is a reference identifier.
    #[must_use]
    pub fn reference(&self) -> Option<&'a ReferenceId> {
        self.asked.reference()
    }

    /// Whether identities of a service count beside the name.
    #[must_use]
    pub fn has_service(&self) -> bool {
        matches!(self.asked, Asked::Reference { ids, .. } if !ids.rest.is_empty())
    }

    /// The DNS name asked for.
    #[must_use]
    pub fn dns(&self) -> Option<&'a DnsName> {
        self.reference().and_then(ReferenceId::dns)
    }

    /// The address asked for.
    #[must_use]
    pub fn ip(&self) -> Option<IpAddr> {
        match self.reference() {
            Some(ReferenceId::Ip(ip)) => Some(*ip),
            _ => None,
        }
    }

    /// The dNSName entries, malformed ones included.
    pub fn dns_entries(&self) -> impl Iterator<Item = &Entry<'a>> {
        self.entries.iter().filter(|e| e.name.kind == NameKind::Dns)
    }

    /// The entries of the kind that was asked for, malformed ones included.
    pub fn own_kind(&self) -> impl Iterator<Item = &Entry<'a>> {
        let wanted = match self.reference() {
            Some(ReferenceId::Dns(_)) => Some(IdKind::Dns),
            Some(ReferenceId::Srv { .. }) => Some(IdKind::Srv),
            Some(ReferenceId::Uri { .. }) => Some(IdKind::Uri),
            // Addresses are compared whole: none is nearer than another.
            Some(ReferenceId::Ip(_) | ReferenceId::Xmpp(_)) | None => None,
        };
        self.entries.iter().filter(move |e| wanted.is_some() && e.kind() == wanted)
    }

    /// The common names: position among them, attribute, text.
    pub fn common_names(&self) -> impl Iterator<Item = (usize, Attribute<'a>, Cow<'a, [u8]>)> {
        self.leaf.common_names().enumerate().map(|(i, a)| (i, a, a.text()))
    }

    /// The first common name that would cover the DNS name asked for.
    #[must_use]
    pub fn covering_common_name(&self) -> Option<usize> {
        let wanted = ReferenceId::Dns(self.dns()?.clone());
        self.common_names()
            .find(|(_, _, text)| {
                dns_pattern(text)
                    .is_ok_and(|p| crate::identity::matching::covers(&PresentedId::Dns(p), &wanted).is_ok())
            })
            .map(|(i, ..)| i)
    }
}
