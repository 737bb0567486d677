//! Dovecot: IMAP, POP3, LMTP and ManageSieve, with STARTTLS and with `ssl = no`.

use crate::daemon::{Daemon, Home, Running, free_port, program};
use crate::driver::Pki;

/// Starts both.
pub fn start(pki: &Pki) -> Running {
    let home = Home::new();
    let (cert, key) = home.certificate(pki, "root");
    let with = Ports::new();
    let without = Ports::new();
    let ssl = format!("ssl = yes\nssl_cert = <{cert}\nssl_key = <{key}\n");
    let daemons = vec![one(&home, "on", &with, &ssl), one(&home, "off", &without, "ssl = no\n")];
    let ports = [
        ("dovecot imap", with.imap),
        ("dovecot pop3", with.pop3),
        ("dovecot lmtp", with.lmtp),
        ("dovecot sieve", with.sieve),
        ("dovecot imap without TLS", without.imap),
        ("dovecot pop3 without TLS", without.pop3),
        ("dovecot lmtp without TLS", without.lmtp),
        ("dovecot sieve without TLS", without.sieve),
    ];
    Running::new(home, daemons, &ports)
}

struct Ports {
    imap: u16,
    pop3: u16,
    lmtp: u16,
    sieve: u16,
}

impl Ports {
    fn new() -> Self {
        Self { imap: free_port(), pop3: free_port(), lmtp: free_port(), sieve: free_port() }
    }
}

fn one(home: &Home, name: &str, ports: &Ports, ssl: &str) -> Daemon {
    let base = home.folder(name, "root");
    let Ports { imap, pop3, lmtp, sieve } = *ports;
    // Port 0 takes a listener of the defaults away.
    let config = format!(
        "protocols = imap pop3 lmtp sieve\nlisten = 127.0.0.1\nbase_dir = {base}\nstate_dir = {base}\n\
         instance_name = {name}\nlog_path = {base}.log\nmail_location = maildir:{base}/mail\n\
         passdb {{\n driver = static\n args = nopassword=y\n}}\n\
         userdb {{\n driver = static\n args = uid=65534 gid=65534 home={base}/mail\n}}\n\
         service imap-login {{\n inet_listener imap {{\n port = {imap}\n }}\n \
         inet_listener imaps {{\n port = 0\n }}\n}}\n\
         service pop3-login {{\n inet_listener pop3 {{\n port = {pop3}\n }}\n \
         inet_listener pop3s {{\n port = 0\n }}\n}}\n\
         service lmtp {{\n inet_listener lmtp {{\n address = 127.0.0.1\n port = {lmtp}\n }}\n}}\n\
         service managesieve-login {{\n inet_listener sieve {{\n port = {sieve}\n }}\n}}\n{ssl}"
    );
    let config = home.write(&format!("{name}.conf"), config);
    let mut command = program("dovecot");
    command.args(["-F", "-c", &config]);
    Daemon::start(&format!("dovecot {name}"), home, command, &[imap, pop3, lmtp, sieve])
}
