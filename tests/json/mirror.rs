//! The shape of a report, written down a second time: every field has to be there, none may be more,
//! and an enum has the values that it has.

use std::collections::{BTreeMap, BTreeSet};

use serde::de::Error as _;
use serde::{Deserialize, Deserializer};

/// A field that may be null and may not be missing.
#[derive(Debug)]
pub struct Nullable<T>(pub Option<T>);

impl<'de, T: for<'any> Deserialize<'any>> Deserialize<'de> for Nullable<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        // An `Option` would take a missing field for null; a value does not.
        let value = serde_json::Value::deserialize(deserializer)?;
        if value.is_null() {
            return Ok(Self(None));
        }
        T::deserialize(value).map(|inner| Self(Some(inner))).map_err(D::Error::custom)
    }
}

macro_rules! shape {
    ($($(#[$meta:meta])* $name:ident { $($field:ident: $type:ty),* $(,)? })*) => {
        $($(#[$meta])*
        #[derive(Debug, Deserialize)]
        #[serde(deny_unknown_fields)]
        #[allow(dead_code)]
        pub struct $name { $(pub $field: $type),* })*
    };
}

shape! {
    /// One object on standard output.
    Report {
        kind: String,
        version: u64,
        target: String,
        server: Option<String>,
        reference: Nullable<Reference>,
        references: Vec<Reference>,
        verdict: String,
        accepted: bool,
        exit_code: i32,
        matched: Nullable<Matched>,
        diagnosis: Vec<Finding>,
        error: Nullable<Failure>,
        connection: Nullable<Connection>,
        certificate: Nullable<Certificate>,
        chain: Vec<ChainItem>,
        chain_total: usize,
        trust: Trust,
        validity: Validity,
        clients: Nullable<Clients>,
        fixes: Vec<Fix>,
    }
    Fix { side: String, tool: String, text: String }
    Reference { r#type: String, value: String, typed: String }
    Matched { r#type: String, value: String }
    Finding {
        code: String,
        severity: String,
        confidence: String,
        message: String,
        section: Nullable<String>,
        notes: Vec<String>,
        help: Vec<Help>,
        evidence: Vec<Evidence>,
    }
    Help { text: String, add_san: Nullable<String>, command: Nullable<String> }
    Evidence { probe: String, address: Nullable<String>, sni: Nullable<String>, fact: String }
    Failure { stage: String, code: String, message: String, help: Vec<Help>, line: Nullable<u64> }
    Connection {
        address: Nullable<String>,
        port: u16,
        sni: Nullable<String>,
        tls_version: Nullable<String>,
        cipher_suite: Nullable<String>,
        key_exchange: Nullable<String>,
        alpn: Nullable<String>,
        starttls: Nullable<String>,
        proxy: Nullable<String>,
        obtained: Nullable<String>,
        possession: Nullable<String>,
        attempts: Vec<Attempt>,
        elapsed_ms: u64,
    }
    Attempt { address: String, error: String }
    Certificate {
        subject: String,
        common_names: Vec<String>,
        san: Vec<San>,
        san_total: usize,
        issuer: String,
        serial: String,
        not_before: String,
        not_after: String,
        days_left: i64,
        sha256: String,
        public_key: String,
        signature_algorithm: String,
    }
    San { r#type: String, value: String, malformed: Nullable<String> }
    ChainItem {
        subject: Nullable<String>,
        issuer: Nullable<String>,
        not_before: Nullable<String>,
        not_after: Nullable<String>,
        sha256: String,
    }
    Trust { verdict: String, reason: Nullable<String>, roots: String }
    Validity { verdict: String, reason: Nullable<String> }
    Clients {
        accept: Vec<String>,
        reject: Vec<String>,
        refuse_name: Vec<String>,
        unreadable: Vec<String>,
        reasons: BTreeMap<String, String>,
    }
}

/// Every value of an enum that a run can show today.
pub const VALUES: &[&str] = &[
    "kind: check",
    "reference: dns",
    "reference: ip",
    "reference: srv",
    "reference: uri",
    "reference: invalid",
    "reference: null",
    "verdict: match",
    "verdict: mismatch",
    "verdict: error",
    "exit_code: 0",
    "exit_code: 1",
    "exit_code: 3",
    "exit_code: 4",
    "severity: error",
    "severity: warning",
    "severity: note",
    "confidence: certain",
    "stage: input",
    "stage: resolve",
    "stage: connect",
    "stage: tls",
    "stage: certificate",
    "obtained: handshake",
    "obtained: odd-algorithms",
    "obtained: plain-hello",
    "possession: proven",
    "possession: not-proven",
    "possession: failed",
    "san: dns",
    "san: ip",
    "san: uri",
    "san: email",
    "san: srv",
    "san: xmpp",
    "san: upn",
    "san: dir",
    "san: rid",
    "san: other",
    "trust: trusted",
    "trust: untrusted",
    "trust: not-checked",
    "roots: mozilla",
    "roots: system",
    "roots: file",
    "validity: in-time",
    "validity: expired",
    "validity: not-yet-valid",
    "validity: not-checked",
    "connection: null",
    "certificate: null",
];

/// Values that the contract has and nothing shows yet.
pub const LATER: &[&str] = &["stage: proxy", "stage: starttls"];

/// Values that no run need show, and some may.
const ALSO: &[&str] = &["confidence: likely"];

impl Report {
    /// Notes which values of which enums occur; an unknown one fails.
    pub fn values(&self, seen: &mut BTreeSet<String>) {
        let mut note = |kind: &str, value: &str| {
            let value = format!("{kind}: {value}");
            let known = [VALUES, LATER, ALSO].iter().any(|list| list.contains(&value.as_str()));
            assert!(known, "{value} is not in the contract");
            seen.insert(value);
        };
        note("kind", &self.kind);
        note("reference", self.reference.0.as_ref().map_or("null", |r| r.r#type.as_str()));
        note("verdict", &self.verdict);
        note("exit_code", &self.exit_code.to_string());
        note("trust", &self.trust.verdict);
        note("roots", &self.trust.roots);
        note("validity", &self.validity.verdict);
        for finding in &self.diagnosis {
            note("severity", &finding.severity);
            note("confidence", &finding.confidence);
        }
        if let Some(error) = &self.error.0 {
            note("stage", &error.stage);
        }
        match &self.connection.0 {
            None => note("connection", "null"),
            Some(connection) => {
                connection.obtained.0.iter().for_each(|value| note("obtained", value));
                connection.possession.0.iter().for_each(|value| note("possession", value));
            }
        }
        match &self.certificate.0 {
            None => note("certificate", "null"),
            Some(certificate) => certificate.san.iter().for_each(|name| note("san", &name.r#type)),
        }
    }

    /// What has to hold between the fields of any report.
    pub fn is_consistent(&self) {
        assert_eq!((self.kind.as_str(), self.version), ("check", 1));
        assert_eq!(self.accepted, self.exit_code == 0, "{self:?}");
        assert_eq!(self.verdict == "match", self.matched.0.is_some(), "{self:?}");
        assert_eq!(self.verdict == "error", self.error.0.is_some(), "{self:?}");
        let exit_codes: &[i32] = match self.verdict.as_str() {
            "match" => &[0, 4],
            "mismatch" => &[1],
            _ => &[3],
        };
        assert!(exit_codes.contains(&self.exit_code), "{self:?}");
        assert_eq!(self.verdict == "error", self.certificate.0.is_none(), "{self:?}");
        assert_eq!(
            self.verdict == "mismatch",
            self.diagnosis.iter().any(|d| d.section.0.is_some() && d.severity == "error"),
            "{self:?}"
        );
        let first = self.references.first().map(|r| (&r.r#type, &r.value, &r.typed));
        assert_eq!(first, self.reference.0.as_ref().map(|r| (&r.r#type, &r.value, &r.typed)), "{self:?}");
        let not_checked = self.certificate.0.is_none();
        assert!(!not_checked || (self.trust.verdict == "not-checked" && self.validity.verdict == "not-checked"));
        assert_eq!(self.trust.verdict == "untrusted", self.trust.reason.0.is_some(), "{self:?}");
        if let Some(certificate) = &self.certificate.0 {
            assert!(certificate.not_before.ends_with('Z') && certificate.not_before.contains('T'), "{self:?}");
            assert_eq!(certificate.sha256.len(), 64);
            assert_eq!(certificate.san.len(), certificate.san_total);
        }
        for finding in &self.diagnosis {
            assert!(!finding.message.is_empty() && !finding.message.contains('\n'), "{finding:?}");
        }
    }
}
