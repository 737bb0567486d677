//! When fixes are printed, what they hold, and what is said where there is none.

use std::fs;

use certcheck::data::fixes::{CLIENT, SERVER};

use crate::driver::{Pki, run, run_line};
use crate::support::{Config, DAY, Leaf, TlsServer, now};
use crate::{all, code, everything, text};

#[test]
fn only_a_mismatch_has_them_and_only_where_they_are_asked_for() {
    let pki = Pki::new();
    let server = pki.server("DNS:www.example.test");
    let line = |name: &str| format!("{name}@{}", server.addr());
    let matched = pki.one(&format!("{} {}", line("www.example.test"), everything()), 0);
    assert_eq!(matched["fixes"], serde_json::json!([]), "{matched:#}");
    let human = pki.run(&format!("{} {}", line("www.example.test"), everything())).exits(0);
    let plain = pki.run(&line("www.example.test")).exits(0);
    assert_eq!(human.stdout, plain.stdout);
    assert_eq!(pki.one(&line("other.test"), 1)["fixes"], serde_json::json!([]));
    let refused = run_line(&format!("a.test@127.0.0.1:1 --json {}", everything())).exits(3).one();
    assert_eq!(refused["fixes"], serde_json::json!([]));

    let report = pki.one(&format!("{} {}", line("other.test"), everything()), 1);
    assert_eq!(report["fixes"].as_array().unwrap().len(), SERVER.len() + CLIENT.len());
    // For people: the same text, after the report, unindented.
    let human = pki.run(&format!("{} --fix openssl --client-fix curl", line("other.test"))).exits(1);
    let plain = pki.run(&line("other.test")).exits(1);
    let expected = format!(
        "{}\nto mend the server with openssl:\n\n{}\nto connect until then with curl:\n\n{}",
        plain.stdout,
        text(&report, "server", "openssl"),
        text(&report, "client", "curl")
    );
    assert_eq!(human.stdout, expected);
}

#[test]
fn what_makes_no_sense_is_a_usage_error() {
    for bad in ["--fix iis", "--client-fix wget", "--fix", "--fix openssl -q", "--client-fix curl -q"] {
        run_line(&format!("a.test {bad}")).exits(2);
    }
    let pem = run_line("a.test --format pem --fix openssl").exits(2);
    assert!(pem.stderr.contains("--format pem"), "{pem:?}");
}

#[test]
fn a_request_holds_every_name_and_the_missing_one() {
    let pki = Pki::new();
    let names = "DNS:WWW.example.test,DNS:*.example.test,DNS:www.example.test,IP:192.0.2.1,IP:2001:db8::1,\
                 SRV:_imaps.example.test,URI:sip:example.test,XMPP:example.test";
    let server = pki.server(names);
    let report = pki.one(&format!("bücher.test@{} --fix openssl,certbot,cert-manager", server.addr()), 1);
    let san = "subjectAltName=DNS:www.example.test,DNS:*.example.test,IP:192.0.2.1,IP:2001:db8::1,\
               otherName:1.3.6.1.5.5.7.8.7;IA5STRING:_imaps.example.test,URI:sip:example.test,\
               otherName:1.3.6.1.5.5.7.8.5;UTF8:example.test,DNS:xn--bcher-kva.test";
    let openssl = text(&report, "server", "openssl");
    assert!(openssl.contains(&format!("-addext '{san}'\n")), "{openssl}");
    assert!(openssl.contains("-subj '/CN=xn--bcher-kva.test'"), "{openssl}");
    // What a tool cannot ask for is left out, and that is said.
    let certbot = text(&report, "server", "certbot");
    let said =
        "# left out: entries 4, 5, 6, 7 and 8 of the certificate, which are of a sort that certbot does not take";
    let covered = "# left out: one name that a wildcard here covers, since the CA refuses both";
    assert!(certbot.starts_with(&format!("{said}\n{covered}\n")), "{certbot}");
    let names: Vec<&str> = certbot.lines().filter(|line| line.contains(" -d ")).collect();
    assert_eq!(names, ["    -d '*.example.test' \\", "    -d 'xn--bcher-kva.test' \\"]);
    let yaml = text(&report, "server", "cert-manager");
    assert!(yaml.contains("  ipAddresses:\n    - \"192.0.2.1\"\n    - \"2001:db8::1\"\n  uris:\n"), "{yaml}");
    assert!(yaml.contains("left out: entries 6 and 8 "), "{yaml}");
}

#[test]
fn an_address_is_an_ip_entry() {
    let pki = Pki::new();
    let server = pki.server("DNS:www.example.test");
    let report = pki.one(&format!("127.0.0.1:{} --fix {}", server.port(), all(SERVER)), 1);
    let openssl = text(&report, "server", "openssl");
    assert!(openssl.contains("'subjectAltName=DNS:www.example.test,IP:127.0.0.1'"), "{openssl}");
    let certbot = text(&report, "server", "certbot");
    assert_eq!(code(certbot), "", "{certbot}");
    assert!(certbot.contains("certbot takes no IP addresses"), "{certbot}");
    let nginx = text(&report, "server", "nginx");
    assert!(nginx.contains(&format!("listen {} ssl default_server;", server.port())), "{nginx}");
    assert!(text(&report, "server", "cert-manager").contains("  ipAddresses:\n    - \"127.0.0.1\"\n"));
}

/// RFC 5280 allows a common name 64 characters.
#[test]
fn a_long_name_is_no_common_name() {
    let long = format!("{}.{}.test", "a".repeat(40), "b".repeat(40));
    let output = run_line(&format!("--cert tests/fixtures/wildcard.pem --name {long} --fix openssl --json"));
    let report = output.exits(1).one();
    let openssl = text(&report, "server", "openssl");
    assert!(openssl.contains("-subj '/' "), "{openssl}");
}

#[test]
fn a_client_connects_under_the_nearest_name_that_is_certified() {
    let pki = Pki::new();
    for (san, asked, expected) in [
        ("DNS:far.test,DNS:www.example.test,DNS:*.example.test", "ww.example.org", "www.example.test"),
        ("DNS:*.example.test", "a.b.example.test", "a.example.test"),
        ("DNS:*.example.test", "127.0.0.1", "www.example.test"),
        ("IP:192.0.2.1", "www.example.test", "192.0.2.1"),
        ("DNS:bad name.test,DNS:a*.test,DNS:good.test", "other.test", "good.test"),
        ("DNS:xn--bcher-kva.test", "bucher.test", "xn--bcher-kva.test"),
    ] {
        let server = pki.server(san);
        let line = format!("127.0.0.1:{} --name {asked} --client-fix {}", server.port(), all(CLIENT));
        let report = pki.one(&line, 1);
        for tool in CLIENT.iter().filter(|tool| tool.name != "psql") {
            let text = text(&report, "client", tool.name);
            let said = format!("Verification stays on, for `{expected}`,");
            assert!(text.contains(&said), "{san} {asked} {}:\n{text}", tool.name);
            assert!(code(text).contains(expected), "{san} {asked} {}:\n{text}", tool.name);
            assert!(code(text).contains("ca.pem"), "{}:\n{text}", tool.name);
        }
        let route = format!("--connect-to '{expected}:{0}:127.0.0.1:{0}'", server.port());
        assert!(text(&report, "client", "curl").contains(&route), "{report:#}");
    }
}

#[test]
fn where_no_name_is_certified_there_is_no_way() {
    let pki = Pki::new();
    for san in ["-", "EMPTY", "DNS:a b.test", "DNS:*", "email:a@example.test", "DNS:192.0.2.1"] {
        let server =
            TlsServer::start(Config::new(&Leaf::default().san(san).cn("www.example.test").signed_by(&pki.root)));
        let line = format!("www.example.test@{} --client-fix {}", server.addr(), all(CLIENT));
        let report = pki.one(&line, 1);
        for tool in CLIENT.iter().filter(|tool| tool.name != "psql") {
            let text = text(&report, "client", tool.name);
            assert_eq!(code(text), "", "{san} {}", tool.name);
            let said = format!("certifies no name under which {} could connect safely", tool.name);
            let unreadable = format!("{} cannot read this certificate, whatever the name", tool.name);
            assert!(text.contains(&said) || text.contains(&unreadable), "{san}: {text}");
            assert!(text.contains("the server has to be mended"), "{san}: {text}");
        }
    }
}

/// The model of a client says which name it takes: OpenSSL refuses an underscore under a wildcard.
#[test]
fn a_name_that_the_client_would_refuse_is_not_offered() {
    let pki = Pki::new();
    let server = pki.server("DNS:*.example.test");
    let report = pki.one(&format!("a_b.c.example.test@{} --client-fix openssl,go", server.addr()), 1);
    assert!(!code(text(&report, "client", "openssl")).contains("a_b"), "{report:#}");
}

#[test]
fn what_keeps_the_client_from_connecting_is_said() {
    let pki = Pki::new();
    let server = pki.server("DNS:www.example.test");
    let line = format!("other.test@{} --json --client-fix curl", server.addr());
    let report = run_line(&line).exits(1).one();
    let curl = text(&report, "client", "curl");
    assert!(curl.contains("The chain is not trusted") && !curl.contains("--cacert"), "{curl}");
    let other = Pki::new();
    let report = run_line(&format!("{line} --ca-file {}", other.ca)).exits(1).one();
    let curl = text(&report, "client", "curl");
    assert!(curl.contains("not trusted by the CA file either"), "{curl}");
    assert!(curl.contains(&format!("--cacert '{}'", other.ca)), "{curl}");
    let old = Leaf::default().san("DNS:www.example.test").valid(now() - 9 * DAY, now() - DAY).signed_by(&pki.root);
    let old = TlsServer::start(Config::new(&old));
    let report = pki.one(&format!("other.test@{} --client-fix go", old.addr()), 1);
    assert!(text(&report, "client", "go").contains("// The certificate is expired"), "{report:#}");
    // psql begins in plain text, the others do not.
    let report = pki.one(&format!("other.test@{} --client-fix psql", server.addr()), 1);
    let psql = text(&report, "client", "psql");
    assert_eq!(code(psql), "");
    assert!(psql.contains("--starttls postgres does"), "{psql}");
}

#[test]
fn offline_the_name_is_the_server() {
    let output =
        run_line("--cert tests/fixtures/apex.pem --name www.example.com --client-fix curl,psql --json").exits(1);
    let report = output.one();
    let curl = text(&report, "client", "curl");
    assert!(curl.contains("--connect-to 'example.com:443:www.example.com:443'"), "{curl}");
    let report =
        run(["--cert", "tests/fixtures/apex.pem", "--name", "a b", "--fix", "openssl", "--json"]).exits(1).one();
    let openssl = text(&report, "server", "openssl");
    assert_eq!(openssl, "# what was asked for is no valid name, so no certificate can hold it\n");
}

/// What switches verification off is named in comments, and nowhere else.
#[test]
fn verification_is_never_switched_off() {
    let off = [
        ("curl", &["-k", "--insecure"][..]),
        ("python", &["CERT_NONE", "check_hostname"]),
        ("requests", &["verify=False", "CERT_NONE", "check_hostname", "assert_hostname"]),
        ("go", &["InsecureSkipVerify"]),
        ("java", &["HostnameVerifier", "X509TrustManager"]),
        ("node", &["rejectUnauthorized", "NODE_TLS_REJECT_UNAUTHORIZED"]),
        ("psql", &["sslmode=require", "sslmode=prefer", "sslmode=verify-ca"]),
        ("openssl", &[]),
    ];
    assert_eq!(off.map(|(name, _)| name).to_vec(), CLIENT.iter().map(|tool| tool.name).collect::<Vec<_>>());
    for (tool, (_, words)) in CLIENT.iter().zip(off) {
        let body = tool.template.split_once("\n\n").unwrap().1.replace("|# ", "# ").replace('|', "");
        for word in words {
            assert!(
                !code(&body).contains(&format!("{word} ")) && !code(&body).contains(&format!("{word}\n")),
                "{word}"
            );
            assert!(!code(&body).contains(word) || *word == "-k", "{}: {word}", tool.name);
        }
        let explained = tool.template.lines().any(|line| line.contains("# Not ") || line.contains("// Not "));
        assert!(explained, "{}: what gives up verification is explained", tool.name);
    }
}

/// One file, one line: no template lies about without being offered.
#[test]
fn every_template_is_offered() {
    for (folder, tools) in [("fix", SERVER), ("client_fix", CLIENT)] {
        let files = fs::read_dir(format!("{}/src/data/{folder}", env!("CARGO_MANIFEST_DIR"))).unwrap();
        let mut files: Vec<String> = files.map(|file| file.unwrap().file_name().into_string().unwrap()).collect();
        let mut names: Vec<String> = tools.iter().map(|tool| format!("{}.txt", tool.name)).collect();
        files.sort();
        names.sort();
        assert_eq!(files, names);
    }
}

/// A word of a shell is quoted, but for numbers and words of our own.
#[test]
fn a_shell_gets_quoted_words() {
    let shells = ["openssl", "certbot", "mkcert", "curl", "psql"];
    for tool in SERVER.iter().chain(CLIENT).filter(|tool| shells.contains(&tool.name)) {
        for place in tool.template.split("<<").skip(1).map(|rest| rest.split(">>").next().unwrap()) {
            let (key, quote) = place.split_once(' ').unwrap();
            let ours = ["port", "starttls"].contains(&key);
            assert!(["shell", "conninfo"].contains(&quote) || (ours && quote == "word"), "{}: {place}", tool.name);
        }
    }
}

/// More names than a command can hold.
#[test]
fn a_thousand_names_are_the_most() {
    let pki = Pki::new();
    let san: Vec<String> = (0..1_500).map(|n| format!("DNS:n{n}.example.test")).collect();
    let file = pki.file("many.pem", pki.issue(&san.join(",")).pem());
    let report = run_line(&format!("--cert {file} --name other.test --fix openssl --json")).exits(1).one();
    let openssl = text(&report, "server", "openssl");
    assert!(
        openssl.starts_with("# left out: all names after the first 999, since no command can hold 1501\n"),
        "{openssl}"
    );
    assert_eq!(openssl.matches("DNS:").count(), 1_000);
    assert!(openssl.contains(",DNS:n998.example.test,DNS:other.test'"), "{openssl}");
}
