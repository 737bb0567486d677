//! One report: one target, one name. Serialised as it stands, this is the JSON; fields are always
//! present, null where unknown or not asked for. Every string is escaped as `escape` says.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::Serialize;

use crate::diagnosis::Mark;
use crate::exit::Exit;

/// What was found for one target and one name.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct Report {
    /// Always `check`.
    pub kind: Kind,
    /// The version of this shape; fields may be added within one, none change meaning.
    #[schemars(extend("const" = 1))]
    pub version: u8,
    /// The target as given, without login, query and fragment; the file's name offline.
    pub target: String,
    /// Which server it is, where the target stands for several: its mail exchanger, with
    /// `--all-addresses` its address, or both with a space between them; null elsewhere.
    pub server: Option<String>,
    /// The name asked for; null for a line that is no target.
    pub reference: Option<Reference>,
    /// All identities that count; the first is `reference`.
    pub references: Vec<Reference>,
    /// RFC 9525 about the name alone.
    pub verdict: VerdictWord,
    /// Whether this object alone would exit 0.
    pub accepted: bool,
    /// This object's exit code.
    pub exit_code: u8,
    /// The entry that covers the name.
    pub matched: Option<Matched>,
    /// Findings: the name's by rank (the first leads), trust and time, notes.
    pub diagnosis: Vec<DiagnosisItem>,
    /// Why there is no certificate.
    pub error: Option<ErrorItem>,
    /// How the server was reached; null offline and where no connection was tried.
    pub connection: Option<Connection>,
    /// The leaf.
    pub certificate: Option<CertificateItem>,
    /// What came with the leaf, in the order in which it came.
    pub chain: Vec<ChainItem>,
    /// How many came in all; at most 16 are kept.
    pub chain_total: usize,
    /// Whether a path leads to an anchor.
    pub trust: TrustItem,
    /// Whether leaf and path are in time.
    pub validity: ValidityItem,
    /// What real clients would say; null without a leaf.
    pub clients: Option<Clients>,
    /// What to type against a mismatch, for the tools that were asked for.
    pub fixes: Vec<FixItem>,
    /// For the renderers: what JSON does not need.
    #[serde(skip)]
    #[schemars(skip)]
    pub drawing: Drawing,
}

/// What renderers need beside the JSON.
#[derive(Clone, Debug, Default)]
pub struct Drawing {
    /// The marks of each item of `diagnosis`, in the same order.
    pub marks: Vec<Vec<Mark>>,
    /// How many names the certificate has in all.
    pub total_names: usize,
    /// DER: the leaf, then the chain.
    pub certificates: Vec<Vec<u8>>,
    /// The ids of the clients whose reasons are told.
    pub told: Vec<&'static str>,
    /// Why not, of every client that does not accept.
    pub reasons: BTreeMap<&'static str, &'static str>,
    /// The certificate's first and last second, since 1970.
    pub period: Option<(i64, i64)>,
    /// The exit code, as a value.
    pub exit: Option<Exit>,
    /// The U-label form of the name, where there is one.
    pub unicode: Option<String>,
    /// What further questions found out, a line each.
    pub probes: Vec<String>,
}

/// The kind of document.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
#[allow(missing_docs)]
pub enum Kind {
    Check,
}

/// A reference identifier.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Reference {
    /// Its type; `invalid` for a text that is none.
    #[serde(rename = "type")]
    pub kind: ReferenceType,
    /// A-labels or the canonical address; the text itself where it is invalid.
    pub value: String,
    /// The text as given, without login, query and fragment.
    pub typed: String,
}

/// The types of reference identifier.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
#[allow(missing_docs)]
pub enum ReferenceType {
    Dns,
    Ip,
    Srv,
    Uri,
    Xmpp,
    Invalid,
}

/// The verdict on the name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
#[allow(missing_docs)]
pub enum VerdictWord {
    Match,
    Mismatch,
    Error,
}

/// The entry that covers the name.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Matched {
    /// Its type.
    #[serde(rename = "type")]
    pub kind: SanType,
    /// Its value.
    pub value: String,
}

/// The types of an entry of a subjectAltName.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
#[allow(missing_docs)]
pub enum SanType {
    Dns,
    Ip,
    Uri,
    Email,
    Srv,
    Xmpp,
    Upn,
    Dir,
    Rid,
    Other,
}

/// One finding.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct DiagnosisItem {
    /// Its code, kebab-case.
    pub code: String,
    /// How much it weighs.
    pub severity: SeverityWord,
    /// How sure it is.
    pub confidence: ConfidenceWord,
    /// One line that carries the facts.
    pub message: String,
    /// The section of RFC 9525.
    pub section: Option<String>,
    /// The rule, and what else there is to know.
    pub notes: Vec<String>,
    /// What to change.
    pub help: Vec<HelpItem>,
    /// What was seen that it rests on.
    pub evidence: Vec<EvidenceItem>,
}

/// How much a finding weighs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
#[allow(missing_docs)]
pub enum SeverityWord {
    Error,
    Warning,
    Note,
}

/// How sure a finding is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
#[allow(missing_docs)]
pub enum ConfidenceWord {
    Certain,
    Likely,
}

/// A remedy.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct HelpItem {
    /// What to do.
    pub text: String,
    /// The entry to add to the certificate (`DNS:…`).
    pub add_san: Option<String>,
    /// The command to type.
    pub command: Option<String>,
}

impl HelpItem {
    /// What stands behind the text: the entry, or the command.
    #[must_use]
    pub fn what(&self) -> Option<&str> {
        self.add_san.as_deref().or(self.command.as_deref())
    }
}

/// What a probe saw.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct EvidenceItem {
    /// Which probe.
    pub probe: String,
    /// The address it asked.
    pub address: Option<String>,
    /// The name it sent as SNI.
    pub sni: Option<String>,
    /// What it saw.
    pub fact: String,
}

/// What to type, ready for a tool.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct FixItem {
    /// Who types it.
    pub side: SideWord,
    /// The tool.
    pub tool: String,
    /// Whole lines: a command, a stanza or a program, and comments. Holds parsed identifiers alone.
    pub text: String,
}

/// Who types it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
#[allow(missing_docs)]
pub enum SideWord {
    Server,
    Client,
}

/// Why there is no certificate.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct ErrorItem {
    /// Where on the way to a leaf.
    pub stage: StageWord,
    /// Its code, kebab-case.
    pub code: String,
    /// One line that carries the facts.
    pub message: String,
    /// What to try.
    pub help: Vec<HelpItem>,
    /// The line's number in a list, from 1.
    pub line: Option<u64>,
}

/// The stages on the way to a leaf.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
#[allow(missing_docs)]
pub enum StageWord {
    Input,
    Resolve,
    Proxy,
    Connect,
    Starttls,
    Tls,
    Certificate,
}

/// How the server was reached.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct Connection {
    /// The address that answered.
    pub address: Option<String>,
    /// The port.
    pub port: u16,
    /// The name sent as SNI.
    pub sni: Option<String>,
    /// The version agreed on (`TLS 1.3`).
    pub tls_version: Option<String>,
    /// The cipher suite, as its registry names it.
    pub cipher_suite: Option<String>,
    /// The key exchange group.
    pub key_exchange: Option<String>,
    /// The application protocol.
    pub alpn: Option<String>,
    /// The domain whose mail exchanger it is; for people.
    #[serde(skip)]
    pub exchanger_of: Option<String>,
    /// The protocol that turned to TLS by a command.
    pub starttls: Option<String>,
    /// The proxy that carried the connection.
    pub proxy: Option<String>,
    /// How the leaf was obtained; null without one.
    pub obtained: Option<ObtainedWord>,
    /// Whether the peer showed that it holds the key; null without a leaf.
    pub possession: Option<PossessionWord>,
    /// Addresses that did not answer.
    pub attempts: Vec<AttemptItem>,
    /// Milliseconds from name lookup to leaf or failure.
    pub elapsed_ms: u64,
}

/// How a leaf was obtained.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
#[allow(missing_docs)]
pub enum ObtainedWord {
    Handshake,
    OddAlgorithms,
    PlainHello,
}

/// Whether the peer showed that it holds the certificate's key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
#[allow(missing_docs)]
pub enum PossessionWord {
    Proven,
    NotProven,
    Failed,
}

/// An address that did not answer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct AttemptItem {
    /// Which.
    pub address: String,
    /// Why not.
    pub error: String,
}

/// The leaf.
#[derive(Clone, Debug, Default, Serialize, JsonSchema)]
pub struct CertificateItem {
    /// The subject, for people.
    pub subject: String,
    /// Its common names, in order.
    pub common_names: Vec<String>,
    /// The subjectAltName's entries, in order, as many as a line of 64 KiB holds; with `-v` up to 10,000.
    pub san: Vec<SanItem>,
    /// How many entries there are in all.
    pub san_total: usize,
    /// The issuer, for people.
    pub issuer: String,
    /// The serial number, hexadecimal.
    pub serial: String,
    /// First second, RFC 3339 in UTC.
    pub not_before: String,
    /// Last second.
    pub not_after: String,
    /// Whole days left, rounded down; negative once it is over.
    pub days_left: i64,
    /// SHA-256 of the DER, hexadecimal.
    pub sha256: String,
    /// Kind and size of its key.
    pub public_key: String,
    /// The algorithm its issuer signed with.
    pub signature_algorithm: String,
}

/// An entry of a subjectAltName.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct SanItem {
    /// Its type.
    #[serde(rename = "type")]
    pub kind: SanType,
    /// Its value.
    pub value: String,
    /// The rule it breaks, where it cannot be an identifier.
    pub malformed: Option<String>,
}

/// A certificate that came with the leaf.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct ChainItem {
    /// The subject; null where it cannot be parsed.
    pub subject: Option<String>,
    /// The issuer.
    pub issuer: Option<String>,
    /// First second.
    pub not_before: Option<String>,
    /// Last second.
    pub not_after: Option<String>,
    /// SHA-256 of the DER, hexadecimal.
    pub sha256: String,
}

/// The verdict on the path.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct TrustItem {
    /// The verdict.
    pub verdict: TrustWord,
    /// The code of the reason.
    pub reason: Option<String>,
    /// The anchors that were asked.
    pub roots: RootsWord,
}

/// The verdict on the path.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
#[allow(missing_docs)]
pub enum TrustWord {
    Trusted,
    Untrusted,
    NotChecked,
}

/// Where anchors come from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
#[allow(missing_docs)]
pub enum RootsWord {
    Mozilla,
    System,
    File,
}

/// The verdict on the dates.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct ValidityItem {
    /// The verdict.
    pub verdict: ValidityWord,
    /// The code of the reason.
    pub reason: Option<String>,
}

/// The verdict on the dates.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
#[allow(missing_docs)]
pub enum ValidityWord {
    InTime,
    Expired,
    NotYetValid,
    NotChecked,
}

/// What real clients would say, by id: each in exactly one of the four lists.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Clients {
    /// Those that accept the certificate for the name.
    pub accept: Vec<&'static str>,
    /// Those that reject it.
    pub reject: Vec<&'static str>,
    /// Those that do not take the name.
    pub refuse_name: Vec<&'static str>,
    /// Those that cannot read the certificate.
    pub unreadable: Vec<&'static str>,
    /// Why not, by id; of the clients of `--clients`.
    pub reasons: BTreeMap<&'static str, &'static str>,
}

impl SanType {
    /// As a list of names writes it before the colon.
    #[must_use]
    pub fn prefix(self) -> &'static str {
        match self {
            Self::Dns => "DNS",
            Self::Ip => "IP",
            Self::Uri => "URI",
            Self::Email => "email",
            Self::Srv => "SRV",
            Self::Xmpp => "XMPP",
            Self::Upn => "UPN",
            Self::Dir => "dir",
            Self::Rid => "RID",
            Self::Other => "other",
        }
    }

    /// As RFC 9525 names the identifier.
    #[must_use]
    pub fn id_name(self) -> &'static str {
        match self {
            Self::Dns => "DNS-ID",
            Self::Ip => "IP-ID",
            Self::Srv => "SRV-ID",
            Self::Uri => "URI-ID",
            other => other.prefix(),
        }
    }
}
