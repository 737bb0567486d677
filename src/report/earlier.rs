//! Reads reports back from an earlier JSON output. What is missing or contradicts itself is an
//! error: an earlier report takes part in the exit code, so it is never guessed.

use serde::Deserialize;

use crate::exit::Exit;

/// The parts of an earlier report that later runs use. `C` is what is read of the certificate;
/// `serde::de::IgnoredAny` where nothing is.
#[derive(Debug)]
pub struct EarlierReport<C> {
    /// The target, as it was reported.
    pub target: String,
    /// The requested name; none for a line of a list that was not a target.
    pub reference: Option<Reference>,
    /// Which of the target's servers it is about.
    pub server: Option<String>,
    /// Its exit code.
    pub exit: Exit,
    /// The leaf.
    pub certificate: Option<C>,
}

/// A requested name.
#[derive(Debug, Deserialize)]
pub struct Reference {
    /// The canonical form.
    pub value: String,
    /// As it was given.
    pub typed: String,
}

#[derive(Deserialize)]
struct Kind {
    kind: Option<String>,
    version: Option<u64>,
}

#[derive(Deserialize)]
#[serde(bound = "C: Deserialize<'de>")]
struct Line<C> {
    kind: String,
    version: u64,
    target: String,
    reference: Option<Reference>,
    #[serde(default)]
    server: Option<String>,
    verdict: Verdict,
    accepted: bool,
    exit_code: u8,
    certificate: Option<C>,
}

#[derive(Clone, Copy, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "lowercase")]
enum Verdict {
    Match,
    Mismatch,
    Error,
}

impl<'de, C: Deserialize<'de>> EarlierReport<C> {
    /// Reads one line. A document of ours that is not a report (`summary`, `explanation`) gives none.
    ///
    /// # Errors
    /// Why the line is not a report that certcheck wrote.
    pub fn from_line(line: &'de [u8]) -> Result<Option<Self>, String> {
        let Ok(report) = serde_json::from_slice::<Line<C>>(line) else { return Self::explain(line) };
        if report.kind != "check" || report.version != 1 {
            return Self::explain(line);
        }
        let exit = match (report.verdict, report.exit_code, report.accepted) {
            (Verdict::Match, 0, true) => Exit::Ok,
            (Verdict::Match | Verdict::Mismatch, 1, false) => Exit::Mismatch,
            (Verdict::Match, 4, false) => Exit::NotAccepted,
            (Verdict::Error, 3, false) => Exit::NotObtained,
            _ => return Err("its verdict, accepted and exit_code contradict each other".to_owned()),
        };
        let Line { target, reference, server, certificate, .. } = report;
        Ok(Some(Self { target, reference, server, exit, certificate }))
    }

    /// Why a line is not a report.
    fn explain(line: &[u8]) -> Result<Option<Self>, String> {
        let Ok(document) = serde_json::from_slice::<Kind>(line) else {
            return Err("it is not a JSON object".to_owned());
        };
        match (document.kind.as_deref(), document.version) {
            (Some("summary" | "explanation"), Some(1)) => Ok(None),
            (Some("check"), Some(1)) => Err("a field of a report is missing or has another type".to_owned()),
            (Some("check" | "summary" | "explanation"), _) => {
                Err("its version is not 1: another release of certcheck wrote it".to_owned())
            }
            _ => Err("it is not a report of certcheck".to_owned()),
        }
    }
}

#[cfg(test)]
mod tests {
    use serde::de::IgnoredAny;
    use serde_json::{Value, json};

    use super::*;

    fn report(verdict: &str, accepted: bool, exit_code: u8) -> Value {
        json!({
            "kind": "check", "version": 1, "target": "a.test", "server": null,
            "reference": {"type": "dns", "value": "a.test", "typed": "A.test"},
            "verdict": verdict, "accepted": accepted, "exit_code": exit_code, "certificate": null,
        })
    }

    fn read(value: &Value) -> Result<Option<Exit>, String> {
        let line = serde_json::to_vec(value).unwrap();
        EarlierReport::<IgnoredAny>::from_line(&line).map(|found| found.map(|report| report.exit))
    }

    #[test]
    fn only_consistent_verdicts_are_taken() {
        for verdict in ["match", "mismatch", "error"] {
            for accepted in [true, false] {
                for code in 0..=6 {
                    let expected = match (verdict, accepted, code) {
                        ("match", true, 0) => Some(Exit::Ok),
                        ("match" | "mismatch", false, 1) => Some(Exit::Mismatch),
                        ("match", false, 4) => Some(Exit::NotAccepted),
                        ("error", false, 3) => Some(Exit::NotObtained),
                        _ => None,
                    };
                    let found = read(&report(verdict, accepted, code)).ok().flatten();
                    assert_eq!(found, expected, "{verdict} {accepted} {code}");
                }
            }
        }
    }

    #[test]
    fn what_is_missing_is_never_guessed() {
        for field in ["kind", "version", "target", "verdict", "accepted", "exit_code"] {
            let mut without = report("match", true, 0);
            without.as_object_mut().unwrap().remove(field);
            assert!(read(&without).is_err(), "{field}");
        }
        for (field, value) in [
            ("version", json!(2)),
            ("version", json!("1")),
            ("kind", json!("forecast")),
            ("verdict", json!("perhaps")),
            ("exit_code", json!(256)),
            ("exit_code", json!(null)),
            ("accepted", json!("true")),
        ] {
            let mut other = report("match", true, 0);
            other[field] = value.clone();
            assert!(read(&other).is_err(), "{field}: {value}");
        }
        assert_eq!(read(&json!({"kind": "summary", "version": 1, "checked": 3})), Ok(None));
        assert!(read(&json!([1])).is_err());
        assert!(read(&json!({})).is_err());
    }
}
