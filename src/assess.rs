//! One observation and the names asked of it -> reports. Pure: what has to be loaded is passed in.
//! Calls the rooms in the order of the data flow: identity, trust, policy, diagnosis, report.

use crate::advice::wanted::{Seen, Wanted};
use crate::certificate::{Certificate, Shelf, SubjectNames};
use crate::clients::Answers;
use crate::diagnosis::failure::Explained;
use crate::diagnosis::trust::{Judged, MozillaList, SystemStore};
use crate::diagnosis::{
    Again, Code, Facts, Finding, MadeWith, Probed, Severity, differ, failure, handshake, host, lost, matched,
    neighbour, precedence, product, served, trust as trust_findings,
};
use crate::escape::Shown;
use crate::evidence::{Baseline, CertificateFailure, Failure, Handshake, Observation, Served};
use crate::exit::Exit;
use crate::identity::{Asked, ReferenceId, Verdict, evaluate};
use crate::policy::{Policy, days_left};
use crate::report::{Report, build};
use crate::trust::{Anchors, Judgement, Roots, Trust, Untrusted, judge, time_of_leaf};

/// What is known beside what was seen.
pub struct Knowledge<'a> {
    /// The anchors to judge by; none where trust is not asked.
    pub anchors: Option<&'a Anchors>,
    /// The origin of the anchors that are, or would be, asked.
    pub roots: Roots,
    /// Whether this machine's store trusts a chain; asked only where Mozilla's list does not.
    pub system_trusts: &'a dyn Fn(&Certificate, &[Certificate]) -> SystemStore,
    /// Whether Mozilla's list trusts a chain; asked only where this machine's store was, and does.
    pub mozilla_trusts: &'a dyn Fn(&Certificate, &[Certificate]) -> MozillaList,
    /// The chains' certificates that were read before.
    pub shelf: &'a Shelf,
    /// What certificates were before.
    pub baseline: Option<&'a Baseline>,
    /// The ids of the clients whose reasons are told.
    pub told: &'a [&'static str],
    /// What the user counts.
    pub policy: &'a Policy,
    /// Which fixes are wanted, and the CA file that commands are given.
    pub fixes: &'a Wanted,
    /// Whether commands are given the proxy that carried the connection: not for one of the
    /// environment, where a command finds it too.
    pub proxy: ProxyOption,
    /// Now, in seconds since 1970.
    pub now: i64,
}

/// Whether suggested commands name the proxy.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ProxyOption {
    /// They do.
    Named,
    /// They do not.
    Omitted,
}

/// The reports of one observation, in the order of the names.
#[must_use]
pub fn assess(target: &Shown, names: &[Asked], seen: &Observation, known: &Knowledge<'_>) -> Vec<Report> {
    let served = match &seen.outcome {
        Ok(served) => served,
        Err(why) => return names.iter().map(|asked| failed(target, Some(asked), seen, why, known)).collect(),
    };
    let leaf = match Certificate::from_der(&served.leaf) {
        Ok(leaf) => leaf,
        Err(why) => {
            let why = Failure::Certificate(CertificateFailure::Unreadable(why));
            return names.iter().map(|asked| failed(target, Some(asked), seen, &why, known)).collect();
        }
    };
    let parsed: Vec<Option<Certificate>> = served.chain.iter().map(|der| known.shelf.read(der)).collect();
    let chain: Vec<Certificate> = parsed.iter().flatten().cloned().collect();
    let judgement = match known.anchors {
        Some(anchors) => judge(&leaf, &chain, anchors, known.now),
        None => Judgement { trust: Trust::NotChecked, time: time_of_leaf(&leaf, known.now) },
    };
    let system = match &judgement.trust {
        Trust::Untrusted { why } if known.roots == Roots::Mozilla && is_about_issuer(why) => {
            (known.system_trusts)(&leaf, &chain)
        }
        _ => SystemStore::Silent,
    };
    let mozilla = match &judgement.trust {
        Trust::Trusted { .. } if known.roots == Roots::System => (known.mozilla_trusts)(&leaf, &chain),
        _ => MozillaList::NotAsked,
    };
    let probed = seen.visit.as_ref().map(|visited| Probed::new(visited, &leaf, &seen.evidence));
    let case = Case {
        target,
        seen,
        known,
        served,
        leaf: &leaf,
        parsed: &parsed,
        chain: &chain,
        judgement: &judgement,
        system,
        mozilla,
        probed: probed.as_ref(),
    };
    names.iter().map(|asked| case.report(asked)).collect()
}

/// The report of a line that is no target, or of a file that cannot be read.
#[must_use]
pub fn without_observation(target: &Shown, asked: Option<&Asked>, why: &Failure, roots: Roots) -> Report {
    let mut report = build::frame(target, asked, roots);
    report.error = Some(build::error(why, failure::explain(why, Again::default())));
    report.drawing.exit = Some(Exit::NotObtained);
    report
}

/// Whether no path was found at all.
#[must_use]
pub fn is_about_issuer(why: &Untrusted) -> bool {
    matches!(why, Untrusted::UnknownIssuer { .. } | Untrusted::MissingIntermediate | Untrusted::SelfSigned)
}

fn failed(target: &Shown, asked: Option<&Asked>, seen: &Observation, why: &Failure, known: &Knowledge<'_>) -> Report {
    let name = asked.and_then(Asked::reference).map(ReferenceId::as_name);
    let mut report = build::frame(target, asked, known.roots);
    let explained =
        failure::explain(why, Again { name: name.as_deref(), host: seen.visit.as_ref().map(|visited| &visited.host) });
    let explained = match asked {
        Some(asked) => neighbour::tried(explained, &seen.evidence, asked),
        None => explained,
    };
    let with = made_with(known, seen);
    let help = explained.help.into_iter().map(|help| help.made_with(with)).collect();
    report.error = Some(build::error(why, Explained { help, ..explained }));
    report.server = seen.server.as_ref().map(ToString::to_string);
    report.connection = seen.visit.as_ref().map(build::connection);
    report.drawing.exit = Some(Exit::NotObtained);
    if let Ok(served) = &seen.outcome {
        report.drawing.certificates = ders(served);
    }
    report
}

/// What the check was made with, for the commands that repeat it.
fn made_with<'a>(known: &Knowledge<'a>, seen: &'a Observation) -> MadeWith<'a> {
    MadeWith {
        ca_file: known.fixes.ca_file.path(),
        proxy: match known.proxy {
            ProxyOption::Named => seen.visit.as_ref().and_then(|visited| visited.proxy.as_ref()).map(Shown::as_str),
            ProxyOption::Omitted => None,
        },
    }
}

fn ders(served: &Served) -> Vec<Vec<u8>> {
    std::iter::once(&served.leaf).chain(&served.chain).cloned().collect()
}

struct Case<'a> {
    target: &'a Shown,
    seen: &'a Observation,
    known: &'a Knowledge<'a>,
    served: &'a Served,
    leaf: &'a Certificate,
    parsed: &'a [Option<Certificate>],
    chain: &'a [Certificate],
    judgement: &'a Judgement,
    system: SystemStore,
    mozilla: MozillaList,
    probed: Option<&'a Probed<'a>>,
}

impl Case<'_> {
    fn report(&self, asked: &Asked) -> Report {
        let verdict = evaluate(asked, self.names());
        let clients = Answers::of(asked.typed().as_bytes(), self.names());
        let kept = self.names().names().len();
        if matches!(verdict, Verdict::Mismatch(_)) && asked.reference().is_some() && kept < self.names().total_names() {
            let why = Failure::Certificate(CertificateFailure::TooManyNames { total: self.names().total_names() });
            let mut report = failed(self.target, Some(asked), self.seen, &why, self.known);
            self.fill(&mut report, asked);
            return report;
        }
        let about_certificate = self.about_certificate();
        let is_refused = about_certificate.iter().any(|finding| finding.severity == Severity::Error);
        let exit = self.known.policy.decide(&verdict, &clients, is_refused);
        let mut report = build::frame(self.target, Some(asked), self.known.roots);
        self.fill(&mut report, asked);
        report.verdict = build::verdict_word(&verdict);
        report.clients = Some(build::clients(&clients, self.known.told));
        report.drawing.told = self.known.told.to_vec();
        report.drawing.reasons = build::reasons(&clients);
        report.accepted = exit == Exit::Ok;
        report.exit_code = exit.code();
        report.drawing.exit = Some(exit);
        if let Verdict::Match(found) = &verdict {
            report.matched = build::matched(found, self.names());
        }
        let with = made_with(self.known, self.seen);
        let findings = self.findings(asked, &verdict, &clients, about_certificate).into_iter();
        build::findings(&mut report, findings.map(|finding| finding.made_with(with)).collect());
        report.server = self.seen.server.as_ref().map(ToString::to_string);
        if matches!(verdict, Verdict::Mismatch(_)) {
            report.fixes = self.known.fixes.items(&Seen {
                asked,
                leaf: self.names(),
                visit: self.seen.visit.as_ref(),
                ca_file: &self.known.fixes.ca_file,
                trust: report.trust.verdict,
                roots: report.trust.roots,
                validity: report.validity.verdict,
            });
        }
        report
    }

    fn names(&self) -> &SubjectNames {
        self.leaf.subject_names()
    }

    fn handshake(&self) -> Option<&Handshake> {
        self.seen.visit.as_ref().and_then(|visit| visit.handshake.as_ref())
    }

    /// The findings that are the same for every name and make clients refuse: protocol, possession,
    /// trust and time. An error among them costs the exit code.
    fn about_certificate(&self) -> Vec<Finding> {
        let policy = self.known.policy;
        let handshake = self.handshake().map(|h| handshake::findings(h, self.leaf, policy)).unwrap_or_default();
        let (mut found, warnings): (Vec<Finding>, Vec<Finding>) =
            handshake.into_iter().partition(|finding| finding.severity != Severity::Warning);
        found.extend(trust_findings::findings(&Judged {
            leaf: self.leaf,
            chain: self.chain,
            trust: &self.judgement.trust,
            time: &self.judgement.time,
            roots: self.known.roots,
            system: self.system,
            mozilla: self.mozilla,
            policy,
            now: self.known.now,
        }));
        found.extend(warnings);
        found
    }

    /// The name's findings by rank, those about the certificate, notes.
    fn findings(
        &self,
        asked: &Asked,
        verdict: &Verdict,
        clients: &Answers,
        about_certificate: Vec<Finding>,
    ) -> Vec<Finding> {
        let earlier = self.known.baseline.and_then(|baseline| {
            let name = asked.reference().map(ToString::to_string).unwrap_or_default();
            baseline.of(self.target.as_str(), &name)
        });
        let facts = Facts::new(asked, self.names(), clients).since(earlier).seen(self.seen.visit.as_ref(), self.probed);
        let mut found = match verdict {
            Verdict::Match(m) => matched::matched(m, self.names(), clients),
            Verdict::Mismatch(_) => precedence::mismatch(&facts),
        };
        if let Some(first) = found.first_mut() {
            first.notes.extend(served::unasked(&facts));
        }
        match verdict {
            Verdict::Match(_) => found.extend(served::differs_elsewhere(&facts)),
            Verdict::Mismatch(_) => found.extend(served::notes(&facts)),
        }
        let decides = found.iter().any(|finding| finding.code == Code::NamesLost);
        found.extend(about_certificate);
        let required = differ::required_clients(&self.known.policy.required, clients);
        found.extend(required.or_else(|| differ::clients_differ(verdict, clients)));
        let changed = earlier.filter(|_| !decides).and_then(|earlier| lost::names_changed(earlier, self.names()));
        found.extend(changed);
        found.extend(product::well_known_issuer(self.names()));
        if matches!(verdict, Verdict::Mismatch(_)) {
            found.extend(host::host_header(&facts));
        }
        found.extend(self.handshake().and_then(handshake::client_certificate));
        found
    }

    /// What is the same for every name, but for what the probes say about it.
    fn fill(&self, report: &mut Report, asked: &Asked) {
        report.connection = self.seen.visit.as_ref().map(build::connection);
        report.certificate = Some(build::certificate(self.leaf, self.known.now));
        report.chain = self
            .served
            .chain
            .iter()
            .zip(self.parsed)
            .map(|(der, parsed)| build::chain_item(der, parsed.as_ref()))
            .collect();
        report.chain_total = self.served.chain_total;
        report.trust = build::trust(&self.judgement.trust, self.known.roots);
        let days = days_left(self.leaf.validity().not_after, self.known.now);
        let soon = self.known.policy.ends_too_soon(days).then_some(Code::ExpiresSoon);
        report.validity = build::validity(&self.judgement.time, soon);
        report.drawing.total_names = self.names().total_names();
        let validity = self.leaf.validity();
        report.drawing.period = Some((validity.not_before, validity.not_after));
        report.drawing.certificates = ders(self.served);
        report.drawing.probes = self.probed.map(|probed| build::probes(probed, asked)).unwrap_or_default();
    }
}
