//! MariaDB: the MySQL protocol with TLS, and with `--skip-ssl`.

use crate::daemon::{Daemon, Home, Running, free_port, program};
use crate::driver::Pki;

/// Starts both, on empty folders: nobody logs in, so it needs neither tables of users nor InnoDB.
pub fn start(pki: &Pki) -> Running {
    let home = Home::new();
    let (cert, key) = home.certificate(pki, "mysql");
    let (on, off) = (free_port(), free_port());
    let tls = [format!("--ssl-cert={cert}"), format!("--ssl-key={key}")];
    let daemons = vec![one(&home, "on", on, &tls), one(&home, "off", off, &["--skip-ssl".to_owned()])];
    Running::new(home, daemons, &[("mariadb", on), ("mariadb without TLS", off)])
}

fn one(home: &Home, name: &str, port: u16, tls: &[String]) -> Daemon {
    let data = home.folder(name, "mysql");
    let mut command = program("mariadbd");
    command.args(["--no-defaults", "--user=mysql", "--bind-address=127.0.0.1", "--skip-name-resolve"]);
    command.args(["--skip-grant-tables", "--skip-innodb", "--default-storage-engine=MyISAM"]);
    command.args([format!("--datadir={data}"), format!("--port={port}")]);
    command.args([format!("--socket={data}/s"), format!("--pid-file={data}/pid")]).args(tls);
    Daemon::start(&format!("mariadb {name}"), home, command, &[port])
}
