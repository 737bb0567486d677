//! Parse and match, and what all clients say, beside OpenSSL's `d2i_X509` and `X509_check_host`, in one
//! run.
//!
//! `cargo bench --bench matching` needs a C compiler and OpenSSL's headers; without them only our
//! own figures are printed, and it says so.

#![allow(clippy::unwrap_used, clippy::print_stdout, clippy::disallowed_methods, missing_docs)]

#[path = "../tests/support/mod.rs"]
mod support;

use std::hint::black_box;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Instant;

use certcheck::certificate::Certificate;
use certcheck::clients::Answers;
use certcheck::identity::{Asked, Typed, Verdict, evaluate};

const ROUNDS: usize = 21;

fn main() {
    let scratch = support::scratch_dir("matching");
    let peer = build_peer(scratch.path());
    if peer.is_none() {
        println!("OpenSSL's side cannot be built (cc, libcrypto): only our own figures");
    }
    println!("nanoseconds, medians of {ROUNDS} rounds; the last name matches\n");
    println!(
        "| names | parse and match | OpenSSL | ratio | match alone | OpenSSL | ratio | all clients | times OpenSSL's one |"
    );
    println!("| --- | --- | --- | --- | --- | --- | --- | --- | --- |");
    for (names, runs) in [(1, 4000), (2, 4000), (100, 1000), (2_000, 100), (10_000, 20)] {
        let name = format!("h{}.san.example", names - 1);
        let san: Vec<String> = (0..names).map(|i| format!("DNS:h{i}.san.example")).collect();
        let root = support::Authority::root("bench");
        let der = support::Leaf::default().san(&san.join(",")).signed_by(&root).der;
        let file = scratch.write(&format!("{names}.der"), &der);
        let (both, alone, clients) = ours(&der, &name, runs);
        let row = match peer.as_deref().and_then(|peer| theirs(peer, &file, &name, runs)) {
            Some((their_both, their_alone)) => format!(
                "| {names} | {both:.0} | {their_both:.0} | {:.2} | {alone:.0} | {their_alone:.0} | {:.2} | {clients:.0} | {:.1} |",
                both / their_both,
                alone / their_alone,
                clients / their_alone
            ),
            None => format!("| {names} | {both:.0} | - | - | {alone:.0} | - | - | {clients:.0} | - |"),
        };
        println!("{row}");
    }
}

fn ours(der: &[u8], name: &str, runs: usize) -> (f64, f64, f64) {
    let asked = Asked::parse(Typed::new(name.as_bytes()));
    let kept = Certificate::from_der(der).unwrap();
    assert!(matches!(evaluate(&asked, kept.subject_names()), Verdict::Match(_)), "the last name matches");
    let both = median(runs, || {
        let fresh = Certificate::from_der(black_box(der)).unwrap();
        black_box(evaluate(&asked, fresh.subject_names()));
    });
    let alone = median(runs, || {
        black_box(evaluate(black_box(&asked), kept.subject_names()));
    });
    let clients = median(runs, || {
        black_box(Answers::of(black_box(name.as_bytes()), kept.subject_names()));
    });
    (both, alone, clients)
}

fn median(runs: usize, mut work: impl FnMut()) -> f64 {
    let mut rounds: Vec<f64> = (0..ROUNDS)
        .map(|_| {
            let start = Instant::now();
            (0..runs).for_each(|_| work());
            start.elapsed().as_secs_f64() * 1e9 / f64::from(u32::try_from(runs).unwrap())
        })
        .collect();
    rounds.sort_by(f64::total_cmp);
    rounds[ROUNDS / 2]
}

fn build_peer(scratch: &Path) -> Option<PathBuf> {
    let binary = scratch.join("check_host");
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("benches/peers/check_host.c");
    let built = Command::new("cc").arg("-O2").arg(source).arg("-o").arg(&binary).arg("-lcrypto").output().ok()?;
    built.status.success().then_some(binary)
}

fn theirs(peer: &Path, file: &Path, name: &str, runs: usize) -> Option<(f64, f64)> {
    let answer = Command::new(peer).arg(file).arg(name).arg(runs.to_string()).output().ok()?;
    let text = String::from_utf8(answer.stdout).ok()?;
    let (both, alone) = text.trim().split_once(' ')?;
    answer.status.success().then_some((both.parse().ok()?, alone.parse().ok()?))
}
