//! How a server is reached: proxies, of the command line and of the environment; STARTTLS.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::sync::{Arc, Mutex};
use std::thread;

use crate::driver::{Pki, at, command, finish, run};
use crate::support::server::serve_tls;
use crate::support::{Behaviour, Config, RawServer};

/// What a proxy was asked, in order.
pub(crate) type Asked = Arc<Mutex<Vec<String>>>;

/// An HTTP proxy that answers CONNECT with this, and goes on where that is a 200.
pub(crate) fn proxy(answer: &'static str) -> (RawServer, Asked) {
    let asked = Asked::default();
    let requests = Arc::clone(&asked);
    let server = RawServer::start(Behaviour::custom(move |mut client| {
        let mut request = Vec::new();
        while !request.ends_with(b"\r\n\r\n") {
            let mut byte = [0];
            if client.read(&mut byte).unwrap_or(0) == 0 {
                return;
            }
            request.push(byte[0]);
        }
        let request = String::from_utf8(request).unwrap();
        let place: Option<SocketAddr> = request.split(' ').nth(1).and_then(|place| place.parse().ok());
        requests.lock().unwrap().push(request);
        let _ = client.write_all(answer.as_bytes());
        if let Some(place) = place.filter(|_| answer.contains(" 200 ")) {
            carry(client, TcpStream::connect(place).unwrap());
        }
    }));
    (server, asked)
}

fn carry(client: TcpStream, server: TcpStream) {
    let (mut from, mut to) = (server.try_clone().unwrap(), client.try_clone().unwrap());
    let back = thread::spawn(move || std::io::copy(&mut from, &mut to));
    let (mut from, mut to) = (client, server);
    let _ = std::io::copy(&mut from, &mut to);
    let _ = to.shutdown(std::net::Shutdown::Both);
    let _ = back.join();
}

#[test]
fn a_proxy_carries_the_connection_and_its_login_is_nowhere() {
    let pki = Pki::new();
    let server = pki.server("DNS:www.example.test");
    let (proxy, asked) = proxy("HTTP/1.1 200 Connection established\r\nVia: x\r\n\r\n");
    let url = format!("http://use%72:hush@{}", proxy.addr());
    for (name, code) in [("www.example.test", 0), ("other.test", 1)] {
        let output = pki.run(&format!("{name}@{} --proxy {url} --json -v", server.addr())).exits(code);
        assert!(!output.stdout.contains("hush") && !output.stderr.contains("hush"), "{output:?}");
        let report = output.one();
        assert_eq!(at(&report, "/connection/proxy"), format!("http://{}", proxy.addr()));
        assert_eq!(at(&report, "/connection/address"), "null", "only the proxy knows it");
        assert_eq!(at(&report, "/connection/possession"), "proven");
    }
    let first = asked.lock().unwrap()[0].clone();
    assert!(first.starts_with(&format!("CONNECT {} HTTP/1.1\r\n", server.addr())), "{first}");
    assert!(first.contains("\r\nProxy-Authorization: Basic dXNlcjpodXNo\r\n"), "{first}");
    let human = pki.run(&format!("www.example.test@{} --proxy {url}", server.addr())).exits(0);
    assert!(human.stdout.contains(&format!("http://{}", proxy.addr())), "{}", human.stdout);
    assert!(!human.stdout.contains("hush"));
}

/// A SOCKS 5 proxy that takes any user and password (RFC 1928, 1929), and reports them.
fn socks_proxy() -> (RawServer, Asked) {
    let asked = Asked::default();
    let logins = Arc::clone(&asked);
    let server = RawServer::start(Behaviour::custom(move |mut client| {
        fn read(client: &mut TcpStream, length: usize) -> Vec<u8> {
            let mut bytes = vec![0; length];
            client.read_exact(&mut bytes).unwrap();
            bytes
        }
        let methods = read(&mut client, 2)[1];
        assert!(read(&mut client, methods.into()).contains(&2), "no user and password is offered");
        client.write_all(&[5, 2]).unwrap();
        let user = read(&mut client, 2)[1];
        let user = read(&mut client, user.into());
        let password = read(&mut client, 1)[0];
        let password = read(&mut client, password.into());
        logins.lock().unwrap().push(String::from_utf8([&user, &b":"[..], &password].concat()).unwrap());
        client.write_all(&[1, 0]).unwrap();
        let request = read(&mut client, 10);
        assert_eq!(request[..4], [5, 1, 0, 1], "an IPv4 address is expected");
        let place = SocketAddr::from((
            [request[4], request[5], request[6], request[7]],
            u16::from_be_bytes([request[8], request[9]]),
        ));
        client.write_all(&[5, 0, 0, 1, 0, 0, 0, 0, 0, 0]).unwrap();
        carry(client, TcpStream::connect(place).unwrap());
    }));
    (server, asked)
}

/// From a file and from the environment, for a proxy of the command line and of the environment. The login
/// is not percent-decoded, and the end of the file's line does not belong to it.
#[test]
fn a_login_from_a_file_or_the_environment_reaches_the_proxy() {
    let pki = Pki::new();
    let server = pki.server("DNS:www.example.test");
    let (http, requests) = proxy("HTTP/1.1 200 OK\r\n\r\n");
    let (socks, logins) = socks_proxy();
    // `us%72:hu:sh` in Base64.
    let basic = "\r\nProxy-Authorization: Basic dXMlNzI6aHU6c2g=\r\n";
    for content in ["us%72:hu:sh", "us%72:hu:sh\n", "us%72:hu:sh\r\n"] {
        let file = format!("--proxy-user-file {}", pki.file("login", content));
        for (option, content) in [(file.as_str(), ""), ("--proxy-user-env LOGIN", content)] {
            for (scheme, proxy) in [("http", &http), ("socks5", &socks), ("socks5h", &socks)] {
                let url = format!("{scheme}://{}", proxy.addr());
                for (proxy, all_proxy) in [(format!("--proxy {url}"), ""), (String::new(), &url[..])] {
                    requests.lock().unwrap().clear();
                    logins.lock().unwrap().clear();
                    let line = format!("www.example.test@{} --ca-file {} {proxy} {option} -v", server.addr(), pki.ca);
                    let mut command = command(line.split_whitespace());
                    command.env("LOGIN", content).env("all_proxy", all_proxy);
                    let output = finish(&mut command).exits(0);
                    assert!(!output.stdout.contains("hu:sh") && output.stdout.contains(&url), "{output:?}");
                    if scheme == "http" {
                        let requests = requests.lock().unwrap();
                        assert!(requests.iter().all(|request| request.contains(basic)), "{option}: {requests:?}");
                        assert!(!requests.is_empty());
                    } else {
                        assert_eq!(*logins.lock().unwrap(), ["us%72:hu:sh"], "{option}");
                    }
                }
            }
        }
    }
    // Two logins, no login, and none that SOCKS can carry.
    let login = pki.file("login", "user:hush");
    let empty = pki.file("empty", "user:");
    let url = format!("http://a:b@{}", http.addr());
    for (line, all_proxy, words) in [
        (format!("--proxy {url} --proxy-user-file {login}"), "", "--proxy: the URL has a login, and --proxy-user-file"),
        (format!("--proxy {url} --proxy-user-env LOGIN"), "", "--proxy: the URL has a login, and --proxy-user-env"),
        (format!("--proxy-user-file {login}"), url.as_str(), "--proxy-user-file: the proxy's URL in the environment"),
        (format!("--proxy-user-file {login} --proxy-user-env LOGIN"), "", "cannot be used with"),
        (format!("--proxy-user-file {login} --no-proxy"), "", "cannot be used with"),
        (format!("--proxy http://{} --proxy-user-env ABSENT", http.addr()), "", "environment variable is not set"),
        (format!("--proxy socks5://{} --proxy-user-file {empty}", socks.addr()), "", "RFC 1929"),
        (
            format!("--proxy http://{} --proxy-user-file {login} --output json:{login}", http.addr()),
            "",
            "reads that file",
        ),
    ] {
        let mut command = command(format!("www.example.test {line}").split_whitespace());
        let output = finish(command.env("LOGIN", "user:hush").env("all_proxy", all_proxy)).exits(2);
        assert!(output.stderr.contains(words) && !output.stderr.contains("hush"), "{line}: {output:?}");
    }
    // Where no proxy is used, the login is not read.
    pki.run(&format!("www.example.test@{} --proxy-user-file /nonexistent", server.addr())).exits(0);
}

#[test]
fn what_a_proxy_answers_is_told() {
    let pki = Pki::new();
    for (answer, code, words) in [
        ("HTTP/1.1 403 Forbidden\r\n\r\n", "proxy-refused", "403 Forbidden"),
        ("HTTP/1.0 502 Bad \x1b[31mGateway\r\n\r\n", "proxy-refused", "502 Bad \\x1b[31mGateway"),
        ("HTTP/1.1 403 Forbidden\r\nBad Header\r\n\r\n", "proxy-refused", "403 Forbidden"),
        ("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 407 Login\r\n\r\n", "proxy-auth", "407 Login"),
        ("HTTP/1.1 99 Low\r\n\r\n", "proxy-violation", "no HTTP"),
        ("HTTP/1.1 407 Proxy Authentication Required\r\n\r\n", "proxy-auth", "407"),
        ("SSH-2.0-OpenSSH_9.2p1\r\n\r\n", "proxy-violation", "SSH-2"),
        ("", "connection-reset", "the proxy closed"),
    ] {
        let (proxy, _) = proxy(answer);
        let report = pki.one(&format!("www.example.test@127.0.0.1:9 --proxy http://{}", proxy.addr()), 3);
        assert_eq!((at(&report, "/error/stage"), at(&report, "/error/code")), ("proxy", code), "{report:#}");
        assert!(at(&report, "/error/message").contains(words), "{report:#}");
        assert_eq!(at(&report, "/connection/proxy"), format!("http://{}", proxy.addr()));
    }
    let silent = RawServer::start(Behaviour::Silent);
    for scheme in ["http", "socks5", "socks5h", "https"] {
        let line = format!("www.example.test@127.0.0.1:9 --proxy {scheme}://{} --timeout 300ms", silent.addr());
        let report = pki.one(&line, 3);
        assert_eq!((at(&report, "/error/stage"), at(&report, "/error/code")), ("proxy", "timeout"), "{report:#}");
    }
}

/// Beyond 16 KiB, or after 64 headers, an answer is none.
#[test]
fn an_endless_answer_of_a_proxy_ends() {
    let pki = Pki::new();
    let server = RawServer::start(Behaviour::custom(|mut client| {
        let _ = client.write_all(b"HTTP/1.1 200 OK\r\n");
        while client.write_all(b"X-More: and more\r\n").is_ok() {}
    }));
    let report = pki.one(&format!("www.example.test@127.0.0.1:9 --proxy http://{}", server.addr()), 3);
    assert_eq!(at(&report, "/error/code"), "proxy-violation", "{report:#}");
}

/// The variables and their order are curl's; a proxy of the command line comes before them, and
/// `--no-proxy` before all.
#[test]
fn the_environment_names_a_proxy_and_its_exceptions() {
    let pki = Pki::new();
    let server = pki.server("DNS:www.example.test");
    let (proxy, asked) = proxy("HTTP/1.1 200 OK\r\n\r\n");
    let here = format!("http://{}", proxy.addr());
    let nowhere = "http://127.0.0.1:9";
    for (set, more, through) in [
        (&[("https_proxy", &here[..])][..], "", true),
        (&[("HTTPS_PROXY", &here)], "", true),
        (&[("all_proxy", &here)], "", true),
        (&[("ALL_PROXY", &here)], "", true),
        (&[("https_proxy", &here), ("HTTPS_PROXY", nowhere), ("all_proxy", nowhere)], "", true),
        (&[("https_proxy", ""), ("ALL_PROXY", &here)], "", true),
        (&[("http_proxy", nowhere)], "", false),
        (&[("https_proxy", nowhere)], "--no-proxy", false),
        (&[("https_proxy", nowhere), ("no_proxy", "*")], "", false),
        (&[("https_proxy", nowhere), ("no_proxy", "a.test, 127.0.0.1")], "", false),
        (&[("https_proxy", nowhere), ("no_proxy", "127.0.0.0/8")], "", false),
        (&[("https_proxy", nowhere), ("NO_PROXY", "127.0.0.0/8")], "", false),
        (&[("https_proxy", &here), ("no_proxy", "10.0.0.0/8,example.test")], "", true),
        (&[("https_proxy", nowhere), ("no_proxy", "x")], &format!("--proxy {here}"), true),
    ] {
        let before = asked.lock().unwrap().len();
        let line = format!("www.example.test@{} --ca-file {} --json {more}", server.addr(), pki.ca);
        let mut command = command(line.split_whitespace());
        command.envs(set.iter().copied());
        let report = finish(&mut command).exits(0).one();
        let carried = if through { here.as_str() } else { "null" };
        assert_eq!(at(&report, "/connection/proxy"), carried, "{set:?} {more}");
        assert_eq!(asked.lock().unwrap().len() - before, usize::from(through), "{set:?} {more}");
    }
}

#[test]
fn names_are_excepted_with_what_is_below_them() {
    for (exceptions, place, is_excepted) in [
        ("example.test", "www.example.test", true),
        (".example.test", "www.example.test", true),
        ("example.test", "example.test", true),
        ("example.test", "notexample.test", false),
        ("WWW.example.test", "www.example.test", true),
        ("192.0.2.0/24", "192.0.2.77", true),
        ("192.0.2.0/24", "192.0.3.77", false),
        // What curl 7.88.1 does with them.
        ("192.0.2.77/", "192.0.2.77", true),
        ("192.0.2.76/", "192.0.2.77", false),
        ("192.0.2.77/x", "192.0.2.77", true),
        ("192.0.2.77/0", "192.0.2.77", true),
        ("192.0.2.0/0", "192.0.2.77", false),
        ("192.0.2.0/24x", "192.0.2.77", true),
        ("192.0.2.77/32", "192.0.2.77", true),
        ("192.0.2.77/33", "192.0.2.77", false),
        ("192.0.2.77/-1", "192.0.2.77", false),
        ("192.0.2.77/99999999999", "192.0.2.77", false),
        ("2001:db8::/32", "[2001:db8::1]", true),
    ] {
        let mut command = command([&format!("{place}:9"), "--json", "--timeout", "2s"]);
        command.env("https_proxy", "http://127.0.0.1:9").env("no_proxy", exceptions);
        let report = finish(&mut command).exits(3).one();
        let is_direct = at(&report, "/connection/proxy") == "null";
        assert_eq!(is_direct, is_excepted, "{exceptions} {place}: {report:#}");
    }
}

/// It is a usage error, and quotes nothing of it.
#[test]
fn a_proxy_that_is_none() {
    for url in ["ftp://hush@p.test", "http://hush:hu/sh@p.test", "socks4://hush@p.test:1", "http://hush@p.test:99999"] {
        let output = run(["www.example.test", "--proxy", url]).exits(2);
        assert!(!output.stderr.contains("hush"), "{}", output.stderr);
        let output = finish(command(["www.example.test"]).env("https_proxy", url)).exits(2);
        assert!(output.stderr.contains("https_proxy") && !output.stderr.contains("hush"), "{}", output.stderr);
    }
    run(["www.example.test", "--proxy", "http://p.test", "--no-proxy"]).exits(2);
    run(["--cert", "x", "--name", "a.test", "--proxy", "http://p.test"]).exits(2);
}

#[test]
fn starttls_by_flag_and_by_scheme() {
    let pki = Pki::new();
    let tls = Config::new(&pki.issue("DNS:www.example.test,DNS:127.0.0.1.test,IP:127.0.0.1")).rustls();
    let server = RawServer::start(Behaviour::custom(move |mut client| {
        let mut words = [0; 512];
        for answer in ["220 mx\r\n", "250-mx\r\n250 STARTTLS\r\n", "220 go\r\n"] {
            if client.write_all(answer.as_bytes()).is_err()
                || !answer.ends_with("go\r\n") && client.read(&mut words).is_err()
            {
                return;
            }
        }
        serve_tls(&client, Arc::clone(&tls));
    }));
    for (line, code) in [
        (format!("www.example.test@{} --starttls smtp", server.addr()), 0),
        (format!("other.test@{} --starttls submission", server.addr()), 1),
        (format!("smtp://{}", server.addr()), 0),
        (format!("submission://{} --name www.example.test --starttls submission", server.addr()), 0),
    ] {
        let report = pki.one(&line, code);
        assert!(matches!(at(&report, "/connection/starttls"), "smtp" | "submission"), "{line}: {report:#}");
        assert_eq!(at(&report, "/connection/possession"), "proven");
    }
    for line in [
        format!("https://{} --starttls smtp", server.addr()),
        format!("imap://{} --starttls smtp", server.addr()),
        format!("{} --starttls telnet", server.addr()),
        format!("{} --starttls SMTP", server.addr()),
    ] {
        pki.run(&line).exits(2);
    }
}

/// The port is the protocol's, where the target has none.
#[test]
fn the_port_is_the_protocols() {
    for (line, port) in [
        ("127.0.0.77 --starttls smtp", 25),
        ("127.0.0.77 --starttls submission", 587),
        ("127.0.0.77 --starttls xmpp-server", 5269),
        ("postgresql://127.0.0.77/db", 5432),
        ("127.0.0.77:9 --starttls imap", 9),
        ("rdp://127.0.0.77", 3389),
    ] {
        let report = run(line.split(' ').chain(["--json", "--timeout", "2s"])).exits(3).one();
        assert_eq!(report["connection"]["port"], port, "{line}: {report:#}");
    }
}

/// As far as it can be seen: by an alert, by silence, by an end without a word. Not where words came.
#[test]
fn starttls_on_a_port_that_has_tls_from_the_first_byte() {
    let pki = Pki::new();
    let tls = pki.server("DNS:www.example.test");
    let closes = RawServer::start(Behaviour::CloseAtOnce);
    let speaks = RawServer::start(Behaviour::Banner(b"220 mx\r\n".to_vec()));
    let waits = RawServer::start(Behaviour::AnswerAfterRead(b"220 mx\r\n250 mx".to_vec()));
    for (port, protocol, code, is_told) in [
        (tls.port(), "postgres", "starttls-violation", true),
        (tls.port(), "xmpp", "starttls-violation", true),
        (tls.port(), "imap", "timeout", true),
        (closes.port(), "pop3", "connection-reset", true),
        (speaks.port(), "smtp", "timeout", false),
        (waits.port(), "smtp", "timeout", true),
    ] {
        let target = format!("www.example.test@127.0.0.1:{port}");
        let report = pki.one(&format!("{target} --starttls {protocol} --timeout 700ms"), 3);
        assert_eq!((at(&report, "/error/stage"), at(&report, "/error/code")), ("starttls", code), "{report:#}");
        let help = report["error"]["help"].as_array().unwrap();
        let told = help.iter().find(|help| at(help, "/text").contains("ask it without --starttls"));
        assert_eq!(told.is_some(), is_told, "{protocol}: {report:#}");
        if let Some(told) = told {
            assert_eq!(at(told, "/command"), format!("certcheck '{target}' --ca-file '{}'", pki.ca));
        }
    }
}

/// What comes behind the go-ahead is an attack, in the same packet or in the next.
#[test]
fn plain_text_behind_the_go_ahead_is_refused() {
    let pki = Pki::new();
    for pause in [0, 150] {
        let server = RawServer::start(Behaviour::custom(move |mut client| {
            let mut words = [0; 512];
            for answer in ["220 mx\r\n", "250-mx\r\n250 STARTTLS\r\n"] {
                if client.write_all(answer.as_bytes()).is_err() || client.read(&mut words).is_err() {
                    return;
                }
            }
            let _ = client.write_all(b"220 go\r\n");
            thread::sleep(std::time::Duration::from_millis(pause));
            let _ = client.write_all(b"250 injected\r\n");
            let _ = client.read(&mut words);
        }));
        let report = pki.one(&format!("www.example.test@{} --starttls smtp", server.addr()), 3);
        assert_eq!(
            (at(&report, "/error/stage"), at(&report, "/error/code")),
            ("starttls", "starttls-injection"),
            "{report:#}"
        );
    }
}

#[test]
fn xmpp_has_three_identities() {
    let pki = Pki::new();
    let other = pki.server("DNS:other.test");
    let report = pki.one(&format!("xmpps://{} --name example.test", other.addr()), 1);
    let values: Vec<String> = report["references"]
        .as_array()
        .unwrap()
        .iter()
        .map(|reference| format!("{} {}", at(reference, "/type"), at(reference, "/value")))
        .collect();
    assert_eq!(values, ["dns example.test", "srv _xmpp-client.example.test", "xmpp example.test"]);
    for (san, code) in [
        ("DNS:example.test", 0),
        ("SRV:_xmpp-client.example.test", 0),
        ("XMPP:example.test", 0),
        ("SRV:_xmpp-server.example.test", 1),
        ("XMPP:user@example.test", 1),
    ] {
        let server = pki.server(san);
        let report = pki.one(&format!("xmpps://{} --name example.test", server.addr()), code);
        assert_eq!(report["verdict"], if code == 0 { "match" } else { "mismatch" }, "{san}: {report:#}");
    }
}
