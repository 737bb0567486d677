//! What is printed, as a person reads it: `cmd/*.trycmd` hold commands with the text that follows
//! them, over the certificates of `fixtures/`; `cmd/hostile/` has what arguments and certificates that
//! nobody should trust come out as (trycmd would turn their backslashes).
//!
//! `TRYCMD=overwrite cargo test --test cli` writes the texts anew; days that pass are elided as `[..]`.
//! `cargo run --example fixtures` mints the certificates anew.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::print_stdout)]
#![allow(clippy::disallowed_methods, clippy::disallowed_types, missing_docs, unreachable_pub)]

use std::path::Path;

use snapbox::Data;

#[test]
fn texts_are_as_they_were_read() {
    let cases = trycmd::TestCases::new();
    cases.env("LC_ALL", "C.UTF-8").env("NO_COLOR", "1");
    cases.case("tests/cmd/*.trycmd");
}

/// Control characters, bidi, lines that claim to be reports.
#[test]
fn what_is_hostile_comes_out_escaped() {
    let hostile = "tests/fixtures/hostile.pem";
    for (case, args, code) in [
        ("target-escape", &["\u{1b}]0;owned\u{7}\u{1b}[2J"][..], 2),
        ("target-bidi", &["\u{202e}moc.elpmaxe"], 2),
        ("target-newline", &["example.com\nok: forged"], 2),
        ("option-escape", &["--\u{1b}[31mred"], 2),
        ("option-newline", &["--x\nok: forged"], 2),
        ("value", &["example.com", "--format", "a\u{9b}b\u{200b}\u{2028}"], 2),
        ("file", &["example.com", "--ca-file", "/nonexistent/\u{1b}[2J\nok"], 2),
        ("name", &["--cert", hostile, "--name=a\u{1b}[2J\u{202e}\nok: forged"], 1),
        ("certificate", &["--cert", hostile, "red.example"], 1),
        ("certificate-verbose", &["--cert", hostile, "nul.example", "-v"], 1),
        ("certificate-quiet", &["--cert", hostile, "red.example", "-q"], 1),
        ("certificate-absent", &["--cert", "/nonexistent/\u{1b}[2J\nok: forged", "a.example", "-q"], 3),
    ] {
        let command = snapbox::cmd::Command::new(env!("CARGO_BIN_EXE_certcheck")).env("LC_ALL", "C.UTF-8");
        let output = command.args(args).assert().code(code).get_output().clone();
        let text = String::from_utf8([output.stdout, output.stderr].concat()).expect("what is shown is text");
        let raw = |c: char| (c.is_control() && c != '\n') || ['\u{202e}', '\u{200b}', '\u{2028}'].contains(&c);
        assert!(!text.contains(raw) && !text.lines().any(|line| line.starts_with("ok")), "{case}: {text:?}");
        let expected = Data::read_from(Path::new(&format!("tests/cmd/hostile/{case}.txt")), None);
        snapbox::Assert::new().action_env("TRYCMD").normalize_paths(false).eq(text, expected);
    }
}

/// What is no text cannot stand in a case; nor can an argument of a hundred thousand characters.
#[cfg(unix)]
#[test]
fn arguments_are_quoted_escaped_and_shortened() {
    use std::ffi::OsStr;
    use std::os::unix::ffi::OsStrExt;

    let long = "x".repeat(100_000);
    for (args, quoted) in [
        (&[&b"--\xff\xfe"[..]][..], "--\u{fffd}\u{fffd}"),
        (&[b"b\xfccher.example"], "b\\xfccher.example"),
        (&[b"a.example", b"--name", b"\xff"], "\\xff"),
        (&[b"a.example", b"--sni=\x1b[31m"], "--sni"),
        (&[b"a.example", b"--timeout=\x9b1"], "\\x9b1"),
        (&[b"a.example", b"--connect", b"\xff\n"], "\\xff\\x0a"),
        (&[b"a.example", b"--color=\xe2\x80\xae"], "\\xe2\\x80\\xae"),
        (&[b"a.example", b"--ca-file=/nonexistent\x1b[31m"], "/nonexistent\\x1b[31m"),
        (&[b"--targets=/nonexistent\xff"], "/nonexistent\\xff"),
        (&[b"a.example", b"--unknown\r\nok: forged"], "--unknown\\x0d\\x0aok:…"),
        (&[long.as_bytes()], "(100000 bytes"),
        (&[b"--name", long.as_bytes(), b"a.example"], "(100000 bytes"),
        (&[b"a.example", b"--format", long.as_bytes()], "(100000 bytes"),
    ] {
        let output = snapbox::cmd::Command::new(env!("CARGO_BIN_EXE_certcheck"))
            .env("LC_ALL", "C.UTF-8")
            .args(args.iter().map(|arg| OsStr::from_bytes(arg)))
            .assert()
            .code(2)
            .get_output()
            .clone();
        let text = String::from_utf8(output.stderr).expect("what is quoted is text");
        assert!(output.stdout.is_empty() && text.contains(quoted), "{quoted}: {text}");
        assert!(text.len() < 3_000, "{}", text.len());
        let raw = |c: char| (c.is_control() && c != '\n') || c == '\u{202e}';
        assert!(!text.contains(raw) && !text.lines().any(|line| line.starts_with("ok")), "{text:?}");
    }
}
