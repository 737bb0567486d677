//! Each template with random names filled in, wrapped in what stands around errors in real life.

use std::collections::BTreeSet;

use certcheck::advice::explain::explain;
use certcheck::data::client_errors::{self, ClientError};
use proptest::prelude::*;
use proptest::sample::select;
use proptest::test_runner::TestRunner;

/// What is filled in.
#[derive(Clone, Debug)]
struct Filling {
    wanted: String,
    list: Vec<String>,
    addresses: Vec<String>,
    common: String,
    /// The host that was connected to.
    server: String,
    port: u16,
}

/// How a list is written; `@` is an item.
const LISTS: &[(&str, &str)] = &[
    ("@", ", "),
    ("'@'", ", "),
    ("\"@\"", ","),
    ("DNS:@", ", "),
    ("DnsName(\"@\")", " or "),
    ("`@`", " and "),
    ("DNS Name=@", "; "),
];

/// A way to make a message harder to read, or to find.
type Noise = fn(&str) -> String;

const NOISES: &[(&str, Noise)] = &[
    ("as it is", str::to_owned),
    ("a line of a log", |text| {
        format!("2026-11-24T10:00:00.123Z ERROR [worker-3] req=7f: {text}\n2026-11-24T10:00:01Z INFO next\n")
    }),
    ("syslog", |text| format!("Nov 24 10:00:00 host-3 app[4242]: {text}\n")),
    ("a line of JSON", |text| format!("{{\"level\":\"error\",\"msg\":{},\"n\":3}}\n", serde_json::Value::from(text))),
    ("Python's traceback", |text| {
        format!(
            "Traceback (most recent call last):\n  File \"/srv/app.py\", line 3, in <module>\n    \
             get(url)\n    ^^^^^^^^\napp.Error: {text}\n\nDuring handling of the above exception, another exception occurred:\n"
        )
    }),
    ("Java's stack", |text| {
        format!(
            "Exception in thread \"main\" javax.net.ssl.SSLHandshakeException: {text}\n\tat java.base/sun.security.ssl.Alert\
             .createSSLException(Alert.java:131)\nCaused by: java.security.cert.CertificateException: {text}\n\t... 3 more\n"
        )
    }),
    ("Node's stack", |text| {
        format!(
            "node:events:502\n      throw er;\n\nError [E]: {text}\n    at Object.check (node:tls:316:12) {{\n  code: 'E'\n}}\n"
        )
    }),
    ("pytest", |text| {
        format!("    def test_it():\n>       get(url)\nE       app.Error: {text}\n\ntest_it.py:3: Error\n")
    }),
    ("a container's log", |text| format!("web-1  | starting\nweb-1  | {text}\nweb-1  | exited with code 1\n")),
    ("wrapped", |text| wrapped(text, "\n")),
    ("wrapped and indented", |text| wrapped(text, "\n      ")),
    ("wrapped with CR LF", |text| wrapped(text, "\r\n")),
    ("a quoted mail", |text| format!("> {}", wrapped(text, "\n> "))),
    ("a mail quoted twice", |text| format!("> > {}", wrapped(text, "\n>> "))),
    ("a box", |text| wrapped(text, "\n\u{2502} ")),
    ("red", |text| format!("\x1b[31;1m{text}\x1b[0m\n")),
    ("each word coloured", |text| {
        text.split(' ').map(|word| format!("\x1b[38;5;208m{word}\x1b[m")).collect::<Vec<_>>().join(" ")
    }),
    ("a coloured log with links", |text| {
        format!(
            "\x1b[2m10:00:00\x1b[0m \x1b[41mERROR\x1b[K\x1b[0m \x1b]8;;https://log.test/1\x1b\\log\x1b]8;;\x07 {text}\x1b[0m\n"
        )
    }),
    ("typographic quotes", |text| text.replace('\'', "\u{2019}").replace(" \"", " \u{201C}").replace('"', "\u{201D}")),
    ("bytes that are no text", |text| format!("\0\u{fffd}\u{7f} {text} \u{feff}\0")),
];

/// Lines of some forty characters, broken at spaces.
fn wrapped(text: &str, end: &str) -> String {
    let mut lines = vec![String::new()];
    for word in text.split(' ') {
        let line = lines.last_mut().unwrap();
        if line.len() + word.len() > 40 && !line.is_empty() {
            lines.push(word.to_owned());
        } else {
            line.push_str(if line.is_empty() { "" } else { " " });
            line.push_str(word);
        }
    }
    lines.join(end)
}

fn label() -> impl Strategy<Value = String> {
    prop_oneof![4 => "[a-z0-9]([a-z0-9-]{0,12}[a-z0-9])?", 1 => "[A-Z][A-Z0-9]{0,6}", 1 => Just("xn--bcher-kva".to_owned())]
        .prop_filter("LDH, and no label that claims to be an A-label", |label| {
            label == "xn--bcher-kva" || label.get(2..4) != Some("--")
        })
}

fn name() -> impl Strategy<Value = String> {
    (prop::collection::vec(label(), 1..4), select(vec!["test", "example", "com", "internal"]))
        .prop_map(|(labels, last)| format!("{}.{last}", labels.join(".")))
}

fn address() -> impl Strategy<Value = String> {
    prop_oneof![
        any::<std::net::Ipv4Addr>().prop_map(|ip| ip.to_string()),
        any::<std::net::Ipv6Addr>().prop_map(|ip| ip.to_string()),
        Just("2001:db8::".to_owned())
    ]
}

fn filling() -> impl Strategy<Value = Filling> {
    let presented = (name(), any::<bool>()).prop_map(|(name, star)| if star { format!("*.{name}") } else { name });
    let wanted = || prop_oneof![4 => name(), 1 => address()];
    // Mostly one, as in real life.
    let hosts = (wanted(), wanted(), prop::bool::weighted(0.6));
    let hosts = hosts.prop_map(|(wanted, other, one)| (wanted.clone(), if one { wanted } else { other }));
    let addresses = prop::collection::vec(address(), 0..4);
    (hosts, prop::collection::vec(presented, 1..6), addresses, name(), 1024_u16..).prop_map(
        |((wanted, server), list, addresses, common, port)| Filling { wanted, list, addresses, common, server, port },
    )
}

/// The template with these names, its list written in one of the ways.
fn filled(template: &str, with: &Filling, (item, between): (&str, &str)) -> String {
    let list: Vec<String> = with.list.iter().map(|name| item.replace('@', name)).collect();
    let addresses = with.addresses.join(", ");
    let authority = format!("{}:{}", bracketed(&with.server), with.port);
    template
        .replace("{H}", &with.wanted)
        .replace("{A}", &with.list[0])
        .replace("{L}", &list.join(between))
        .replace("{I}", &if addresses.is_empty() { String::new() } else { format!(" {addresses}") })
        .replace("{X}", &with.common)
        .replace("{P}", &with.port.to_string())
        .replace("{C}", &with.server)
        .replace("{S}", &authority)
        .replace("{U}", &format!("https://{authority}/a?b=c"))
        .replace("{N}", "42")
        .replace("{_}", "x")
}

/// As it stands beside a port.
fn bracketed(host: &str) -> String {
    if host.parse::<std::net::Ipv6Addr>().is_ok() { format!("[{host}]") } else { host.to_owned() }
}

/// A host as a command has it.
fn canonical(host: &str) -> String {
    host.parse::<std::net::IpAddr>().map_or_else(|_| host.to_ascii_lowercase(), |ip| ip.to_string())
}

/// The command that is to be run next; none where there is neither a name nor a server.
fn command(error: &ClientError, with: &Filling) -> Option<String> {
    let has = |field: &str| error.template.contains(field);
    let names_server = has("{C}") || has("{S}") || has("{U}");
    let wanted = has("{H}").then(|| canonical(&with.wanted));
    let server = names_server.then(|| canonical(&with.server)).or(wanted.clone())?;
    let place = match (has("{P}") || has("{S}") || has("{U}"), error.scheme) {
        (true, _) => format!("{}:{}", bracketed(&server), with.port),
        (false, Some(_)) => bracketed(&server),
        (false, None) => server.clone(),
    };
    let target = match (wanted.filter(|name| *name != server), error.scheme) {
        (None, None) => format!("'{place}'"),
        (Some(name), None) => format!("'{name}@{place}'"),
        (None, Some(scheme)) => format!("'{scheme}://{place}'"),
        (Some(name), Some(scheme)) => format!("'{scheme}://{place}' --name '{name}'"),
    };
    let client = error.id.map(|id| format!(" --clients {id}")).unwrap_or_default();
    Some(format!("certcheck {target}{client}"))
}

fn check(error: &ClientError, with: &Filling, text: &str) -> Result<(), TestCaseError> {
    let has = |field: &str| error.template.contains(field);
    let Some(found) = explain(text) else { return Err(TestCaseError::fail(format!("not recognised: {text}"))) };
    prop_assert_eq!(found.client.as_deref(), Some(error.client), "{}", text);
    prop_assert_eq!(found.wanted.as_ref(), has("{H}").then_some(&with.wanted), "{}", text);
    let presented = match (has("{L}"), has("{I}"), has("{A}")) {
        (true, _, _) => &with.list[..],
        (_, true, _) => &with.addresses,
        (_, _, true) => &with.list[..1],
        _ => &[],
    };
    prop_assert_eq!(&found.presented[..], presented, "{}", text);
    let knows_both = has("{H}") && !presented.is_empty();
    prop_assert_eq!(found.covered || !found.findings.is_empty(), knows_both, "{}", text);
    prop_assert_eq!(found.command, command(error, with), "{}", text);
    Ok(())
}

/// Every template in every noise, each time with names of its own.
#[test]
fn every_template_is_found_in_every_noise() {
    let templates: Vec<ClientError> = client_errors::all().collect();
    // All pairs of a template and a noise are that many runs.
    let config = ProptestConfig::default();
    let config = ProptestConfig { cases: config.cases.div_ceil(128), failure_persistence: None, ..config };
    let (mut seen, mut failures) = (BTreeSet::new(), Vec::new());
    for error in &templates {
        for (what, noise) in NOISES {
            // A runner counts its successes over all that it runs.
            let mut runner = TestRunner::new(config.clone());
            let random = (filling(), select(LISTS.to_vec()));
            let outcome =
                runner.run(&random, |(with, list)| check(error, &with, &noise(&filled(error.template, &with, list))));
            failures.extend(outcome.err().map(|failure| format!("{}, {what}: {failure}", error.template)));
            seen.insert((error.template, *what));
        }
    }
    assert!(failures.is_empty(), "{}:\n{}", failures.len(), failures.join("\n"));
    assert_eq!((templates.len(), seen.len()), (131, 131 * NOISES.len()));
}
