//! Each format by its own consumer, which reads back what the JSON of the same run holds.

use std::env;
use std::fs::{self, File};
use std::path::Path;
use std::process::{Command, Output, Stdio};

use crate::run::{Run, everything, plugin_line};

/// Whether these tests are asked for; says so where they are not.
pub fn is_on() -> bool {
    let on = env::var("CERTCHECK_REAL_SERVERS").as_deref() == Ok("1");
    if !on {
        println!("consumers: off; CERTCHECK_REAL_SERVERS=1 turns them on (tests/formats/install.sh)");
    }
    on
}

/// A file beside this one.
pub fn beside(name: &str) -> String {
    format!("{}/tests/formats/{name}", env!("CARGO_MANIFEST_DIR"))
}

/// What `install.sh` put there.
pub fn installed(name: &str) -> String {
    let path = format!("{}/target/formats/{name}", env!("CARGO_MANIFEST_DIR"));
    assert!(Path::new(&path).exists(), "{path} is not there: tests/formats/install.sh");
    path
}

/// A command that has to succeed; what it printed.
pub fn read_by(command: &mut Command) -> String {
    let output: Output = command
        .stdin(Stdio::null())
        .output()
        .unwrap_or_else(|error| panic!("it is not installed: {command:?}: {error}"));
    let said = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    assert!(output.status.success(), "{command:?}:\n{}{}", said(&output.stdout), said(&output.stderr));
    said(&output.stdout)
}

fn python(run: &Run, script: &str, file: &str) {
    let mut command = Command::new(installed("venv/bin/python"));
    command.arg("-B").args([beside(script), run.path(file), run.path("stdout.ndjson")]);
    println!("ok         {file}: {}", read_by(&mut command).trim_end());
}

#[test]
fn each_consumer_reads_what_was_written() {
    if !is_on() {
        return;
    }
    let run = everything();
    python(&run, "read_junit.py", "report.xml");
    python(&run, "read_github.py", "report.github");
    python(&run, "read_csv.py", "report.csv");
    python(&run, "read_markdown.py", "report.md");
    python(&run, "read_prometheus.py", "report.prom");
    sarif(&run);
    promtool(&run);
    plugin_line(fs::read_to_string(run.path("report.nagios")).unwrap().trim_end());
    println!("ok         report.nagios: the guidelines' grammar");
}

fn sarif(run: &Run) {
    let mut command = Command::new("node");
    command.args([beside("read_sarif.cjs"), run.path("report.sarif"), run.path("stdout.ndjson")]);
    command.env("NODE_PATH", installed("npm/node_modules"));
    println!("ok         report.sarif: {}", read_by(&mut command).trim_end());
}

/// It reads standard input alone, and prints what it complains of.
fn promtool(run: &Run) {
    let check = |path: &str| {
        let mut command = Command::new("promtool");
        command.args(["check", "metrics"]).stdin(File::open(path).unwrap());
        command.output().unwrap_or_else(|error| panic!("promtool is not installed: {error}"))
    };
    let output = check(&run.path("report.prom"));
    assert!(output.status.success() && output.stdout.is_empty() && output.stderr.is_empty(), "{output:?}");
    // It does complain, when there is something to complain of.
    let text = fs::read_to_string(run.path("report.prom")).unwrap();
    let twice = text.lines().find(|line| line.starts_with("certcheck_accepted{")).unwrap();
    let broken = run.file("broken.prom", &text.replace(twice, &format!("{twice}\n{twice} x")));
    assert!(!check(&broken).status.success());
    println!("ok         report.prom: promtool check metrics");
}
