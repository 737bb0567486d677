//! Mints the certificates of `tests/fixtures/` anew: `cargo run --example fixtures`. The texts of
//! `tests/cmd/` show parts of them, so run `TRYCMD=overwrite cargo test --test cli` after it and read
//! what changed.

#![allow(clippy::unwrap_used)]

#[path = "../tests/support/mod.rs"]
mod support;

use std::fs;

use support::name::subject;
use support::{Authority, AuthoritySpec, Issued, Leaf};

/// The first second of 2020 and of 2021, and the last one that a certificate can name.
const IN_2020: i64 = 1_577_836_800;
const IN_2021: i64 = 1_609_459_200;
const FOREVER: i64 = 253_402_300_799;

fn main() {
    let of = |parts: &[(&str, &str)]| subject(&[&[("O", "Example")][..], parts].concat());
    let spec = AuthoritySpec::new("").subject_der(of(&[("CN", "Example CA")])).valid(IN_2020, FOREVER);
    let ca: Authority = spec.root();
    let leaf = |san: &str| Leaf::default().san(san).subject_der(of(&[])).valid(IN_2020, FOREVER);
    let write = |name: &str, text: String| fs::write(format!("tests/fixtures/{name}.pem"), text).unwrap();
    let pem = |leaf: Leaf| -> String { leaf.signed_by(&ca).pem() };
    let many = (1..=40).map(|i| format!("DNS:host{i:02}.example.com")).collect::<Vec<_>>().join(",");
    let fake = [("CN", "Kubernetes Ingress Controller Fake Certificate")];
    let chain: Issued = leaf("DNS:www.example.com").signed_by(&ca).with_chain(&[&ca]);
    write("ca", ca.pem());
    write("chain", chain.chain_pem());
    write("wildcard", pem(leaf("DNS:*.example.com,DNS:example.com")));
    write("apex", pem(leaf("DNS:example.com")));
    write("many", pem(leaf(&many)));
    write("common-name", pem(leaf("-").subject_der(of(&[("CN", "www.example.com")]))));
    write("addresses", pem(leaf("IP:192.0.2.7,DNS:192.0.2.8")));
    write("idn", pem(leaf("DNS:xn--bcher-kva.example,DNS:\\xc3\\xbcber.example")));
    write("services", pem(leaf("SRV:_imaps.example.com,URI:sip:example.com,email:post@example.com")));
    write("expired", pem(leaf("DNS:www.example.com").valid(IN_2020, IN_2021)));
    write("usage", pem(leaf("DNS:www.example.com").eku(&[support::leaf::CLIENT_AUTH])));
    write("self-signed", leaf("DNS:www.example.com").self_signed().pem());
    write("ingress", leaf("DNS:ingress.local").subject_der(of(&fake)).self_signed().pem());
    let hostile =
        "DNS:\\x1b[31mred.example,DNS:a\\x0aok: forged.example,DNS:\\xe2\\x80\\xaebidi.example,DNS:nul\\x00.example";
    write("hostile", pem(leaf(hostile).subject_der(of(&[("CN", "\u{1b}]0;owned\u{7}\nok: forged")]))));
}
