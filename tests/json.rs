//! The JSON read back: through types that know each field and each value and no other, and by the
//! schema that the program prints.
//!
//! `json/mirror.rs` holds the types. Whatever the program prints in one run of [`everything`] has
//! to fit both; together the runs show every value that can occur.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::print_stdout)]
#![allow(clippy::disallowed_methods, clippy::disallowed_types, missing_docs, unreachable_pub)]

mod support;

#[path = "loopback/driver.rs"]
mod driver;
#[path = "json/mirror.rs"]
mod mirror;

use std::collections::BTreeSet;
use std::io::{Read, Write};
use std::sync::Arc;

use driver::{Output, Pki, command, finish, run_line};
use mirror::Report;
use serde_json::{Value, json};
use support::raw::fatal_alert;
use support::server::serve_tls;
use support::{Behaviour, Config, DAY, Issued, Key, Leaf, RawServer, TlsServer, now};

const NAME: &str = "www.example.test";

/// Runs with every verdict, every stage of an error, every kind of name, on the network and off it.
fn everything() -> Vec<Output> {
    let pki = Pki::new();
    let mut outputs = served(&pki);
    outputs.extend(failed(&pki));
    outputs.extend(offline(&pki));
    outputs
}

fn served(pki: &Pki) -> Vec<Output> {
    let leaf = || Leaf::default().san("DNS:www.example.test");
    let good =
        pki.server("DNS:*.example.test,DNS:example.test,IP:127.0.0.1,SRV:_imaps.example.test,URI:sip:example.test");
    let old = TlsServer::start(Config::new(&leaf().valid(now() - 9 * DAY, now() - DAY).signed_by(&pki.root)));
    let new = TlsServer::start(Config::new(&leaf().valid(now() + DAY, now() + 9 * DAY).signed_by(&pki.root)));
    let own = leaf().self_signed();
    let own_server = TlsServer::start(Config::new(&own));
    let own_file = pki.file("own.pem", own.pem());
    let wrong = TlsServer::start(Config::new(&pki.issue("DNS:www.example.test")).wrong_signature());
    let mut odd_chain = pki.issue("DNS:www.example.test,DNS:bad\\x0aname.test,DNS:*.co.uk");
    odd_chain.chain = vec![pki.root.der.clone(), b"no certificate".to_vec()];
    let client = TlsServer::start(Config::new(&odd_chain).require_client_cert(&pki.root));
    let names = "--name www.example.test --name a.b.example.test --name 127.0.0.1 --name 192.0.2.1 --name x.co.uk \
                 --name srv:_imaps.example.test --name srv:_pop3s.example.test --name uri:sip:example.test \
                 --name bücher.example.test";
    let odd = odd_server(pki);
    let old_tls = support::old::Old::new([3, 1], 0x002f, &[]).start(&pki.issue("DNS:www.example.test"));
    let mut outputs = vec![
        pki.run(&format!("127.0.0.1:{} --json {names}", good.port())),
        pki.run(&format!("{NAME}@{} --json", old.addr())),
        pki.run(&format!("{NAME}@{} --json", new.addr())),
        pki.run(&format!("{NAME}@{} {NAME}@{} --json", own_server.addr(), wrong.addr())),
        run_line(&format!("{NAME}@{} --json --ca-file {own_file}", own_server.addr())),
        pki.run(&format!("{NAME}@{} --json --name x.co.uk --name {NAME}", client.addr())),
        pki.run(&format!("{NAME}@{} --json --no-sni", odd.addr())),
        pki.run(&format!("{NAME}@{} --json", old_tls.addr())),
        pki.run(&format!("other.test@{} --json --fix openssl,nginx --client-fix curl,java", good.addr())),
    ];
    let line = format!("{NAME}@{} --json --roots system", good.addr());
    outputs.push(finish(command(line.split(' ')).env("SSL_CERT_FILE", &pki.ca)));
    let line = format!("{NAME}@{} --json", good.addr());
    outputs.push(finish(command(line.split(' ')).env("SSL_CERT_FILE", &pki.ca)));
    outputs
}

/// A server that speaks only to those who offer Ed448, as one with such a key alone does.
fn odd_server(pki: &Pki) -> RawServer {
    const ECDSA_P521_THEN_ED448: [u8; 4] = [0x06, 0x03, 0x08, 0x08];
    let tls = Config::new(&pki.issue("DNS:www.example.test")).rustls();
    RawServer::start(Behaviour::custom(move |mut stream| {
        let mut hello = [0; 4096];
        let read = stream.peek(&mut hello).unwrap_or(0);
        if hello[..read].windows(4).any(|part| part == ECDSA_P521_THEN_ED448) {
            serve_tls(&stream, Arc::clone(&tls));
        } else {
            let _ = stream.read(&mut hello);
            let _ = stream.write_all(&fatal_alert(40));
        }
    }))
}

fn failed(pki: &Pki) -> Vec<Output> {
    let garbage = Issued { der: b"no certificate".to_vec(), key: Key::generate(), chain: vec![] };
    let garbage = TlsServer::start(Config::new(&garbage));
    let http = RawServer::start(Behaviour::AnswerAfterRead(b"HTTP/1.0 400 Bad Request\r\n\r\n".to_vec()));
    let alert = RawServer::start(Behaviour::AnswerAfterRead(fatal_alert(112)));
    let silent = RawServer::start(Behaviour::Silent);
    let targets = [garbage.addr(), http.addr(), alert.addr(), silent.addr()].map(|a| format!("{NAME}@{a}\n"));
    let list = pki.file("list", targets.concat() + "host:99999\nx y\n127.0.0.1:1\nx.invalid\n");
    vec![
        pki.run(&format!("--targets {list} --json --timeout 2s")),
        run_line("127.0.0.1:443 --json -6"),
        run_line(&format!("{NAME}@{} --json --timeout 1s", garbage.addr())),
    ]
}

fn offline(pki: &Pki) -> Vec<Output> {
    let all = "DNS:a.test,IP:192.0.2.7,URI:sip:a.test,email:x@a.test,SRV:_imaps.a.test,XMPP:a.test,UPN:x@a.test,\
               DIR:a,RID:1.2.3,IPHEX:0102,DNS:a..b,DNS:\\xff\\x1b[31m";
    let other_name = support::der::context_constructed(
        0,
        &[support::der::oid("1.2.3.4"), support::der::context_constructed(0, &support::der::octet_string(b"x"))]
            .concat(),
    );
    let file = pki.file("all.pem", pki.issue(all).pem());
    let other = Leaf::default().san_der(support::der::seq([other_name])).cn("a.test").signed_by(&pki.root);
    let other = pki.file("other.pem", other.with_chain(&[&pki.root]).chain_pem());
    vec![
        run_line(&format!("--cert {file} --json --name a.test --name b.test --name a..b --name ip:192.0.2.7")),
        run_line(&format!("--cert {other} --json a.test --min-days 1000")),
        run_line(&format!("--cert {other}.not --json a.test")),
    ]
}

fn schema() -> Value {
    serde_json::from_str(&run_line("--json-schema").exits(0).stdout).unwrap()
}

#[test]
fn all_that_is_printed_is_known_and_all_that_is_known_is_printed() {
    let schema = schema();
    jsonschema::meta::validate(&schema).expect("the schema is one");
    let validator = jsonschema::validator_for(&schema).unwrap();
    let mut seen = BTreeSet::new();
    for output in everything() {
        assert!(output.stdout.ends_with('\n') && !output.stdout.contains("\n\n"), "{output:?}");
        let mut worst = 0;
        for line in output.stdout.lines() {
            let value: Value = serde_json::from_str(line).unwrap();
            let problems: Vec<String> =
                validator.iter_errors(&value).map(|e| format!("{} at {}", e, e.instance_path())).collect();
            assert!(problems.is_empty(), "{problems:?}: {line}");
            let report: Report = serde_json::from_str(line).unwrap_or_else(|error| panic!("{error}: {line}"));
            report.is_consistent();
            report.values(&mut seen);
            worst = worse(worst, report.exit_code);
        }
        assert_eq!(output.code, worst, "the exit code is folded from the reports: {output:?}");
    }
    let missing: Vec<&str> = mirror::VALUES.iter().copied().filter(|value| !seen.contains(*value)).collect();
    assert!(missing.is_empty(), "no run shows {missing:?}");
    for later in mirror::LATER {
        assert!(!seen.contains(*later), "{later} can be reached now: it belongs to VALUES");
    }
}

/// Of two exit codes the first in the order 1, 3, 4, 0.
fn worse(one: i32, other: i32) -> i32 {
    [1, 3, 4, 0].into_iter().find(|code| [one, other].contains(code)).unwrap()
}

/// A program that leaves out a field, renames a value or adds a kind does not pass by the schema.
#[test]
fn the_schema_refuses_what_is_not_the_contract() {
    let validator = jsonschema::validator_for(&schema()).unwrap();
    let pki = Pki::new();
    let server = pki.server("DNS:www.example.test");
    let good = pki.run(&format!("{NAME}@{} --json --min-days 1000", server.addr())).exits(4).one();
    let failed = pki.one("127.0.0.1:1", 3);
    for whole in [&good, &failed] {
        assert!(validator.is_valid(whole));
        // The reasons are a map by client, not fields.
        for place in objects(whole, "").into_iter().filter(|place| !place.ends_with("/reasons")) {
            for key in whole.pointer(&place).unwrap().as_object().unwrap().keys() {
                let mut part = whole.clone();
                part.pointer_mut(&place).unwrap().as_object_mut().unwrap().remove(key);
                assert!(!validator.is_valid(&part), "{place}/{key} may be left out");
            }
            let mut more = whole.clone();
            more.pointer_mut(&place).unwrap().as_object_mut().unwrap().insert("later".to_owned(), json!(1));
            assert!(validator.is_valid(&more), "{place}: a field may be added within a version");
        }
    }
    for (pointer, value) in [
        ("/kind", json!("other")),
        ("/version", json!(2)),
        ("/verdict", json!("maybe")),
        ("/exit_code", json!("4")),
        ("/reference/type", json!("cn")),
        ("/trust/verdict", json!("yes")),
        ("/trust/roots", json!("none")),
        ("/validity/verdict", json!("old")),
        ("/connection/possession", json!("maybe")),
        ("/connection/obtained", json!("guessed")),
        ("/diagnosis/0/severity", json!("fatal")),
        ("/certificate/san/0/type", json!("cn")),
        ("/chain", json!(null)),
    ] {
        let mut wrong = good.clone();
        *wrong.pointer_mut(pointer).unwrap_or_else(|| panic!("no {pointer}")) = value;
        assert!(!validator.is_valid(&wrong), "{pointer}");
    }
    assert!(!validator.is_valid(&json!({})) && !validator.is_valid(&json!([])));
}

/// The places of all objects in a document, as JSON pointers.
fn objects(value: &Value, at: &str) -> Vec<String> {
    match value {
        Value::Object(map) => {
            let inner = map.iter().flat_map(|(key, value)| objects(value, &format!("{at}/{key}"))).collect();
            [vec![at.to_owned()], inner].concat()
        }
        Value::Array(items) => {
            items.iter().enumerate().flat_map(|(i, value)| objects(value, &format!("{at}/{i}"))).collect()
        }
        _ => vec![],
    }
}
