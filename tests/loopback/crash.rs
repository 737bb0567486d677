//! A run that is killed: what was finished is in the stream and beside the files, and the next run
//! tidies up.

use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use super::driver::{Pki, command, run};

const FORMATS: [&str; 9] =
    ["a.json", "a.csv", "a.md", "a.html", "a.txt", "a.xml", "a.sarif", "a.prom", "nagios:a.nagios"];

fn partial_files(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let mut found: Vec<PathBuf> = entries.filter(|path| path.extension().is_some_and(|end| end == "partial")).collect();
    found.sort();
    found
}

#[test]
fn what_was_finished_outlives_a_kill() {
    const REPORTS: usize = 7;
    let pki = Pki::new();
    let server = pki.server("DNS:a.test");
    let folder = pki.scratch.path().join("out");
    fs::create_dir(&folder).unwrap();
    let outputs = FORMATS.map(|output| match output.split_once(':') {
        Some((format, name)) => format!("{format}:{}", folder.join(name).display()),
        None => folder.join(output).display().to_string(),
    });
    let outputs = outputs.iter().flat_map(|output| ["--output", output]);
    let options = ["--json", "--targets", "-", "--ca-file", &pki.ca];
    let arguments: Vec<&str> = options.into_iter().chain(outputs).collect();

    let mut child = command(&arguments).stdin(Stdio::piped()).spawn().unwrap();
    let mut stdin = child.stdin.take().unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    for n in 0..REPORTS {
        writeln!(stdin, "n{n}.test@{}", server.addr()).unwrap();
        assert!(lines.next().unwrap().unwrap().contains(&format!("n{n}.test")));
    }
    // Standard output is passed on before the files.
    std::thread::sleep(Duration::from_millis(500));
    child.kill().unwrap();
    child.wait().unwrap();

    let left = partial_files(&folder);
    assert_eq!(left.len(), FORMATS.len(), "{left:?}");
    assert_eq!(fs::read_dir(&folder).unwrap().count(), FORMATS.len(), "no file has its name yet");
    for path in &left {
        let text = fs::read_to_string(path).unwrap();
        for n in 0..REPORTS {
            assert!(text.contains(&format!("n{n}.test")), "{}: {text}", path.display());
        }
        let name = path.file_name().unwrap().to_str().unwrap();
        if [".a.json.", ".a.xml.", ".a.sarif.", ".a.prom.", ".a.nagios."].iter().any(|begin| name.starts_with(begin)) {
            let reports = text.lines().map(|line| serde_json::from_str::<serde_json::Value>(line).unwrap());
            assert_eq!(reports.count(), REPORTS, "{name}");
        }
    }
    // A file that is being written by a run that is alive is left alone.
    let mut alive = command(&arguments).stdin(Stdio::piped()).spawn().unwrap();
    let mut stdin = alive.stdin.take().unwrap();
    writeln!(stdin, "b.test@{}", server.addr()).unwrap();
    BufReader::new(alive.stdout.take().unwrap()).read_line(&mut String::new()).unwrap();
    let written = partial_files(&folder);
    assert_eq!(written.len(), FORMATS.len(), "those of the killed run are gone: {written:?}");
    assert!(written.iter().all(|path| !left.contains(path)), "{written:?}");
    let list = pki.file("list", format!("a.test@{}\n", server.addr()));
    let again: Vec<&str> =
        arguments.iter().map(|argument| if *argument == "-" { list.as_str() } else { argument }).collect();
    assert_eq!(run(&again).code, 0);
    assert_eq!(partial_files(&folder), written);
    drop(stdin);
    assert!(alive.wait().unwrap().code().is_some());
    assert_eq!(partial_files(&folder), Vec::<PathBuf>::new());
    assert_eq!(fs::read_dir(&folder).unwrap().count(), FORMATS.len());
    for (name, begin) in
        [("a.json", "{"), ("a.xml", "<?xml"), ("a.sarif", "{"), ("a.prom", "# HELP"), ("a.nagios", "CRITICAL")]
    {
        let text = fs::read_to_string(folder.join(name)).unwrap();
        assert!(text.starts_with(begin) && text.contains("b.test"), "{name}: {text}");
    }
}
