//! Runs the program and reads what it printed; an authority, certificates and servers to start from.
#![allow(dead_code)]

use std::ffi::OsStr;
use std::io::Write;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use serde_json::Value;

use crate::support::{Authority, Config, Issued, Leaf, ScratchDir, TlsServer, scratch_dir};

/// Every format, by the name that `--format` and `--output` take.
pub const FORMATS: [&str; 11] =
    ["human", "json", "pem", "junit", "sarif", "github", "prometheus", "nagios", "csv", "markdown", "html"];

/// What a run printed, and how it ended.
#[derive(Debug)]
pub struct Output {
    /// The exit code; a run that a signal ended has none, and panics before.
    pub code: i32,
    /// Standard output.
    pub stdout: String,
    /// Standard error.
    pub stderr: String,
    /// From start to end.
    pub elapsed: Duration,
}

impl Output {
    /// Standard output as JSON, one object a line.
    pub fn json(&self) -> Vec<Value> {
        let read = |line: &str| serde_json::from_str(line).unwrap_or_else(|error| panic!("{error}: {line}"));
        self.stdout.lines().map(read).collect()
    }

    /// The only object on standard output.
    pub fn one(&self) -> Value {
        let mut all = self.json();
        assert_eq!(all.len(), 1, "{self:?}");
        all.remove(0)
    }

    /// Asserts the exit code; shows everything where it is another.
    pub fn exits(self, code: i32) -> Self {
        assert_eq!(self.code, code, "{self:#?}");
        self
    }
}

/// The program with these arguments, in a UTF-8 locale and with nothing in its environment that
/// changes what it does.
pub fn command<S: AsRef<OsStr>>(args: impl IntoIterator<Item = S>) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_certcheck"));
    command.args(args).stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    for name in ["NO_COLOR", "CLICOLOR", "CLICOLOR_FORCE", "SSL_CERT_FILE", "SSL_CERT_DIR", "LC_CTYPE", "LANG"] {
        command.env_remove(name);
    }
    for name in ["https_proxy", "HTTPS_PROXY", "http_proxy", "all_proxy", "ALL_PROXY", "no_proxy", "NO_PROXY"] {
        command.env_remove(name);
    }
    command.env("LC_ALL", "C.UTF-8").env("TERM", "xterm");
    command
}

/// Runs a command to its end.
pub fn finish(command: &mut Command) -> Output {
    let start = Instant::now();
    let child = command.spawn().unwrap();
    collect(child, start)
}

/// Waits for a child to end.
pub fn collect(child: Child, start: Instant) -> Output {
    let output = child.wait_with_output().unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).expect("the output is UTF-8");
    Output {
        code: output.status.code().unwrap_or_else(|| panic!("ended by a signal: {output:?}")),
        stdout: text(output.stdout),
        stderr: text(output.stderr),
        elapsed: start.elapsed(),
    }
}

/// Runs the program.
pub fn run<S: AsRef<OsStr>>(args: impl IntoIterator<Item = S>) -> Output {
    finish(&mut command(args))
}

/// Runs the program with arguments that stand in one text, split at spaces.
pub fn run_line(line: &str) -> Output {
    run(line.split(' ').filter(|word| !word.is_empty()))
}

/// Runs the program with this on its standard input.
pub fn run_with_input(line: &str, input: &[u8]) -> Output {
    let start = Instant::now();
    let mut child = command(line.split(' ')).stdin(Stdio::piped()).spawn().unwrap();
    let mut stdin = child.stdin.take().unwrap();
    // A program that ends before it has read all is judged by its output.
    let _ = stdin.write_all(input);
    drop(stdin);
    collect(child, start)
}

/// A text at a place in a JSON document; `null` where there is none.
pub fn at<'a>(value: &'a Value, pointer: &str) -> &'a str {
    match value.pointer(pointer) {
        Some(Value::String(text)) => text,
        Some(Value::Null) | None => "null",
        Some(other) => panic!("{pointer} is no text: {other}"),
    }
}

/// The codes of a report's findings, in order.
pub fn codes(report: &Value) -> Vec<&str> {
    report["diagnosis"].as_array().unwrap().iter().map(|finding| finding["code"].as_str().unwrap()).collect()
}

/// A root with its file, and a folder.
pub struct Pki {
    /// The root.
    pub root: Authority,
    /// Where its PEM is.
    pub ca: String,
    /// The folder.
    pub scratch: ScratchDir,
}

impl Pki {
    /// A new one.
    pub fn new() -> Self {
        let root = Authority::root("Loopback Root");
        let scratch = scratch_dir("loopback");
        let ca = scratch.write("ca.pem", root.pem()).to_str().unwrap().to_owned();
        Self { root, ca, scratch }
    }

    /// A certificate of the root with these names (a SAN cell).
    pub fn issue(&self, san: &str) -> Issued {
        Leaf::default().san(san).signed_by(&self.root)
    }

    /// A server with such a certificate.
    pub fn server(&self, san: &str) -> TlsServer {
        TlsServer::start(Config::new(&self.issue(san)))
    }

    /// Writes a file into the folder, and returns its path as text.
    pub fn file(&self, name: &str, content: impl AsRef<[u8]>) -> String {
        self.scratch.write(name, content).to_str().unwrap().to_owned()
    }

    /// Runs the program with `--ca-file` of the root.
    pub fn run(&self, line: &str) -> Output {
        run_line(&format!("{line} --ca-file {}", self.ca))
    }

    /// Likewise with `--json`; its exit code is this one, and it prints one object.
    pub fn one(&self, line: &str, code: i32) -> Value {
        self.run(&format!("{line} --json")).exits(code).one()
    }
}
