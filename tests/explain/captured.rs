//! What real clients print at a server whose certificate is for another name: taken as it is, with the
//! whole traceback, and given to `--explain -`. `captured.tsv` says what has to be read from it.
//!
//! Off unless `CERTCHECK_REAL_SERVERS=1`; when it is on, a client that is not there fails the test.
//! It needs root: names are given to the clients by an `/etc/hosts` of their own (a mount namespace).

use std::collections::BTreeSet;
use std::net::IpAddr;
use std::path::Path;
use std::process::{Command, Output, Stdio};
use std::{env, panic};

use serde_json::{Value, json};

use crate::driver::{Pki, run_with_input};
use crate::support::{Config, Leaf, TlsServer, table};

/// A row of the table; the cells' meanings stand above it.
#[derive(Debug)]
struct Row<'a> {
    client: &'a str,
    asked: &'a str,
    server: &'a str,
    told_as: &'a str,
    identifier: Option<&'a str>,
    wanted: Option<&'a str>,
    presented: Vec<&'a str>,
    finding: Option<&'a str>,
    /// Where a command is printed.
    target: Option<&'a str>,
    model: Option<&'a str>,
}

fn rows() -> Vec<Row<'static>> {
    let some = |cell: &'static str| Some(cell).filter(|cell| *cell != "-");
    let read = |(line, cells): (usize, Vec<&'static str>)| {
        let Ok([client, asked, server, told_as, identifier, wanted, presented, finding, target, model]) =
            <[&str; 10]>::try_from(cells)
        else {
            panic!("captured.tsv:{line}: ten cells")
        };
        let presented = some(presented).map_or(vec![], |list| list.split(',').collect());
        let (identifier, wanted, finding) = (some(identifier), some(wanted), some(finding));
        let (target, model) = (some(target), some(model));
        Row { client, asked, server, told_as, identifier, wanted, presented, finding, target, model }
    };
    table(include_str!("captured.tsv")).skip(1).map(read).collect()
}

/// The command line of a client, for a host, its port and a file with the CA.
fn client(name: &str, host: &str, port: u16, ca: &str) -> Vec<String> {
    let url = format!("https://{host}:{port}/");
    let root = env!("CARGO_MANIFEST_DIR");
    let venv = |program: &str| format!("{root}/target/fix/venv/bin/{program}");
    let script = |name: &str| format!("{root}/tests/explain/clients/{name}");
    let split = |line: String| line.split(' ').map(str::to_owned).collect::<Vec<String>>();
    let mut words = match name {
        "curl" => return split(format!("curl --cacert {ca} {url}")),
        "wget" => return split(format!("wget --ca-certificate={ca} -O- {url}")),
        "aria2" => return split(format!("aria2c --ca-certificate={ca} --dir=/nonexistent {url}")),
        "svn" => {
            let option = format!("servers:global:ssl-authority-files={ca}");
            return split(format!("svn ls --non-interactive --config-option {option} {url}"));
        }
        "openssl" => {
            let name = if host.parse::<IpAddr>().is_ok() { "verify_ip" } else { "verify_hostname" };
            return split(format!("openssl s_client -connect {host}:{port} -{name} {host} -CAfile {ca}"));
        }
        "perl" => vec!["perl".to_owned(), script("get.pl")],
        "python" => vec!["python3".to_owned(), script("get_urllib.py")],
        "requests" => vec![venv("python"), script("get_requests.py")],
        "node" => vec!["node".to_owned(), script("get.js")],
        "ruby" => vec!["ruby".to_owned(), script("get.rb")],
        "php" => vec!["php".to_owned(), script("get.php")],
        "go" => vec![venv("go"), "run".to_owned(), script("get.go")],
        "java" => vec!["java".to_owned(), script("Get.java")],
        _ => panic!("no client is called {name}"),
    };
    words.extend([url, ca.to_owned()]);
    words
}

/// Runs a command line where the names of the table are at 127.0.0.1.
fn where_names_are_here(hosts: &str, words: &[String]) -> Output {
    let mut command = Command::new("unshare");
    command.args(["--mount", "sh", "-c", "mount --bind \"$0\" /etc/hosts && exec \"$@\"", hosts]).args(words);
    for variable in ["https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY", "SSL_CERT_FILE", "REQUESTS_CA_BUNDLE"] {
        command.env_remove(variable);
    }
    let gocache = concat!(env!("CARGO_MANIFEST_DIR"), "/target/fix/gocache");
    command.env("GOCACHE", gocache).env("GOTOOLCHAIN", "local").env("CGO_ENABLED", "0").env("LC_ALL", "C.UTF-8");
    command.stdin(Stdio::null()).output().unwrap_or_else(|error| panic!("{command:?}: {error}"))
}

fn check(row: &Row<'_>, port: u16, hosts: &str, ca: &str) {
    let words = client(row.client, row.asked, port, ca);
    let output = where_names_are_here(hosts, &words);
    assert_ne!(output.status.code(), Some(127), "{} is not installed (tests/fix/install.sh): {output:?}", row.client);
    let text = [&output.stderr[..], &output.stdout].concat();
    let shown = String::from_utf8_lossy(&text);

    let read = run_with_input("--explain - --json", &text);
    assert_eq!(read.code, 0, "{row:?}: {read:?}\n{shown}");
    let read = read.one();
    let codes: Vec<&Value> = read["findings"].as_array().unwrap().iter().map(|finding| &finding["code"]).collect();
    assert_eq!(read["kind"], "explanation", "{shown}");
    assert_eq!(read["client"], row.told_as, "{shown}");
    assert_eq!(read["identifier"], json!(row.identifier), "{shown}");
    assert_eq!(read["wanted"], json!(row.wanted), "{shown}");
    assert_eq!(read["presented"], json!(row.presented), "{shown}");
    assert_eq!(codes.first().copied(), row.finding.map(Value::from).as_ref(), "{shown}");

    let human = run_with_input("--explain -", &text).exits(0).stdout;
    let command = human.lines().find_map(|line| line.strip_prefix("to look at the certificate itself: "));
    let target = row.target.map(|target| target.replace("PORT", &port.to_string()));
    let clients = row.model.map_or_else(String::new, |model| format!(" --clients {model}"));
    let expected = target.as_ref().map(|target| format!("certcheck '{target}'{clients}"));
    assert_eq!(command, expected.as_deref(), "{human}\n{shown}");
    if let Some(target) = target.filter(|target| target.contains(':')) {
        // What is printed reaches the server, and finds what the client found.
        let mut words = vec![env!("CARGO_BIN_EXE_certcheck").to_owned(), target];
        words.extend(clients.split_whitespace().map(str::to_owned));
        words.extend(["--ca-file", ca, "--no-proxy"].map(str::to_owned));
        let looked = where_names_are_here(hosts, &words);
        assert_eq!(looked.status.code(), Some(1), "{words:?}: {looked:?}");
    }
}

#[test]
fn what_real_clients_print_is_explained() {
    let rows = rows();
    let clients: BTreeSet<&str> = rows.iter().map(|row| row.client).collect();
    assert_eq!((rows.len(), clients.len()), (37, 13));
    if env::var("CERTCHECK_REAL_SERVERS").as_deref() != Ok("1") {
        println!("real clients: off; CERTCHECK_REAL_SERVERS=1 turns them on (tests/fix/install.sh)");
        return;
    }
    let pki = Pki::new();
    let hosts = pki.file("hosts", "127.0.0.1 localhost a.b.example.test www.example.test\n");
    let wildcard = pki.server("DNS:*.example.test,DNS:example.test");
    let common_name = TlsServer::start(Config::new(&Leaf::default().cn("other.test").san("-").signed_by(&pki.root)));
    let (mut done, mut failed) = (0, BTreeSet::new());
    for row in &rows {
        let port = if row.server == "wildcard" { wildcard.port() } else { common_name.port() };
        let is_ok = panic::catch_unwind(|| check(row, port, &hosts, &pki.ca)).is_ok();
        println!("{:10} {} for {} at {}", if is_ok { "ok" } else { "UNEXPECTED" }, row.client, row.asked, row.server);
        done += usize::from(is_ok);
        failed.extend((!is_ok).then_some(row.client));
    }
    let explained = clients.len() - failed.len();
    println!("explained: {explained} of {} clients, {done} of {} texts", clients.len(), rows.len());
    assert_eq!((done, explained), (rows.len(), clients.len()));
    // The programs that were run are those that lie there.
    let scripts = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/explain/clients");
    assert_eq!(scripts.read_dir().unwrap().count(), 8);
}
