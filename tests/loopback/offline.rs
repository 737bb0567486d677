//! `--cert`: a file or standard input instead of a server.

use super::driver::{Pki, at, codes, run, run_line, run_with_input};
use crate::support::{DAY, Leaf, now};

#[test]
fn every_form_of_a_file_is_read() {
    let pki = Pki::new();
    let leaf = pki.issue("DNS:www.example.test");
    let chain = leaf.clone().with_chain(&[&pki.root]);
    let forms: [(&str, Vec<u8>, usize); 8] = [
        ("PEM", leaf.pem().into(), 0),
        ("DER", leaf.der.clone(), 0),
        ("chain", chain.chain_pem().into(), 1),
        ("leading text", format!("Certificate:\n    Data:\n{}", leaf.pem()).into(), 0),
        ("a key before", (leaf.key_pem() + &leaf.pem()).into(), 0),
        ("CRLF", leaf.pem().replace('\n', "\r\n").into(), 0),
        ("text around", format!("depth=0\n{}---\nServer certificate\n{}---\n", leaf.pem(), pki.root.pem()).into(), 1),
        ("no last newline", leaf.pem().trim_end().into(), 0),
    ];
    for (what, bytes, others) in forms {
        let file = pki.file("form", &bytes);
        let from_file = pki.run(&format!("--cert {file} --name www.example.test --json"));
        let line = format!("--cert - --name www.example.test --json --ca-file {}", pki.ca);
        let from_input = run_with_input(&line, &bytes);
        for (shown, output) in [(file.as_str(), from_file), ("-", from_input)] {
            let report = output.exits(0).one();
            assert_eq!(at(&report, "/target"), shown, "{what}");
            assert_eq!(at(&report, "/verdict"), "match", "{what}");
            assert_eq!(report["chain"].as_array().unwrap().len(), others, "{what}");
            assert_eq!(at(&report, "/trust/verdict"), "trusted", "{what}");
            assert!(report["connection"].is_null(), "{what}");
        }
    }
}

#[test]
fn what_holds_no_certificate_is_an_error() {
    let pki = Pki::new();
    let good = pki.issue("DNS:www.example.test");
    let cut = &good.pem()[..200];
    let garbled = good.pem().replace("MII", "!!!");
    for (what, bytes, code) in [
        ("empty", &b""[..], "unreadable-file"),
        ("text", b"hello", "unreadable-file"),
        ("a key alone", good.key_pem().as_bytes(), "unreadable-file"),
        ("cut PEM", cut.as_bytes(), "unreadable-file"),
        ("garbled PEM", garbled.as_bytes(), "unreadable-file"),
        ("DER of something else", b"\x30\x03\x02\x01\x05", "unreadable-certificate"),
        ("cut DER", &good.der[..100], "unreadable-certificate"),
    ] {
        let file = pki.file("bad", bytes);
        let report = run_line(&format!("--cert {file} --name www.example.test --json")).exits(3).one();
        assert_eq!(at(&report, "/error/code"), code, "{what}: {report}");
        assert_eq!(at(&report, "/verdict"), "error", "{what}");
        assert_eq!(at(&report, "/reference/value"), "www.example.test", "{what}");
    }
    let report = run_line("--cert /nonexistent/x.pem --name a.test --json").exits(3).one();
    assert_eq!((at(&report, "/error/stage"), at(&report, "/error/code")), ("input", "unreadable-file"));
    let folder = pki.scratch.path().to_str().unwrap();
    run_line(&format!("--cert {folder} --name a.test")).exits(3);
}

#[test]
fn names_come_from_options_or_from_targets() {
    let pki = Pki::new();
    let file = pki.file("leaf.pem", pki.issue("DNS:a.test,DNS:b.test,IP:192.0.2.7").pem());
    for (more, wanted) in [
        ("a.test", &["a.test"][..]),
        ("a.test:8443 https://b.test/x 192.0.2.7", &["a.test", "b.test", "192.0.2.7"]),
        ("a.test@elsewhere.test:25", &["a.test"]),
        ("--name a.test --name ip:192.0.2.7", &["a.test", "192.0.2.7"]),
        ("ignored.test --name b.test", &["b.test"]),
    ] {
        let reports = run_line(&format!("--cert {file} --json {more}")).exits(0).json();
        let names: Vec<&str> = reports.iter().map(|report| at(report, "/reference/value")).collect();
        assert_eq!(names, wanted, "{more}");
    }
    run_line(&format!("--cert {file}")).exits(2);
    for more in ["--sni a.test", "--no-sni", "--connect a.test", "-4", "-6"] {
        run_line(&format!("--cert {file} --name a.test {more}")).exits(2);
    }
}

#[test]
fn a_text_that_is_no_name_is_judged_all_the_same() {
    let pki = Pki::new();
    let file = pki.file("leaf.pem", pki.issue("DNS:a.test").pem());
    for name in ["", "-x.test", "a b", "a..test", "*.test", "0x7f.1", "a\u{202e}b", &"x".repeat(300)] {
        let report = run(["--cert", &file, &format!("--name={name}"), "--json"]).exits(1).one();
        assert_eq!(at(&report, "/reference/type"), "invalid", "{name:?}");
        assert_eq!(at(&report, "/verdict"), "mismatch", "{name:?}");
        assert_eq!(codes(&report)[0], "invalid-reference", "{name:?}");
    }
    let human = run(["--cert", &file, "--name=a b"]).exits(1);
    assert!(human.stdout.starts_with("HostnameMismatchError[invalid-reference]: "), "{human:?}");
}

#[cfg(unix)]
#[test]
fn a_name_need_not_be_utf_8() {
    use std::ffi::OsStr;
    use std::os::unix::ffi::OsStrExt;
    let pki = Pki::new();
    let file = pki.file("leaf.pem", pki.issue("DNS:a.test").pem());
    let args = [OsStr::new("--cert"), OsStr::new(&file), OsStr::new("--json"), OsStr::from_bytes(b"--name=b\xfc.test")];
    let report = run(args).exits(1).one();
    assert_eq!(at(&report, "/reference/typed"), "b\\xfc.test");
}

#[test]
fn trust_is_asked_where_there_is_something_to_ask() {
    let pki = Pki::new();
    let leaf = Leaf::default().san("DNS:a.test");
    let old = leaf.clone().valid(now() - 20 * DAY, now() - DAY).signed_by(&pki.root);
    let alone = pki.file("alone.pem", leaf.signed_by(&pki.root).pem());
    let chain = pki.file("chain.pem", leaf.signed_by(&pki.root).with_chain(&[&pki.root]).chain_pem());
    let old = pki.file("old.pem", old.pem());
    let (ca, other) = (&pki.ca, pki.file("other.pem", Leaf::default().self_signed_ca().pem()));
    for (line, code, trust, validity) in [
        (format!("--cert {alone}"), 0, "not-checked", "in-time"),
        (format!("--cert {alone} --ca-file {ca}"), 0, "trusted", "in-time"),
        (format!("--cert {alone} --ca-file {other}"), 4, "untrusted", "in-time"),
        (format!("--cert {alone} --roots mozilla"), 4, "untrusted", "in-time"),
        (format!("--cert {chain}"), 4, "untrusted", "in-time"),
        (format!("--cert {chain} --ca-file {ca}"), 0, "trusted", "in-time"),
        (format!("--cert {chain} --ignore trust"), 0, "untrusted", "in-time"),
        (format!("--cert {old}"), 4, "not-checked", "expired"),
        (format!("--cert {old} --ignore expiry"), 0, "not-checked", "expired"),
        (format!("--cert {alone} --min-days 365"), 4, "not-checked", "in-time"),
    ] {
        let report = run_line(&format!("{line} --name a.test --json")).exits(code).one();
        assert_eq!(at(&report, "/trust/verdict"), trust, "{line}");
        for more in ["", "-q", "--output csv:/dev/null"] {
            let output = run_line(&format!("{line} --name a.test {more}")).exits(code);
            let is_said = output.stdout.contains("(trust not checked)");
            assert_eq!(is_said, trust == "not-checked", "{line} {more}: {output:?}");
        }
        assert_eq!(at(&report, "/validity/verdict"), validity, "{line}");
    }
}

/// A self-signed certificate alone in a file: trust is not checked, but what it is can be said.
#[test]
fn a_self_signed_certificate_alone_is_named() {
    let pki = Pki::new();
    let alone = pki.file("alone.pem", Leaf::default().san("DNS:a.test").self_signed().pem());
    let line = format!("--cert {alone} --name a.test");
    let report = run_line(&format!("{line} --json")).exits(0).one();
    assert_eq!((codes(&report), at(&report, "/trust/verdict")), (vec!["self-signed"], "not-checked"));
    assert_eq!(at(&report, "/diagnosis/0/severity"), "warning");
    let human = run_line(&line).exits(0);
    assert!(human.stdout.starts_with("ok: a.test matches DNS-ID a.test (trust not checked)\n"), "{human:?}");
    assert!(run_line(&format!("{line} -q")).exits(0).stdout.starts_with("WARN "));
    // One that only claims its own name as its issuer is not self-signed.
    let claims = Leaf::default().san("DNS:a.test").subject_der(pki.root.subject.clone()).signed_by(&pki.root);
    let claims = pki.file("claims.pem", claims.pem());
    let report = run_line(&format!("--cert {claims} --name a.test --json")).exits(0).one();
    assert_eq!(codes(&report), [""; 0], "{report:#}");
}

/// Also where another advice stands before it.
#[test]
fn every_format_that_says_what_to_do_has_the_name_to_add() {
    let pki = Pki::new();
    for (san, code) in [("DNS:{{ host }}", "template-unexpanded"), ("DNS:*.example.test", "wildcard-depth")] {
        let cert = pki.file("cert.pem", pki.issue(san).pem());
        for format in ["human", "json", "junit", "sarif", "github", "csv", "markdown", "html"] {
            let told = run_line(&format!("--cert {cert} --name a.b.example.test --format {format}")).exits(1).stdout;
            assert!(told.contains(code) && told.contains("DNS:a.b.example.test"), "{format}: {told}");
        }
    }
    let cert = pki.file("cert.pem", pki.issue("DNS:{{ host }}").pem());
    let told = run_line(&format!("--cert {cert} --name a.example.test --format csv")).exits(1).stdout;
    assert!(told.contains(",mend the script that requested the certificate,DNS:a.example.test,"), "{told}");
    let told = run_line(&format!("--cert {cert} --name a.example.test --format markdown")).exits(1).stdout;
    let change = "| mend the script that requested the certificate; and reissue with the name: `DNS:a.example.test` |";
    assert!(told.contains(change), "{told}");
}
