//! Prosody: XMPP for clients and between servers; TLS is a matter of the host that is asked for.

use std::fmt::Write as _;

use crate::daemon::{Daemon, Home, Running, free_port, program};
use crate::driver::Pki;

/// Starts it: `www.example.test`, `example.test`, `bücher.test` and `other.test` have TLS (and all the
/// same certificate), `plain.test` has none.
pub fn start(pki: &Pki) -> Running {
    let home = Home::new();
    let issued = pki.issue("DNS:www.example.test,DNS:example.test,DNS:xn--bcher-kva.test");
    let cert = home.write("site.pem", issued.chain_pem());
    let key = home.write("site.key", issued.key_pem());
    let (client, server) = (free_port(), free_port());
    let data = home.folder("data", "root");
    let ssl = format!("ssl = {{ certificate = \"{cert}\"; key = \"{key}\" }}");
    let mut config = format!(
        "run_as_root = true\ndaemonize = false\npidfile = \"{data}/pid\"\ndata_path = \"{data}\"\n\
         log = {{ debug = \"{}\" }}\nmodules_enabled = {{ \"saslauth\"; \"tls\"; \"disco\" }}\n\
         modules_disabled = {{ \"offline\"; \"http\" }}\nauthentication = \"anonymous\"\n\
         interfaces = {{ \"127.0.0.1\" }}\nc2s_ports = {{ {client} }}\ns2s_ports = {{ {server} }}\n\
         c2s_direct_tls_ports = {{ }}\ns2s_direct_tls_ports = {{ }}\ns2s_require_encryption = false\n\
         c2s_require_encryption = false\n{ssl}\n",
        home.path("prosody.log")
    );
    for host in ["www.example.test", "example.test", "b\u{fc}cher.test", "other.test"] {
        writeln!(config, "VirtualHost \"{host}\"\n  {ssl}").unwrap();
    }
    config += "VirtualHost \"plain.test\"\n  modules_disabled = { \"tls\" }\n";
    let config = home.write("prosody.cfg.lua", config);
    let mut command = program("prosody");
    command.args(["-F", "--config", &config]);
    let daemon = Daemon::start("prosody", &home, command, &[client, server]);
    Running::new(home, vec![daemon], &[("prosody", client), ("prosody s2s", server)])
}
