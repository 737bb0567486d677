//! What is bounded in a run, whatever files, environments and certificates hold.

use std::fmt::Write as _;
use std::process::Command;
use std::time::{Duration, Instant};

use super::driver::{Pki, at, command, finish, run_line};

/// A device without an end, and a FIFO that no process writes to.
#[cfg(unix)]
#[test]
fn files_are_read_within_limits() {
    let pki = Pki::new();
    let cert = pki.file("cert.pem", pki.issue("DNS:a.test").pem());
    let fifo = pki.scratch.path().join("fifo");
    assert!(Command::new("mkfifo").arg(&fifo).status().unwrap().success());
    let fifo = fifo.to_str().unwrap();
    for (file, words) in [("/dev/zero", "larger than 64 MiB"), (fifo, "a FIFO that no process has written to")] {
        for (line, environment) in [
            (format!("--cert {file} --name a.test"), None),
            (format!("--cert {cert} --name a.test --ca-file {file}"), None),
            (format!("--cert {cert} --name a.test --baseline {file}"), None),
            (format!("--cert {cert} --name a.test --roots system"), Some(("SSL_CERT_FILE", file))),
        ] {
            let start = Instant::now();
            let mut command = command(line.split(' '));
            command.envs(environment);
            let output = finish(&mut command);
            assert!(matches!(output.code, 2 | 3), "{line}: {output:?}");
            assert!((output.stdout.clone() + &output.stderr).contains(words), "{line}: {output:?}");
            assert!(start.elapsed() < Duration::from_secs(20), "{line}: {:?}", start.elapsed());
        }
    }
    let output = run_line(&format!("--targets {fifo} --json")).exits(2);
    assert!(output.stderr.contains("a FIFO that no process has written to"), "{output:?}");
    let output = run_line("--targets /dev/zero --json").exits(3);
    assert!(output.stdout.contains("a line of it is longer than 64 MiB"), "{output:?}");
    // A folder of certificates holds devices and FIFOs too: they are not files.
    let folder = pki.scratch.path().to_str().unwrap();
    let mut command = command(["--cert", &cert, "--name", "a.test", "--roots", "system"]);
    finish(command.env("SSL_CERT_DIR", folder)).exits(0);
}

/// A process substitution is a FIFO too, and has a writer.
#[cfg(unix)]
#[test]
fn a_fifo_with_a_writer_is_read() {
    let pki = Pki::new();
    let cert = pki.file("cert.pem", pki.issue("DNS:a.test").pem());
    let program = env!("CARGO_BIN_EXE_certcheck");
    let script = format!("{program} --cert {cert} --name a.test --ca-file <(sleep 1; cat {})", pki.ca);
    let output = Command::new("bash").args(["-c", &script]).output().unwrap();
    assert_eq!(output.status.code(), Some(0), "{output:?}");
}

/// Few open files are our own fault: never a timeout of the server's, and never a name that does not exist.
#[cfg(unix)]
#[test]
fn too_many_open_files_are_not_the_servers_fault() {
    let pki = Pki::new();
    let server = pki.server("DNS:a.test,DNS:localhost");
    let program = env!("CARGO_BIN_EXE_certcheck");
    let mut told = 0;
    for files in 4..16 {
        for target in [format!("a.test@{}", server.addr()), format!("localhost:{}", server.port())] {
            let line = format!("{program} {target} --ca-file {} --timeout 1s --retries 0 --json", pki.ca);
            let script = format!("ulimit -n {files}; exec {line}");
            let output = Command::new("bash").args(["-c", &script]).output().unwrap();
            let (stdout, stderr) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
            match output.status.code() {
                Some(0) => {}
                Some(2) => assert!(stderr.contains("Too many open files"), "{files}: {output:?}"),
                Some(3) => {
                    assert!(stdout.contains("too many open files"), "{files}: {output:?}");
                    told += 1;
                }
                _ => panic!("{files}: {output:?}"),
            }
        }
    }
    assert!(told > 0);
}

/// Long lists of names, with the longest names and with bytes that take four characters each.
#[test]
fn a_line_of_json_is_at_most_64_kib() {
    let pki = Pki::new();
    let label = "a".repeat(60);
    let mut long = String::from("DNS:a.test");
    for n in 0..300 {
        let _ = write!(long, ",DNS:n{n}.{label}.{label}.{label}.example");
    }
    let mut ugly = String::from("DNS:a.test");
    for n in 0..900 {
        let _ = write!(ugly, ",DNS:{n}\u{3164}\u{3164}\u{3164}\u{3164}\u{3164}\u{3164}\u{3164}\u{3164}\u{3164}");
    }
    for (san, total) in [(long, 301), (ugly, 901)] {
        let cert = pki.file("cert.pem", pki.issue(&san).with_chain(&[&pki.root]).chain_pem());
        for (name, code) in [("a.test", 0), ("b.test", 1)] {
            let line = format!("--cert {cert} --name {name} --ca-file {} --json", pki.ca);
            let output = run_line(&line).exits(code);
            assert!(output.stdout.len() <= 64 << 10, "{}", output.stdout.len());
            let report = output.one();
            assert_eq!(report["certificate"]["san_total"], total);
            let listed = report["certificate"]["san"].as_array().unwrap().len();
            assert!((200..total).contains(&listed), "{listed}");
            let whole = run_line(&format!("{line} -v")).exits(code).one();
            assert_eq!(whole["certificate"]["san"].as_array().unwrap().len(), total);
            assert_eq!(at(&whole, "/verdict"), at(&report, "/verdict"));
            // An earlier list that was cut does not make names new.
            let baseline = pki.file("earlier.json", &output.stdout);
            let again = run_line(&format!("{line} --baseline {baseline}")).exits(code);
            assert!(!again.stdout.contains("names-changed"), "{again:?}");
        }
    }
}
