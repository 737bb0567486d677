//! `--baseline`: what a certificate lost and gained since an earlier one.

use crate::driver::{Pki, at, codes};

#[test]
fn a_json_output_or_a_certificate_is_a_baseline() {
    let pki = Pki::new();
    let before = pki.server("DNS:www.example.test,DNS:example.test");
    let line = format!("www.example.test@{}", before.addr());
    let json = pki.run(&format!("{line} --json")).exits(0).stdout;
    let pem = pki.run(&format!("{line} --format pem")).exits(0).stdout;
    let after = pki.server("DNS:example.test");
    // The port is another one, so one report alone stands for whatever is asked.
    for (name, text) in [("before.ndjson", json.clone()), ("before.pem", pem)] {
        let file = pki.file(name, text);
        let report = pki.one(&format!("www.example.test@{} --baseline {file}", after.addr()), 1);
        assert_eq!(codes(&report)[0], "names-lost", "{report:#}");
        assert!(at(&report, "/diagnosis/0/message").contains("one of its names is gone"), "{report:#}");
        let report = pki.one(&format!("example.test@{} --baseline {file}", after.addr()), 0);
        assert_eq!(codes(&report), ["names-changed"], "{report:#}");
    }
    // Of several, the target's own counts.
    let other = json.replace(&line, "other.test").replace("www.example.test", "unrelated.test");
    let file = pki.file("two.ndjson", format!("{json}{other}"));
    let report = pki.one(&format!("{line} --baseline {file}"), 0);
    assert_eq!(codes(&report), [""; 0], "{report:#}");
    let report = pki.one(&format!("www.example.test@{} --baseline {file}", after.addr()), 1);
    assert!(!codes(&report).contains(&"names-lost"), "{report:#}");
}

#[test]
fn what_is_no_baseline_is_a_usage_error() {
    let pki = Pki::new();
    for (name, text) in [("empty", ""), ("text", "hello"), ("json", "{}\n"), ("errors", "{\"target\":\"a\"}\n")] {
        let file = pki.file(name, text);
        let output = pki.run(&format!("www.example.test@127.0.0.1:9 --baseline {file}")).exits(2);
        assert!(output.stderr.contains("the baseline"), "{}", output.stderr);
    }
    pki.run("www.example.test@127.0.0.1:9 --baseline /nowhere/at/all").exits(2);
}
