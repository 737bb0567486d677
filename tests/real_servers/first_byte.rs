//! Servers with TLS from the first byte: Redis, Mosquitto, HAProxy, Apache, stunnel.

use crate::daemon::{Daemon, Home, Running, free_port, program};
use crate::driver::Pki;

/// Redis, with TLS only.
pub fn redis(pki: &Pki) -> Running {
    let home = Home::new();
    let (cert, key) = home.certificate(pki, "root");
    let port = free_port();
    let mut command = program("redis-server");
    command.args(["--port", "0", "--tls-port", &port.to_string(), "--bind", "127.0.0.1", "--save", ""]);
    command.args(["--tls-cert-file", &cert, "--tls-key-file", &key, "--tls-ca-cert-file", &pki.ca]);
    command.args(["--tls-auth-clients", "no", "--dir", &home.folder("data", "root")]);
    let daemon = Daemon::start("redis", &home, command, &[port]);
    Running::new(home, vec![daemon], &[("redis", port)])
}

/// Mosquitto: MQTT over TLS.
pub fn mosquitto(pki: &Pki) -> Running {
    let home = Home::new();
    let (cert, key) = home.certificate(pki, "root");
    let port = free_port();
    let config =
        format!("user root\nlistener {port} 127.0.0.1\ncertfile {cert}\nkeyfile {key}\nallow_anonymous true\n");
    let config = home.write("mosquitto.conf", config);
    let mut command = program("mosquitto");
    command.args(["-c", &config]);
    let daemon = Daemon::start("mosquitto", &home, command, &[port]);
    Running::new(home, vec![daemon], &[("mosquitto", port)])
}

/// HAProxy, which answers itself.
pub fn haproxy(pki: &Pki) -> Running {
    let home = Home::new();
    let port = free_port();
    let issued = pki.issue("DNS:www.example.test");
    let both = home.write("site.pem", issued.chain_pem() + &issued.key_pem());
    let config = format!(
        "global\n maxconn 100\ndefaults\n mode http\n timeout client 10s\n timeout connect 5s\n timeout server 5s\n\
         frontend site\n bind 127.0.0.1:{port} ssl crt {both}\n http-request return status 204\n"
    );
    let config = home.write("haproxy.cfg", config);
    let mut command = program("haproxy");
    command.args(["-db", "-f", &config]);
    let daemon = Daemon::start("haproxy", &home, command, &[port]);
    Running::new(home, vec![daemon], &[("haproxy", port)])
}

/// Apache.
pub fn apache(pki: &Pki) -> Running {
    let home = Home::new();
    let (cert, key) = home.certificate(pki, "root");
    let port = free_port();
    let run = home.folder("run", "root");
    let modules = ["mpm_event", "authz_core", "socache_shmcb", "ssl"]
        .map(|module| format!("LoadModule {module}_module /usr/lib/apache2/modules/mod_{module}.so\n"));
    let config = format!(
        "{}ServerRoot {run}\nDefaultRuntimeDir {run}\nPidFile {run}/pid\nMutex file:{run}\nUser nobody\n\
         Group nogroup\nErrorLog {}\nServerName www.example.test\nListen 127.0.0.1:{port}\nDocumentRoot {run}\n\
         SSLEngine on\nSSLCertificateFile {cert}\nSSLCertificateKeyFile {key}\n",
        modules.concat(),
        home.path("apache.log")
    );
    let config = home.write("apache.conf", config);
    let mut command = program("apache2");
    command.args(["-D", "FOREGROUND", "-f", &config]);
    let daemon = Daemon::start("apache", &home, command, &[port]);
    Running::new(home, vec![daemon], &[("apache", port)])
}

/// stunnel in front of `cat`.
pub fn stunnel(pki: &Pki) -> Running {
    let home = Home::new();
    let (cert, key) = home.certificate(pki, "root");
    let port = free_port();
    let config = format!(
        "foreground = yes\nsyslog = no\npid =\ncert = {cert}\nkey = {key}\n\
         [site]\naccept = 127.0.0.1:{port}\nexec = /bin/cat\nexecArgs = cat\n"
    );
    let config = home.write("stunnel.conf", config);
    let mut command = program("stunnel4");
    command.arg(config);
    let daemon = Daemon::start("stunnel", &home, command, &[port]);
    Running::new(home, vec![daemon], &[("stunnel", port)])
}
