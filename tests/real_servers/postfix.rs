//! Postfix: SMTP and submission with STARTTLS, and SMTP without.

use crate::daemon::{Daemon, Home, Running, free_port, program};
use crate::driver::Pki;

const PATH: &str = "/usr/lib/postfix/sbin";

/// Starts `master` alone: the scripts around it are for the machine's own mail system.
pub fn start(pki: &Pki) -> Running {
    let home = Home::new();
    let (cert, key) = home.certificate(pki, "root");
    let (smtp, submission, off) = (free_port(), free_port(), free_port());
    let queue = home.folder("queue", "root");
    home.folder("queue/pid", "root");
    for folder in ["private", "public", "active", "incoming", "deferred", "defer", "bounce", "maildrop"] {
        home.folder(&format!("queue/{folder}"), "postfix");
    }
    let data = home.folder("data", "postfix");
    let config = home.folder("etc", "root");
    home.write(
        "etc/main.cf",
        format!(
            "compatibility_level = 3.6\nqueue_directory = {queue}\ndata_directory = {data}\n\
             daemon_directory = {PATH}\ncommand_directory = /usr/sbin\nmail_owner = postfix\n\
             setgid_group = postdrop\nmaillog_file = {}\nmaillog_file_prefixes = /tmp\n\
             myhostname = www.example.test\nmydestination =\nalias_maps =\nmynetworks = 127.0.0.0/8\n\
             inet_protocols = ipv4\nsmtpd_peername_lookup = no\nsmtpd_tls_chain_files = {key}, {cert}\n\
             smtpd_tls_security_level = may\nsmtpd_relay_restrictions = reject\n",
            home.path("postfix.log"),
        ),
    );
    home.write(
        "etc/master.cf",
        format!(
            "127.0.0.1:{smtp} inet n - n - - smtpd\n\
             127.0.0.1:{submission} inet n - n - - smtpd\n  -o smtpd_tls_security_level=encrypt\n\
             127.0.0.1:{off} inet n - n - - smtpd\n  -o smtpd_tls_security_level=none\n\
             tlsmgr unix - - n 1000? 1 tlsmgr\nanvil unix - - n - 1 anvil\n\
             rewrite unix - - n - - trivial-rewrite\nproxymap unix - - n - - proxymap\n\
             postlog unix-dgram n - n - 1 postlogd\n"
        ),
    );
    let mut command = program("env");
    command.args([&format!("{PATH}/master"), "-d", "-c", &config]);
    let daemon = Daemon::start("postfix", &home, command, &[smtp, submission, off]);
    Running::new(
        home,
        vec![daemon],
        &[("postfix smtp", smtp), ("postfix submission", submission), ("postfix without TLS", off)],
    )
}
