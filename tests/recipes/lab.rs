//! Servers, a folder, and a `certcheck` in the PATH that trusts the tests' root.

use std::env;
use std::fs::{self, Permissions};
use std::net::{SocketAddr, TcpListener};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use serde_json::Value;

use crate::driver::{Output, Pki, finish};
use crate::support::TlsServer;

/// A file of the repository.
pub fn repository(name: &str) -> String {
    format!("{}/{name}", env!("CARGO_MANIFEST_DIR"))
}

/// What `install.sh` put there.
pub fn installed(name: &str) -> String {
    let path = repository(&format!("target/recipes/venv/bin/{name}"));
    assert!(Path::new(&path).exists(), "{path} is not there: tests/recipes/install.sh");
    path
}

pub struct Lab {
    pub pki: Pki,
    /// A server whose certificate is valid for `*.example.test`.
    pub server: TlsServer,
    /// An address where nothing listens.
    pub closed: SocketAddr,
    /// Where `certcheck` is.
    pub bin: PathBuf,
}

impl Lab {
    pub fn new() -> Self {
        let pki = Pki::new();
        let server = pki.server("DNS:*.example.test");
        let closed = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
        let program = env!("CARGO_BIN_EXE_certcheck");
        let bin = pki.scratch.path().join("bin");
        let lab = Self { pki, server, closed, bin };
        lab.program("bin", "certcheck", &format!("exec '{program}' --ca-file '{}' \"$@\"", lab.pki.ca));
        lab
    }

    /// A new folder.
    pub fn folder(&self, name: &str) -> PathBuf {
        let folder = self.pki.scratch.path().join(name);
        fs::create_dir(&folder).unwrap();
        folder
    }

    /// A script in a folder for programs, which is made.
    pub fn program(&self, folder: &str, name: &str, text: &str) -> PathBuf {
        let folder = self.folder(folder);
        let path = folder.join(name);
        fs::write(&path, format!("#!/bin/sh\n{text}\n")).unwrap();
        fs::set_permissions(&path, Permissions::from_mode(0o755)).unwrap();
        folder
    }

    /// A target that is accepted.
    pub fn good(&self, label: &str) -> String {
        format!("{label}.example.test@{}", self.server.addr())
    }

    /// A target whose certificate is for other names.
    pub fn wrong(&self, label: &str) -> String {
        format!("{label}.other.test@{}", self.server.addr())
    }

    /// A target that does not answer.
    pub fn silent(&self, label: &str) -> String {
        format!("{label}.example.test@{}", self.closed)
    }

    /// A command in a folder, `certcheck` in its PATH and little else in its environment.
    pub fn command(&self, program: &str, folder: &Path) -> Command {
        let path = format!("{}:{}", self.bin.display(), env::var("PATH").unwrap());
        let mut command = Command::new(program);
        command.env_clear().env("PATH", path).env("LC_ALL", "C.UTF-8").env("TMPDIR", self.pki.scratch.path());
        command.envs(["HOME", "JAVA_HOME"].into_iter().filter_map(|name| Some((name, env::var_os(name)?))));
        command.current_dir(folder).stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        command
    }

    /// A YAML file of the repository.
    pub fn yaml(&self, name: &str) -> Value {
        let mut command = self.command(&installed("python"), self.pki.scratch.path());
        command.args(["-B", &repository("tests/recipes/yaml_to_json.py"), &repository(name)]);
        run(&mut command).exits(0).one()
    }
}

/// Runs a command to its end; one that is not there fails the test.
pub fn run(command: &mut Command) -> Output {
    let program = command.get_program().to_owned();
    let there = Command::new("sh").args(["-c", "command -v \"$0\" >/dev/null"]).arg(&program).status().unwrap();
    assert!(there.success(), "{} is not installed: tests/recipes/install.sh", program.display());
    finish(command)
}

/// A text in a document.
pub fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_else(|| panic!("no text: {value}"))
}

/// The items of a list in a document.
pub fn items(value: &Value) -> &[Value] {
    value.as_array().unwrap_or_else(|| panic!("no list: {value}"))
}
