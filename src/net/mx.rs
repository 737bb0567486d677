//! The mail exchangers of a domain (RFC 5321, 5.1): each is a visit of its own. The names of mail's
//! servers come from the DNS, which RFC 9525, 6.1.1 does not allow; RFC 8461, 4.1 and RFC 7817, 3
//! say what a sending server compares all the same: the exchanger's own name.

use hickory_resolver::TokioResolver;
use hickory_resolver::proto::rr::RData;
use tokio::time::timeout;

use crate::escape::Shown;
use crate::evidence::{Failure, Progress};
use crate::identity::{Asked, DnsName, Typed};
use crate::plan::{Follows, Located, Pace, Visit};
use crate::target::{Form, Host};

/// How many exchangers of a domain are visited.
const MAX_EXCHANGERS: usize = 16;

/// One visit for each exchanger, the most preferred first; a domain without any is its own (RFC
/// 5321, 5.1).
///
/// # Errors
/// Why they cannot be found.
pub async fn exchangers(visit: &Visit, pace: &Pace) -> Result<Vec<Visit>, Failure> {
    let (Located::ByMx { name, sni }, Host::Name { name: domain, .. }) = (&visit.located, &visit.endpoint.host) else {
        return Ok(vec![visit.clone()]);
    };
    let found = match timeout(pace.timeout, look_up(domain)).await {
        Ok(found) => found?,
        Err(_) => {
            return Err(Failure::Timeout { progress: Progress::Resolving, after: pace.timeout, address: None });
        }
    };
    let visits = found.into_iter().take(MAX_EXCHANGERS).map(|exchanger| {
        let mut visit = visit.clone();
        visit.located = Located::Exchanger { of: domain.clone() };
        visit.endpoint.host = Host::Name { name: exchanger.clone(), form: Form::Absolute };
        if *name == Follows::Host {
            visit.names = vec![Asked::parse(Typed::new(exchanger.as_str().as_bytes()))];
        }
        if *sni == Follows::Host {
            visit.sni = Some(exchanger);
        }
        visit
    });
    Ok(visits.collect())
}

async fn look_up(domain: &DnsName) -> Result<Vec<DnsName>, Failure> {
    let host = Shown::new(domain.as_str().as_bytes());
    let failed = |why: String| Failure::ResolveFailed { host: host.clone(), why };
    let words = |error: &dyn std::fmt::Display| Shown::short(error.to_string().as_bytes()).into_string();
    let resolver = TokioResolver::builder_tokio()
        .and_then(hickory_resolver::ResolverBuilder::build)
        .map_err(|e| failed(words(&e)))?;
    let answer = match resolver.mx_lookup(format!("{domain}.")).await {
        Ok(answer) => answer,
        Err(error) if error.is_nx_domain() => return Err(Failure::NoSuchHost { host }),
        Err(error) if error.is_no_records_found() => return Ok(vec![domain.clone()]),
        Err(error) => return Err(failed(words(&error))),
    };
    let mut found: Vec<(u16, String)> = answer
        .answers()
        .iter()
        .filter_map(|record| match &record.data {
            RData::MX(mx) => Some((mx.preference, mx.exchange.to_ascii())),
            _ => None,
        })
        .collect();
    // A domain that takes no mail (RFC 7505).
    if found.iter().all(|(_, name)| name == ".") {
        return Err(Failure::NoAddress { host, family: None });
    }
    found.sort();
    let names = found.iter().map(|(_, name)| DnsName::parse(name.trim_end_matches('.')));
    names.collect::<Result<_, _>>().map_err(|why| failed(format!("an exchanger's name is none: {why}")))
}
