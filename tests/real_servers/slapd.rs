//! OpenLDAP's slapd: LDAP with StartTLS, and without a certificate.

use crate::daemon::{Daemon, Home, Running, free_port, program};
use crate::driver::Pki;

/// Starts both.
pub fn start(pki: &Pki) -> Running {
    let home = Home::new();
    let (cert, key) = home.certificate(pki, "root");
    let (on, off) = (free_port(), free_port());
    let tls = format!("TLSCertificateFile {cert}\nTLSCertificateKeyFile {key}\nTLSVerifyClient never\n");
    let daemons = vec![one(&home, "on", on, &tls), one(&home, "off", off, "")];
    Running::new(home, daemons, &[("slapd", on), ("slapd without TLS", off)])
}

/// No database: StartTLS is asked of the front end.
fn one(home: &Home, name: &str, port: u16, tls: &str) -> Daemon {
    let config = format!(
        "include /etc/ldap/schema/core.schema\npidfile {}\nargsfile {}\n{tls}",
        home.path(&format!("{name}.pid")),
        home.path(&format!("{name}.args"))
    );
    let config = home.write(&format!("{name}.conf"), config);
    let mut command = program("slapd");
    // `-d` with any level keeps it in the foreground.
    command.args(["-d", "stats", "-h", &format!("ldap://127.0.0.1:{port}/"), "-f", &config]);
    Daemon::start(&format!("slapd {name}"), home, command, &[port])
}
