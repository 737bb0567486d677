//! Formats, colour, quiet and verbose, outputs that are closed or full, and what the program knows
//! about itself.

use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;

use super::driver::{Output, Pki, command, finish, run, run_line};
use crate::support::{Behaviour, Config, RawServer, TlsServer};

const TARGET: &str = "www.example.test";

fn pem(output: &Output) -> Vec<Vec<u8>> {
    CertificateDer::pem_slice_iter(output.stdout.as_bytes()).map(|der| der.unwrap().to_vec()).collect()
}

#[test]
fn pem_is_the_certificate_and_with_v_the_chain() {
    let pki = Pki::new();
    let inter = pki.root.intermediate("Intermediate");
    let issued = crate::support::Leaf::default().san("DNS:www.example.test").signed_by(&inter);
    let issued = issued.with_chain(&[&inter, &pki.root]);
    let server = TlsServer::start(Config::new(&issued));
    let leaf = pki.run(&format!("{TARGET}@{} --format pem", server.addr())).exits(0);
    assert_eq!(pem(&leaf), std::slice::from_ref(&issued.der));
    assert_eq!(leaf.stdout, issued.pem(), "nothing but the certificate");
    let chain = pki.run(&format!("{TARGET}@{} --format pem -v", server.addr())).exits(0);
    assert_eq!(pem(&chain), [&issued.der, &inter.der, &pki.root.der].map(Vec::clone));
    // The exit code is that of the check; what has no certificate is no PEM.
    pki.run(&format!("other.test@{} --format pem", server.addr())).exits(1);
    let failed = run_line("a.test@127.0.0.1:1 --format pem").exits(3);
    assert!(pem(&failed).is_empty() && failed.stdout.contains("[connection-refused]"), "{failed:?}");
}

/// The drawing cuts lines that are too long for it; a command that is cut is none.
#[test]
fn a_command_is_whole_however_long_its_name() {
    let server = RawServer::start(Behaviour::Banner(b"220 mail.example.test ESMTP\r\n".to_vec()));
    let target = format!("{}example.test@{}", "a-label-of-some-length.".repeat(10), server.addr());
    let told = run_line(&format!("{target} --no-probes")).exits(3).stdout;
    assert!(target.len() > 240 && told.contains(&format!("certcheck '{target}' --starttls smtp\n")), "{told}");
}

#[test]
fn a_format_is_one_of_those_there_are() {
    let pki = Pki::new();
    let server = pki.server("DNS:www.example.test");
    let json = pki.run(&format!("{TARGET}@{} --json", server.addr())).exits(0);
    let format = pki.run(&format!("{TARGET}@{} --format json", server.addr())).exits(0);
    assert_eq!(json.one()["certificate"], format.one()["certificate"]);
    let human = pki.run(&format!("{TARGET}@{} --format human", server.addr())).exits(0);
    let begin = format!("ok: {TARGET} matches DNS-ID {TARGET}\n  served by {}, TLS 1.3, SNI {TARGET}\n", server.addr());
    assert!(human.stdout.starts_with(&begin), "{human:?}");
    for bad in ["--format xml", "--format", "--json --format json", "-q -v"] {
        run_line(&format!("a.test {bad}")).exits(2);
    }
}

#[test]
fn a_mismatch_is_drawn_as_the_contract_shows_it() {
    let pki = Pki::new();
    let server = pki.server("DNS:*.example.com,DNS:example.com");
    let output = pki.run(&format!("a.b.example.com@{}", server.addr())).exits(1);
    let begin = "\
HostnameMismatchError[wildcard-depth]: certificate is not valid for 'a.b.example.com'
 --> subjectAltName:1:5
  |
1 | DNS:*.example.com
  |     ^ stands for one label; `a.b` are two
2 | DNS:example.com
  |
";
    assert!(output.stdout.starts_with(begin), "{}", output.stdout);
    let served = format!("  = note: served by {}, TLS 1.3, SNI a.b.example.com\n", server.addr());
    assert!(output.stdout.contains(&served), "{}", output.stdout);
    assert!(output.stdout.contains("\n3 + DNS:a.b.example.com\n"), "{}", output.stdout);
    assert!(output.stderr.is_empty(), "{output:?}");
}

#[test]
fn quiet_is_a_line_and_verbose_is_all() {
    let pki = Pki::new();
    let server = pki.server("DNS:www.example.test,DNS:two.test");
    for (name, code, word) in [("www.example.test", 0, "ok"), ("other.test", 1, "FAIL")] {
        let target = format!("{name}@{}", server.addr());
        let quiet = pki.run(&format!("{target} -q")).exits(code);
        assert_eq!(quiet.stdout.lines().count(), 1, "{quiet:?}");
        assert!(quiet.stdout.starts_with(&format!("{word} {target}: ")), "{quiet:?}");
        let verbose = pki.run(&format!("{target} -v")).exits(code);
        let leaf = pki.run(&format!("{target} --json")).exits(code).one();
        for part in ["serial", "sha256", "issuer", "subject", "not_before", "not_after", "public_key"] {
            let value = leaf["certificate"][part].as_str().unwrap();
            assert!(verbose.stdout.contains(value), "{part} {value}: {verbose:?}");
        }
        for part in ["TLS 1.3", "TLS13_AES_128_GCM_SHA256", "X25519", "DNS:two.test", &server.addr().to_string()] {
            assert!(verbose.stdout.contains(part), "{part}: {verbose:?}");
        }
    }
}

#[test]
fn colour_is_where_it_is_asked_for() {
    let pki = Pki::new();
    let server = pki.server("DNS:www.example.test");
    // name, arguments, environment, whether there is colour
    for (more, environment, colour) in [
        ("", &[][..], false),
        ("--color auto", &[], false),
        ("--color always", &[], true),
        ("--color never", &[], false),
        ("", &[("CLICOLOR_FORCE", "1")], true),
        ("--color never", &[("CLICOLOR_FORCE", "1")], false),
        ("", &[("CLICOLOR_FORCE", "1"), ("NO_COLOR", "1")], false),
        ("--color always", &[("NO_COLOR", "1")], true),
        ("--color always", &[("TERM", "dumb")], true),
        ("", &[("NO_COLOR", "")], false),
    ] {
        for name in ["www.example.test", "other.test"] {
            let line = format!("{name}@{} --ca-file {} {more}", server.addr(), pki.ca);
            let words = line.split(' ').filter(|word| !word.is_empty());
            let output = finish(command(words).envs(environment.iter().copied()));
            assert_eq!(output.stdout.contains('\u{1b}'), colour, "{name} {more} {environment:?}: {output:?}");
        }
    }
    for format in ["json", "pem"] {
        let output = pki.run(&format!("{TARGET}@{} --color always --format {format}", server.addr())).exits(0);
        assert!(!output.stdout.contains('\u{1b}'), "{format}");
    }
}

/// On a terminal, by util-linux's `script`, which gives a program one.
#[cfg(target_os = "linux")]
#[test]
fn a_terminal_has_colour_unless_it_says_no() {
    use std::process::{Command, Stdio};
    let there = Command::new("script").arg("--version").stdout(Stdio::null()).stderr(Stdio::null()).status();
    if !there.is_ok_and(|status| status.success()) {
        println!("`script` is not there: no terminal to print on");
        return;
    }
    let pki = Pki::new();
    let server = pki.server("DNS:www.example.test");
    let typed = format!("{} {TARGET}@{} --ca-file {}", env!("CARGO_BIN_EXE_certcheck"), server.addr(), pki.ca);
    for (environment, colour) in [(("TERM", "xterm"), true), (("TERM", "dumb"), false), (("NO_COLOR", "1"), false)] {
        let mut script = Command::new("script");
        script.args(["-q", "-e", "-c", &typed, "/dev/null"]).stdin(Stdio::null());
        script.env_remove("NO_COLOR").env_remove("CLICOLOR").env_remove("CLICOLOR_FORCE").env_remove("CI");
        script.env("TERM", "xterm").env("LC_ALL", "C.UTF-8").env(environment.0, environment.1);
        let output = script.output().unwrap();
        assert!(output.status.success(), "{environment:?}: {output:?}");
        assert_eq!(output.stdout.contains(&0x1b), colour, "{environment:?}: {output:?}");
    }
}

/// Of its width, however narrow it is.
#[cfg(target_os = "linux")]
#[test]
fn texts_are_broken_where_the_terminal_ends() {
    use std::process::{Command, Stdio};
    let there = Command::new("script").arg("--version").stdout(Stdio::null()).stderr(Stdio::null()).status();
    if !there.is_ok_and(|status| status.success()) {
        println!("`script` is not there: no terminal to print on");
        return;
    }
    for (columns, beginning) in [
        (20, "wildcard-depth: a\n    wildcard covers\n    one label, the\n    name has more in\n    its place\n"),
        (30, "wildcard-depth: a wildcard\n    covers one label, the name\n    has more in its place\n"),
        (80, "wildcard-depth: a wildcard covers one label, the name has more in its place\n"),
    ] {
        let program = env!("CARGO_BIN_EXE_certcheck");
        let typed = format!("stty cols {columns} rows 50; {program} --explain wildcard-depth --color never");
        let mut script = Command::new("script");
        script.args(["-q", "-e", "-c", &typed, "/dev/null"]).stdin(Stdio::null()).env("LC_ALL", "C.UTF-8");
        let output = script.output().unwrap();
        let text = String::from_utf8(output.stdout).unwrap().replace("\r\n", "\n");
        assert!(text.starts_with(beginning), "{columns}: {text}");
    }
}

#[test]
fn outside_a_utf_8_locale_all_is_ascii() {
    let pki = Pki::new();
    let leaf = crate::support::Leaf::default().san("DNS:xn--bcher-kva.example").cn("Bücher GmbH");
    let server = TlsServer::start(Config::new(&leaf.signed_by(&pki.root)));
    for locale in ["C", "POSIX", "de_DE.ISO-8859-1"] {
        for name in ["bücher.example", "büchner.example"] {
            for more in [&["-v"][..], &["-q"], &[], &["--format", "pem"]] {
                let target = format!("{name}@{}", server.addr());
                let args = [&[target.as_str(), "--ca-file", &pki.ca][..], more].concat();
                let output = finish(command(args).env("LC_ALL", locale));
                assert!(output.stdout.is_ascii() && output.stderr.is_ascii(), "{locale} {name} {more:?}: {output:?}");
            }
        }
        for args in [
            &["--help"][..],
            &["bü cher.example"],
            &["--fühl"],
            &["--man"],
            &["bücher.example@127.0.0.1:1", "--format", "pem"],
        ] {
            let output = finish(command(args).env("LC_ALL", locale));
            assert!(output.stdout.is_ascii() && output.stderr.is_ascii(), "{locale} {args:?}: {output:?}");
        }
    }
    let wide = run(["bücher.example@127.0.0.1:1", "--timeout", "2s"]).exits(3);
    assert!(wide.stdout.contains("bücher.example"), "{wide:?}");
}

#[cfg(unix)]
mod closed {
    use std::fs::OpenOptions;
    use std::io::{BufRead, BufReader};
    use std::process::Stdio;
    use std::time::{Duration, Instant};

    use super::super::driver::collect;
    use super::*;
    use crate::support::{Behaviour, RawServer};

    #[cfg(target_os = "linux")]
    #[test]
    fn an_output_that_is_full_is_said_and_exits_5() {
        let pki = Pki::new();
        let server = pki.server("DNS:www.example.test");
        let target = format!("{TARGET}@{}", server.addr());
        let other = format!("other.test@{}", server.addr());
        for args in [
            &[target.as_str(), "--ca-file", &pki.ca][..],
            &[other.as_str(), "--json"],
            &[target.as_str(), "--format", "pem"],
            &["--cert", &pki.ca, "a.test"],
            &["--help"],
            &["--man"],
            &["--json-schema"],
            &["--completions", "bash"],
        ] {
            let full = OpenOptions::new().write(true).open("/dev/full").unwrap();
            let output = finish(command(args).stdout(full)).exits(5);
            assert!(output.stderr.contains("could not be written"), "{args:?}: {output:?}");
            assert_eq!(output.stderr.lines().count(), 1, "{args:?}: {output:?}");
        }
    }

    /// As `| head -1`: the first line is read, then nobody reads any more.
    #[test]
    fn a_reader_that_leaves_ends_it_quietly() {
        let pki = Pki::new();
        let (good, silent) = (pki.server("DNS:www.example.test"), RawServer::start(Behaviour::Silent));
        let target = format!("{TARGET}@{}", good.addr());
        let mut targets = vec![target.clone(); 300];
        targets.push(format!("{TARGET}@{}", silent.addr()));
        let list = pki.file("list", targets.join("\n"));
        let args = ["--json", "--targets", &list, "--ca-file", &pki.ca, "--concurrency", "2", "-q", "--timeout", "20s"];
        let mut child = command(args).spawn().unwrap();
        let mut stdout = BufReader::with_capacity(16, child.stdout.take().unwrap());
        stdout.read_line(&mut String::new()).unwrap();
        drop(stdout);
        let output = collect(child, Instant::now()).exits(3);
        assert!(output.stderr.is_empty(), "{output:?}");
        assert!(output.elapsed < Duration::from_secs(10), "{output:?}");
        assert!(good.connections() < 300, "what nobody reads is not checked");
    }

    /// The one report that nobody reads was made: nothing was left unchecked.
    #[test]
    fn a_reader_that_was_never_there_changes_no_exit_code() {
        let pki = Pki::new();
        let server = pki.server("DNS:www.example.test");
        for (name, code) in [("www.example.test", 0), ("other.test", 1)] {
            let target = format!("{name}@{}", server.addr());
            let mut child = command([target.as_str(), "--ca-file", &pki.ca]).stdout(Stdio::piped()).spawn().unwrap();
            drop(child.stdout.take());
            let output = collect(child, Instant::now()).exits(code);
            assert!(output.stderr.is_empty(), "{output:?}");
        }
        for args in [&["--help"][..], &["--man"], &["--json-schema"]] {
            let mut child = command(args).spawn().unwrap();
            drop(child.stdout.take());
            assert!(collect(child, Instant::now()).exits(0).stderr.is_empty());
        }
    }

    /// Nobody reads, and a server keeps silent: that is not waited for.
    #[test]
    fn what_nobody_reads_is_not_waited_for() {
        let pki = Pki::new();
        let (good, silent) = (pki.server("DNS:www.example.test"), RawServer::start(Behaviour::Silent));
        let targets = [good.addr(), silent.addr()].map(|address| format!("{TARGET}@{address}"));
        let args = [&targets[0], &targets[1], "--timeout", "20s", "--ca-file", &pki.ca];
        let mut child = command(args).spawn().unwrap();
        drop(child.stdout.take());
        let output = collect(child, Instant::now()).exits(3);
        assert!(output.stderr.is_empty(), "{output:?}");
        assert!(output.elapsed < Duration::from_secs(10), "{output:?}");
    }
}

#[test]
fn what_the_program_knows_about_itself() {
    let help = run_line("--help").exits(0);
    for code in [0, 1, 2, 3, 4, 5, 130] {
        assert!(help.stdout.lines().any(|line| line.trim_start().starts_with(&format!("{code:<4}"))), "{code}");
    }
    let examples = help.stdout.split("EXAMPLES").nth(1).unwrap();
    assert_eq!(examples.lines().filter(|line| line.trim_start().starts_with("certcheck ")).count(), 3);
    let version = run_line("--version").exits(0);
    assert_eq!(version.stdout, format!("certcheck {}\n", env!("CARGO_PKG_VERSION")));
    let man = run_line("--man").exits(0);
    assert!(man.stdout.contains(".TH certcheck 1"), "{}", &man.stdout[..200]);
    assert!(man.stdout.contains("wildcard\\-depth") && man.stdout.contains("EXIT CODES"), "no codes in the page");
    for (shell, word) in [
        ("bash", "_certcheck"),
        ("zsh", "#compdef"),
        ("fish", "complete -c"),
        ("powershell", "Register"),
        ("elvish", "edit:"),
    ] {
        let script = run(["--completions", shell]).exits(0);
        assert!(script.stdout.contains(word) && script.stdout.contains("ca-file"), "{shell}");
    }
    run_line("--completions tcsh").exits(2);
    let schema: serde_json::Value = serde_json::from_str(&run_line("--json-schema").exits(0).stdout).unwrap();
    assert_eq!(schema["required"], serde_json::json!(["kind", "version"]));
    assert!(schema["oneOf"].is_array());
}
