//! A scenario: a row of `scenarios/*.tsv`.
//!
//! | column | what it holds |
//! | --- | --- |
//! | id | its name, once in a file |
//! | reference | the name asked for, as `--name` takes it; `\xHH` is a byte |
//! | san, cn | the certificate's names, in the notation of `support/case.rs` |
//! | facts | `-`, or the circumstances below, split by `; ` |
//! | verdict | `match` or `mismatch` |
//! | exit | the exit code |
//! | findings | `-`, or code and severity of each finding, in order: `apex-missing error, expired error` |
//! | add | what the first finding would add to the certificate (`DNS:…`), or `-` |
//!
//! | fact | meaning |
//! | --- | --- |
//! | `subject=O=…/CN=…` | the whole subject, instead of the CN cell; `\x2f` is a slash |
//! | `issuer=O=…/CN=…` | the name of the authority that signs the leaf |
//! | `san-der=HEX` | the value of the subjectAltName extension, instead of the SAN cell |
//! | `valid=-10..80` | the leaf's validity in days from now; from -10 to 80 by default |
//! | `usage=client`, `=any` | an extended key usage without serverAuth; no such extension |
//! | `leaf=ca` | a CA certificate as the leaf |
//! | `chain=…` | how the leaf is certified, see [`Chain`]; `trusted` by default |
//! | `roots=mozilla`, `=system` | the anchors are said to be Mozilla's, or this machine's, which Mozilla has not; otherwise a file's |
//! | `ignore=trust,expiry` | `--ignore` |
//! | `min-days=N` | `--min-days` |
//! | `possession=not-proven`, `=unverified`, `=old`, `=failed` | whether the server proved that it holds the key |
//! | `broken=closed`, `=stalled`, `=undecryptable`, `=violation`, `=40` (an alert) | what ended the handshake after the certificate |
//! | `client-certificate=asked`, `=refused` | what the server said about one |
//! | `sni=NAME`, `=-` | what was sent as SNI, instead of the name asked for |
//! | `odd=VERSION/SUITE/EXCHANGE` | the leaf came by a handshake with odd algorithms, which agreed on these |
//! | `plain-hello=VERSION/SUITE/EXCHANGE` | the leaf came from the answer to a plain hello |
//! | `earlier=SAN` | the names of an earlier certificate, in the notation of the SAN cell |
//! | `port=N`, `starttls=PROTOCOL` | where and how TLS began |
//! | `probe=QUESTION>ANSWER`, `probe=QUESTION@ADDRESS>ANSWER` | a further question and its answer: `same`, `fail`, or a SAN cell |
//! | `cname=NAME`, `completed=NAME`, `mx=NAME`, `ptr=NAME` | what DNS says; may be repeated |
//! | `proxy=HOST` | a proxy carries the connections to this host, and alone knows its address |
//! | `unasked=N` | so many addresses of the host were left unasked |
//! | `offline` | a file, no handshake |

use certcheck::diagnosis::Code;
use std::net::IpAddr;

use crate::support::tls;
use certcheck::certificate::PublicKey;
use certcheck::evidence::{Break, ClientCertificate, Names, Obtained, Possession, Question, Unverifiable};
use certcheck::identity::{Asked, DnsName, Typed};
use certcheck::policy::{Policy, Weight};
use certcheck::report::Report;
use certcheck::report::model::{SeverityWord, VerdictWord};
use certcheck::starttls::Protocol;
use certcheck::tls::{Alert, CipherSuite, KeyExchange, ProtocolVersion};
use certcheck::trust::Roots;
use data_encoding::HEXLOWER;

use crate::support::leaf::{CLIENT_AUTH, SERVER_AUTH};
use crate::support::{name, table, unescape};

/// One row.
#[derive(Clone, Debug)]
pub struct Scenario {
    /// File and line.
    pub place: String,
    /// Its name.
    pub id: String,
    /// The text asked for.
    pub typed: Vec<u8>,
    /// The SAN cell.
    pub san: String,
    /// The CN cell.
    pub cn: String,
    /// The circumstances.
    pub facts: Facts,
    /// What is to come out.
    pub expected: Outcome,
}

/// The circumstances of a row.
#[derive(Clone, Debug)]
pub struct Facts {
    /// The subject, DER.
    pub subject: Option<Vec<u8>>,
    /// The name of the authority that signs, DER.
    pub issuer: Option<Vec<u8>>,
    /// The value of the subjectAltName.
    pub san_der: Option<Vec<u8>>,
    /// The leaf's validity, in days from now.
    pub valid: (i64, i64),
    /// The extended key usages; none is a certificate without the extension.
    pub usages: &'static [&'static str],
    /// Whether the leaf is a CA certificate.
    pub ca: bool,
    /// The names of an earlier certificate, a SAN cell.
    pub earlier: Option<String>,
    /// How the leaf is certified.
    pub chain: Chain,
    /// Where the anchors come from.
    pub roots: Roots,
    /// What the user counts.
    pub policy: Policy,
    /// What the handshake's signature says.
    pub possession: Possession,
    /// What ended the handshake after the certificate.
    pub broken: Option<Break>,
    /// What the server said about a client certificate.
    pub client_certificate: ClientCertificate,
    /// What was sent as SNI, where it is not the name asked for.
    pub sni: Option<Option<DnsName>>,
    /// How the leaf was obtained, and what was agreed on.
    pub agreed: (Obtained, (ProtocolVersion, CipherSuite, KeyExchange)),
    /// Where TLS began.
    pub port: u16,
    /// The protocol that turned to TLS.
    pub starttls: Option<Protocol>,
    /// Further questions.
    pub probes: Vec<Asking>,
    /// What DNS says.
    pub names: Names,
    /// The host behind a proxy.
    pub proxy: Option<String>,
    /// How many addresses were left unasked.
    pub unasked: usize,
    /// Whether there was no handshake.
    pub offline: bool,
}

/// A further question, and its answer.
#[derive(Clone, Debug)]
pub struct Asking {
    /// Which.
    pub question: Question,
    /// The address that was asked.
    pub address: IpAddr,
    /// What came.
    pub answer: Answer,
}

/// What came.
#[derive(Clone, Debug)]
pub enum Answer {
    /// The check's own certificate.
    Same,
    /// No certificate.
    Fail,
    /// A certificate of these names, a SAN cell.
    Other(String),
}

/// How a leaf is certified.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Chain {
    /// `trusted`: under an intermediate, which is sent, under an anchor.
    Trusted,
    /// `unchecked`: the same; trust is not asked.
    Unchecked,
    /// `self-signed`: by its own key, which is no anchor.
    SelfSigned,
    /// `anchor`: by its own key, and passed as an anchor.
    Anchor,
    /// `unknown-issuer`: under an intermediate, which is sent, under a root that is no anchor.
    UnknownIssuer,
    /// `system-only`: the same, and this machine's store has the root.
    SystemOnly,
    /// `missing-intermediate`: under an intermediate that is not sent.
    MissingIntermediate,
    /// `wrong-intermediate`: under an intermediate in whose place another is sent.
    WrongIntermediate,
    /// `expired-intermediate`: under an intermediate that ended two days ago.
    ExpiredIntermediate,
    /// `renewed-intermediate`: the same, and the one of the same key that did not is sent too.
    RenewedIntermediate,
    /// `future-intermediate`: under an intermediate that begins in two days.
    FutureIntermediate,
    /// `never-in-time`: under an intermediate that ended before the leaf began.
    NeverInTime,
    /// `constrained`: under an intermediate that may issue for names under `permitted.example`
    /// alone.
    Constrained,
    /// `bad-signature`: signed by another key than that of the intermediate that is sent.
    BadSignature,
    /// `sha-224`: with a signature that says it is ECDSA with SHA-224.
    Sha224,
}

/// What comes out, as the table writes it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outcome {
    /// `match` or `mismatch`.
    pub verdict: String,
    /// The exit code.
    pub exit: u8,
    /// Code and severity of each finding.
    pub findings: Vec<String>,
    /// What the first finding adds to the certificate.
    pub add: Option<String>,
}

/// The rows of one file.
pub fn scenarios(file: &str, text: &str) -> Vec<Scenario> {
    table(text).map(|(line, row)| Scenario::new(format!("{file}:{line}"), &row)).collect()
}

impl Scenario {
    fn new(place: String, row: &[&str]) -> Self {
        let [id, reference, san, cn, facts, verdict, exit, findings, add] = row[..] else {
            panic!("{place}: nine columns wanted, {} found", row.len());
        };
        Self {
            id: id.to_owned(),
            typed: unescape(reference),
            san: san.to_owned(),
            cn: cn.to_owned(),
            facts: list(facts, "; ").fold(Facts::default(), |facts, fact| facts.with(&place, fact)),
            expected: Outcome {
                verdict: verdict.to_owned(),
                exit: exit.parse().unwrap_or_else(|_| panic!("{place}: no exit code: {exit}")),
                findings: list(findings, ", ").map(str::to_owned).collect(),
                add: (add != "-").then(|| add.to_owned()),
            },
            place,
        }
    }

    /// The name asked for.
    pub fn asked(&self) -> Asked {
        Asked::parse(Typed::new(&self.typed))
    }
}

fn list<'a>(cell: &'a str, by: &'a str) -> impl Iterator<Item = &'a str> {
    cell.split(by).filter(move |_| cell != "-")
}

impl Default for Facts {
    fn default() -> Self {
        Self {
            subject: None,
            issuer: None,
            san_der: None,
            valid: (-10, 80),
            usages: &[SERVER_AUTH],
            ca: false,
            earlier: None,
            chain: Chain::Trusted,
            roots: Roots::File,
            policy: Policy::default(),
            possession: Possession::Proven,
            broken: None,
            client_certificate: ClientCertificate::NotAsked,
            sni: None,
            agreed: (Obtained::Handshake, agreed("TLS 1.3/TLS13_AES_128_GCM_SHA256/X25519")),
            port: 443,
            starttls: None,
            probes: Vec::new(),
            names: Names::default(),
            proxy: None,
            unasked: 0,
            offline: false,
        }
    }
}

impl Facts {
    fn with(mut self, place: &str, fact: &str) -> Self {
        match fact.split_once('=').unwrap_or((fact, "")) {
            ("subject", name) => self.subject = Some(distinguished(name)),
            ("issuer", name) => self.issuer = Some(distinguished(name)),
            ("san-der", hex) => self.san_der = Some(HEXLOWER.decode(hex.as_bytes()).expect(place)),
            ("valid", range) => self.valid = days(range),
            ("usage", "client") => self.usages = &[CLIENT_AUTH],
            ("usage", "any") => self.usages = &[],
            ("leaf", "ca") => self.ca = true,
            ("chain", word) => self.chain = Chain::named(word).unwrap_or_else(|| panic!("{place}: no chain: {word}")),
            ("roots", "system") => self.roots = Roots::System,
            ("roots", "mozilla") => self.roots = Roots::Mozilla,
            ("ignore", parts) => {
                let weight = |part| if parts.split(',').any(|p| p == part) { Weight::Ignored } else { Weight::Counts };
                (self.policy.trust, self.policy.expiry) = (weight("trust"), weight("expiry"));
                (self.policy.protocol, self.policy.possession) = (weight("protocol"), weight("possession"));
            }
            ("min-days", days) => self.policy.min_days = Some(days.parse().expect(place)),
            ("possession", "not-proven") => self.possession = Possession::NotProven,
            ("possession", "unverified") => {
                self.possession = Possession::Unverified(Unverifiable::Key(PublicKey::Ed448));
            }
            ("possession", "old") => self.possession = Possession::Unverified(Unverifiable::OldHandshake),
            ("broken", what) => {
                self.broken = Some(match what {
                    "closed" => Break::Closed,
                    "stalled" => Break::Stalled,
                    "undecryptable" => Break::Undecryptable,
                    "violation" => Break::Violation,
                    alert => Break::Alert(Alert(alert.parse().expect(place))),
                });
            }
            ("possession", "failed") => self.possession = Possession::Failed,
            ("client-certificate", "asked") => self.client_certificate = ClientCertificate::Asked,
            ("client-certificate", "refused") => self.client_certificate = ClientCertificate::Refused,
            ("sni", "-") => self.sni = Some(None),
            ("sni", name) => self.sni = Some(Some(DnsName::parse(name).expect(place))),
            ("odd", parts) => self.agreed = (Obtained::OddAlgorithms, agreed(parts)),
            ("plain-hello", parts) => self.agreed = (Obtained::PlainHello, agreed(parts)),
            ("earlier", san) => self.earlier = Some(san.to_owned()),
            ("port", port) => self.port = port.parse().expect(place),
            ("starttls", name) => self.starttls = Some(Protocol::by_name(name).expect(place)),
            ("probe", text) => self.probes.push(asking(text).unwrap_or_else(|| panic!("{place}: no probe: {text}"))),
            ("cname", name) => self.names.aliases.push(DnsName::parse(name).expect(place)),
            ("completed", name) => self.names.completed = Some(DnsName::parse(name).expect(place)),
            ("mx", name) => self.names.exchangers.push(DnsName::parse(name).expect(place)),
            ("ptr", name) => self.names.pointers.push(DnsName::parse(name).expect(place)),
            ("proxy", host) => self.proxy = Some(host.to_owned()),
            ("unasked", number) => self.unasked = number.parse().expect(place),
            ("offline", "") => self.offline = true,
            _ => panic!("{place}: no such fact: {fact}"),
        }
        self
    }
}

/// `address@192.0.2.8>DNS:orchard.example`
fn asking(text: &str) -> Option<Asking> {
    let (question, answer) = text.split_once('>')?;
    let (question, address) = question.split_once('@').unwrap_or((question, ADDRESS));
    let question = QUESTIONS.into_iter().find(|known| known.name() == question)?;
    let answer = match answer {
        "same" => Answer::Same,
        "fail" => Answer::Fail,
        san => Answer::Other(san.to_owned()),
    };
    Some(Asking { question, address: address.parse().ok()?, answer })
}

/// The address of the check.
pub const ADDRESS: &str = "192.0.2.7";
const QUESTIONS: [Question; 9] = [
    Question::Repeat,
    Question::Reference,
    Question::NoSni,
    Question::Impossible,
    Question::Address,
    Question::Ecdsa,
    Question::Rsa,
    Question::Sibling,
    Question::Parent,
];

impl Chain {
    fn named(word: &str) -> Option<Self> {
        Some(match word {
            "trusted" => Self::Trusted,
            "unchecked" => Self::Unchecked,
            "self-signed" => Self::SelfSigned,
            "anchor" => Self::Anchor,
            "unknown-issuer" => Self::UnknownIssuer,
            "system-only" => Self::SystemOnly,
            "missing-intermediate" => Self::MissingIntermediate,
            "wrong-intermediate" => Self::WrongIntermediate,
            "expired-intermediate" => Self::ExpiredIntermediate,
            "renewed-intermediate" => Self::RenewedIntermediate,
            "future-intermediate" => Self::FutureIntermediate,
            "never-in-time" => Self::NeverInTime,
            "constrained" => Self::Constrained,
            "bad-signature" => Self::BadSignature,
            "sha-224" => Self::Sha224,
            _ => return None,
        })
    }
}

/// `TLS 1.0/TLS_RSA_WITH_RC4_128_SHA/RSA`
fn agreed(parts: &str) -> (ProtocolVersion, CipherSuite, KeyExchange) {
    let [version, suite, exchange] = parts.split('/').collect::<Vec<_>>()[..] else {
        panic!("version, suite and key exchange: {parts}");
    };
    (tls::version(version), tls::suite(suite), tls::key_exchange(exchange))
}

/// `-10..80`
fn days(range: &str) -> (i64, i64) {
    let (from, to) = range.split_once("..").expect(range);
    (from.parse().expect(range), to.parse().expect(range))
}

/// `O=…/CN=…`
fn distinguished(text: &str) -> Vec<u8> {
    let attributes = text.split('/').map(|attribute| {
        let (name, value) = attribute.split_once('=').expect(text);
        (name, String::from_utf8(unescape(value)).expect(text))
    });
    let attributes: Vec<(&str, String)> = attributes.collect();
    let attributes: Vec<(&str, &str)> = attributes.iter().map(|(name, value)| (*name, value.as_str())).collect();
    name::subject(&attributes)
}

/// What a report says, as the table writes it.
pub fn outcome(report: &Report) -> Outcome {
    Outcome {
        verdict: match report.verdict {
            VerdictWord::Match => "match",
            VerdictWord::Mismatch => "mismatch",
            VerdictWord::Error => "error",
        }
        .to_owned(),
        exit: report.exit_code,
        findings: findings(report).iter().map(|(code, severity)| format!("{code} {}", word(*severity))).collect(),
        add: added(report),
    }
}

fn word(severity: SeverityWord) -> &'static str {
    match severity {
        SeverityWord::Error => "error",
        SeverityWord::Warning => "warning",
        SeverityWord::Note => "note",
    }
}

/// The findings of a report, as code and severity.
pub fn findings(report: &Report) -> Vec<(Code, SeverityWord)> {
    let code = |name: &str| Code::ALL.iter().copied().find(|code| code.name() == name).expect(name);
    report.diagnosis.iter().map(|item| (code(&item.code), item.severity)).collect()
}

/// The entry that the first finding would add to the certificate.
pub fn added(report: &Report) -> Option<String> {
    report.diagnosis.first()?.help.iter().find_map(|help| help.add_san.clone())
}
