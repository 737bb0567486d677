//! `--explain`: codes with their examples, and error texts of clients.
//!
//! | file | what it asks |
//! | --- | --- |
//! | `explain/noise.rs` | every template, with random names, in the noise around it |
//! | `explain/captured.rs` | what real clients print; off unless `CERTCHECK_REAL_SERVERS=1` |
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::print_stdout)]
#![allow(clippy::disallowed_methods, clippy::disallowed_types, missing_docs, unreachable_pub)]

mod support;

#[cfg(target_os = "linux")]
#[path = "explain/captured.rs"]
mod captured;
#[cfg(target_os = "linux")]
#[path = "loopback/driver.rs"]
mod driver;
#[path = "explain/noise.rs"]
mod noise;

use std::io::Write;
use std::process::{Command, Output, Stdio};

use certcheck::advice::explain::explain;
use certcheck::data::examples;
use certcheck::diagnosis::Code;
use certcheck::report::drawing::{Canvas, Color, Detail};
use certcheck::report::explanation;
use certcheck::report::wrap::Width;
use serde_json::Value;

fn run(args: &[&str], input: &str) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_certcheck"));
    command.args(args).env("LC_ALL", "C.UTF-8").env("NO_COLOR", "1");
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    // A program that needs no input may be gone before it is written.
    let _ = child.stdin.take().unwrap().write_all(input.as_bytes());
    child.wait_with_output().unwrap()
}

fn text(output: &Output, code: i32) -> String {
    assert_eq!(output.status.code(), Some(code), "{output:?}");
    String::from_utf8(output.stdout.clone()).unwrap()
}

#[test]
fn every_code_is_explained() {
    for code in Code::ALL {
        let explanation = explain(code.name()).unwrap();
        assert!(explanation.heading.contains(code.name()) && explanation.heading.contains(code.summary()));
        assert!(explanation.text[0].len() > 40, "{code}");
        assert_eq!(explanation.section, code.section());
    }
}

/// The example of a code is one: it leads there, or stands among what is said of a match.
#[test]
fn examples_show_their_codes() {
    for example in examples::all() {
        let explanation = explain(example.code).unwrap();
        let codes: Vec<&str> = explanation.findings.iter().map(|finding| finding.code.as_str()).collect();
        let is_mismatch = Code::ALL.iter().find(|code| code.name() == example.code).unwrap().rank().is_some();
        if is_mismatch {
            assert_eq!(codes.first(), Some(&example.code), "{example:?}: {codes:?}");
        } else {
            assert!(codes.contains(&example.code), "{example:?}: {codes:?}");
        }
        assert!(explanation.sides.is_some(), "{example:?}");
    }
    assert!(examples::all().count() >= 19);
}

#[test]
fn a_traceback_is_read_to_its_names() {
    let traceback = "Traceback (most recent call last):\n  File \"app.py\", line 3, in <module>\n    \
        urllib.request.urlopen(url)\nurllib.error.URLError: <urlopen error [SSL: CERTIFICATE_VERIFY_FAILED] certificate \
        verify failed: Hostname mismatch, certificate is not valid for 'a.b.example.com'. (_ssl.c:1006)>\n";
    let human = text(&run(&["--explain", "-"], traceback), 0);
    assert!(human.starts_with("Python ssl: the certificate is not valid for 'a.b.example.com'"), "{human}");
    assert!(human.contains("certcheck 'a.b.example.com' --clients python"), "{human}");

    let go = "tls: failed to verify certificate: x509: certificate is valid for *.example.com, example.com, not a.b.example.com";
    let human = text(&run(&["--explain", go], ""), 0);
    assert!(human.contains("HostnameMismatchError[wildcard-depth]"), "{human}");
    let json: Value = serde_json::from_str(&text(&run(&["--explain", go, "--json"], ""), 0)).unwrap();
    assert_eq!(json["kind"], "explanation");
    assert_eq!(json["client"], "Go");
    assert_eq!(json["identifier"], "x509.HostnameError");
    assert_eq!(json["wanted"], "a.b.example.com");
    assert_eq!(json["presented"], serde_json::json!(["*.example.com", "example.com"]));
    assert_eq!(json["findings"][0]["code"], "wildcard-depth");
}

/// A client that connects to an address under a name verifies the name, and the text has both.
#[test]
fn the_name_that_was_verified_is_the_wanted_one() {
    let pool = "requests.exceptions.SSLError: HTTPSConnectionPool(host='10.0.0.9', port=8443): Max retries exceeded with \
        url: / (Caused by SSLError(SSLCertVerificationError(";
    let openssl = "1, \"[SSL: CERTIFICATE_VERIFY_FAILED] certificate verify failed: Hostname mismatch, certificate is not \
        valid for 'www.example.com'. (_ssl.c:1006)\")))";
    let own = "\"hostname 'www.example.com' doesn't match 'other.test'\")))";
    for (text, client, command) in [
        (format!("{pool}{openssl}"), "requests", "certcheck 'www.example.com@10.0.0.9:8443' --clients requests"),
        (format!("{pool}{own}"), "requests", "certcheck 'www.example.com@10.0.0.9:8443' --clients requests"),
        (
            format!("{pool}{own}").replace("10.0.0.9", "WWW.example.com"),
            "requests",
            "certcheck 'www.example.com:8443' --clients requests",
        ),
        (
            "FetchError: request to https://[2001:db8::9]/a?b=c failed, reason: Hostname/IP does not match certificate's \
             altnames: Host: www.example.com. is not in the cert's altnames: DNS:other.test"
                .to_owned(),
            "Node.js",
            "certcheck 'www.example.com@2001:db8::9' --clients node",
        ),
        (
            "Get \"https://10.0.0.9:8443/healthz\": tls: failed to verify certificate: x509: certificate is valid for \
             other.test, not www.example.com"
                .to_owned(),
            "Go",
            "certcheck 'www.example.com@10.0.0.9:8443' --clients go",
        ),
        (
            "2026/11/24 10:00:00 [error] 30#30: *1 upstream SSL certificate does not match \"www.example.com\" while SSL \
             handshaking to upstream, client: 192.0.2.1, server: , request: \"GET / HTTP/1.1\", upstream: \
             \"https://10.0.0.9:443/\", host: \"localhost:8080\""
                .to_owned(),
            "nginx",
            "certcheck 'www.example.com@10.0.0.9:443'",
        ),
        (
            "psql: error: connection to server at \"10.0.0.9\", port 5433 failed: server certificate for \"other.test\" \
             does not match host name \"www.example.com\""
                .to_owned(),
            "libpq, psql",
            "certcheck 'postgres://10.0.0.9:5433' --name 'www.example.com' --clients openssl",
        ),
    ] {
        let explanation = explain(&text).unwrap_or_else(|| panic!("{text}"));
        assert_eq!(explanation.client.as_deref(), Some(client), "{text}");
        assert!(explanation.wanted.as_deref().unwrap().eq_ignore_ascii_case("www.example.com"), "{text}");
        assert_eq!(explanation.command.as_deref(), Some(command), "{text}");
    }
    let human = text(&run(&["--explain", "-"], &format!("{pool}{openssl}")), 0);
    assert!(human.starts_with("requests: the certificate is not valid for 'www.example.com'"), "{human}");
    let said = "the client connected to `10.0.0.9`, and wanted a certificate for `www.example.com`";
    assert!(human.contains(said), "{human}");
}

/// Clients may have been given another certificate than the one in the text says.
#[test]
fn names_that_cover_are_told_as_such() {
    let explanation = explain("x509: certificate is valid for *.example.com, not www.example.com").unwrap();
    assert!(explanation.covered);
}

#[test]
fn what_is_not_recognised_is_a_usage_error() {
    for what in ["", "no-such-code", "connection refused", "wildcard_depth"] {
        let output = run(&["--explain", what], "");
        assert_eq!(text(&output, 2), "", "{what}");
        assert!(!output.stderr.is_empty());
    }
    for args in [&["--explain", "expired", "example.com"][..], &["--explain", "expired", "--cert", "x"], &["--explain"]]
    {
        assert_eq!(run(args, "").status.code(), Some(2), "{args:?}");
    }
}

/// A line that is too long for the terminal is one word, or a beginning and a word; no word is broken.
#[test]
fn texts_fit_the_terminal_down_to_twenty_columns() {
    let beginnings = ["", "|", "= note:", "= help:", "help:", "+", "-->", "| ^", "|     ^"];
    let no_spaces = |text: &str| text.split_whitespace().map(str::to_owned).collect::<Vec<_>>();
    let longest = ["a", "b", "c"].map(|letter| letter.repeat(63)).join(".") + ".0123456789.test";
    let of_the_longest = format!("hostname 'www.example.com' doesn't match either of '{longest}', 'b.test'");
    for what in Code::ALL.iter().map(|code| code.name()).chain([
        "Get \"https://[2001:db8::9]:8443/\": x509: certificate is valid for *.example.com, not a.b.example.com",
        &of_the_longest,
    ]) {
        let explanation = explain(what).unwrap();
        let at = |width| explanation::human(&explanation, Canvas { color: Color::Plain, width, detail: Detail::Full });
        let whole = no_spaces(&at(Width::Unbounded));
        assert_eq!(what == of_the_longest, whole.iter().any(|word| *word == format!("DNS:{longest}")), "{whole:?}");
        for columns in [20, 23, 30, 40, 80] {
            let text = at(Width::Terminal(columns));
            for line in text.lines().filter(|line| line.chars().count() > columns && !line.contains('^')) {
                let (before, _) = line.trim_end_matches(" \\").rsplit_once(' ').unwrap_or_default();
                let before = before.trim().trim_start_matches(|c: char| c.is_ascii_digit()).trim_start();
                assert!(beginnings.contains(&before), "{what} at {columns}: {line:?}\n{text}");
            }
            // What stands between the words is ours: the edge of the drawing, and a command's line ends.
            let ours = |words: Vec<String>| words.into_iter().filter(|w| w != "|" && w != "\\").collect::<Vec<_>>();
            assert_eq!(ours(no_spaces(&text)), ours(whole.clone()), "{what} at {columns}");
        }
    }
}

/// What a text holds is escaped, and no command holds what is no name.
#[test]
fn hostile_texts_stay_texts() {
    let text_of = |name: &str| format!("x509: certificate is valid for good.test, $(rm), not {name}");
    for name in ["a\u{202e}b.test", "$(id).test", "a;id", "a\x1b[31m.test"] {
        let output = run(&["--explain", &text_of(name)], "");
        let human = String::from_utf8(output.stdout).unwrap();
        assert!(!human.contains('\u{202e}') && !human.contains('\x1b'), "{human}");
        assert!(!human.contains("certcheck '$") && !human.contains("certcheck 'a;"), "{human}");
    }
}

#[test]
fn both_documents_fit_the_schema() {
    let schema: Value = serde_json::from_str(&text(&run(&["--json-schema"], ""), 0)).unwrap();
    let validator = jsonschema::validator_for(&schema).unwrap();
    for what in ["wildcard-depth", "timeout", "Hostname mismatch, certificate is not valid for 'a.test'"] {
        let json: Value = serde_json::from_str(&text(&run(&["--explain", what, "--json"], ""), 0)).unwrap();
        validator.validate(&json).unwrap_or_else(|error| panic!("{what}: {error}"));
    }
}
