//! No login, query or fragment of an argument or a list line is in any output.

use std::fs;

use super::driver::{FORMATS, Output, Pki, command, finish};
use crate::support::{Behaviour, RawServer};

const SECRET: &str = "hunter2";
/// `user:hunter2`, as Basic authentication sends it.
const BASIC: &str = "dXNlcjpodW50ZXIy";

/// Each way to write reports to standard output.
const WAYS: [&str; 14] = [
    "",
    "-q",
    "-v",
    "--clients=all",
    "--json",
    "--format=csv",
    "--format=junit",
    "--format=markdown",
    "--format=html",
    "--format=sarif",
    "--format=github",
    "--format=nagios",
    "--format=prometheus",
    "--format=pem",
];

/// Arguments with the secret in them, and the exit code that shows how far the run came. `GOOD` is a server
/// that has a certificate for localhost, `SHUT` an address that refuses connections, `CERT` a certificate.
const FORMS: &[(&[&str], i32)] = &[
    // Targets that are checked.
    (&["https://user:hunter2@GOOD/"], 0),
    (&["https://hunter2@GOOD/a@b"], 0),
    (&["https://GOOD/a?token=hunter2"], 0),
    (&["https://GOOD/?access_token=hunter2#hunter2"], 0),
    (&["https://GOOD#api_key=hunter2"], 0),
    (&["https://GOOD/a;jsessionid=hunter2"], 0),
    (&["https://GOOD/api_key=hunter2"], 0),
    (&["https://GOOD/a%3Fapi_key%3Dhunter2"], 0),
    (&["https://user:hunter2@GOOD/?q=hunter2", "--name", "other.example"], 1),
    (&["https://user:hunter2@SHUT/?q=hunter2"], 3),
    (&["sqlserver://SHUT;user=sa;password=hunter2", "--timeout=2s"], 3),
    (&["postgresql://user:hunter2@SHUT/db?password=hunter2"], 3),
    // Targets that are not.
    (&["user:hunter2@GOOD"], 2),
    (&["user:hunter2@GOOD", "--name", "localhost"], 2),
    (&["user:p@hunter2@GOOD"], 2),
    (&["user:hünter2hunter2@GOOD"], 2),
    (&["user%3Ahunter2@GOOD"], 2),
    (&["ip:hunter2@GOOD"], 2),
    (&["srv:hunter2@GOOD"], 2),
    (&["https:/user:hunter2@GOOD"], 2),
    (&["https:user:hunter2@GOOD"], 2),
    (&["//user:hunter2@GOOD"], 2),
    (&["https:/GOOD/?token=hunter2"], 2),
    (&["GOOD?token=hunter2"], 2),
    (&["localhost/a?token=hunter2"], 2),
    (&["localhost?token=hunter2"], 2),
    (&["localhóst?token=hunter2"], 2),
    (&["user:hunter2"], 2),
    (&["https://user:hunter2"], 2),
    (&["https://user:hunter2/x@localhost"], 2),
    (&["https://user:hunter2@localhost:99999"], 2),
    (&["https://user:hunter2@local host"], 2),
    (&["gopher://user:hunter2@localhost"], 2),
    (&["user:hunter2@https://localhost"], 2),
    (&["jdbc:postgresql://localhost/db?user=u&password=hunter2"], 2),
    (&["jdbc:mysql://user:hunter2@localhost/db"], 2),
    (&["jdbc:sqlserver://localhost:1433;user=sa;password=hunter2"], 2),
    (&["jdbc:oracle:thin:scott/hunter2@localhost:1521:sid"], 2),
    (&["jdbc:oracle:thin:scott/hunter2@//localhost:1521/sid"], 2),
    // Names.
    (&["GOOD", "--name", "uri:https://user:hunter2@localhost/?token=hunter2"], 1),
    (&["GOOD", "--name", "uri:sip:user:hunter2@localhost"], 1),
    (&["GOOD", "--name", "user:hunter2@localhost"], 2),
    (&["GOOD", "--name", "https://user:hunter2@localhost"], 2),
    (&["GOOD", "--name", "ip:hunter2@localhost"], 2),
    (&["GOOD", "--name", "srv:hunter2@localhost"], 2),
    (&["GOOD", "--name", "uri:user:hunter2@localhost"], 2),
    (&["GOOD", "--name", "localhost?token=hunter2"], 2),
    (&["GOOD", "--sni", "user:hunter2@localhost"], 2),
    (&["--cert", "CERT", "--name", "user:hunter2@localhost"], 1),
    (&["--cert", "CERT", "--name", "localhost?token=hunter2"], 1),
    (&["--cert", "CERT", "--name", "uri:https://user:hunter2@localhost/#hunter2"], 1),
    (&["--cert", "CERT", "https://user:hunter2@localhost/?hunter2"], 0),
    (&["--cert", "CERT", "user:hunter2@localhost"], 1),
    (&["--cert", "https://user:hunter2@localhost/cert.pem", "--name", "localhost"], 3),
    // Routes.
    (&["GOOD", "--connect", "user:hunter2@SHUT"], 2),
    (&["GOOD", "--connect", "https://user:hunter2@SHUT"], 2),
    (&["GOOD", "--connect", "localhost?token=hunter2"], 2),
    (&["GOOD", "--proxy", "http://user:hunter2@SHUT"], 3),
    (&["GOOD", "--proxy", "http://user:hunter2@REFUSES"], 3),
    (&["GOOD", "--proxy", "http://user:hunter2@ECHOES"], 3),
    (&["GOOD", "--proxy", "socks5h://user:hunter2@SHUT"], 3),
    (&["GOOD", "--proxy", "user:hunter2@SHUT"], 3),
    (&["GOOD", "--proxy", "http://SHUT/?token=hunter2"], 2),
    (&["GOOD", "--proxy", "https:/user:hunter2@SHUT"], 2),
    (&["GOOD", "--proxy", "http://user:hunter2@SHUT", "--no-proxy"], 2),
    (&["GOOD", "--proxy", "http://user:hunter2@SHUT", "--proxy-user-file", "LOGIN"], 2),
    (&["GOOD", "--proxy", "http://REFUSES", "--proxy-user-file", "LOGIN"], 3),
    (&["GOOD", "--proxy", "http://ECHOES", "--proxy-user-env", "LOGIN"], 3),
    (&["GOOD", "--proxy", "http://SHUT", "--proxy-user-file", "user:hunter2"], 2),
    (&["GOOD", "--proxy", "http://SHUT", "--proxy-user-env", "hunter2"], 2),
    (&["GOOD", "--proxy", "http://SHUT", "--proxy-user-env", "user:hunter2"], 2),
    // Values of other options.
    (&["GOOD", "--roots", "user:hunter2@localhost"], 2),
    (&["GOOD", "--json=user:hunter2@localhost"], 2),
    (&["GOOD", "--starttls", "https://localhost/?token=hunter2"], 2),
    (&["GOOD", "--user:hunter2@localhost"], 2),
    (&["GOOD", "--user:hunter2"], 2),
    (&["GOOD", "--user=user:hunter2"], 2),
    (&["GOOD", "--prox=http://user:hunter2@localhost"], 2),
    (&["GOOD", "-kuser:hunter2@localhost"], 2),
    (&["GOOD", "--timeout", "user:hunter2@localhost"], 2),
    (&["GOOD", "--clients", "user:hunter2@localhost"], 2),
    (&["GOOD", "--targets", "https://user:hunter2@localhost/list"], 2),
    (&["GOOD", "--baseline", "user:hunter2@localhost"], 2),
    (&["GOOD", "--resume", "https://localhost/?token=hunter2"], 2),
    (&["GOOD", "--output", "user:hunter2@localhost"], 2),
    (&["GOOD", "--output", "json:https://user:hunter2@localhost/a"], 5),
    (&["--explain", "no such error: https://user:hunter2@localhost/?token=hunter2"], 2),
    // Lines of a list: the ones above, and one that is too long.
    (&["--targets", "LIST"], 3),
];

struct Places {
    pki: Pki,
    values: Vec<(&'static str, String)>,
    _servers: Vec<RawServer>,
}

impl Places {
    fn new(server: &crate::support::TlsServer, pki: Pki) -> Self {
        let refuses =
            RawServer::start(Behaviour::AnswerAfterRead(format!("HTTP/1.1 407 {SECRET} {BASIC}\r\n\r\n").into_bytes()));
        let echoes =
            RawServer::start(Behaviour::AnswerAfterRead(format!("HTTP/1.1 x {SECRET} {BASIC}\r\n\r\n").into_bytes()));
        let cert = pki.file("cert.pem", pki.issue("DNS:localhost").pem());
        let login = pki.file("login", format!("user:{SECRET}\n"));
        let mut values = vec![
            ("GOOD", format!("localhost:{}", server.port())),
            ("SHUT", super::targets::closed_place()),
            ("REFUSES", refuses.addr().to_string()),
            ("ECHOES", echoes.addr().to_string()),
            ("CERT", cert),
            ("LOGIN", login),
        ];
        let places = |text: &str| values.iter().fold(text.to_owned(), |text, (name, value)| text.replace(name, value));
        let targets = FORMS.iter().map(|(args, _)| args[0]).filter(|first| !first.starts_with('-'));
        let long = format!("https://user:{SECRET}{}@localhost\nuser:{SECRET}{}@h", "x".repeat(5000), "x".repeat(5000));
        let lines: Vec<String> = targets.map(places).chain([long]).collect();
        values.push(("LIST", pki.file("list", lines.join("\n"))));
        Self { pki, values, _servers: vec![refuses, echoes] }
    }

    fn run(&self, args: &[&str], more: &[String]) -> Output {
        let place = |arg: &&str| {
            if *arg == "LOGIN" && args.contains(&"--proxy-user-env") {
                return "LOGIN".to_owned();
            }
            self.values.iter().fold((*arg).to_owned(), |text, (name, value)| text.replace(name, value))
        };
        let offline = args.contains(&"--cert");
        let trust = if offline { vec![] } else { vec!["--ca-file".to_owned(), self.pki.ca.clone()] };
        let mut command = command(args.iter().map(place).chain(trust).chain(more.iter().cloned()));
        finish(command.env("LOGIN", format!("user:{SECRET}")))
    }
}

fn assert_hidden(text: &str, form: &[&str], format: &str) {
    let found = [SECRET, BASIC].into_iter().find(|secret| text.contains(secret));
    assert_eq!(found, None, "{form:?} {format}: {text}");
}

#[test]
fn no_secret_is_in_any_output() {
    let pki = Pki::new();
    let server = pki.server("DNS:localhost");
    let places = Places::new(&server, pki);
    for (form, code) in FORMS {
        for format in WAYS {
            // Rather than a monitoring plugin's codes, or a conflict of two formats.
            let code = if format == "--format=nagios" || form[0] == "--explain" { None } else { Some(*code) };
            let more: Vec<String> = [format].iter().filter(|f| !f.is_empty()).map(ToString::to_string).collect();
            let output = places.run(form, &more);
            assert_hidden(&format!("{}{}", output.stdout, output.stderr), form, format);
            assert!(code.is_none_or(|code| output.code == code), "{form:?} {format}: {output:#?}");
        }
        let folder = places.pki.scratch.path().join("files");
        fs::create_dir(&folder).unwrap();
        let file = |name: &str| folder.join(name).to_str().unwrap().to_owned();
        let files = FORMATS.iter().flat_map(|format| ["--output".to_owned(), format!("{format}:{}", file(format))]);
        let output = places.run(form, &files.chain(["--summary".to_owned(), file("summary")]).collect::<Vec<_>>());
        assert_hidden(&format!("{}{}", output.stdout, output.stderr), form, "files");
        let mut read = 0;
        for entry in fs::read_dir(&folder).unwrap() {
            let path = entry.unwrap().path();
            assert_hidden(&String::from_utf8(fs::read(&path).unwrap()).unwrap(), form, path.to_str().unwrap());
            read += 1;
        }
        let all = if [2, 5].contains(code) { 0 } else { FORMATS.len() + 1 };
        assert_eq!(read, all, "{form:?}: {output:#?}");
        fs::remove_dir_all(&folder).unwrap();
    }
}

/// Two runs show a line alike, so that the second one knows what the first one checked.
#[test]
fn a_resumed_run_knows_redacted_targets() {
    let pki = Pki::new();
    let server = pki.server("DNS:localhost");
    let port = server.port();
    let list = pki.file(
        "list",
        format!(
            "https://user:{SECRET}@localhost:{port}/a?token={SECRET}\nuser:{SECRET}@localhost:{port}\n\
             localhost@127.0.0.1:{port}\nhttps://localhost:{port}/b#x\n"
        ),
    );
    let first = pki.run(&format!("--targets {list} --json")).exits(3);
    assert_eq!(first.stdout.lines().count(), 4, "{first:?}");
    let connections = server.connections();
    assert_eq!(connections, 3);
    let done = pki.file("done.ndjson", &first.stdout);
    let second = pki.run(&format!("--targets {list} --json --resume {done}")).exits(3);
    assert_eq!((second.stdout.as_str(), server.connections()), ("", connections));
    // An earlier output with one of the four reports.
    let done = pki.file("done.ndjson", first.stdout.lines().next().unwrap().to_owned() + "\n");
    let third = pki.run(&format!("--targets {list} --json --resume {done}")).exits(3);
    assert_eq!(third.stdout.lines().count(), 3, "{third:?}");
}

/// A FIFO that nothing is written to, a device without end and a folder end in a message.
#[cfg(unix)]
#[test]
fn a_login_file_that_gives_nothing_ends_in_a_message() {
    let pki = Pki::new();
    let fifo = pki.scratch.path().join("fifo").to_str().unwrap().to_owned();
    assert!(std::process::Command::new("mkfifo").arg(&fifo).status().unwrap().success());
    let absent = pki.scratch.path().join("absent").to_str().unwrap().to_owned();
    let folder = pki.scratch.path().to_str().unwrap().to_owned();
    let files = [
        (fifo, "could not be read within --timeout"),
        ("/dev/zero".to_owned(), "larger than 4 KiB"),
        (pki.file("long", "u:".to_owned() + &"x".repeat(4095)), "larger than 4 KiB"),
        (pki.file("empty", ""), "expected USER:PASSWORD"),
        (pki.file("alone", format!("{SECRET}\n")), "expected USER:PASSWORD"),
        (pki.file("lines", format!("user:{SECRET}\nmore\n")), "cannot be sent"),
        (absent, ""),
        (folder, ""),
    ];
    for (file, words) in files {
        let args = ["localhost:1", "--proxy", "http://127.0.0.1:1", "--proxy-user-file", &file, "--timeout", "300ms"];
        let output = finish(&mut command(args)).exits(2);
        assert!(output.stderr.starts_with("certcheck: --proxy-user-file: "), "{file}: {output:?}");
        assert!(output.stderr.contains(words) && output.stdout.is_empty(), "{file}: {output:?}");
        assert!(output.elapsed.as_secs() < 5, "{file}: {output:?}");
        assert_hidden(&output.stderr, &[&file], "");
    }
}
