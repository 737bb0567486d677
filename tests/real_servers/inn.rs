//! INN's reader, `nnrpd`: NNTP with STARTTLS and without.

use crate::daemon::{Daemon, Home, Running, free_port, own, prepare, program, program_as};
use crate::driver::Pki;

/// Starts both; `nnrpd` listens itself, and needs no `innd` as long as nobody posts.
pub fn start(pki: &Pki) -> Running {
    let home = Home::new();
    let (cert, key) = home.certificate(pki, "news");
    let (on, off) = (free_port(), free_port());
    let tls = format!("tlscertfile: {cert}\ntlskeyfile: {key}\ntlscafile: {}\n", home.write("ca.pem", pki.root.pem()));
    let daemons = vec![one(&home, "on", on, &tls), one(&home, "off", off, "")];
    Running::new(home, daemons, &[("inn", on), ("inn without TLS", off)])
}

fn one(home: &Home, name: &str, port: u16, tls: &str) -> Daemon {
    let state = home.folder(name, "news");
    for file in ["active", "newsgroups", "active.times"] {
        own(&home.write(&format!("{name}/{file}"), ""), "news");
    }
    home.write(&format!("{name}/storage.conf"), "method trash {\n newsgroups: *\n class: 0\n}\n");
    let readers = "auth \"all\" {\n hosts: \"*\"\n default: \"<all>\"\n}\n\
                   access \"all\" {\n users: \"<all>\"\n newsgroups: \"*\"\n}\n";
    let readers = home.write(&format!("{name}/readers.conf"), readers);
    let config = format!(
        "organization: Example\npathhost: www.example.test\ndomain: example.test\nmta: /bin/true\n\
         hismethod: hisv6\novmethod: tradindexed\nenableoverview: true\npathnews: /usr/lib/news\n\
         pathdb: {state}\npathetc: {state}\npathrun: {state}\npathlog: {state}\npathspool: {state}\n\
         pathoverview: {state}\n{tls}"
    );
    let config = home.write(&format!("{name}/inn.conf"), config);
    // It greets nobody without an overview, even an empty one.
    let mut overview = program_as("news", "/usr/lib/news/bin/makehistory");
    prepare(overview.args(["-x", "-O"]).env("INNCONF", &config));
    let mut command = program("env");
    command.arg(format!("INNCONF={config}"));
    command.args(["/usr/lib/news/bin/nnrpd", "-D", "-f", "-b", "127.0.0.1", "-p", &port.to_string(), "-c", &readers]);
    Daemon::start(&format!("nnrpd {name}"), home, command, &[port])
}
