//! The cases that `tests/compat/run.py` puts to real clients, as certificates that a client trusts.
//!
//! `cargo run --example compat_cases -- cases FILE OUT` mints the cases of a table in the form of
//! `tests/clients/verdicts.tsv` (columns `case`, `reference`, `san`, `cn`; others are ignored);
//! `-- random SEED COUNT OUT` makes cases of the same kinds, the same ones for the same seed.
//!
//! | in `OUT` | what it holds |
//! | --- | --- |
//! | `ca.pem` | the root to trust |
//! | `key.pem` | the private key of all leaves |
//! | `CASE.pem` | the leaf of a case |
//! | `cases.tsv` | case, reference in hex, SAN cell, CN cell |
//! | `models.tsv` | case, client, answer of the model, its reason |
//! | `rustls.tsv` | case, answer of rustls-webpki, its reason |

#![allow(clippy::print_stdout, clippy::unwrap_used, clippy::expect_used, clippy::panic)]
#![allow(clippy::disallowed_types, clippy::disallowed_methods)]

#[path = "compat_cases/random.rs"]
mod random;
#[path = "../tests/support/mod.rs"]
mod support;

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::{env, fs};

use anyhow::{Context, Result, bail, ensure};
use certcheck::certificate::Certificate;
use certcheck::clients::{Answer, CLIENTS};
use data_encoding::HEXLOWER;
use rustls_pki_types::{CertificateDer, ServerName};
use support::{Authority, Key, Leaf, case, pem_of};
use webpki::EndEntityCert;

/// A name to ask for and the certificate that is shown, in the notation of the tables.
struct Case {
    id: String,
    reference: String,
    san: String,
    cn: String,
}

fn main() -> Result<()> {
    let args: Vec<String> = env::args().skip(1).collect();
    let args: Vec<&str> = args.iter().map(String::as_str).collect();
    let (cases, out) = match args[..] {
        ["cases", file, out] => (table(&fs::read_to_string(file).context(file.to_owned())?)?, PathBuf::from(out)),
        ["random", seed, count, out] => (random::cases(seed.parse()?, count.parse()?), PathBuf::from(out)),
        _ => bail!("compat_cases cases FILE OUT | compat_cases random SEED COUNT OUT"),
    };
    fs::create_dir_all(&out)?;
    write(&cases, &out)?;
    println!("{} cases in {}", cases.len(), out.display());
    Ok(())
}

/// The cases of a table whose first line names the columns; lines that begin with `#` are skipped.
fn table(text: &str) -> Result<Vec<Case>> {
    let mut rows = text.lines().filter(|line| !line.starts_with('#') && !line.is_empty()).map(|l| l.split('\t'));
    let header: Vec<&str> = rows.next().context("no line with the columns' names")?.collect();
    let place =
        |name: &str| header.iter().position(|column| *column == name).with_context(|| format!("no column {name}"));
    let [id, reference, san, cn] = [place("case")?, place("reference")?, place("san")?, place("cn")?];
    rows.map(|row| {
        let row: Vec<&str> = row.collect();
        let cell = |at: usize| row.get(at).map(|c| (*c).to_owned()).with_context(|| format!("too few cells: {row:?}"));
        let case = Case { id: cell(id)?, reference: cell(reference)?, san: cell(san)?, cn: cell(cn)? };
        let plain = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
        ensure!(
            !case.id.is_empty() && case.id.chars().all(plain),
            "a case's id is letters, digits, - and _: {:?}",
            case.id
        );
        Ok(case)
    })
    .collect()
}

fn write(cases: &[Case], out: &Path) -> Result<()> {
    let root = Authority::root("certcheck compat root");
    let key = Key::generate();
    fs::write(out.join("ca.pem"), root.pem())?;
    fs::write(out.join("key.pem"), pem_of(&key.pkcs8, "PRIVATE KEY"))?;
    let (mut list, mut models, mut rustls) = (String::new(), String::new(), String::new());
    // A serial number of its own for each: Firefox takes no two certificates of an issuer with the same one.
    for (serial, case) in (1000..).zip(cases) {
        let leaf = Leaf::default().san(&case.san).cn(&case.cn).serial(serial).key(key.clone()).signed_by(&root);
        let name = case::reference(&case.reference);
        fs::write(out.join(format!("{}.pem", case.id)), leaf.pem())?;
        writeln!(list, "{}\t{}\t{}\t{}", case.id, HEXLOWER.encode(&name), case.san, case.cn)?;
        let read = Certificate::from_der(&leaf.der);
        for client in CLIENTS {
            let (word, why) = match &read {
                Ok(read) => told((client.ask)(&name, read.subject_names())),
                Err(error) => ("error:parse", error.to_string()),
            };
            writeln!(models, "{}\t{}\t{word}\t{why}", case.id, client.id)?;
        }
        let (word, why) = rustls_answer(&name, &leaf.der);
        writeln!(rustls, "{}\t{word}\t{why}", case.id)?;
    }
    fs::write(out.join("cases.tsv"), list)?;
    fs::write(out.join("models.tsv"), models)?;
    fs::write(out.join("rustls.tsv"), rustls)?;
    Ok(())
}

/// A model's answer in the table's words.
fn told(answer: Answer) -> (&'static str, String) {
    let (word, why) = match answer {
        Answer::Accept => ("accept", ""),
        Answer::Reject(why) => ("reject", why),
        Answer::RefuseName(why) => ("error:refname", why),
        Answer::Unreadable(why) => ("error:parse", why),
    };
    (word, why.to_owned())
}

/// What rustls-webpki itself says, through the calls that rustls makes.
fn rustls_answer(name: &[u8], leaf: &[u8]) -> (&'static str, String) {
    let Ok(name) = ServerName::try_from(name) else { return ("error:refname", "not a ServerName".to_owned()) };
    let der = CertificateDer::from(leaf);
    let cert = match EndEntityCert::try_from(&der) {
        Ok(cert) => cert,
        Err(error) => return ("error:parse", error.to_string()),
    };
    match cert.verify_is_valid_for_subject_name(&name) {
        Ok(()) => ("accept", String::new()),
        // The same error for every name that is not among those presented.
        Err(webpki::Error::CertNotValidForName(_)) => ("reject", "CertNotValidForName".to_owned()),
        Err(error) => ("reject", error.to_string().replace(['\n', '\t'], " ")),
    }
}
