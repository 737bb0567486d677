//! Names that come from where the host is: a search list, a hosting platform, a mail provider, a
//! database cluster; and an address that was asked for by a name.

use super::Finding;
use super::code::Code;
use super::command::{Command, Program};
use super::facts::Facts;
use crate::data::wellknown::{self, Class};
use crate::evidence::{Service, Visited};
use crate::identity::{Asked, DnsName, Typed, covers_name};
use crate::starttls::Protocol;

/// The system's search list completes the name to one that is presented.
pub fn search_suffix(facts: &Facts<'_>) -> Option<Finding> {
    let name = facts.dns()?;
    let full = facts.probed?.names.completed.as_ref()?;
    // The host that was connected to may be another than the name that was asked for.
    let suffix = full.as_str().strip_prefix(name.as_str())?.strip_prefix('.')?;
    if !covers_name(facts.leaf, &asked(full)) {
        return None;
    }
    Some(
        Finding::new(
            Code::SearchSuffix,
            format!("`{name}` resolves only as `{full}`, which is what the certificate is valid for"),
        )
        .note(format!(
            "the resolver completes the name with `{suffix}` (search list); clients compare the name as it was given (RFC 9525, 6.1.1)"
        ))
        .help(format!("use the full name: `{full}`")),
    )
}

fn asked(name: &DnsName) -> Asked {
    Asked::parse(Typed::new(name.as_str().as_bytes()))
}

/// The certificate, or what the host's name stands for, is a hosting platform's.
pub fn platform_certificate(facts: &Facts<'_>) -> Option<Finding> {
    let id = facts.reference()?;
    let by_leaf = wellknown::find(facts.leaf, Class::Platform);
    let by_alias = facts
        .probed
        .and_then(|probed| probed.names.aliases.iter().find_map(|alias| Some((wellknown::of_host(alias)?, alias))));
    // A name of the platform's own is not one that it was to be told of.
    if facts.sni().and_then(wellknown::of_host).is_some() {
        return None;
    }
    let known = by_leaf.or(by_alias.map(|(known, _)| known))?;
    let product = known.product;
    let mut finding = Finding::new(
        Code::PlatformCertificate,
        match by_leaf {
            Some(_) => format!("this is a certificate of {product}, not one for `{id}`"),
            None => format!("the host stands at {product}, which has no certificate for `{id}`"),
        },
    )
    .note("no presented identifier is the name that was asked for (RFC 9525, 6.6)");
    if let Some((_, alias)) = by_alias {
        finding = finding.note(format!("the host's name is an alias of `{alias}` (CNAME)"));
    }
    Some(finding.help_of(known, id))
}

/// A mail server that presents the name of the host or of the provider, and not of the mail domain.
pub fn mail_host_name(facts: &Facts<'_>) -> Option<Finding> {
    let (probed, id) = (facts.probed?, facts.reference()?);
    if service(probed.visited) != Some(Service::Mail) {
        return None;
    }
    let sources = [
        (&probed.names.exchangers, "the mail exchanger of the domain (MX)"),
        (&probed.names.pointers, "the name of the address (PTR)"),
    ];
    let named = sources.into_iter().find_map(|(names, what)| {
        let name = names.iter().find(|name| covers_name(facts.leaf, &asked(name)))?;
        Some((name, what))
    });
    if let Some((name, what)) = named {
        return Some(
            Finding::new(Code::MailHostName, format!("the certificate is valid for `{name}`, {what}, not for `{id}`"))
                .note("mail clients compare the name that they are set up with (RFC 8314, RFC 7817)")
                .help(format!("set mail clients up with the server name `{name}`"))
                .add("or add the name to the certificate", id.as_entry()),
        );
    }
    let (name, what) = sources.into_iter().find_map(|(names, what)| {
        Some((names.iter().find(|name| facts.entries.iter().any(|e| is_of_one_domain(e.exact(), name)))?, what))
    })?;
    let presented = facts.entries.iter().filter_map(|e| e.exact()).find(|exact| is_of_one_domain(Some(exact), name))?;
    let presented = presented.to_ascii_lowercase();
    Some(
        Finding::new(
            Code::MailHostName,
            format!("the certificate is the mail provider's, for `{presented}`, not for `{id}`"),
        )
        .likely()
        .note(format!("`{name}` is {what}"))
        .help(format!("set mail clients up with the provider's server name, such as `{presented}`"))
        .add("or add the name to the certificate", id.as_entry()),
    )
}

/// Whether two names belong to one registrable domain.
fn is_of_one_domain(presented: Option<&str>, name: &DnsName) -> bool {
    let Some(presented) = presented.map(str::to_ascii_lowercase) else { return false };
    let domain = psl::domain_str(&presented);
    domain.is_some() && domain == psl::domain_str(name.as_str())
}

/// A database that presents the names of its cluster or its provider.
pub fn database_host_name(facts: &Facts<'_>) -> Option<Finding> {
    let (visited, id) = (facts.visited?, facts.reference()?);
    if service(visited) != Some(Service::Database) {
        return None;
    }
    let exact = facts.entries.iter().find_map(|e| e.exact()).map(str::to_ascii_lowercase);
    let wildcard = || {
        let text = facts.entries.iter().find(|e| e.pattern().is_some())?.text();
        Some(String::from_utf8_lossy(text).to_ascii_lowercase())
    };
    let presented = exact.clone().or_else(wildcard)?;
    let finding = Finding::new(
        Code::DatabaseHostName,
        format!("a database that goes by `{presented}` in its certificate was asked for as `{id}`"),
    )
    .likely()
    .note("through a tunnel, a gateway or an alias the client compares the name that it was given (RFC 9525, 6.2)");
    let finding = finding.help(match &exact {
        Some(name) => libpq(visited, name)
            .unwrap_or_else(|| format!("connect under the name `{name}`, and let it resolve to this address")),
        None => format!("connect under the cluster's own name, one of `{presented}`"),
    });
    Some(finding.add("or add the name to the certificate", id.as_entry()))
}

/// How PostgreSQL's own clients connect to this address under a name that the certificate has.
#[must_use]
pub fn libpq(visited: &Visited, presented: &str) -> Option<String> {
    let address = visited.address.filter(|_| visited.starttls == Some(Protocol::Postgres))?;
    Some(format!(
        "keep sslmode=verify-full, and name both: host={presented} hostaddr={} port={}",
        address.ip(),
        address.port()
    ))
}

fn service(visited: &Visited) -> Option<Service> {
    Service::of(visited.starttls, visited.port)
}

/// An address was asked for, and the certificate has names: how to connect to the address by name.
pub fn host_header(facts: &Facts<'_>) -> Option<Finding> {
    let (ip, visited) = (facts.ip()?, facts.visited?);
    let name = facts.entries.iter().find_map(|e| e.exact())?.to_ascii_lowercase();
    let finding = Finding::new(
        Code::HostHeader,
        "a Host header names the site in HTTP alone: TLS compares what was connected to, here the address",
    );
    if visited.starttls.is_some() {
        return None;
    }
    let shown = if ip.is_ipv6() { format!("[{ip}]") } else { ip.to_string() };
    let port = visited.port;
    Some(
        finding.command(
            format!("to connect to this address under the name `{name}`"),
            Command::new(Program::Curl)
                .word("--connect-to")
                .value(format!("{name}:{port}:{shown}:{port}"))
                .value(format!("https://{name}:{port}/")),
        ),
    )
}
