//! Each `--client-fix` by the real client: what is printed connects to the server, verification on, and
//! does not connect to one whose certificate is for another name, nor to one of another CA.

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Output, Stdio};
use std::{fs, thread};

use certcheck::advice::template::setting;
use certcheck::data::fixes::{CLIENT, find};

use crate::daemon::{Daemon, Home, free_port, own, prepare, program_as};
use crate::driver::{Pki, run};
use crate::issue::{is_on, venv};
use crate::support::Issued;
use crate::{all, text};

/// What a certificate has, what is asked for at it, and where its server is.
const CASES: &[(&str, &str, &str)] = &[
    ("DNS:www.example.test", "other.test", "127.0.0.1"),
    ("DNS:*.example.test", "a.b.example.test", "127.0.0.1"),
    ("IP:192.0.2.7", "www.example.test", "127.0.0.1"),
    ("DNS:xn--bcher-kva.test", "bucher.test", "[::1]"),
];
/// What the CA's file is called, so that its quotes are tried.
const CA_FILE: &str = "it's the \"ca\" $(x).pem";

/// What each client says of a certificate for another name: one of these.
const WRONG_NAME: &[(&str, &[&str])] = &[
    ("curl", &["SSL: no alternative certificate subject name matches target host name"]),
    (
        "python",
        &["Hostname mismatch, certificate is not valid for", "IP address mismatch, certificate is not valid for"],
    ),
    (
        "requests",
        &["Hostname mismatch, certificate is not valid for", "IP address mismatch, certificate is not valid for"],
    ),
    ("go", &["x509: certificate is valid for nobody.test, not", "x509: cannot validate certificate for 192.0.2.7"]),
    ("java", &["No subject alternative"]),
    ("node", &["ERR_TLS_CERT_ALTNAME_INVALID"]),
    ("psql", &["does not match host name"]),
    ("openssl", &["hostname mismatch", "IP address mismatch"]),
];
/// What each client says of a CA that it was not given.
const WRONG_CA: &[(&str, &str)] = &[
    ("curl", "SSL certificate problem"),
    ("python", "certificate verify failed"),
    ("requests", "certificate verify failed"),
    ("go", "certificate signed by unknown authority"),
    ("java", "PKIX path"),
    ("node", "unable to verify the first certificate"),
    ("psql", "certificate verify failed"),
    ("openssl", "unable to get local issuer certificate"),
];

/// `openssl s_server`, which answers HTTP; gone on drop.
struct Www {
    port: u16,
    child: Child,
}

impl Drop for Www {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Www {
    fn start(home: &Home, place: &str, issued: &Issued) -> Self {
        let (cert, key) = (home.write("www.crt", issued.pem()), home.write("www.key", issued.key_pem()));
        let mut command = Command::new("openssl");
        command.args(["s_server", "-www", "-accept", &format!("{place}:0"), "-cert", &cert, "-key", &key]);
        let spawned = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null()).spawn();
        let mut child = spawned.unwrap_or_else(|error| panic!("openssl is not installed: {error}"));
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines().map_while(Result::ok);
        let line = lines.find(|line| line.starts_with("ACCEPT")).expect("openssl s_server does not start");
        let port = line.rsplit(':').next().unwrap().trim().parse().unwrap();
        // What it prints has to be read, or it stops.
        thread::spawn(move || lines.for_each(drop));
        Self { port, child }
    }
}

/// Runs a text as its client takes it, in a folder.
fn client(home: &Home, name: &str, text: &str) -> Output {
    let mut command = match name {
        "python" => script("python3", home.write("connect.py", text)),
        "requests" => script(&venv(), home.write("connect.py", text)),
        "node" => script("node", home.write("connect.js", text)),
        "java" => script("java", home.write("Connect.java", text)),
        "go" => {
            let target = format!("{}/target/fix", env!("CARGO_MANIFEST_DIR"));
            let go = Path::new(&venv()).with_file_name("go");
            let mut command = Command::new(go);
            command.arg("run").arg(home.write("main.go", text));
            command.env("GOCACHE", format!("{target}/gocache")).env("GOTOOLCHAIN", "local").env("CGO_ENABLED", "0");
            command
        }
        _ => {
            let mut command = Command::new("sh");
            command.args(["-euc", text]);
            command
        }
    };
    for variable in ["https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY", "SSL_CERT_FILE", "REQUESTS_CA_BUNDLE"] {
        command.env_remove(variable);
    }
    command.env("PGUSER", "postgres").env("PGCONNECT_TIMEOUT", "10").stdin(Stdio::null()).current_dir(home.path(""));
    command.output().unwrap_or_else(|error| panic!("{name} is not installed: {command:?}: {error}"))
}

fn script(program: &str, file: String) -> Command {
    let mut command = Command::new(program);
    command.arg(file);
    command
}

fn words(output: &Output) -> String {
    String::from_utf8_lossy(&[&output.stdout[..], &output.stderr].concat()).into_owned()
}

/// Runs a text at the server it was made for, and the same at the ones that it has to refuse.
fn tried(home: &Home, tool: &str, text: &str, port: u16, others: [u16; 2]) {
    let right = client(home, tool, text);
    assert!(right.status.success(), "{tool}:\n{text}\n{}", words(&right));
    let at = |port: u16, other: u16| text.replace(&port.to_string(), &other.to_string());
    let [wrong_name, wrong_ca] = others.map(|other| client(home, tool, &at(port, other)));
    let said = WRONG_NAME.iter().find(|(name, _)| *name == tool).unwrap().1;
    let told = words(&wrong_name);
    assert!(!wrong_name.status.success(), "{tool} connects to another name:\n{text}\n{told}");
    assert!(said.iter().any(|said| told.contains(said)), "{tool} fails for another reason:\n{text}\n{told}");
    let said = WRONG_CA.iter().find(|(name, _)| *name == tool).unwrap().1;
    let told = words(&wrong_ca);
    assert!(!wrong_ca.status.success(), "{tool} connects under another CA:\n{text}\n{told}");
    assert!(told.contains(said), "{tool} fails for another reason:\n{text}\n{told}");
}

#[test]
fn each_client_connects_and_verifies() {
    if !is_on() {
        return;
    }
    let (pki, stranger) = (Pki::new(), Pki::new());
    let ca = pki.file(CA_FILE, pki.root.pem());
    for (san, asked, place) in CASES {
        let home = [Home::new(), Home::new(), Home::new(), Home::new()];
        let right = Www::start(&home[0], place, &pki.issue(san));
        let wrong_name = Www::start(&home[1], place, &pki.issue("DNS:nobody.test"));
        let wrong_ca = Www::start(&home[2], place, &stranger.issue(san));
        let target = format!("{place}:{}", right.port);
        let clients = all(CLIENT);
        let args = [&target, "--name", asked, "--json", "--ca-file", &ca, "--client-fix", &clients];
        let report = run(args).exits(1).one();
        for tool in CLIENT.iter().filter(|tool| tool.name != "psql") {
            let text = text(&report, "client", tool.name);
            tried(&home[3], tool.name, text, right.port, [wrong_name.port, wrong_ca.port]);
            println!("ok         {} for {asked} at {san}, {place}", tool.name);
        }
    }
}

/// PostgreSQL with a certificate each, as the user `postgres`: it does not run as root.
fn postgres(home: &Home, name: &str, issued: &Issued) -> (u16, Daemon) {
    let binary = |name: &str| {
        let versions = fs::read_dir("/usr/lib/postgresql").expect("postgresql is not installed");
        let newest = versions.map(|version| version.unwrap().path().join("bin").join(name)).max();
        newest.expect("a version of postgresql").to_str().unwrap().to_owned()
    };
    let port = free_port();
    let (data, sockets) = (home.path(name), home.folder(&format!("{name}-sockets"), "postgres"));
    if fs::exists(home.path("data")).unwrap() {
        prepare(Command::new("cp").args(["-a", &home.path("data"), &data]));
    } else {
        let first = home.folder("data", "postgres");
        let args = ["-D", &first, "--no-sync", "--no-instructions", "-A", "trust", "--no-locale", "-E", "UTF8"];
        prepare(program_as("postgres", &binary("initdb")).args(args).current_dir("/"));
        prepare(Command::new("cp").args(["-a", &first, &data]));
    }
    let (cert, key) =
        (home.write(&format!("{name}.crt"), issued.pem()), home.write(&format!("{name}.key"), issued.key_pem()));
    prepare(Command::new("chmod").args(["600", &key]));
    own(&key, "postgres");
    let mut command = program_as("postgres", &binary("postgres"));
    command.args(["-D", &data]);
    for setting in [
        "listen_addresses=127.0.0.1".to_owned(),
        format!("port={port}"),
        format!("unix_socket_directories={sockets}"),
        "fsync=off".to_owned(),
        "shared_buffers=1MB".to_owned(),
        "max_connections=20".to_owned(),
        "ssl=on".to_owned(),
        format!("ssl_cert_file={cert}"),
        format!("ssl_key_file={key}"),
    ] {
        command.arg("-c").arg(setting);
    }
    (port, Daemon::start(&format!("postgres {name}"), home, command, &[port]))
}

#[test]
fn psql_connects_and_verifies() {
    if !is_on() {
        return;
    }
    let (pki, stranger) = (Pki::new(), Pki::new());
    let ca = pki.file(CA_FILE, pki.root.pem());
    for (san, asked) in [("DNS:www.example.test", "other.test"), ("DNS:*.example.test", "a.b.example.test")] {
        let home = Home::new();
        let (right, _right) = postgres(&home, "right", &pki.issue(san));
        let (wrong_name, _wrong_name) = postgres(&home, "wrong-name", &pki.issue("DNS:nobody.test"));
        let (wrong_ca, _wrong_ca) = postgres(&home, "wrong-ca", &stranger.issue(san));
        let target = format!("postgresql://127.0.0.1:{right}/");
        let args = [&target, "--name", asked, "--json", "--ca-file", &ca, "--client-fix", "psql,openssl"];
        let report = run(args).exits(1).one();
        for tool in ["psql", "openssl"] {
            tried(&home, tool, text(&report, "client", tool), right, [wrong_name, wrong_ca]);
            println!("ok         {tool} for {asked} at {san}, PostgreSQL");
        }
    }
}

/// Nobody listens there: an option that openssl does not know is refused before that is noticed.
#[test]
fn openssl_knows_the_words_for_its_protocols() {
    if !is_on() {
        return;
    }
    let template = find(CLIENT, "openssl").unwrap().template;
    let words = setting(template, "starttls");
    assert_eq!(words.len(), 14, "{words:?}");
    for word in words {
        let word = word.split_once('=').map_or(word, |(_, word)| word);
        let mut command = Command::new("openssl");
        command.args(["s_client", "-connect", "127.0.0.1:1", "-name", "a.test", "-starttls", word]);
        let told = words_of(&mut command);
        assert!(told.contains("Connection refused"), "{word}: {told}");
    }
}

fn words_of(command: &mut Command) -> String {
    words(&command.stdin(Stdio::null()).output().unwrap())
}
