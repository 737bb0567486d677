//! The mail exchangers of a domain (RFC 5321, 5.1): each is a visit of its own. The names of mail's
//! servers come from the DNS, which RFC 9525, 6.1.1 does not allow; RFC 8461, 4.1 and RFC 7817, 3
//! say what a sending server compares all the same: the exchanger's own name.

use hickory_resolver::TokioResolver;
use hickory_resolver::proto::rr::RData;
use tokio::time::{sleep, timeout};

use super::visit::backoff;
use crate::escape::Shown;
use crate::evidence::{Failure, Progress};
use crate::identity::{Asked, DnsName, Typed};
use crate::plan::{Follows, Located, Pace, Visit};
use crate::target::{Form, Host};

/// How many exchangers of a domain are visited.
const MAX_EXCHANGERS: usize = 64;

/// One visit for each exchanger, the most preferred first; a domain without any is its own (RFC
/// 5321, 5.1). An exchanger that cannot be visited is a failure of its own.
///
/// # Errors
/// Why they cannot be found.
pub async fn exchangers(visit: &Visit, pace: &Pace) -> Result<Vec<Result<Visit, Failure>>, Failure> {
    let (Located::ByMx { name, sni }, Host::Name { name: domain, .. }) = (&visit.located, &visit.endpoint.host) else {
        return Ok(vec![Ok(visit.clone())]);
    };
    let mut found = look_up_again(domain, pace).await?;
    let more = found.len().saturating_sub(MAX_EXCHANGERS);
    found.truncate(MAX_EXCHANGERS);
    let host = Shown::new(domain.as_str().as_bytes());
    let mut visits: Vec<Result<Visit, Failure>> = Vec::new();
    for exchanger in found {
        let exchanger = match DnsName::parse(exchanger.trim_end_matches('.')) {
            Ok(exchanger) => exchanger,
            Err(why) => {
                let why = format!("`{}`: {why}", Shown::short(exchanger.as_bytes()));
                visits.push(Err(Failure::BadExchanger { host: host.clone(), why }));
                continue;
            }
        };
        let mut visit = visit.clone();
        visit.located = Located::Exchanger { of: domain.clone() };
        visit.endpoint.host = Host::Name { name: exchanger.clone(), form: Form::Absolute };
        visit.server = Some(Shown::new(exchanger.as_str().as_bytes()));
        if *name == Follows::Host {
            visit.names = vec![Asked::parse(Typed::new(exchanger.as_str().as_bytes()))];
        }
        if *sni == Follows::Host {
            visit.sni = Some(exchanger);
        }
        visits.push(Ok(visit));
    }
    if more > 0 {
        let why = format!("it has {more} more than the {MAX_EXCHANGERS} that are checked");
        visits.push(Err(Failure::BadExchanger { host, why }));
    }
    Ok(visits)
}

/// Tried again after what may pass by itself, as a visit is.
async fn look_up_again(domain: &DnsName, pace: &Pace) -> Result<Vec<String>, Failure> {
    let mut tried = 0;
    loop {
        let found = timeout(pace.timeout, look_up(domain)).await.unwrap_or(Err(Failure::Timeout {
            progress: Progress::Resolving,
            after: pace.timeout,
            address: None,
        }));
        match found {
            Err(failure) if failure.may_pass() && tried < pace.retries => {
                sleep(backoff(tried)).await;
                tried += 1;
            }
            found => return found,
        }
    }
}

/// The exchangers' names, as the DNS has them.
async fn look_up(domain: &DnsName) -> Result<Vec<String>, Failure> {
    let host = Shown::new(domain.as_str().as_bytes());
    let failed = |why: String| Failure::ResolveFailed { host: host.clone(), why };
    let words = |error: &dyn std::fmt::Display| Shown::short(error.to_string().as_bytes()).into_string();
    let resolver = TokioResolver::builder_tokio()
        .and_then(hickory_resolver::ResolverBuilder::build)
        .map_err(|e| failed(words(&e)))?;
    let answer = match resolver.mx_lookup(format!("{domain}.")).await {
        Ok(answer) => answer,
        Err(error) if error.is_nx_domain() => return Err(Failure::NoSuchHost { host }),
        Err(error) if error.is_no_records_found() => return Ok(vec![domain.to_string()]),
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
    if found.iter().all(|(_, name)| name == ".") {
        return Err(Failure::NoMail { host });
    }
    found.sort();
    Ok(found.into_iter().map(|(_, name)| name).collect())
}
