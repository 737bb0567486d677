//! Short names and full ones; the spellings of a Kubernetes service.

use super::code::Code;
use super::facts::Facts;
use super::{Finding, Place, Span};

/// A service as its names spell it: `svc`, `svc.ns`, `svc.ns.svc`, `svc.ns.svc.cluster.local`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Service<'a> {
    name: &'a str,
    namespace: Option<&'a str>,
    /// Whether the label `svc` is written out.
    written_out: bool,
}

fn service(text: &str) -> Option<Service<'_>> {
    let labels: Vec<&str> = text.split('.').collect();
    match labels.as_slice() {
        [name] => Some(Service { name, namespace: None, written_out: false }),
        [name, namespace] => Some(Service { name, namespace: Some(namespace), written_out: false }),
        [name, namespace, "svc"] | [name, namespace, "svc", "cluster", "local"] => {
            Some(Service { name, namespace: Some(namespace), written_out: true })
        }
        _ => None,
    }
}

fn are_one(a: Service<'_>, b: Service<'_>) -> bool {
    let same_namespace = match (a.namespace, b.namespace) {
        (Some(a), Some(b)) => a == b,
        _ => true,
    };
    a.name == b.name && same_namespace && (a.written_out || b.written_out)
}

/// Reference and a presented name are spellings of one service, and one of the two holds the label
/// svc.
pub fn kubernetes_service_name(facts: &Facts<'_>) -> Option<Finding> {
    let name = facts.dns()?;
    let asked = service(name.as_str())?;
    let entry = facts.entries.iter().find(|e| {
        let presented = e.exact().map(str::to_ascii_lowercase);
        presented.as_deref().and_then(service).is_some_and(|presented| are_one(asked, presented))
    })?;
    let shown = entry.described().value;
    Some(
        Finding::new(
            Code::KubernetesServiceName,
            format!("`{shown}` and `{name}` are spellings of one Kubernetes service"),
        )
        .likely()
        .note("clients compare the name they were given, not what it resolves to (RFC 9525, 6.1.1 and 6.2)")
        .mark(Place::San(entry.index), Span::Whole, format!("the same service as `{name}`"))
        .add(
            "list this spelling too (all that are in use: svc, svc.ns, svc.ns.svc, svc.ns.svc.cluster.local)",
            format!("DNS:{name}"),
        )
        .help(format!("or connect to `{shown}`")),
    )
}

/// The reference is a single label and is the first label of a presented name, or the other way
/// round.
pub fn short_name(facts: &Facts<'_>) -> Option<Finding> {
    let name = facts.dns()?;
    let (first, rest) = name.split_first();
    let entry = facts.entries.iter().find(|e| {
        e.exact().is_some_and(|presented| match presented.split_once('.') {
            Some((their_first, _)) => rest.is_empty() && their_first.eq_ignore_ascii_case(first),
            None => !rest.is_empty() && presented.eq_ignore_ascii_case(first),
        })
    })?;
    let shown = entry.described().value;
    let (message, label) = if rest.is_empty() {
        (format!("`{name}` is the short form of `{shown}`"), "the full name")
    } else {
        (format!("`{shown}` is the short form of `{name}`"), "the short form")
    };
    Some(
        Finding::new(Code::ShortName, message)
            .likely()
            .note("clients compare the name they were given, not what DNS completes it to (RFC 9525, 6.1.1 and 6.2)")
            .mark(Place::San(entry.index), Span::Whole, label)
            .help(format!("connect to `{shown}`"))
            .add(
                if rest.is_empty() {
                    "or add the short name (only a private CA can)"
                } else {
                    "or add the full name to the certificate"
                },
                format!("DNS:{name}"),
            ),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spellings_of_one_service() {
        let one = |a: &str, b: &str| are_one(service(a).unwrap(), service(b).unwrap());
        assert!(one("db", "db.prod.svc"));
        assert!(one("db.prod", "db.prod.svc.cluster.local"));
        assert!(one("db.prod.svc", "db.prod.svc.cluster.local"));
        assert!(!one("db.prod", "db.test.svc"));
        assert!(!one("db", "db.prod"));
        assert!(!one("web", "db.prod.svc"));
        assert!(service("a.b.c.d").is_none());
        assert!(service("db.prod.svc.example").is_none());
    }
}
