//! SQL Server is in no package of Debian, its clients are: FreeTDS' `tsql` has to make a handshake with
//! the server of TDS that the tests put together, so that this one is as a client needs it.

use std::process::Stdio;

use crate::daemon::program;
use crate::driver::{Pki, at};
use crate::is_on;
use crate::support::tds::Tds;
use crate::support::{Config, TlsServer};

#[test]
fn a_client_of_tds_takes_the_hand_made_server() {
    if !is_on() {
        return;
    }
    let pki = Pki::new();
    // FreeTDS speaks TLS 1.2 inside of TDS 7.4.
    let behind = TlsServer::start(Config::new(&pki.issue("DNS:www.example.test")).tls12_only());
    let server = Tds::default().start(behind.addr());
    let port = server.addr().port();
    let conf = format!(
        "[server]\nhost = 127.0.0.1\nport = {port}\ntds version = 7.4\nencryption = require\nca file = {}\n\
         check certificate hostname = no\n",
        pki.ca
    );
    let (conf, dump) = (pki.file("freetds.conf", conf), pki.file("dump", ""));
    let mut tsql = program("tsql");
    tsql.args(["-S", "server", "-U", "user", "-P", "password"]).env("FREETDSCONF", conf).env("TDSDUMP", &dump);
    let mut tsql = tsql.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
    // After the handshake it sends its login, and waits for an answer that nobody here has.
    let settled = server.settled(1);
    // It may have ended by itself.
    let _ = tsql.kill();
    let _ = tsql.wait();
    let dump = std::fs::read(dump).unwrap();
    let dump = String::from_utf8_lossy(&dump);
    assert!(dump.contains("handshake succeeded"), "{dump}");
    assert_eq!((settled, server.connections()), (1, 1));
    let report = pki.one(&format!("www.example.test@127.0.0.1:{port} --starttls mssql"), 0);
    assert_eq!(at(&report, "/connection/possession"), "proven", "{report:#}");
    assert_eq!((server.settled(2), server.connections()), (2, 2));
}
