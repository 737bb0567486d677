//! PostgreSQL, with `ssl=on` and `ssl=off`.

use std::fs;
use std::process::Command;

use crate::daemon::{Daemon, Home, Running, free_port, prepare, program, program_as};
use crate::driver::Pki;

/// Starts both, as the user `postgres`: it does not run as root.
pub fn start(pki: &Pki) -> Running {
    let home = Home::new();
    let (cert, key) = home.certificate(pki, "postgres");
    let (on, off) = (free_port(), free_port());
    let data = home.folder("on", "postgres");
    let args = ["-D", &data, "--no-sync", "--no-instructions", "-A", "trust", "--no-locale", "-E", "UTF8"];
    prepare(program_as("postgres", &binary("initdb")).args(args).current_dir("/"));
    prepare(program("cp").args(["-a", &data, &home.path("off")]));
    let tls = ["-c", "ssl=on", "-c", &format!("ssl_cert_file={cert}"), "-c", &format!("ssl_key_file={key}")];
    let daemons = vec![one(&home, "on", on, &tls), one(&home, "off", off, &["-c", "ssl=off"])];
    Running::new(home, daemons, &[("postgres", on), ("postgres without TLS", off)])
}

/// A program of the newest version there is.
fn binary(name: &str) -> String {
    let versions = fs::read_dir("/usr/lib/postgresql").expect("postgresql is not installed");
    let path = versions.map(|version| version.unwrap().path().join("bin").join(name)).max();
    path.expect("a version of postgresql").to_str().unwrap().to_owned()
}

fn one(home: &Home, name: &str, port: u16, tls: &[&str]) -> Daemon {
    let sockets = home.folder(&format!("sockets-{name}"), "postgres");
    let settings = [
        "listen_addresses=127.0.0.1".to_owned(),
        format!("port={port}"),
        format!("unix_socket_directories={sockets}"),
        "fsync=off".to_owned(),
        "shared_buffers=1MB".to_owned(),
        "max_connections=20".to_owned(),
    ];
    let mut command: Command = program_as("postgres", &binary("postgres"));
    command.args(["-D", &home.path(name)]).args(settings.iter().flat_map(|set| ["-c", set])).args(tls);
    Daemon::start(&format!("postgres {name}"), home, command, &[port])
}
