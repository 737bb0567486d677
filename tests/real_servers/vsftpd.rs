//! vsftpd: FTP with AUTH TLS, and with `ssl_enable=NO`.

use crate::daemon::{Daemon, Home, Running, free_port, program};
use crate::driver::Pki;

/// Starts both.
pub fn start(pki: &Pki) -> Running {
    let home = Home::new();
    let (cert, key) = home.certificate(pki, "root");
    let ssl = format!("ssl_enable=YES\nrsa_cert_file={cert}\nrsa_private_key_file={key}\nssl_ciphers=HIGH\n");
    let (on, off) = (free_port(), free_port());
    let daemons = vec![one(&home, "on", on, &ssl), one(&home, "off", off, "ssl_enable=NO\n")];
    Running::new(home, daemons, &[("vsftpd", on), ("vsftpd without TLS", off)])
}

fn one(home: &Home, name: &str, port: u16, ssl: &str) -> Daemon {
    let empty = home.folder("empty", "root");
    let log = home.path(&format!("vsftpd-{name}.log"));
    let config = format!(
        "listen=YES\nlisten_ipv6=NO\nbackground=NO\nlisten_address=127.0.0.1\nlisten_port={port}\n\
         anonymous_enable=YES\nsecure_chroot_dir={empty}\nvsftpd_log_file={log}\n{ssl}"
    );
    let config = home.write(&format!("{name}.conf"), config);
    let mut command = program("vsftpd");
    command.arg(config);
    Daemon::start(&format!("vsftpd {name}"), home, command, &[port])
}
