//! One nginx, in the foreground and in one process, with a port for each manner.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::net::{Ipv4Addr, TcpListener};
use std::process::{Child, Command, Stdio};

use crate::driver::Pki;
use crate::support::{DAY, Issued, Leaf, now};
use crate::{await_port, openssl};

/// The server; gone on drop.
pub struct Nginx {
    /// Its ports by what they are called in the table.
    pub ports: BTreeMap<&'static str, u16>,
    child: Child,
}

impl Drop for Nginx {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// One `server` block: its port's name, and what stands in it beside `listen`.
struct Block(&'static str, &'static str, String);

impl Nginx {
    /// Starts it.
    pub fn start(pki: &Pki) -> Self {
        let mut ports: BTreeMap<&'static str, u16> = BTreeMap::new();
        let mut servers = String::new();
        let mut held = Vec::new();
        for Block(what, listen, directives) in blocks(pki) {
            let port = *ports.entry(what).or_insert_with(|| {
                // Held until all are found, so that no two are the same.
                held.push(TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap());
                held.last().unwrap().local_addr().unwrap().port()
            });
            writeln!(servers, "server {{ listen 127.0.0.1:{port} {listen}; {directives} return 204; }}").unwrap();
        }
        drop(held);
        let folder = pki.scratch.path().display();
        let paths = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"];
        let paths = paths.iter().fold(String::new(), |all, path| all + &format!("{path}_temp_path {folder}/{path}; "));
        let config = format!(
            "daemon off; master_process off; worker_processes 1; pid {folder}/nginx.pid;\n\
             error_log {folder}/nginx.log; events {{ worker_connections 256; }}\n\
             http {{ access_log off; {paths}\n{servers} }}\n"
        );
        let config = pki.file("nginx.conf", config);
        let log = format!("{folder}/nginx.log");
        let program = Command::new("nginx").args(["-e", &log, "-c", &config]).stdin(Stdio::null()).spawn();
        let program = program.or_else(|_| {
            let args = ["-e", &log, "-c", &config];
            Command::new("/usr/sbin/nginx").args(args).stdin(Stdio::null()).spawn()
        });
        let child = program.unwrap_or_else(|error| panic!("nginx is not installed: {error}"));
        for (what, port) in &ports {
            await_port(what, *port);
        }
        Self { ports, child }
    }
}

/// A site's certificate and key.
fn site(pki: &Pki, name: &str, issued: &Issued) -> String {
    let cert = pki.file(&format!("{name}.pem"), issued.chain_pem());
    let key = pki.file(&format!("{name}.key"), issued.key_pem());
    format!("ssl_certificate {cert}; ssl_certificate_key {key};")
}

fn blocks(pki: &Pki) -> Vec<Block> {
    let leaf = || Leaf::default().san("DNS:www.example.test");
    let www = site(pki, "www", &leaf().signed_by(&pki.root));
    let default = site(pki, "default", &pki.issue("DNS:default.test"));
    let old = site(pki, "nginx-old", &leaf().valid(now() - 30 * DAY, now() - DAY).signed_by(&pki.root));
    let inter = pki.root.intermediate("Intermediate");
    let bare = site(pki, "bare", &leaf().signed_by(&inter));
    let full = site(pki, "full", &leaf().signed_by(&inter).with_chain(&[&inter]));
    let (cert, key) = openssl::issue(pki, "nginx-rsa", &["rsa:2048"]);
    let rsa = format!("ssl_certificate {cert}; ssl_certificate_key {key};");
    let client = |word: &str| format!("{www} ssl_client_certificate {}; ssl_verify_client {word};", pki.ca);
    let both = "ssl_protocols TLSv1.2 TLSv1.3;";
    let old_only = "ssl_protocols TLSv1.2;";
    vec![
        Block("vhosts", "ssl default_server", format!("{both} server_name default.test; {default}")),
        Block("vhosts", "ssl", format!("{both} server_name www.example.test; {www}")),
        Block("vhosts", "ssl", format!("{both} server_name rsa.example.test; {rsa}")),
        Block("reject", "ssl default_server", format!("{both} ssl_reject_handshake on;")),
        Block("reject", "ssl", format!("{both} server_name www.example.test; {www}")),
        Block("client-on", "ssl", format!("{both} {}", client("on"))),
        Block("client-optional", "ssl", format!("{both} {}", client("optional"))),
        Block("client-on-1.2", "ssl", format!("{old_only} {}", client("on"))),
        Block("tls-1.2", "ssl", format!("{old_only} {www}")),
        Block("both-keys", "ssl", format!("{both} {rsa} {www}")),
        Block("expired", "ssl", format!("{both} {old}")),
        Block("no-chain", "ssl", format!("{both} {bare}")),
        Block("full-chain", "ssl", format!("{both} {full}")),
        Block("plain-http", "", String::new()),
    ]
}
