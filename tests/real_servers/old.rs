//! `openssl s_server` as servers were years ago, or as few are: what rustls does not speak.

use crate::driver::Pki;
use crate::openssl::{Server, issue, start};

/// All of them.
pub fn servers(pki: &Pki) -> Vec<Server> {
    let ec = |name: &str, curve: &str| issue(pki, name, &["ec", "-pkeyopt", &format!("ec_paramgen_curve:{curve}")]);
    let rsa = issue(pki, "old-rsa", &["rsa:2048"]);
    let rsa1024 = issue(pki, "old-rsa1024", &["rsa:1024"]);
    let p256 = ec("old-p256", "P-256");
    let all = ["-cipher", "ALL:@SECLEVEL=0"];
    let with = |cipher: &'static str| ["-tls1_2", "-cipher", cipher];
    let groups = |groups: &'static str| ["-groups", groups];
    vec![
        start("tls-1.0", &rsa, &[&["-tls1"][..], &all].concat()),
        start("tls-1.0-ec", &p256, &[&["-tls1"][..], &all].concat()),
        start("tls-1.1", &rsa, &[&["-tls1_1"][..], &all].concat()),
        start("tls-1.1-client", &rsa, &[&["-tls1_1", "-Verify", "1"][..], &all].concat()),
        start("rsa-kx", &rsa, &with("AES128-SHA")),
        start("rsa-kx-gcm", &rsa, &with("AES128-GCM-SHA256")),
        start("dhe", &rsa, &with("DHE-RSA-AES128-GCM-SHA256")),
        start("cbc", &rsa, &with("ECDHE-RSA-AES128-SHA:ECDHE-RSA-AES256-SHA384")),
        start("p521-cert", &ec("old-p521", "P-521"), &[]),
        start("p521-group", &p256, &groups("P-521")),
        start("p521-group-1.2", &p256, &[&groups("P-521")[..], &["-tls1_2"]].concat()),
        start("x25519-group", &p256, &groups("X25519")),
        start("secp256k1-cert", &ec("old-k1", "secp256k1"), &["-tls1_2"]),
        start("secp256k1-group", &p256, &[&groups("secp256k1")[..], &["-tls1_2"]].concat()),
        start("brainpool-cert", &ec("old-bp", "brainpoolP256r1"), &["-tls1_2"]),
        start("brainpool-group", &p256, &[&groups("brainpoolP256r1")[..], &["-tls1_2"]].concat()),
        start("rsa1024", &rsa1024, &all),
        start("rsa1024-tls-1.0", &rsa1024, &[&["-tls1"][..], &all].concat()),
        start("client", &rsa, &["-Verify", "1"]),
        start("ffdhe", &p256, &[&groups("ffdhe2048")[..], &["-tls1_3"]].concat()),
    ]
}
