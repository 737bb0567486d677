//! A network in namespaces of its own (`network.sh`): two hosts, names of each kind, a SOCKS proxy.

use std::fs;
use std::process::{Command, Stdio};
use std::time::Instant;

use crate::daemon::{Daemon, Home, program};
use crate::driver::{Output, Pki, collect};

/// The network; gone on drop.
#[derive(Debug)]
pub struct Network {
    ca: String,
    // Ended before the folder goes.
    daemon: Daemon,
    _home: Home,
}

impl Network {
    /// Sets it up. Without root, namespaces, or one of its programs that fails.
    pub fn start(pki: &Pki) -> Self {
        let home = Home::new();
        let (cert, key) = home.certificate(pki, "root");
        let script = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/real_servers/network.sh");
        for needed in ["ip", "ss", "nsenter", "openssl", "dnsmasq", "microsocks", "avahi-daemon"] {
            let _ = program(needed);
        }
        let mut command = program("unshare");
        command.args(["-m", "-n", "sh", script, &home.path(""), &cert, &key]);
        let mut daemon = Daemon::start("network", &home, command, &[]);
        daemon.await_true("network", &home, || fs::exists(home.path("ready")).unwrap());
        Self { ca: pki.ca.clone(), daemon, _home: home }
    }

    /// Runs the program on the host `near`.
    pub fn run(&self, line: &str) -> Output {
        let mut command = Command::new("nsenter");
        command.args(["-t", &self.daemon.id().to_string(), "-m", "-n", env!("CARGO_BIN_EXE_certcheck")]);
        command.args(line.split(' ')).args(["--json", "--ca-file", &self.ca]);
        // What the rows say is all it is told.
        command.env_clear().env("LC_ALL", "C.UTF-8");
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let start = Instant::now();
        collect(command.spawn().expect("nsenter (util-linux)"), start)
    }
}
