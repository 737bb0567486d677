//! From what was found to reports. What that needs is loaded once for a run, and shared by all threads.

use std::sync::OnceLock;
use std::time::{SystemTime, UNIX_EPOCH};

use super::CannotBegin;
use crate::assess::{Knowledge, ProxyOption, assess, is_about_issuer, without_observation};
use crate::baseline;
use crate::certificate::{Certificate, Shelf};
use crate::diagnosis::trust::{MozillaList, SystemStore};
use crate::escape::Shown;
use crate::evidence::{Baseline, Observation};
use crate::identity::Asked;
use crate::net::scan::Found;
use crate::plan::{Plan, ProxyPlan, TrustPlan};
use crate::report::Report;
use crate::roots;
use crate::trust::{Anchors, Roots, Trust, judge};

/// What reports are made with.
pub(super) struct Judge<'a> {
    plan: &'a Plan,
    baseline: Option<Baseline>,
    /// The anchors to judge by; none where trust is not asked.
    pub(super) anchors: Option<Anchors>,
    system: OnceLock<Option<Anchors>>,
    shelf: Shelf,
}

impl<'a> Judge<'a> {
    /// Loads what the plan names.
    pub(super) fn load(plan: &'a Plan) -> Result<Self, CannotBegin> {
        Ok(Self {
            plan,
            baseline: baseline(plan)?,
            anchors: anchors(&plan.trust)?,
            system: OnceLock::new(),
            shelf: Shelf::default(),
        })
    }

    /// The reports of what a scan found.
    pub(super) fn of(&self, found: &[Found]) -> Vec<Report> {
        let one = |found: &Found| match found {
            Found::BadLine(shown, failure) => {
                vec![without_observation(shown, None, failure, self.plan.trust.roots())]
            }
            Found::Seen(seen) => {
                let (visit, observation) = &**seen;
                self.reports(&visit.shown, &visit.names, observation)
            }
        };
        found.iter().flat_map(one).collect()
    }

    /// The reports of one observation, in the order of the names.
    pub(super) fn reports(&self, target: &Shown, names: &[Asked], seen: &Observation) -> Vec<Report> {
        let system = &self.system;
        let known = Knowledge {
            shelf: &self.shelf,
            baseline: self.baseline.as_ref(),
            anchors: self.anchors.as_ref(),
            roots: self.plan.trust.roots(),
            system_trusts: &|leaf, chain| system_trusts(system, leaf, chain),
            mozilla_trusts: &mozilla_trusts,
            told: &self.plan.told,
            policy: &self.plan.policy,
            fixes: &self.plan.fixes,
            proxy: match &self.plan.proxy {
                ProxyPlan::Fixed(_) => ProxyOption::Named,
                ProxyPlan::FromEnvironment | ProxyPlan::Off => ProxyOption::Omitted,
            },
            now: now(),
        };
        assess(target, names, seen, &known)
    }
}

fn baseline(plan: &Plan) -> Result<Option<Baseline>, CannotBegin> {
    let Some(path) = &plan.baseline else { return Ok(None) };
    let shown = Shown::path(path);
    baseline::load(path).map(Some).map_err(|why| CannotBegin::Baseline { path: shown, why })
}

fn anchors(plan: &TrustPlan) -> Result<Option<Anchors>, CannotBegin> {
    match plan {
        TrustPlan::Store(Roots::System) => {
            let from = Shown::new(b"--roots system");
            roots::system().map(Some).map_err(|why| CannotBegin::Anchors { from, why })
        }
        TrustPlan::Store(_) => Ok(Some(roots::mozilla())),
        TrustPlan::File(path) => {
            let from = Shown::path(path);
            roots::file(path).map(Some).map_err(|why| CannotBegin::Anchors { from, why })
        }
        TrustPlan::IfChain => Ok(None),
    }
}

/// Whether this machine's store trusts a chain; it is loaded the first time that this is asked.
fn system_trusts(system: &OnceLock<Option<Anchors>>, leaf: &Certificate, chain: &[Certificate]) -> SystemStore {
    let anchors = system.get_or_init(|| roots::system().ok());
    match anchors.as_ref().map(|anchors| judge(leaf, chain, anchors, now()).trust) {
        Some(Trust::Trusted { .. }) => SystemStore::Trusts,
        _ => SystemStore::Silent,
    }
}

/// Whether Mozilla's list trusts a chain.
fn mozilla_trusts(leaf: &Certificate, chain: &[Certificate]) -> MozillaList {
    match judge(leaf, chain, &roots::mozilla(), now()).trust {
        Trust::Untrusted { why } if is_about_issuer(&why) => MozillaList::HasItNot,
        _ => MozillaList::Trusts,
    }
}

/// Seconds since 1970.
#[expect(clippy::disallowed_methods, reason = "the one clock for dates")]
fn now() -> i64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |d| i64::try_from(d.as_secs()).unwrap_or(i64::MAX))
}
