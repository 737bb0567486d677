//! InspIRCd: IRC with the `starttls` module, and without.

use crate::daemon::{Daemon, Home, Running, free_port, program};
use crate::driver::Pki;

/// Starts both.
pub fn start(pki: &Pki) -> Running {
    let home = Home::new();
    let (cert, key) = home.certificate(pki, "root");
    let (on, off) = (free_port(), free_port());
    let tls = format!(
        "<module name=\"cap\">\n<module name=\"ssl_gnutls\">\n<module name=\"starttls\">\n\
         <sslprofile name=\"site\" provider=\"gnutls\" certfile=\"{cert}\" keyfile=\"{key}\">\n"
    );
    let daemons = vec![one(&home, "on", on, &tls), one(&home, "off", off, "<module name=\"cap\">\n")];
    Running::new(home, daemons, &[("inspircd", on), ("inspircd without TLS", off)])
}

fn one(home: &Home, name: &str, port: u16, tls: &str) -> Daemon {
    let folder = home.folder(name, "root");
    let config = format!(
        "<server name=\"www.example.test\" description=\"-\" network=\"Test\">\n\
         <admin name=\"-\" nick=\"-\" email=\"-\">\n\
         <bind address=\"127.0.0.1\" port=\"{port}\" type=\"clients\">\n\
         <connect allow=\"*\" timeout=\"60\" resolvehostnames=\"no\" localmax=\"500\" globalmax=\"500\">\n\
         <dns server=\"127.0.0.1\" timeout=\"1\">\n\
         <path configdir=\"{folder}\" datadir=\"{folder}\" logdir=\"{folder}\" runtimedir=\"{folder}\">\n\
         <pid file=\"{folder}/pid\">\n{tls}"
    );
    let config = home.write(&format!("{name}.conf"), config);
    let mut command = program("inspircd");
    command.args(["--nofork", "--nolog", "--runasroot", "--config", &config]);
    Daemon::start(&format!("inspircd {name}"), home, command, &[port])
}
