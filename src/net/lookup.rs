//! What DNS says about the host of a name that did not match: aliases, the search list, and for mail
//! the exchangers of the name and the names of the address. Nothing is connected to.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::time::Duration;

use futures_util::future::join4;
use hickory_resolver::TokioResolver;
use hickory_resolver::proto::rr::{RData, RecordType};
use tokio::time::timeout;

use crate::evidence::{Names, Service, Visited};
use crate::identity::{DnsName, ReferenceId};
use crate::plan::Visit;
use crate::target::{Form, Host};

/// How long all of it may take: it is worth less than the probes.
const PATIENCE: Duration = Duration::from_secs(2);
/// How many names of each kind are kept.
const MOST: usize = 16;

/// The names, as far as they are known in time.
pub async fn names(visit: &Visit, visited: &Visited, asked: &ReferenceId, allowed: Duration) -> Names {
    let host = match &visit.endpoint.host {
        Host::Name { name, form } if !is_local(name) => Some((name, *form)),
        _ => None,
    };
    let is_mail = Service::of(visit.starttls, visit.endpoint.port) == Some(Service::Mail);
    let domain = asked.sni().filter(|name| is_mail && !is_local(name) && visited.exchanger_of.is_none());
    let address = visited.address.filter(|address| is_mail && !is_this_host(address.ip()));
    if host.is_none() && domain.is_none() && address.is_none() {
        return Names::default();
    }
    let Ok(resolver) = TokioResolver::builder_tokio().and_then(hickory_resolver::ResolverBuilder::build) else {
        return Names::default();
    };
    let patience = allowed.min(PATIENCE);
    let (aliases, completed, exchangers, pointers) = join4(
        in_time(patience, async {
            if let Some((name, _)) = host { aliases(&resolver, name).await } else { Vec::new() }
        }),
        in_time(patience, async {
            match host {
                Some((name, Form::Relative)) => completed(&resolver, name).await,
                _ => None,
            }
        }),
        in_time(patience, async {
            if let Some(name) = domain { exchangers(&resolver, name).await } else { Vec::new() }
        }),
        in_time(patience, async { if let Some(at) = address { pointers(&resolver, at).await } else { Vec::new() } }),
    )
    .await;
    Names { aliases, completed, exchangers, pointers }
}

async fn in_time<T: Default>(patience: Duration, what: impl Future<Output = T>) -> T {
    timeout(patience, what).await.unwrap_or_default()
}

/// Names that resolvers answer by themselves (RFC 6761, 6.3).
fn is_local(name: &DnsName) -> bool {
    name.labels().next_back() == Some("localhost")
}

/// The addresses that every host has for itself.
fn is_this_host(ip: IpAddr) -> bool {
    ip == IpAddr::V4(Ipv4Addr::LOCALHOST) || ip == IpAddr::V6(Ipv6Addr::LOCALHOST)
}

/// The answers to a question about one absolute name.
async fn ask(resolver: &TokioResolver, name: &str, kind: RecordType) -> Vec<RData> {
    let absolute = format!("{}.", name.trim_end_matches('.'));
    match resolver.lookup(absolute, kind).await {
        Ok(found) => found.answers().iter().map(|record| record.data.clone()).collect(),
        Err(_) => Vec::new(),
    }
}

fn parsed(names: impl Iterator<Item = String>) -> Vec<DnsName> {
    names.filter_map(|name| DnsName::parse(name.trim_end_matches('.')).ok()).take(MOST).collect()
}

/// From alias to alias.
async fn aliases(resolver: &TokioResolver, name: &DnsName) -> Vec<DnsName> {
    let mut found: Vec<DnsName> = Vec::new();
    let mut at = name.clone();
    while found.len() < MOST {
        let answers = ask(resolver, at.as_str(), RecordType::CNAME).await;
        let next = answers.iter().find_map(|data| match data {
            RData::CNAME(next) => DnsName::parse(next.0.to_ascii().trim_end_matches('.')).ok(),
            _ => None,
        });
        match next {
            Some(next) if next != *name && !found.contains(&next) => {
                at = next.clone();
                found.push(next);
            }
            _ => return found,
        }
    }
    found
}

/// The name with the first suffix of the search list with which it resolves, where it does not
/// resolve by itself.
async fn completed(resolver: &TokioResolver, name: &DnsName) -> Option<DnsName> {
    let (config, _) = hickory_resolver::system_conf::read_system_conf().ok()?;
    if config.search().is_empty() || exists(resolver, name.as_str()).await {
        return None;
    }
    for suffix in config.search().iter().take(MOST) {
        let Ok(full) = DnsName::parse(&format!("{name}.{}", suffix.to_ascii().trim_end_matches('.'))) else { continue };
        if exists(resolver, full.as_str()).await {
            return Some(full);
        }
    }
    None
}

async fn exists(resolver: &TokioResolver, name: &str) -> bool {
    resolver.lookup_ip(format!("{}.", name.trim_end_matches('.'))).await.is_ok()
}

async fn exchangers(resolver: &TokioResolver, name: &DnsName) -> Vec<DnsName> {
    let answers = ask(resolver, name.as_str(), RecordType::MX).await;
    parsed(answers.iter().filter_map(|data| match data {
        RData::MX(mx) => Some(mx.exchange.to_ascii()),
        _ => None,
    }))
}

async fn pointers(resolver: &TokioResolver, address: SocketAddr) -> Vec<DnsName> {
    let Ok(found) = resolver.reverse_lookup(address.ip()).await else { return Vec::new() };
    parsed(found.answers().iter().filter_map(|record| match &record.data {
        RData::PTR(name) => Some(name.0.to_ascii()),
        _ => None,
    }))
}
