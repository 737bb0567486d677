//! Proxies: tinyproxy and Squid for CONNECT, microsocks for SOCKS5; each open, and for `user:pass` only.

use crate::daemon::{Daemon, Home, Running, free_port, own, program};
use crate::driver::Pki;
use crate::openssl;

/// tinyproxy, twice.
pub fn tinyproxy(_: &Pki) -> Running {
    let home = Home::new();
    let (open, closed) = (free_port(), free_port());
    let one = |name: &str, port: u16, auth: &str| {
        let log = home.path(&format!("tinyproxy-{name}.log"));
        let config = format!(
            "Port {port}\nListen 127.0.0.1\nTimeout 60\nMaxClients 50\nLogFile \"{log}\"\nAllow 127.0.0.1\n\
             PidFile \"{}\"\n{auth}",
            home.path(&format!("{name}.pid"))
        );
        let config = home.write(&format!("{name}.conf"), config);
        let mut command = program("tinyproxy");
        command.args(["-d", "-c", &config]);
        Daemon::start(&format!("tinyproxy {name}"), &home, command, &[port])
    };
    let daemons = vec![one("open", open, ""), one("closed", closed, "BasicAuth user pass\n")];
    Running::new(home, daemons, &[("tinyproxy", open), ("tinyproxy user", closed)])
}

/// Squid, with two ports.
pub fn squid(_: &Pki) -> Running {
    let home = Home::new();
    let (open, closed) = (free_port(), free_port());
    let log = home.write("squid.log", "");
    own(&log, "proxy");
    let users = home.write("users", format!("user:{}", openssl::run(&["passwd", "-apr1", "pass"])));
    let config = format!(
        "http_port 127.0.0.1:{open}\nhttp_port 127.0.0.1:{closed}\nvisible_hostname proxy.test\n\
         auth_param basic program /usr/lib/squid/basic_ncsa_auth {users}\nauth_param basic children 1\n\
         acl open localport {open}\nacl known proxy_auth REQUIRED\nhttp_access allow open\n\
         http_access allow known\nhttp_access deny all\npid_filename {}\naccess_log none\ncache_log {log}\n\
         cache deny all\ncoredump_dir {}\npinger_enable off\nnetdb_filename none\nshutdown_lifetime 0 seconds\n\
         max_filedescriptors 1024\nicp_port 0\n",
        home.path("squid.pid"),
        home.folder("core", "proxy")
    );
    let config = home.write("squid.conf", config);
    let mut command = program("squid");
    // `-n`: the name of its shared memory, which two of them would otherwise share.
    command.args(["-N", "-n", &format!("cc{open}"), "-f", &config]);
    let daemon = Daemon::start("squid", &home, command, &[open, closed]);
    Running::new(home, vec![daemon], &[("squid", open), ("squid user", closed)])
}

/// microsocks, twice.
pub fn microsocks(_: &Pki) -> Running {
    let home = Home::new();
    let (open, closed) = (free_port(), free_port());
    let one = |name: &str, port: u16, auth: &[&str]| {
        let mut command = program("microsocks");
        command.args(["-i", "127.0.0.1", "-p", &port.to_string()]).args(auth);
        Daemon::start(&format!("microsocks {name}"), &home, command, &[port])
    };
    let daemons = vec![one("open", open, &[]), one("closed", closed, &["-u", "user", "-P", "pass"])];
    Running::new(home, daemons, &[("microsocks", open), ("microsocks user", closed)])
}

/// tinyproxy behind stunnel: an HTTP proxy that is spoken to in TLS. Its certificate is for 127.0.0.1;
/// that of the second one is for another name.
pub fn behind_tls(pki: &Pki) -> Running {
    let home = Home::new();
    let (plain, right, wrong) = (free_port(), free_port(), free_port());
    let config = format!("Port {plain}\nListen 127.0.0.1\nTimeout 60\nMaxClients 50\nAllow 127.0.0.1\n");
    let config = home.write("tinyproxy.conf", config);
    let mut command = program("tinyproxy");
    command.args(["-d", "-c", &config]);
    let mut daemons = vec![Daemon::start("tinyproxy behind TLS", &home, command, &[plain])];
    for (name, san, port) in [("right", "IP:127.0.0.1", right), ("wrong", "DNS:other.test", wrong)] {
        let issued = pki.issue(san);
        let cert = home.write(&format!("{name}.pem"), issued.chain_pem());
        let key = home.write(&format!("{name}.key"), issued.key_pem());
        let config = format!(
            "foreground = yes\nsyslog = no\npid =\ncert = {cert}\nkey = {key}\n\
             [proxy]\naccept = 127.0.0.1:{port}\nconnect = 127.0.0.1:{plain}\n"
        );
        let config = home.write(&format!("stunnel-{name}.conf"), config);
        let mut command = program("stunnel4");
        command.arg(config);
        daemons.push(Daemon::start(&format!("stunnel {name}"), &home, command, &[port]));
    }
    Running::new(home, daemons, &[("tinyproxy in TLS", right), ("tinyproxy in wrong TLS", wrong)])
}
