//! `--output`: files that are whole or not there.

use std::fs;
use std::os::unix::fs::{FileTypeExt, PermissionsExt, symlink};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use crate::driver::{Pki, collect, command, run, run_line};
use crate::support::{Behaviour, RawServer};

const TARGET: &str = "www.example.test";

/// The names in a folder, hidden ones too.
fn names(pki: &Pki) -> Vec<String> {
    let entries = fs::read_dir(pki.scratch.path()).unwrap();
    let mut names: Vec<String> = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

fn path(pki: &Pki, name: &str) -> String {
    pki.scratch.path().join(name).to_str().unwrap().to_owned()
}

/// What a file holds is what standard output would.
#[test]
fn a_file_holds_what_standard_output_would() {
    let pki = Pki::new();
    let cert = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/fixtures/wildcard.pem");
    let check = ["--cert", cert, "www.example.com", "a.b.example.com"];
    for (format, ending) in [
        ("human", "txt"),
        ("json", "json"),
        ("pem", "pem"),
        ("junit", "xml"),
        ("sarif", "sarif"),
        ("prometheus", "prom"),
        ("csv", "csv"),
        ("markdown", "md"),
        ("html", "html"),
        ("github", ""),
        ("nagios", ""),
    ] {
        let file = if ending.is_empty() { path(&pki, format) } else { path(&pki, &format!("a.{ending}")) };
        let output = if ending.is_empty() { format!("{format}:{file}") } else { file.clone() };
        let shown = run([&check[..], &["--output", &output, "--format", format]].concat());
        assert_eq!(fs::read_to_string(&file).unwrap(), shown.stdout, "{format}");
        let json = run([&check[..], &["--output", &output, "--json"]].concat()).exits(1);
        assert_eq!(json.json().len(), 2, "{format}");
    }
    assert!(!names(&pki).iter().any(|name| name.starts_with('.')), "{:?}", names(&pki));
}

#[test]
fn what_is_no_output_is_a_usage_error() {
    let pki = Pki::new();
    for output in ["report", "report.doc", "-", "json:", "yaml:a"] {
        let refused = run(["--cert", &pki.ca, "a.test", "--output", output]).exits(2);
        assert!(refused.stdout.is_empty(), "{refused:?}");
    }
    let refused = run(["--cert", &pki.ca, "a.test", "--output", "report.doc"]).exits(2);
    for known in ["nagios", "prometheus", ".html", ".sarif"] {
        assert!(refused.stderr.contains(known), "{refused:?}");
    }
    let twice = path(&pki, "a.json");
    run(["--cert", &pki.ca, "a.test", "--output", &twice, "--output", &format!("csv:{twice}")]).exits(2);
    run(["--explain", "expired", "--output", &twice]).exits(2);
    assert_eq!(names(&pki), ["ca.pem"]);
}

#[test]
fn what_was_there_is_replaced_and_keeps_its_permissions() {
    let pki = Pki::new();
    let check = ["--cert", &pki.ca, "a.test", "-q"];
    let (old, link, new) = (path(&pki, "old.json"), path(&pki, "link.csv"), path(&pki, "new.md"));
    fs::write(&old, "before").unwrap();
    fs::set_permissions(&old, fs::Permissions::from_mode(0o640)).unwrap();
    fs::write(path(&pki, "real.csv"), "before").unwrap();
    symlink("real.csv", &link).unwrap();
    run([&check[..], &["--output", &old, "--output", &link, "--output", &new]].concat()).exits(1);
    assert!(fs::read_to_string(&old).unwrap().starts_with('{'));
    assert_eq!(fs::metadata(&old).unwrap().permissions().mode() & 0o777, 0o640);
    assert!(fs::symlink_metadata(&link).unwrap().is_symlink());
    assert!(fs::read_to_string(path(&pki, "real.csv")).unwrap().starts_with("target,"));
    // Readable as any new file is, whatever the umask of this run takes away.
    let any = pki.scratch.write("any", "");
    let mode = |path: &str| fs::metadata(path).unwrap().permissions().mode();
    assert_eq!(mode(&new), mode(any.to_str().unwrap()));
    assert_eq!(names(&pki), ["any", "ca.pem", "link.csv", "new.md", "old.json", "real.csv"]);
}

/// As a shell's `>` does: the link stays, and what it leads to is made.
#[test]
fn a_link_to_nothing_leads_to_the_file() {
    let pki = Pki::new();
    fs::create_dir(path(&pki, "folder")).unwrap();
    symlink("folder/second", path(&pki, "first.json")).unwrap();
    symlink("../real.json", path(&pki, "folder/second")).unwrap();
    symlink("nowhere/real.json", path(&pki, "lost.json")).unwrap();
    let check = ["--cert", &pki.ca, "a.test", "-q", "--output"];
    run([&check[..], &[&path(&pki, "first.json")]].concat()).exits(1);
    assert!(fs::symlink_metadata(path(&pki, "first.json")).unwrap().is_symlink());
    assert!(fs::symlink_metadata(path(&pki, "folder/second")).unwrap().is_symlink());
    assert!(fs::read_to_string(path(&pki, "real.json")).unwrap().starts_with('{'));
    run([&check[..], &[&path(&pki, "lost.json")]].concat()).exits(5);
    assert_eq!(names(&pki), ["ca.pem", "first.json", "folder", "lost.json", "real.json"]);
}

/// Neither loses what the other wrote, nor what was there, however the stream is named.
#[test]
fn a_path_that_leads_to_a_standard_stream_is_written_in_its_order() {
    let pki = Pki::new();
    let (all, said) = (path(&pki, "all"), path(&pki, "said"));
    let open = |path: &str| fs::OpenOptions::new().write(true).truncate(false).open(path).unwrap();
    for (out, err) in [
        ("/dev/stdout", "/dev/stderr"),
        ("/dev/fd/1", "/dev/fd/2"),
        ("/proc/self/fd/1", "/proc/self/fd/2"),
        (all.as_str(), said.as_str()),
    ] {
        let (csv, github) = (format!("csv:{out}"), format!("github:{err}"));
        let args = ["--cert", &pki.ca, "a.test", "b.test", "--json", "--output", &csv, "--output", &github];
        let first = "before\n";
        for file in [&all, &said] {
            fs::write(file, first).unwrap();
        }
        let mut command = command(args);
        for (file, is_out) in [(open(&all), true), (open(&said), false)] {
            std::io::Seek::seek(&mut &file, std::io::SeekFrom::End(0)).unwrap();
            if is_out {
                command.stdout(file)
            } else {
                command.stderr(file)
            };
        }
        crate::driver::finish(&mut command).exits(1);
        let all = fs::read_to_string(&all).unwrap();
        let beginnings: Vec<&str> = all.lines().map(|line| &line[..6]).collect();
        // Each report in both formats before the next.
        assert_eq!(beginnings, ["before", "target", "{\"kind", &pki.ca[..6], "{\"kind", &pki.ca[..6]], "{out}: {all}");
        let said = fs::read_to_string(&said).unwrap();
        let annotations = said.lines().filter(|line| line.starts_with("::error")).count();
        assert!(said.starts_with(first) && annotations == 2, "{err}: {said}");
    }
    // In a pipe too, where a line is not broken by another.
    let piped = run(["--cert", &pki.ca, "a.test", "--json", "--output", "csv:/dev/stdout"]).exits(1);
    assert_eq!(piped.stdout.lines().count(), 3, "{piped:?}");
    let full = fs::OpenOptions::new().write(true).open("/dev/full").unwrap();
    let mut command = command(["--cert", &pki.ca, "a.test", "--output", "csv:/dev/stdout"]);
    let output = crate::driver::finish(command.stdout(full)).exits(5);
    assert_eq!(output.stderr.lines().count(), 1, "{output:?}");
    assert_eq!(names(&pki), ["all", "ca.pem", "said"]);
}

/// Whoever opened a descriptor goes on to write there.
#[test]
fn an_open_descriptor_is_written_behind_what_is_there() {
    let pki = Pki::new();
    let file = path(&pki, "file");
    for name in ["/dev/fd/3", "/proc/self/fd/3"] {
        let script = r#"exec 3>"$1"; echo before >&3; "$2" --cert "$3" a.test -q --output "json:$4""#;
        let mut shell = Command::new("sh");
        shell.args(["-c", script, "sh", &file, env!("CARGO_BIN_EXE_certcheck"), &pki.ca, name]);
        assert_eq!(shell.stdout(Stdio::null()).status().unwrap().code(), Some(1), "{name}");
        assert!(fs::read_to_string(&file).unwrap().starts_with("before\n{"), "{name}");
    }
}

/// It is known before anything is checked.
#[test]
fn a_file_that_cannot_be_begun_ends_the_run_before_it_begins() {
    let pki = Pki::new();
    let server = pki.server("DNS:www.example.test");
    let target = format!("{TARGET}@{}", server.addr());
    let (other, folder) = (path(&pki, "other.html"), path(&pki, "folder.json"));
    fs::create_dir(&folder).unwrap();
    for output in ["/nonexistent/\u{1b}[2J.json", &folder, "/dev/full/a.json"] {
        let refused = run([&target, "--output", &other, "--output", output]).exits(5);
        assert!(refused.stdout.is_empty() && !refused.stderr.contains('\u{1b}'), "{refused:?}");
        assert!(refused.stderr.contains("could not be written: "), "{refused:?}");
        assert_eq!(refused.stderr.lines().count(), 1, "{refused:?}");
        assert!(!refused.stderr.contains(".tmp"), "the other name is told: {refused:?}");
    }
    assert_eq!(server.connections(), 0);
    assert_eq!(names(&pki), ["ca.pem", "folder.json"]);
}

/// A device that is full costs the exit code, and nothing else.
#[test]
fn a_full_device_is_said_and_the_others_are_whole() {
    let pki = Pki::new();
    let file = path(&pki, "a.html");
    let (json, sarif) = ("json:/dev/full", "sarif:/dev/full");
    for full in [json, sarif] {
        let output = run(["--cert", &pki.ca, "a.test", "--json", "--output", full, "--output", &file]).exits(5);
        assert_eq!(output.json().len(), 1, "{output:?}");
        let (_, device) = full.split_once(':').unwrap();
        assert!(output.stderr.starts_with(&format!("certcheck: {device} could not be written: ")), "{output:?}");
        assert!(fs::read_to_string(&file).unwrap().ends_with("</html>\n"));
    }
    assert!(fs::metadata("/dev/full").unwrap().file_type().is_char_device());
}

#[test]
fn standard_output_that_is_full_is_exit_5_in_every_format() {
    let pki = Pki::new();
    let formats = ["human", "json", "pem", "junit", "sarif", "github", "prometheus", "csv", "markdown", "html"];
    for format in formats {
        let full = fs::OpenOptions::new().write(true).open("/dev/full").unwrap();
        let mut command = command(["--cert", &pki.ca, "a.test", "--format", format]);
        let output = crate::driver::finish(command.stdout(full)).exits(5);
        assert!(output.stderr.starts_with("certcheck: the output could not be written: "), "{format}: {output:?}");
    }
}

/// A file system of sixteen kilobytes, in a name space of its own.
#[test]
fn a_disk_that_fills_up_is_exit_5_and_no_half_file() {
    let pki = Pki::new();
    let (disk, other) = (path(&pki, "disk"), path(&pki, "other.csv"));
    fs::create_dir(&disk).unwrap();
    let cert = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/fixtures/many.pem");
    let script = r#"
        mount -t tmpfs -o size=16k,mode=0755 tmpfs "$1" || exit 99
        echo before >"$1/old.html"
        "$2" --cert "$3" a.test b.test c.test d.test --output "$1/old.html" --output "$1/new.html" \
            --output "$1/small.md" --output "$4" -q >"$5/said" 2>&1
        code=$?
        ls -A "$1" >"$5/left"
        cat "$1/old.html" >>"$5/left"
        exit $code
    "#;
    let mut unshare = Command::new("unshare");
    unshare.args(["-m", "sh", "-c", script, "sh", &disk, env!("CARGO_BIN_EXE_certcheck"), cert, &other]);
    let status = unshare.arg(pki.scratch.path()).stderr(Stdio::null()).status();
    let code = status.ok().and_then(|status| status.code());
    if code != Some(5) && !fs::exists(path(&pki, "said")).unwrap() {
        let asked = std::env::var("CERTCHECK_REAL_SERVERS").as_deref() == Ok("1");
        assert!(!asked, "no file system can be mounted: {code:?}");
        println!("no file system can be mounted here: only /dev/full is tried");
        return;
    }
    let said = fs::read_to_string(path(&pki, "said")).unwrap();
    assert_eq!(code, Some(5), "{said}");
    assert_eq!(fs::read_to_string(path(&pki, "left")).unwrap(), "old.html\nsmall.md\nbefore\n", "{said}");
    assert_eq!(said.matches("could not be written: No space left on device (os error 28)\n").count(), 2, "{said}");
    assert_eq!(said.lines().filter(|line| line.starts_with("FAIL ")).count(), 4, "{said}");
    assert_eq!(fs::read_to_string(other).unwrap().lines().count(), 5);
}

/// A folder that takes the name while the run goes on: the last step fails, and leaves nothing behind.
#[test]
fn a_name_that_is_taken_meanwhile_is_exit_5() {
    let pki = Pki::new();
    let silent = RawServer::start(Behaviour::Silent);
    let (html, json) = (path(&pki, "a.html"), path(&pki, "b.json"));
    let target = format!("{TARGET}@{}", silent.addr());
    let child = command([&target, "--timeout", "2s", "-q", "--output", &html, "--output", &json]).spawn().unwrap();
    while silent.connections() == 0 {
        std::thread::sleep(Duration::from_millis(20));
    }
    fs::create_dir(&html).unwrap();
    let output = collect(child, Instant::now()).exits(5);
    assert!(output.stdout.starts_with("ERROR "), "{output:?}");
    assert!(output.stderr.contains("a.html could not be written: "), "{output:?}");
    assert_eq!(names(&pki), ["a.html", "b.json", "ca.pem"]);
}

/// What ends a run from outside: Ctrl-C, `kill` and `timeout`, a terminal that is closed.
fn signals() -> Vec<&'static str> {
    // Under `nohup` this test's children ignore the last one too.
    let status = fs::read_to_string("/proc/self/status").unwrap();
    let ignored = status.lines().find_map(|line| line.strip_prefix("SigIgn:")).unwrap().trim();
    let is_ignored = u64::from_str_radix(ignored, 16).unwrap() & 1 == 1;
    if is_ignored { vec!["INT", "TERM"] } else { vec!["INT", "TERM", "HUP"] }
}

#[test]
fn after_an_interrupt_a_file_holds_what_was_done() {
    for signal in signals() {
        let pki = Pki::new();
        let (good, silent) = (pki.server("DNS:www.example.test"), RawServer::start(Behaviour::Silent));
        let targets = [good.addr(), silent.addr()].map(|address| format!("{TARGET}@{address}"));
        let (json, html) = (path(&pki, "a.json"), path(&pki, "a.html"));
        let args = ["--ca-file", &pki.ca, "--timeout", "30s", "--output", &json, "--output", &html, "-q"];
        let child = command([&[targets[0].as_str(), &targets[1]], &args[..]].concat()).spawn().unwrap();
        crate::run::signal_when(signal, &child, || good.connections() > 0 && silent.connections() > 0);
        let output = collect(child, Instant::now()).exits(130);
        assert!(output.stderr.starts_with("interrupted: 1 checked: 1 ok"), "{signal}: {output:?}");
        assert_eq!(fs::read_to_string(json).unwrap().lines().count(), 1);
        let page = fs::read_to_string(html).unwrap();
        assert!(page.contains("Interrupted; ") && page.ends_with("</html>\n"), "{page}");
        assert_eq!(names(&pki), ["a.html", "a.json", "ca.pem"]);
    }
}

/// Blocked in writing to a reader that does not read, it can only go; it leaves nothing behind.
#[test]
fn an_interrupt_of_a_run_that_is_stuck_leaves_no_file() {
    for signal in signals() {
        let pki = Pki::new();
        let list = pki.file("list", "no target at all, a line long enough to fill what a pipe holds\n".repeat(2_000));
        let html = path(&pki, "a.html");
        let mut child = command(["--json", "--targets", &list, "--output", &html]).spawn().unwrap();
        // Held, and not read.
        let stdout = child.stdout.take();
        let begun = || names(&pki).iter().any(|name| name.starts_with(".a.html."));
        crate::run::signal_when(signal, &child, begun);
        let output = collect(child, Instant::now()).exits(130);
        drop(stdout);
        assert!(output.stderr.starts_with("interrupted: "), "{signal}: {output:?}");
        assert_eq!(names(&pki), ["ca.pem", "list"]);
    }
}

/// Nothing is visited yet: the certificate itself is waited for.
#[test]
fn a_run_that_waits_for_its_input_leaves_no_file() {
    for signal in signals() {
        let pki = Pki::new();
        let (json, summary) = (path(&pki, "a.json"), path(&pki, "b.json"));
        for file in [["--output", &json], ["--summary", &summary]] {
            let mut child = command(["--cert", "-", "a.test"]).args(file).stdin(Stdio::piped()).spawn().unwrap();
            let stdin = child.stdin.take();
            let begun = || names(&pki).iter().any(|name| name.starts_with('.'));
            crate::run::signal_when(signal, &child, begun);
            collect(child, Instant::now()).exits(130);
            drop(stdin);
            assert_eq!(names(&pki), ["ca.pem"], "{signal}");
        }
    }
}

/// What `nohup` does is not undone.
#[test]
fn a_hangup_that_is_ignored_ends_nothing() {
    let pki = Pki::new();
    let silent = RawServer::start(Behaviour::Silent);
    let json = path(&pki, "a.json");
    let target = format!("{TARGET}@{}", silent.addr());
    let mut shell = Command::new("sh");
    shell.args(["-c", r#"trap "" HUP; exec "$@""#, "sh", env!("CARGO_BIN_EXE_certcheck"), &target]);
    shell.args(["--timeout", "2s", "--output", &json, "-q", "--no-proxy"]);
    let child = shell.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    crate::run::signal_when("HUP", &child, || silent.connections() > 0);
    collect(child, Instant::now()).exits(3);
    assert_eq!(names(&pki), ["a.json", "ca.pem"]);
}

/// As `| head -1`, with somebody else who reads the file.
#[test]
fn a_reader_that_leaves_does_not_cost_the_file() {
    let pki = Pki::new();
    let server = pki.server("DNS:www.example.test");
    let list = pki.file("list", format!("{TARGET}@{}\n", server.addr()).repeat(40));
    let json = path(&pki, "a.json");
    let args = ["--targets", &list, "--ca-file", &pki.ca, "--output", &json, "--concurrency", "4", "-q"];
    let mut child = command(args).spawn().unwrap();
    drop(child.stdout.take());
    let output = collect(child, Instant::now()).exits(0);
    assert!(output.stderr.is_empty() && output.elapsed < Duration::from_secs(20), "{output:?}");
    assert_eq!(fs::read_to_string(json).unwrap().lines().count(), 40);
}

/// Nothing takes the place of a device or a pipe; it is written as reports come.
#[test]
fn a_device_or_a_pipe_is_written_as_it_comes() {
    let pki = Pki::new();
    let pipe = path(&pki, "pipe");
    assert!(Command::new("mkfifo").arg(&pipe).status().unwrap().success());
    let (good, silent) = (pki.server("DNS:www.example.test"), RawServer::start(Behaviour::Silent));
    let targets = [good.addr(), silent.addr()].map(|address| format!("{TARGET}@{address}"));
    let output = format!("json:{pipe}");
    let args = [&targets[0], &targets[1], "--ca-file", &pki.ca, "--timeout", "5s", "--output", &output, "-q"];
    let child = command(args).spawn().unwrap();
    let mut reader = std::io::BufReader::new(fs::File::open(&pipe).unwrap());
    let mut first = String::new();
    let begin = Instant::now();
    std::io::BufRead::read_line(&mut reader, &mut first).unwrap();
    assert!(begin.elapsed() < Duration::from_secs(4), "{:?}", begin.elapsed());
    assert!(first.contains("\"accepted\":true"), "{first}");
    let mut second = String::new();
    std::io::BufRead::read_line(&mut reader, &mut second).unwrap();
    assert!(second.contains("\"verdict\":\"error\""), "{second}");
    collect(child, begin).exits(3);
    run_line(&format!("--cert {} a.test --output csv:/dev/null -q", pki.ca)).exits(1);
    assert!(fs::metadata("/dev/null").unwrap().file_type().is_char_device());
    assert!(fs::metadata(&pipe).unwrap().file_type().is_fifo());
}
