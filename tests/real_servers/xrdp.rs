//! xrdp: RDP with TLS, and with `security_layer=rdp`, where TLS is refused.

use crate::daemon::{Daemon, Home, Running, free_port, program};
use crate::driver::Pki;

/// Starts both.
pub fn start(pki: &Pki) -> Running {
    let home = Home::new();
    let (cert, key) = home.certificate(pki, "root");
    let (on, off) = (free_port(), free_port());
    let tls = format!("security_layer=tls\ncertificate={cert}\nkey_file={key}\nssl_protocols=TLSv1.2, TLSv1.3\n");
    let daemons = vec![one(&home, "on", on, &tls), one(&home, "off", off, "security_layer=rdp\n")];
    Running::new(home, daemons, &[("xrdp", on), ("xrdp without TLS", off)])
}

fn one(home: &Home, name: &str, port: u16, security: &str) -> Daemon {
    let config = format!(
        "[Globals]\nini_version=1\nfork=true\nport=tcp://127.0.0.1:{port}\ncrypt_level=high\n{security}\
         [Logging]\nLogFile={}\nLogLevel=INFO\nEnableSyslog=false\nEnableConsole=true\nConsoleLevel=INFO\n\
         [LoggingPerLogger]\n[Channels]\n",
        home.path(&format!("xrdp-{name}.log"))
    );
    let config = home.write(&format!("{name}.ini"), config);
    let mut command = program("xrdp");
    command.args(["--nodaemon", "--config", &config]);
    Daemon::start(&format!("xrdp {name}"), home, command, &[port])
}
