//! Findings about trust and time, which stand after those about the name.

use jiff::SignedDuration;

use super::Finding;
use super::code::{Code, Severity};
use crate::certificate::Certificate;
use crate::certificate::names::distinguished;
use crate::policy::{Policy, Weight, days_left};
use crate::trust::{Path, PathProblem, Roots, Time, Trust, Unsupported, Untrusted, Which, WrongUsage, is_self_signed};

/// Whether this machine's store trusts what Mozilla's list does not.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SystemStore {
    /// It was not asked, or does not trust it either.
    Silent,
    /// It does.
    Trusts,
}

/// Whether Mozilla's list trusts what this machine's store does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MozillaList {
    /// It was not asked.
    NotAsked,
    /// It does.
    Trusts,
    /// It has no anchor for it.
    HasItNot,
}

/// The code of a reason.
#[must_use]
pub fn code_of(why: &Untrusted) -> Code {
    match why {
        Untrusted::NeverInTime | Untrusted::UnknownIssuer { .. } => Code::UnknownIssuer,
        Untrusted::MissingIntermediate => Code::MissingIntermediate,
        Untrusted::SelfSigned => Code::SelfSigned,
        Untrusted::UnsupportedSignature(_) => Code::UnsupportedSignature,
        Untrusted::WrongUsage(_) => Code::WrongUsage,
        Untrusted::NameConstraints => Code::NameConstraints,
        Untrusted::BadSignature => Code::BadSignature,
    }
}

/// What was judged, and by which rules.
pub struct Judged<'a> {
    /// The leaf.
    pub leaf: &'a Certificate,
    /// What came with it.
    pub chain: &'a [Certificate],
    /// The path.
    pub trust: &'a Trust,
    /// The dates.
    pub time: &'a Time,
    /// The anchors that were asked.
    pub roots: Roots,
    /// This machine's store.
    pub system: SystemStore,
    /// Mozilla's list.
    pub mozilla: MozillaList,
    /// What the user counts.
    pub policy: &'a Policy,
    /// Now, in seconds since 1970.
    pub now: i64,
}

/// The findings, trust before time. A part that is ignored is a note.
#[must_use]
pub fn findings(judged: &Judged<'_>) -> Vec<Finding> {
    let mut found = Vec::new();
    match judged.trust {
        Trust::Untrusted { why } => {
            found.push(weighed(untrusted(judged, why), judged.policy.trust));
            if judged.system == SystemStore::Trusts {
                found.push(
                    Finding::new(
                        Code::TrustedBySystemOnly,
                        "this machine's own store trusts it, Mozilla's list does not",
                    )
                    .help("to judge by this machine's store: --roots system"),
                );
                found.push(private_issuer(judged.leaf));
            }
        }
        Trust::Trusted { by: Path::LeafIsAnchor } => found.push(
            Finding::new(Code::LeafIsAnchor, "the certificate is itself an anchor that was passed")
                .note("curl and OpenSSL take it so; rustls refuses a CA certificate as a server's own"),
        ),
        Trust::NotChecked if is_self_signed(judged.leaf) => {
            let mut finding = Finding::new(Code::SelfSigned, "the certificate is self-signed; trust was not checked")
                .help("clients trust it only if it is among their anchors: check that with --ca-file");
            finding.severity = Severity::Warning;
            found.push(finding);
        }
        Trust::Trusted { by: Path::ToAnchor } | Trust::NotChecked => {}
    }
    if judged.mozilla == MozillaList::HasItNot {
        found.push(private_issuer(judged.leaf));
    }
    found.extend(time(judged).map(|f| weighed(f, judged.policy.expiry)));
    found
}

/// The chain ends in an anchor that somebody put into this machine's store.
fn private_issuer(leaf: &Certificate) -> Finding {
    let issuer = distinguished(leaf.subject_names().issuer());
    Finding::new(
        Code::PrivateIssuer,
        format!("issued by `{issuer}`, under an anchor that this machine's store has and Mozilla's list has not"),
    )
    .likely()
    .note("a private CA, or a proxy that inspects TLS; clients on other machines do not trust it")
}

/// A finding that costs the exit code, unless its part of the judgement is ignored.
#[must_use]
pub fn weighed(mut finding: Finding, weight: Weight) -> Finding {
    if weight == Weight::Ignored && finding.severity == Severity::Error {
        finding.severity = Severity::Note;
        finding.notes.push("ignored, as asked for".to_owned());
    }
    finding
}

fn untrusted(judged: &Judged<'_>, why: &Untrusted) -> Finding {
    let issuer = distinguished(judged.leaf.subject_names().issuer());
    let code = code_of(why);
    let among = match judged.roots {
        Roots::Mozilla => "Mozilla's roots",
        Roots::System => "this machine's roots",
        Roots::File => "the anchors of the file",
    };
    match why {
        Untrusted::SelfSigned => Finding::new(code, format!("the certificate signed itself, and is not among {among}"))
            .help("use a certificate of a CA, or pass this one with --ca-file as the client would get it"),
        Untrusted::MissingIntermediate => {
            Finding::new(code, format!("the certificate's issuer, {issuer}, was not sent and is not among {among}"))
                .help("configure the server with the full chain; if the issuer is a private root, pass it with --ca-file")
        }
        Untrusted::UnknownIssuer { detail } => {
            let last = judged.chain.last().map_or(issuer, |c| distinguished(c.subject_names().issuer()));
            let finding = match detail {
                None => Finding::new(code, format!("the chain ends at {last}, which is not among {among}")),
                Some(problem) => {
                    Finding::new(code, format!("no path leads to {among}: {}", path_problem(*problem)))
                }
            };
            finding.help("if the CA is private, pass its certificate with --ca-file")
        }
        Untrusted::NeverInTime => {
            Finding::new(code, "at no time were all certificates of the path valid together")
                .help("renew the certificate, and install the chain that comes with it")
        }
        Untrusted::UnsupportedSignature(what) => {
            Finding::new(code, unsupported(what)).help("reissue with ECDSA P-256 or RSA 2048, and SHA-256")
        }
        Untrusted::WrongUsage(WrongUsage::NoServerAuth(usages)) => {
            let usages: Vec<String> = usages.iter().map(ToString::to_string).collect();
            let listed = if usages.is_empty() { "none that is known".to_owned() } else { usages.join(", ") };
            Finding::new(code, format!("a certificate of the path is not for TLS servers; the leaf's extended key usages: {listed}"))
                .help("issue it with the extended key usage serverAuth (1.3.6.1.5.5.7.3.1)")
        }
        Untrusted::WrongUsage(WrongUsage::CaAsLeaf) => Finding::new(code, "a CA's own certificate is served as the leaf")
            .help("issue a certificate for the server, without CA:TRUE"),
        Untrusted::NameConstraints => {
            Finding::new(code, "a CA of the path may not issue for a name in the certificate")
                .help("have it issued by a CA that may, or without that name")
        }
        Untrusted::BadSignature => {
            Finding::new(code, format!("a signature in the path is wrong: the key of {issuer} did not sign this certificate, or a later one is broken"))
                .help("install the chain that belongs to the certificate")
        }
    }
}

fn path_problem(problem: PathProblem) -> &'static str {
    match problem {
        PathProblem::Distrusted => "a key of it is distrusted",
        PathProblem::PathLength => "a CA's path length is exceeded",
        PathProblem::NotACa => "a certificate that is not a CA's issued another",
        PathProblem::CriticalExtension => "a critical extension is not known",
        PathProblem::Version => "a certificate is not of version 3",
        PathProblem::TooLong => "the chain is too long",
        PathProblem::TooManyPaths => "the chain has too many paths to follow",
        PathProblem::Malformed => "a certificate is not as RFC 5280 requires",
    }
}

fn unsupported(what: &Unsupported) -> String {
    match what {
        Unsupported::WeakKey { bits } => format!("the certificate's key, RSA {bits}, is too weak"),
        Unsupported::WeakIssuer { bits } => format!("the issuer's key, RSA {bits}, is too weak to be checked"),
        Unsupported::Signatures(pairs) => {
            let pairs: Vec<String> =
                pairs.iter().map(|(algorithm, key)| format!("{algorithm} on a certificate with a key {key}")).collect();
            pairs.join(", ")
        }
    }
}

fn time(judged: &Judged<'_>) -> Option<Finding> {
    let name = |which: &Which| match which {
        Which::Leaf => "the certificate".to_owned(),
        Which::Anchor => "the anchor of its path".to_owned(),
        Which::Chain(i) => match judged.chain.get(*i) {
            Some(c) => format!("the CA certificate {}", distinguished(c.subject_names().subject())),
            None => "a CA certificate".to_owned(),
        },
    };
    let days = days_left(judged.leaf.validity().not_after, judged.now);
    match judged.time {
        Time::Expired { which, since } => Some(
            Finding::new(
                Code::Expired,
                format!("{} expired on {}, {} ago", name(which), date(*since), in_days(judged.now - since)),
            )
            .help(match which {
                Which::Leaf => "renew it, and reload the server so that it serves the new one",
                Which::Chain(_) => {
                    "replace it in the server's chain with the CA's current certificate, and reload the server"
                }
                Which::Anchor => {
                    "replace the expired root in the client's trust store with the CA's current one; the server's \
                     certificate need not change"
                }
            }),
        ),
        Time::NotYetValid { which, from } => Some(
            Finding::new(
                Code::NotYetValid,
                format!("{} is valid from {}, in {}", name(which), date(*from), in_days(from - judged.now)),
            )
            .help("check the clocks here and at the CA"),
        ),
        Time::InTime if judged.policy.ends_too_soon(days) => Some(
            Finding::new(
                Code::ExpiresSoon,
                format!(
                    "the certificate ends on {}, in {}; at least {} were asked for",
                    date(judged.leaf.validity().not_after),
                    count(days, "day"),
                    count(i64::from(judged.policy.min_days.unwrap_or(0)), "day"),
                ),
            )
            .help("renew it"),
        ),
        Time::InTime | Time::NotChecked => None,
    }
}

/// An instant as RFC 3339 in UTC, up to the last second that a certificate can name, which stands for
/// "no end" (RFC 5280, 4.1.2.5); outside of years -9999 to 9999 as seconds since 1970.
#[must_use]
pub fn date(seconds: i64) -> String {
    let epoch = jiff::civil::date(1970, 1, 1).at(0, 0, 0, 0);
    epoch
        .checked_add(SignedDuration::from_secs(seconds))
        .map_or_else(|_| format!("{seconds} s since 1970"), |instant| format!("{instant}Z"))
}

fn in_days(seconds: i64) -> String {
    match seconds {
        s if s < 120 => count(s, "second"),
        s if s < 7_200 => count(s / 60, "minute"),
        s if s < 172_800 => count(s / 3_600, "hour"),
        s => count(s / 86_400, "day"),
    }
}

fn count(n: i64, unit: &str) -> String {
    if n == 1 { format!("{n} {unit}") } else { format!("{n} {unit}s") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spans_of_time_are_told_in_the_unit_that_fits() {
        for (seconds, expected) in [
            (0, "0 seconds"),
            (1, "1 second"),
            (119, "119 seconds"),
            (120, "2 minutes"),
            (7_199, "119 minutes"),
            (7_200, "2 hours"),
            (172_799, "47 hours"),
            (172_800, "2 days"),
            (950_400, "11 days"),
        ] {
            assert_eq!(in_days(seconds), expected, "{seconds}");
        }
    }

    #[test]
    fn instants_are_rfc_3339() {
        for (seconds, expected) in [
            (0, "1970-01-01T00:00:00Z"),
            (1_772_366_400, "2026-03-01T12:00:00Z"),
            (253_402_300_799, "9999-12-31T23:59:59Z"),
            (-1, "1969-12-31T23:59:59Z"),
            (i64::MAX, "9223372036854775807 s since 1970"),
        ] {
            assert_eq!(date(seconds), expected, "{seconds}");
        }
    }
}
