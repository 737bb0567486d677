//! Commands of CI runners in what peers, lists and arguments hold: none of them reaches a log.

use super::driver::{FORMATS, Pki, run};
use crate::support::{Behaviour, RawServer};

/// A command in the grammar of Azure Pipelines, of GitHub Actions (both of its forms) and of TeamCity.
const COMMANDS: [&str; 4] = [
    "##vso[task.setvariable variable=secret]1",
    "##[add-mask]1",
    "::set-output name=a::1",
    "##teamcity[buildStop comment='x']",
];

/// Whether a runner finds one of the commands. GitHub's second form has to begin its line.
fn is_executed(line: &str) -> bool {
    ["##vso[", "##[", "##teamcity["].iter().any(|prefix| line.contains(prefix))
        || line.trim_start().starts_with("::set-output")
}

#[test]
fn no_command_of_a_runner_reaches_a_log() {
    let pki = Pki::new();
    for command in COMMANDS {
        let banner = RawServer::start(Behaviour::Banner(format!("220 {command}\r\n{command}\r\n").into_bytes()));
        let proxy = format!("HTTP/1.1 403 {command}\r\n\r\n{command}\r\n");
        let proxy = RawServer::start(Behaviour::AnswerAfterRead(proxy.into_bytes()));
        let cert = pki.file("cert.pem", pki.issue(&format!("DNS:{command},URI:{command}")).pem());
        let list = pki.file("list", format!("{command}\nx {command}\n"));
        let banner = format!("127.0.0.1:{}", banner.port());
        let proxy = format!("http://127.0.0.1:{}", proxy.port());
        let lines: [&[&str]; 8] = [
            &[&banner, "--no-probes"],
            &[&banner, "--starttls", "smtp", "--no-probes"],
            &["a.test", "--proxy", &proxy, "--no-probes"],
            &["--cert", &cert, "--name", "a.test", "-v"],
            &["--cert", &cert, "--name", command],
            &["--targets", &list],
            &[command],
            &["--roots", command, "a.test"],
        ];
        for line in lines {
            for format in FORMATS {
                let output = run([&["--format", format, "--retries", "0"], line].concat());
                assert_ne!(output.code, 0, "{line:?}: {output:?}");
                for text in output.stdout.lines().chain(output.stderr.lines()) {
                    assert!(!is_executed(text), "{format} {line:?}: {text}");
                }
            }
        }
    }
}
