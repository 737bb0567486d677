//! A certificate and a path that are full of what a shell, a configuration file and a program read:
//! they change nothing of what is printed as a command.

use certcheck::data::fixes::{CLIENT, SERVER};
use serde_json::Value;

use crate::driver::{Pki, run};
use crate::support::Leaf;
use crate::{all, code, text};

/// In a certificate's list of names, beside two that are good.
const HOSTILE: &[&str] = &[
    "DNS:$(touch owned).test",
    "DNS:`touch owned`.test",
    "DNS:a';touch owned;'.test",
    "DNS:a\\x22;touch owned;\\x22.test",
    "DNS:a\\x0atouch owned\\x0a.test",
    "DNS:a\\x0d\\x0a}\\x0d\\x0aserver {.test",
    "DNS:a\\x00b.test",
    "DNS:-d.test",
    "DNS:--insecure",
    "DNS:a\\x2cDNS:evil.test",
    "DNS:a;include /etc/passwd;.test",
    "DNS:<<host shell>>.test",
    "DNS:{{ .Values.x }}.test",
    "DNS:${ENV::HOME}.test",
    "DNS:a\\\\u000a.test",
    "DNS:a</VirtualHost>.test",
    "DNS:\\xe2\\x80\\xae.test",
    "DNS:\\x1b[2Jok.test",
    "DNS:# comment",
    "DNS:a: b",
    "URI:https://a.test/$(touch owned)",
    "URI:https://a.test/';touch owned;'",
    "URI:https://a.test/a\\x0ab",
    "URI:https://a.test/a\\x2cDNS:evil.test",
    "SRV:_a';x.example.test",
    "XMPP:a';touch owned;'@example.test",
    "email:';touch owned;'@example.test",
    "DIR:';touch owned;'",
    "UPN:$(touch owned)",
];
const GOOD: &str = "DNS:www.example.test,DNS:*.example.test";

/// What is printed as commands for a certificate of these names, without comments.
fn commands(pki: &Pki, san: &str) -> (Value, Vec<(String, String)>) {
    let file = pki.file("leaf.pem", Leaf::default().san(san).signed_by(&pki.root).pem());
    let (server, client) = (all(SERVER), all(CLIENT));
    let args = ["--cert", &file, "--name", "other.test", "--json", "--fix", &server, "--client-fix", &client];
    let report = run(args).exits(1).one();
    let fixes = report["fixes"].as_array().unwrap();
    let texts = fixes.iter().map(|fix| {
        let name = format!("{} {}", fix["side"].as_str().unwrap(), fix["tool"].as_str().unwrap());
        (name, code(fix["text"].as_str().unwrap()))
    });
    let texts = texts.collect();
    (report, texts)
}

#[test]
fn hostile_names_change_no_command() {
    let pki = Pki::new();
    let (_, expected) = commands(&pki, GOOD);
    let (report, all_at_once) = commands(&pki, &format!("{},{GOOD}", HOSTILE.join(",")));
    unchanged(&all_at_once, &expected, "all at once");
    for hostile in HOSTILE {
        let (_, found) = commands(&pki, &format!("{hostile},{GOOD}"));
        unchanged(&found, &expected, hostile);
    }
    assert!(text(&report, "client", "go").contains("go cannot read this certificate, whatever the name: "));
    let openssl = text(&report, "server", "openssl");
    assert!(openssl.starts_with("# left out: entries 1, 2, 3, 4, 5, 6, 7, 8, 9, 10 and "), "{openssl}");
    // What is said of them holds nothing of them either.
    for fix in report["fixes"].as_array().unwrap() {
        let text = fix["text"].as_str().unwrap();
        assert!(!text.contains("owned") && !text.contains("evil") && !text.contains("passwd"), "{text}");
        assert!(!text.chars().any(|c| c.is_control() && c != '\n' && c != '\t'), "{text:?}");
    }
}

/// Each text is the same, or, for a client that cannot read such a certificate, none.
fn unchanged(found: &[(String, String)], expected: &[(String, String)], what: &str) {
    assert_eq!(found.len(), expected.len());
    for (found, expected) in found.iter().zip(expected) {
        let cannot_read = ["client go", "client java"].contains(&found.0.as_str()) && found.1.is_empty();
        assert!(found == expected || cannot_read, "{what}: {found:?} is not {expected:?}");
    }
}

/// With nothing but hostile names, there is the name that was asked for, and no way for a client.
#[test]
fn hostile_names_alone_are_no_names() {
    let pki = Pki::new();
    let (_, found) = commands(&pki, &HOSTILE.join(","));
    for (tool, text) in found {
        assert!(!text.contains("owned") && !text.contains("evil"), "{tool}: {text}");
        assert!(!tool.starts_with("client") || text.is_empty(), "{tool}: {text}");
    }
}

/// The CA file's path is the user's own: it is quoted, and where it cannot be, it is left out.
#[cfg(unix)]
#[test]
fn the_path_of_the_ca_file_is_quoted() {
    use std::ffi::OsStr;

    let pki = Pki::new();
    let server = pki.server("DNS:www.example.test");
    let report = |path: &OsStr| {
        std::fs::write(path, pki.root.pem()).unwrap();
        let target = format!("other.test@{}", server.addr());
        let client = all(CLIENT);
        let words = [&target, "--json", "--client-fix", &client, "--ca-file"].map(OsStr::new);
        run(words.into_iter().chain([path])).exits(1).one()
    };
    let folder = pki.scratch.path().display();
    let path = format!("{folder}/it's a \"ca\" $(x) \\u000a.pem");
    let found = report(OsStr::new(&path));
    let literal = serde_json::to_string(&path).unwrap();
    for tool in ["python", "requests", "go", "java", "node"] {
        assert!(text(&found, "client", tool).contains(&literal), "{}", text(&found, "client", tool));
    }
    let shell = format!("'{}'", path.replace('\'', "'\\''"));
    for tool in ["curl", "openssl"] {
        assert!(text(&found, "client", tool).contains(&shell), "{}", text(&found, "client", tool));
    }
    for name in ["a\nb.pem", "a\u{1b}[2J.pem", "a\u{202e}b.pem"] {
        let found = report(OsStr::new(&format!("{folder}/{name}")));
        let curl = text(&found, "client", "curl");
        assert!(curl.contains("Left out: the path of the CA file") && !curl.contains("--cacert"), "{curl:?}");
    }
}
