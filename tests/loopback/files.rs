//! Files that are read and files that are written: none is both, and none is written twice, by whichever path.

use std::fs::{self, OpenOptions};
use std::path::Path;

use super::driver::{Pki, command, finish, run, run_line};

/// Other paths to a file of a folder.
fn paths(folder: &Path, name: &str) -> Vec<String> {
    fs::create_dir_all(folder.join("inner")).unwrap();
    let paths = vec![folder.join(name), folder.join(".").join(name), folder.join("inner/..").join(name)];
    #[cfg(unix)]
    let paths = {
        let (link, there) = (folder.join(format!("link-{name}")), folder.join("there"));
        // A link to a file may be made before that file.
        std::os::unix::fs::symlink(folder.join("inner/..").join(name), &link).unwrap();
        let _ = std::os::unix::fs::symlink(folder, &there);
        [paths, vec![link, there.join(name)]].concat()
    };
    paths.into_iter().map(|path| path.to_str().unwrap().to_owned()).collect()
}

#[test]
fn a_file_that_is_read_is_not_replaced() {
    let pki = Pki::new();
    let folder = pki.scratch.path().canonicalize().unwrap();
    fs::write(folder.join("read"), "# kept\n").unwrap();
    let read = folder.join("read").to_str().unwrap().to_owned();
    for path in paths(&folder, "read") {
        for (flag, line) in [
            ("--targets", format!("--targets {read}")),
            ("--cert", format!("--cert {read} --name a.test")),
            ("--ca-file", format!("127.0.0.1:1 --ca-file {read}")),
            ("--baseline", format!("127.0.0.1:1 --baseline {read}")),
            ("--resume", format!("--targets {} --resume {read}", pki.ca)),
        ] {
            for (writes, file) in [("--output", format!("json:{path}")), ("--summary", path.clone())] {
                let output = run_line(&format!("{line} {writes} {file}")).exits(2);
                let why = format!("certcheck: {writes} `{path}`: {flag} reads that file, and this would replace it\n");
                assert_eq!((output.stderr, output.stdout), (why, String::new()), "{line} {writes} {file}");
            }
        }
    }
    assert_eq!(fs::read_to_string(&read).unwrap(), "# kept\n");
    let left = fs::read_dir(&folder).unwrap().filter(|entry| {
        let name = entry.as_ref().unwrap().file_name();
        name.to_str().unwrap().starts_with('.')
    });
    assert_eq!(left.count(), 0, "no file under another name is left behind");
}

#[test]
fn a_file_is_written_once() {
    let pki = Pki::new();
    let folder = pki.scratch.path().canonicalize().unwrap();
    let paths = paths(&folder, "new.json");
    for path in &paths {
        let output = run(["127.0.0.1:1", "--output", &paths[0], "--output", &format!("csv:{path}")]).exits(2);
        let why = "another one names the same file, and the second would replace the first";
        assert_eq!(output.stderr, format!("certcheck: --output `{path}`: {why}\n"));
        let output = run(["127.0.0.1:1", "--output", path, "--summary", &paths[0]]).exits(2);
        assert!(output.stderr.contains("--output names the same file"), "{output:?}");
    }
    assert!(!folder.join("new.json").exists());
    // A name that differs is another file; so is the same name in another folder.
    let (other, inner) = (folder.join("other.json"), folder.join("inner/new.json"));
    run([
        "127.0.0.1:1",
        "--output",
        &paths[0],
        "--output",
        other.to_str().unwrap(),
        "--summary",
        inner.to_str().unwrap(),
    ])
    .exits(3);
    assert!([&folder.join("new.json"), &other, &inner].iter().all(|path| path.exists()));
}

/// What is appended to, or has no end, replaces nothing.
#[cfg(unix)]
#[test]
fn devices_and_pipes_may_be_named_twice() {
    for (path, shown) in [("/dev/stdout", 2), ("/dev/null", 0), ("/dev/stderr", 0)] {
        let twice = [format!("json:{path}"), format!("json:{path}")];
        let output = run(["127.0.0.1:1", "-q", "--output", &twice[0], "--output", &twice[1]]).exits(3);
        assert_eq!(output.stdout.lines().count(), 1 + shown, "{output:?}");
    }
}

/// Read while it grows, a list has no end.
#[cfg(unix)]
#[test]
fn a_list_does_not_take_its_own_reports() {
    let pki = Pki::new();
    let list = pki.file("list", "not a target\n".repeat(3));
    let append = || OpenOptions::new().append(true).open(&list).unwrap();
    let output = finish(command(["--targets", &list]).stdout(append())).exits(2);
    let why = "standard output goes to that file, and its reports would be read as targets, without end";
    assert_eq!(output.stderr, format!("certcheck: --targets `{list}`: {why}\n"));
    assert_eq!(fs::read_to_string(&list).unwrap().lines().count(), 3);
    // As it goes with `-`, whose file the shell opened; and with another descriptor.
    let input = fs::File::open(&list).unwrap();
    let output = finish(command(["--targets", "-"]).stdin(input).stdout(append())).exits(2);
    assert_eq!(output.stderr, format!("certcheck: --targets `-`: {why}\n"));
    let line = format!("{} --targets {list} --output json:/dev/fd/3 3>>{list}", env!("CARGO_BIN_EXE_certcheck"));
    let output = std::process::Command::new("sh").args(["-c", &line]).output().unwrap();
    assert_eq!(output.status.code(), Some(2), "{output:?}");
    assert_eq!(fs::read_to_string(&list).unwrap().lines().count(), 3);
    // Where both are a terminal or a device they may be the same one.
    let null = || OpenOptions::new().read(true).write(true).open("/dev/null").unwrap();
    let output = finish(command(["--targets", "-"]).stdin(null()).stdout(null()));
    assert!(output.stderr.contains("the list holds no target"), "{output:?}");
}
