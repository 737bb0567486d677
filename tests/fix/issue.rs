//! Each `--fix` by the real tool: openssl makes the request and the CA's certificate is then judged,
//! nginx and Apache serve it, the others read what they are told.

use std::net::IpAddr;
use std::path::Path;
use std::process::{Command, Stdio};
use std::{env, fs};

use serde_json::Value;

use crate::daemon::{Daemon, Home, free_port, prepare, program};
use crate::driver::{Pki, run};
use crate::support::{Config, TlsServer};
use crate::text;

/// What a certificate has, what is asked for at it, and the sorts that not every tool takes.
const CASES: &[(&str, &str)] = &[
    ("DNS:www.example.test,DNS:*.example.test", "a.b.example.test"),
    ("DNS:default.test", "bücher.example.test"),
    ("DNS:www.example.test,IP:192.0.2.7,IP:2001:db8::7", "127.0.0.1"),
    ("DNS:www.example.test", "::1"),
    ("DNS:localhost,URI:spiffe://example.test/ns/a?x=1,SRV:_imaps.example.test", "www.example.test"),
    ("DNS:$(touch owned).test,DNS:a';touch owned;'.test,DNS:www.example.test", "other.example.test"),
    ("-", "www.example.test"),
];

/// Whether these tests are asked for; says so where they are not.
pub fn is_on() -> bool {
    let on = env::var("CERTCHECK_REAL_SERVERS").as_deref() == Ok("1");
    if !on {
        println!("real tools: off; CERTCHECK_REAL_SERVERS=1 turns them on (tests/fix/install.sh)");
    }
    on
}

/// The interpreter that has what `requirements.txt` names.
pub fn venv() -> String {
    let path = format!("{}/target/fix/venv/bin/python", env!("CARGO_MANIFEST_DIR"));
    assert!(Path::new(&path).exists(), "{path} is not there: tests/fix/install.sh");
    path
}

/// A file beside this one.
fn beside(name: &str) -> String {
    format!("{}/tests/fix/{name}", env!("CARGO_MANIFEST_DIR"))
}

/// Runs a command that has to succeed, and returns what it printed.
fn succeeds(command: &mut Command) -> String {
    let output = command.output().unwrap_or_else(|error| panic!("{command:?}: {error}"));
    assert!(output.status.success(), "{command:?}: {output:?}");
    String::from_utf8(output.stdout).unwrap()
}

/// Runs what is printed as a shell would, in a folder.
fn shell(home: &Home, text: &str) -> Command {
    let mut command = Command::new("sh");
    command.args(["-euc", text]).current_dir(home.path("")).stdin(Stdio::null());
    command
}

/// The report of one case, of a certificate that is not served.
fn report(pki: &Pki, (san, asked): (&str, &str), tool: &str) -> Value {
    let file = pki.file("leaf.pem", crate::support::Leaf::default().san(san).signed_by(&pki.root).pem());
    run(["--cert", &file, "--name", asked, "--json", "--fix", tool]).exits(1).one()
}

/// The entries that a certificate has to have: all that are well-formed, and the one that is missing,
/// of the sorts that the tool takes.
fn wanted(report: &Value, sorts: &[&str]) -> Vec<String> {
    let entry = |item: &Value| format!("{}:{}", item["type"].as_str().unwrap(), item["value"].as_str().unwrap());
    let san = report["certificate"]["san"].as_array().unwrap();
    let kept = san.iter().filter(|item| item["malformed"].is_null()).chain([&report["reference"]]);
    let mut found: Vec<String> =
        kept.filter(|item| sorts.contains(&item["type"].as_str().unwrap())).map(entry).collect();
    found.sort();
    found
}

/// The entries of a certificate in a file.
fn entries(file: &str) -> Vec<String> {
    let report = run(["--cert", file, "--name", "nobody.invalid", "--json"]).one();
    let san = report["certificate"]["san"].as_array().unwrap();
    let entry = |item: &Value| {
        assert!(item["malformed"].is_null(), "{item}");
        format!("{}:{}", item["type"].as_str().unwrap(), item["value"].as_str().unwrap())
    };
    let mut found: Vec<String> = san.iter().map(entry).collect();
    found.sort();
    found
}

/// Has the root sign the request that the command makes, and returns the folder: `server.crt`,
/// `server.key`.
fn issued(pki: &Pki, command: &str) -> Home {
    let home = Home::new();
    succeeds(&mut shell(&home, command));
    let key = home.write("ca.key", crate::support::pem_of(&pki.root.key.pkcs8, "PRIVATE KEY"));
    let sign = format!(
        "openssl x509 -req -in server.csr -copy_extensions copyall -CA '{}' -CAkey '{key}' -days 9 -out server.crt",
        pki.ca
    );
    succeeds(&mut shell(&home, &sign));
    assert!(!Path::new(&home.path("owned")).exists(), "a name was run");
    home
}

#[test]
fn openssl_requests_exactly_these_names() {
    if !is_on() {
        return;
    }
    let pki = Pki::new();
    for case in CASES {
        let report = report(&pki, *case, "openssl");
        let home = issued(&pki, text(&report, "server", "openssl"));
        let file = home.path("server.crt");
        assert_eq!(entries(&file), wanted(&report, &["dns", "ip", "uri", "srv"]), "{case:?}");
        run(["--cert", &file, "--name", case.1]).exits(0);
        println!("ok         openssl req: {case:?}");
    }
}

#[test]
fn mkcert_issues_these_names() {
    if !is_on() {
        return;
    }
    let pki = Pki::new();
    for case in CASES {
        let report = report(&pki, *case, "mkcert");
        let home = Home::new();
        let mut command = shell(&home, text(&report, "server", "mkcert"));
        succeeds(command.env("CAROOT", home.path("")).env("TRUST_STORES", "none"));
        let file = home.path("server.crt");
        assert_eq!(entries(&file), wanted(&report, &["dns", "ip"]), "{case:?}");
        run(["--cert", &file, "--name", case.1, "--ca-file", &home.path("rootCA.pem")]).exits(0);
        println!("ok         mkcert: {case:?}");
    }
}

#[test]
fn certbot_and_cert_manager_read_these_names() {
    if !is_on() {
        return;
    }
    let pki = Pki::new();
    for case in CASES {
        let found = report(&pki, *case, "certbot,cert-manager");
        let certbot = text(&found, "server", "certbot");
        let address = found["reference"]["type"] == "ip";
        assert_eq!(crate::code(certbot).is_empty(), address, "{certbot}");
        if !address {
            // The shell takes the command apart; certbot's parser gets the words.
            let home = Home::new();
            let function =
                format!("certbot() {{ /usr/bin/python3 '{}' \"$@\"; }}\n{certbot}", beside("read_certbot.py"));
            let read = succeeds(&mut shell(&home, &function));
            let mut read: Vec<String> = read.lines().map(|name| format!("dns:{name}")).collect();
            read.sort();
            let mut names = wanted(&found, &["dns"]);
            // The CA refuses a name beside the wildcard that covers it.
            let wildcard = names.contains(&"dns:*.example.test".to_owned());
            names.retain(|name| name.contains('.') && !(wildcard && name == "dns:www.example.test"));
            assert_eq!(read, names, "{certbot}");
            println!("ok         certbot's parser: {case:?}");
        }
        let yaml = text(&found, "server", "cert-manager");
        let mut command = Command::new(venv());
        let file = pki.file("certificate.yaml", yaml);
        command.arg(beside("read_cert_manager.py")).stdin(fs::File::open(file).unwrap());
        let printed = succeeds(&mut command);
        let mut read: Vec<String> = printed
            .lines()
            .map(|line| line.split_once(':').map(|(kind, name)| format!("{}:{name}", kind.to_lowercase())).unwrap())
            .collect();
        read.sort();
        assert_eq!(read, wanted(&found, &["dns", "ip", "uri"]), "{yaml}");
        println!("ok         cert-manager's types: {case:?}");
    }
}

#[test]
fn caddy_reads_these_names() {
    if !is_on() {
        return;
    }
    let pki = Pki::new();
    for case in CASES {
        let report = report(&pki, *case, "caddy");
        let file = pki.file("Caddyfile", text(&report, "server", "caddy"));
        let json = succeeds(program("caddy").args(["adapt", "--adapter", "caddyfile", "--config", &file]));
        let config: Value = serde_json::from_str(&json).unwrap();
        let server = &config["apps"]["http"]["servers"]["srv0"];
        assert_eq!(server["listen"], serde_json::json!([":443"]), "{config:#}");
        let matches = server["routes"].as_array().unwrap().iter().flat_map(|route| route["match"].as_array().unwrap());
        let hosts = matches.flat_map(|one| one["host"].as_array().unwrap()).map(|host| host.as_str().unwrap());
        let mut hosts: Vec<&str> = hosts.collect();
        hosts.sort_unstable();
        let wanted = wanted(&report, &["dns", "ip"]);
        let mut names: Vec<&str> = wanted.iter().map(|name| name.split_once(':').unwrap().1).collect();
        names.sort_unstable();
        assert_eq!(hosts, names, "{config:#}");
        println!("ok         caddy adapt: {case:?}");
    }
}

/// The stanza passes `nginx -t` and `apachectl -t`; then both serve it beside the server that was there
/// before, and the name is right.
#[test]
fn nginx_and_apache_bind_the_certificate_to_the_name() {
    if !is_on() {
        return;
    }
    let pki = Pki::new();
    for asked in ["www.example.test", "127.0.0.1", "::1"] {
        let san = "DNS:default.test";
        for (what, serve) in [("nginx", nginx as Serve), ("apache", apache as Serve)] {
            let place = if asked == "::1" { "[::1]" } else { "127.0.0.1" };
            let old = TlsServer::start(Config::new(&pki.issue(san)).address(&format!("{place}:0")));
            let report = pki.one(&format!("{place}:{} --name {asked} --fix {what},openssl", old.port()), 1);
            let home = issued(&pki, text(&report, "server", "openssl"));
            let port = free_port();
            let stanza = text(&report, "server", what).replace(&old.port().to_string(), &port.to_string());
            let issued = pki.issue(san);
            home.write("old.crt", issued.pem());
            home.write("old.key", issued.key_pem());
            let _daemon = serve(&home, &stanza, port, asked);
            pki.one(&format!("{place}:{port} --name {asked}"), 0);
            pki.one(&format!("{place}:{port} --name default.test"), 0);
            println!("ok         {what} -t, and serves {asked}");
        }
    }
}

/// Tests a configuration with the stanza and starts it.
type Serve = fn(&Home, &str, u16, &str) -> Daemon;

fn nginx(home: &Home, stanza: &str, port: u16, _: &str) -> Daemon {
    let own = format!(
        "server {{ listen {port} ssl; server_name default.test; ssl_certificate old.crt; ssl_certificate_key old.key; }}\n"
    );
    let folder = home.path("");
    let temporary = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"];
    let temporary = temporary.map(|part| format!("{part}_temp_path {folder}{part};\n")).concat();
    let http = format!("access_log off;\n{temporary}{own}{stanza}");
    let config = home.write(
        "nginx.conf",
        format!(
            "daemon off; user root; pid {folder}pid; error_log {folder}error.log; events {{}}\nhttp {{\n{http}\n}}\n"
        ),
    );
    let arguments = ["-p", &folder, "-c", &config];
    prepare(program("nginx").args(arguments).arg("-t"));
    let mut command = program("nginx");
    command.args(arguments);
    Daemon::start("nginx", home, command, &[port])
}

fn apache(home: &Home, stanza: &str, port: u16, asked: &str) -> Daemon {
    let own = format!(
        "<VirtualHost *:{port}>\nServerName default.test\nSSLEngine on\nSSLCertificateFile old.crt\n\
         SSLCertificateKeyFile old.key\n</VirtualHost>\n"
    );
    // As the stanza says: for an address it has to be the first.
    let hosts = if asked.parse::<IpAddr>().is_ok() { format!("{stanza}{own}") } else { format!("{own}{stanza}") };
    let folder = home.path("");
    let modules = ["mpm_event", "authz_core", "ssl", "socache_shmcb"];
    let modules = modules.map(|name| format!("LoadModule {name}_module /usr/lib/apache2/modules/mod_{name}.so\n"));
    let config = home.write(
        "apache.conf",
        format!(
            "ServerRoot {folder}\nServerName default.test\nPidFile {folder}pid\nErrorLog {folder}error.log\n\
             DefaultRuntimeDir {folder}\nUser www-data\nGroup www-data\nListen {port}\n{}{hosts}",
            modules.concat()
        ),
    );
    prepare(program("apachectl").args(["-t", "-d", &folder, "-f", &config]));
    let mut command = program("apache2");
    command.args(["-d", &folder, "-f", &config, "-D", "FOREGROUND"]);
    Daemon::start("apache2", home, command, &[port])
}
