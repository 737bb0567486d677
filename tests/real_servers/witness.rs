//! What others say of the servers: `openssl s_client` and curl have to find what the tables say, so
//! that a row that fails is the program's fault and not the server's.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::process::{Command, Output, Stdio};
use std::time::Duration;

use crate::WWW;

/// `openssl s_client` by this port, which has to verify the certificate; any name is asked of XMPP.
pub fn s_client(ca: &str, port: u16, more: &[&str]) -> Result<String, String> {
    let address = format!("127.0.0.1:{port}");
    // Where a server does not answer at all, `openssl` would wait for ever.
    let mut command = Command::new("timeout");
    command.args(["5", "openssl", "s_client", "-connect", &address, "-CAfile", ca, "-verify_return_error"]);
    command.args(["-verify_hostname", WWW, "-servername", WWW, "-brief"]).args(more);
    let output = command.stdin(Stdio::null()).output().expect("openssl is not installed");
    told(&output, |text| text.contains("Verification: OK"))
}

/// What `s_client` needs to speak with a server of any mode.
pub const EVERYTHING: &[&str] = &[
    "-min_protocol",
    "TLSv1",
    "-cipher",
    "ALL:@SECLEVEL=0",
    "-groups",
    "X25519:P-256:P-384:P-521:secp256k1:brainpoolP256r1:ffdhe2048",
];

/// The same after STARTTLS. `openssl` has no RDP: there only the server's answer is read.
pub fn starttls(ca: &str, port: u16, protocol: &str, name: &str) -> Result<String, String> {
    match protocol {
        "rdp" => rdp(port),
        "submission" => s_client(ca, port, &["-starttls", "smtp"]),
        "xmpp" | "xmpp-server" => {
            // `openssl` sends it as it is given.
            let name = if name == "xn--bcher-kva.test" { "b\u{fc}cher.test" } else { name };
            s_client(ca, port, &["-starttls", protocol, "-xmpphost", name])
        }
        _ => s_client(ca, port, &["-starttls", protocol]),
    }
}

/// curl by a proxy to a TLS server, whose certificate it has to verify.
pub fn curl(ca: &str, proxy: &str, port: u16) -> Result<String, String> {
    let (connect, url) = (format!("{WWW}:{port}:127.0.0.1:{port}"), format!("https://{WWW}:{port}/"));
    let args = [
        "-sS",
        "-v",
        "--max-time",
        "10",
        "--cacert",
        ca,
        "--proxy-cacert",
        ca,
        "--connect-to",
        &connect,
        "--proxy",
        proxy,
        &url,
    ];
    let output = Command::new("curl").args(args).output().expect("curl is not installed");
    told(&output, |text| text.contains("SSL certificate verify ok"))
}

/// MS-RDPBCGR, 2.2.1.1 and 2.2.1.2: asks for TLS (protocol 1), and reads which protocol is chosen.
fn rdp(port: u16) -> Result<String, String> {
    let mut stream = TcpStream::connect(("127.0.0.1", port)).map_err(|error| error.to_string())?;
    stream.set_read_timeout(Some(Duration::from_secs(10))).unwrap();
    let request = [3, 0, 0, 19, 14, 0xe0, 0, 0, 0, 0, 0, 1, 0, 8, 0, 1, 0, 0, 0];
    stream.write_all(&request).map_err(|error| error.to_string())?;
    let mut answer = [0; 19];
    let read = stream.read(&mut answer).map_err(|error| error.to_string())?;
    let answer = &answer[..read];
    match answer.get(11..16) {
        Some([2, _, 8, 0, 1]) => Ok(format!("{answer:02x?}")),
        _ => Err(format!("no TLS: {answer:02x?}")),
    }
}

fn told(output: &Output, good: impl Fn(&str) -> bool) -> Result<String, String> {
    let text = String::from_utf8_lossy(&output.stderr).into_owned() + &String::from_utf8_lossy(&output.stdout);
    if good(&text) { Ok(text) } else { Err(text) }
}
