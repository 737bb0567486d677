//! The names of a certificate: what a requested name is compared with, and what client models look
//! at beside the names.

use std::ops::Range;
use std::sync::Arc;

use super::key::Oid;
use super::names::{Attribute, GeneralName, NameKind, StringType, dotted};

/// How many entries of a subjectAltName are kept and compared. The largest lists seen in public
/// hold a few thousand.
pub const MAX_NAMES: usize = 65_536;

/// The names of a certificate, and the attributes of its subject and issuer.
#[derive(Clone, Debug)]
pub struct SubjectNames {
    /// What the places below are places in.
    pub(super) bytes: Arc<[u8]>,
    pub(super) san: San,
    pub(super) subject: Vec<RawAttribute>,
    pub(super) issuer: Vec<RawAttribute>,
    pub(super) usages: Option<Vec<Box<[u8]>>>,
}

/// What the certificate has as subjectAltName.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum San {
    /// No such extension.
    Absent,
    /// The extension, perhaps without a single name.
    Present {
        /// Marked critical.
        critical: bool,
        /// The first [`MAX_NAMES`] entries.
        entries: Vec<RawName>,
        /// How many there are in all.
        total: usize,
    },
    /// The extension holds something else than a sequence of names.
    Broken {
        /// Marked critical.
        critical: bool,
    },
}

/// An entry as kind and place in the DER.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RawName {
    pub(super) kind: NameKind,
    pub(super) start: u32,
    pub(super) end: u32,
}

/// An attribute of a subject or issuer, by its places in the DER.
#[derive(Clone, Debug)]
pub(super) struct RawAttribute {
    pub(super) rdn: usize,
    pub(super) oid: Range<usize>,
    pub(super) string: StringType,
    pub(super) value: Range<usize>,
}

impl SubjectNames {
    /// A list of names, without a subject or an issuer.
    #[must_use]
    pub fn of(names: &[(NameKind, Vec<u8>)]) -> Self {
        Self::of_some(names, names.len())
    }

    /// The same of a list that is known in part: `total` is the number of all names.
    #[must_use]
    pub fn of_some(names: &[(NameKind, Vec<u8>)], total: usize) -> Self {
        let mut all = Vec::new();
        let mut entries = Vec::new();
        for (kind, bytes) in names.iter().take(MAX_NAMES) {
            let start = u32::try_from(all.len()).unwrap_or(u32::MAX);
            all.extend_from_slice(bytes);
            let end = u32::try_from(all.len()).unwrap_or(u32::MAX);
            entries.push(RawName { kind: *kind, start, end });
        }
        Self {
            bytes: all.into(),
            san: San::Present { critical: false, entries, total: total.max(names.len()) },
            subject: Vec::new(),
            issuer: Vec::new(),
            usages: None,
        }
    }

    /// What it has as subjectAltName.
    #[must_use]
    pub fn san(&self) -> &San {
        &self.san
    }

    /// The names of the subjectAltName, in order, as many as are kept.
    pub fn names(&self) -> impl ExactSizeIterator<Item = GeneralName<'_>> + Clone {
        let entries: &[RawName] = match &self.san {
            San::Present { entries, .. } => entries,
            San::Absent | San::Broken { .. } => &[],
        };
        entries.iter().map(|raw| GeneralName {
            kind: raw.kind,
            bytes: self.bytes.get(raw.start as usize..raw.end as usize).unwrap_or_default(),
        })
    }

    /// The same with only those names for which `keeps` holds; their total stays.
    #[must_use]
    pub fn retaining(&self, mut keeps: impl FnMut(GeneralName<'_>) -> bool) -> Self {
        let san = match &self.san {
            San::Present { critical, entries, total } => San::Present {
                critical: *critical,
                entries: entries
                    .iter()
                    .zip(self.names())
                    .filter(|&(_, name)| keeps(name))
                    .map(|(raw, _)| *raw)
                    .collect(),
                total: *total,
            },
            other => other.clone(),
        };
        Self { san, ..self.clone() }
    }

    /// How many names the subjectAltName has, those that are not kept included.
    #[must_use]
    pub fn total_names(&self) -> usize {
        match self.san {
            San::Present { total, .. } => total,
            San::Absent | San::Broken { .. } => 0,
        }
    }

    /// The subject's attributes, in order.
    pub fn subject(&self) -> impl Iterator<Item = Attribute<'_>> {
        self.subject.iter().map(|raw| self.attribute(raw))
    }

    /// The issuer's attributes, in order.
    pub fn issuer(&self) -> impl Iterator<Item = Attribute<'_>> {
        self.issuer.iter().map(|raw| self.attribute(raw))
    }

    /// The subject's common names, in order.
    pub fn common_names(&self) -> impl Iterator<Item = Attribute<'_>> {
        self.subject().filter(|a| a.short_name() == Some("CN"))
    }

    /// The extended key usages; none where the extension is absent.
    #[must_use]
    pub fn usages(&self) -> Option<Vec<Oid>> {
        self.usages.as_ref().map(|oids| oids.iter().map(|oid| Oid::new(&dotted(oid))).collect())
    }

    fn attribute(&self, raw: &RawAttribute) -> Attribute<'_> {
        Attribute {
            rdn: raw.rdn,
            oid: &self.bytes[raw.oid.clone()],
            string: raw.string,
            bytes: &self.bytes[raw.value.clone()],
        }
    }
}
