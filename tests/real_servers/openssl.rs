//! `openssl s_server`, one for each key and manner, and the keys by `openssl req`.

use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};

use crate::await_port;
use crate::driver::Pki;
use crate::support::{DAY, Leaf, now};

/// A server; gone on drop.
pub struct Server {
    /// What it is called in the table.
    pub what: &'static str,
    /// Where it listens.
    pub port: u16,
    child: Child,
}

impl Drop for Server {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Runs `openssl`, which has to succeed, and returns what it printed.
pub fn run(args: &[&str]) -> String {
    let output = Command::new("openssl").args(args).stdin(Stdio::null()).output();
    let output = output.unwrap_or_else(|error| panic!("openssl is not installed: {error}"));
    assert!(output.status.success(), "openssl {args:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8_lossy(&output.stdout).into_owned()
}

/// A key of this kind (`openssl req -newkey`) with a certificate of the root: two files.
pub fn issue(pki: &Pki, name: &str, newkey: &[&str]) -> (String, String) {
    let folder = pki.scratch.path().display();
    let (cert, key) = (format!("{folder}/{name}.pem"), format!("{folder}/{name}.key"));
    let ca_key = pki.file("ca.key", crate::support::pem_of(&pki.root.key.pkcs8, "PRIVATE KEY"));
    let fixed = [
        "-nodes",
        "-subj",
        "/O=Example/CN=openssl",
        "-addext",
        "subjectAltName=DNS:www.example.test,DNS:rsa.example.test",
        "-addext",
        "basicConstraints=critical,CA:FALSE",
        "-addext",
        "extendedKeyUsage=serverAuth",
        "-days",
        "30",
    ];
    let files = ["-CA", &pki.ca, "-CAkey", &ca_key, "-out", &cert, "-keyout", &key];
    run(&[&["req", "-x509", "-newkey"][..], newkey, &fixed, &files].concat());
    (cert, key)
}

/// All servers of the table.
pub fn servers(pki: &Pki) -> Vec<Server> {
    let ec = |curve: &'static str| ["ec", "-pkeyopt", curve];
    let p256 = issue(pki, "p256", &ec("ec_paramgen_curve:P-256"));
    let p521 = issue(pki, "p521", &ec("ec_paramgen_curve:P-521"));
    let ed448 = issue(pki, "ed448", &["ed448"]);
    let rsa2048 = issue(pki, "rsa2048", &["rsa:2048"]);
    let rsa1024 = issue(pki, "rsa1024", &["rsa:1024"]);
    let minted = |name: &str, issued: crate::support::Issued| {
        (pki.file(&format!("{name}.pem"), issued.pem()), pki.file(&format!("{name}.key"), issued.key_pem()))
    };
    let leaf = || Leaf::default().san("DNS:www.example.test");
    let old = minted("old", leaf().valid(now() - 30 * DAY, now() - DAY).signed_by(&pki.root));
    let own = minted("own", leaf().self_signed());
    let other = ["-servername", "www.example.test", "-servername_fatal", "-cert2", &p256.0, "-key2", &p256.1];
    let weak = ["-cipher", "DEFAULT@SECLEVEL=0"];
    vec![
        start("p256", &p256, &[]),
        start("p256-1.2", &p256, &["-tls1_2"]),
        start("p384", &issue(pki, "p384", &ec("ec_paramgen_curve:P-384")), &[]),
        start("p521", &p521, &[]),
        start("ed25519", &issue(pki, "ed25519", &["ed25519"]), &[]),
        start("ed448", &ed448, &[]),
        start("ed448-1.2", &ed448, &["-tls1_2"]),
        start("rsa2048", &rsa2048, &[]),
        start("rsa2048-1.2", &rsa2048, &["-tls1_2"]),
        start("rsa-pss", &issue(pki, "rsa-pss", &["rsa-pss"]), &[]),
        start("rsa1024", &rsa1024, &weak),
        start("rsa1024-1.2", &rsa1024, &[&weak[..], &["-tls1_2"]].concat()),
        start("expired", &old, &[]),
        start("self-signed", &own, &[]),
        start("client", &p256, &["-Verify", "1"]),
        start("client-1.2", &p256, &["-Verify", "1", "-tls1_2"]),
        start("sni-fatal", &p256, &other),
        start("tls-1.1", &rsa2048, &["-tls1_1", "-cipher", "DEFAULT@SECLEVEL=0"]),
        start("tls-1.0", &rsa2048, &["-tls1", "-cipher", "AES128-SHA:@SECLEVEL=0"]),
        start("client-1.1", &rsa2048, &["-tls1_1", "-cipher", "DEFAULT@SECLEVEL=0", "-Verify", "1"]),
        start("p521-1.2", &p521, &["-tls1_2"]),
        start("p521-group", &p256, &["-groups", "P-521"]),
        start("p521-group-1.2", &rsa2048, &["-groups", "P-521", "-tls1_2"]),
        start("rsa-exchange", &rsa2048, &["-tls1_2", "-cipher", "AES128-GCM-SHA256"]),
        start("dhe", &rsa2048, &["-tls1_2", "-cipher", "DHE-RSA-AES128-GCM-SHA256"]),
        start("cbc", &rsa2048, &["-tls1_2", "-cipher", "ECDHE-RSA-AES128-SHA"]),
        start("ccm-1.2", &p256, &["-tls1_2", "-cipher", "ECDHE-ECDSA-AES128-CCM"]),
        start("camellia", &rsa2048, &["-tls1_2", "-cipher", "CAMELLIA128-SHA"]),
        start("x448-1.2", &rsa2048, &["-tls1_2", "-groups", "X448"]),
        start("secp256k1", &rsa2048, &["-tls1_2", "-groups", "secp256k1"]),
        start("brainpool", &rsa2048, &["-tls1_2", "-groups", "brainpoolP256r1"]),
        start("ffdhe-1.3", &p256, &["-tls1_3", "-groups", "ffdhe2048"]),
        start("x448-1.3", &p256, &["-tls1_3", "-groups", "X448"]),
        start("ccm-1.3", &p256, &["-tls1_3", "-ciphersuites", "TLS_AES_128_CCM_SHA256"]),
        start("anonymous", &p256, &["-nocert", "-cipher", "aNULL@SECLEVEL=0", "-tls1_2"]),
    ]
}

/// One server, with this certificate and key.
pub fn start(what: &'static str, (cert, key): &(String, String), more: &[&str]) -> Server {
    let mut command = Command::new("openssl");
    command.args(["s_server", "-accept", "127.0.0.1:0"]).args(more);
    if !more.contains(&"-nocert") {
        command.args(["-cert", cert, "-key", key]);
    }
    // The end of its input would end it: the pipe stays open as long as the child does.
    let spawned = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null()).spawn();
    let mut child = spawned.unwrap_or_else(|error| panic!("openssl is not installed: {error}"));
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines().map_while(Result::ok);
    let line = lines.find(|line| line.starts_with("ACCEPT")).unwrap_or_else(|| panic!("{what} does not start"));
    let port = line.rsplit(':').next().unwrap().trim().parse().unwrap();
    // What it prints has to be read, or it stops.
    std::thread::spawn(move || lines.for_each(drop));
    await_port(what, port);
    Server { what, port, child }
}
