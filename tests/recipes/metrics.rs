//! Cron's line for node_exporter, run by hand: what it writes, and that it is whole or as it was.

use std::fs::{self, File};
use std::path::Path;
use std::process::Command;
use std::thread::sleep;
use std::time::{Duration, Instant};

use regex::Regex;

use crate::lab::{Lab, repository, run};
use crate::support::{Behaviour, RawServer};

/// The files that the collector would read.
fn read_by_the_collector(folder: &Path) -> Vec<String> {
    let names = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap());
    names.filter(|name| Path::new(name).extension().is_some_and(|ending| ending == "prom")).collect()
}

pub fn writes(lab: &Lab) -> String {
    let tab = fs::read_to_string(repository("examples/node-exporter/certcheck.cron")).unwrap();
    let line = Regex::new(r"(?m)^(?:[0-9*/,-]+ ){5}[a-z]+ (\S+) (/etc/\S+) (/var/\S+)$").unwrap();
    let found = line.captures(&tab).unwrap();
    let (list, folder) = (lab.pki.scratch.path().join("list"), lab.folder("collector"));
    let command = |more: &str| -> Command {
        let mut command = lab.command("sh", lab.pki.scratch.path());
        command.args(["-c", &format!("{}/{} \"$@\"", repository("examples/node-exporter"), &found[1]), "sh"]);
        command.arg(&list).arg(&folder).args(more.split_whitespace());
        command
    };
    let file = folder.join("certcheck.prom");
    let has = |line: &str| fs::read_to_string(&file).unwrap().lines().any(|found| found == line);
    let check = || {
        let mut command = lab.command("promtool", &folder);
        let output = run(command.args(["check", "metrics"]).stdin(File::open(&file).unwrap())).exits(0);
        assert!(output.stdout.is_empty() && output.stderr.is_empty(), "{output:?}");
    };

    fs::write(&list, lab.good("a")).unwrap();
    let quiet = run(&mut command("")).exits(0);
    assert!(quiet.stdout.is_empty() && quiet.stderr.is_empty(), "cron would send mail: {quiet:?}");
    check();
    assert!(has("certcheck_reports{ended=\"ok\"} 1") && has("certcheck_complete 1"));

    // A second run, under way: the file is the first one's until the end.
    let silent = RawServer::start(Behaviour::Silent);
    let before = fs::read_to_string(&file).unwrap();
    let targets = [lab.good("a"), lab.wrong("b"), lab.silent("c"), format!("d.example.test@{}", silent.addr())];
    fs::write(&list, targets.join("\n")).unwrap();
    let child = command("--timeout 2s").spawn().unwrap();
    let begin = Instant::now();
    while silent.connections() == 0 {
        assert!(begin.elapsed() < Duration::from_secs(10), "it does not begin");
        sleep(Duration::from_millis(20));
    }
    assert_eq!(read_by_the_collector(&folder), ["certcheck.prom"]);
    assert_eq!(fs::read_to_string(&file).unwrap(), before);
    let output = child.wait_with_output().unwrap();
    assert!(output.status.success() && output.stdout.is_empty() && output.stderr.is_empty(), "{output:?}");
    check();
    for (ended, count) in [("ok", 1), ("mismatch", 1), ("error", 2)] {
        assert!(has(&format!("certcheck_reports{{ended=\"{ended}\"}} {count}")), "{ended}");
    }

    // What kept it from being written is said, and fails the run; the file stays.
    let before = fs::read_to_string(&file).unwrap();
    fs::remove_file(&list).unwrap();
    let failed = run(&mut command("")).exits(2);
    assert!(failed.stderr.contains("file not found"), "{failed:?}");
    assert_eq!(fs::read_to_string(&file).unwrap(), before);
    assert_eq!(read_by_the_collector(&folder), ["certcheck.prom"]);
    "run twice, promtool check metrics; the old file stays until the new one is whole".to_owned()
}
