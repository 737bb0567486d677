//! Loads trust anchors and certificates from files and stores.

use std::ffi::OsStr;
use std::io;
use std::path::{Path, PathBuf};

use rustls_pki_types::pem::PemObject;
use rustls_pki_types::{CertificateDer, TrustAnchor};

use crate::certificate::{Certificate, Validity};
use crate::escape::Shown;
use crate::files::{self, reason};
use crate::plan::Input;
use crate::terminal;
use crate::trust::memo::Verified;
use crate::trust::{Anchors, Roots};

/// The largest file of certificates that is read, in bytes.
const MAX_FILE: u64 = 64 << 20;

/// How many files of a folder of certificates are read.
const MAX_STORE_FILES: usize = 10_000;

const PEM: &[u8] = b"-----BEGIN ";

/// Mozilla's list.
#[must_use]
pub fn mozilla() -> Anchors {
    Anchors {
        anchors: webpki_roots::TLS_SERVER_ROOTS.into(),
        periods: Vec::new(),
        certificates: Vec::new(),
        origin: Roots::Mozilla,
        verified: Verified::default(),
    }
}

/// This machine's store: `SSL_CERT_FILE` and `SSL_CERT_DIR` where one of them is set, as OpenSSL reads
/// them; otherwise where the operating system keeps it.
///
/// # Errors
/// Why not one certificate could be read.
pub fn system() -> Result<Anchors, String> {
    let [file, folders] = ["SSL_CERT_FILE", "SSL_CERT_DIR"].map(terminal::variable);
    let (certificates, why) = if file.is_none() && folders.is_none() {
        let loaded = rustls_native_certs::load_native_certs();
        (loaded.certs, loaded.errors.first().map(ToString::to_string))
    } else {
        named_store(file.as_deref().map(Path::new), folders.as_deref())
    };
    if certificates.is_empty() {
        let why = why.unwrap_or_else(|| "it is empty".to_owned());
        return Err(format!("this machine's store of roots cannot be read: {why}"));
    }
    Ok(of_certificates(certificates, Roots::System))
}

/// The certificates of a store that the environment names, and why one of its files was not read.
fn named_store(file: Option<&Path>, folders: Option<&OsStr>) -> (Vec<CertificateDer<'static>>, Option<String>) {
    let mut paths: Vec<PathBuf> = file.map(Path::to_owned).into_iter().collect();
    let mut why = None;
    for folder in folders.into_iter().flat_map(std::env::split_paths) {
        match std::fs::read_dir(&folder) {
            Ok(entries) => {
                let mut inside: Vec<PathBuf> = entries.flatten().map(|entry| entry.path()).collect();
                // In an order that does not depend on the file system.
                inside.sort();
                paths.extend(inside.into_iter().filter(|path| path.is_file()).take(MAX_STORE_FILES));
            }
            Err(error) => why = Some(format!("{}: {}", Shown::path(&folder), reason(&error))),
        }
    }
    let mut found = Vec::new();
    for path in paths {
        match certificates(&Input::File(path.clone())) {
            Ok(certificates) => found.extend(certificates),
            Err(error) => why = Some(format!("{}: {error}", Shown::path(&path))),
        }
    }
    found.sort_unstable_by(|a, b| a.as_ref().cmp(b.as_ref()));
    found.dedup();
    (found, why)
}

/// The certificates of a file.
///
/// # Errors
/// Why there is none in it.
pub fn file(path: &Path) -> Result<Anchors, String> {
    let anchors = of_certificates(certificates(&Input::File(path.to_owned()))?, Roots::File);
    if anchors.anchors.is_empty() {
        return Err("it holds no certificate that can be an anchor".to_owned());
    }
    Ok(anchors)
}

fn of_certificates(certificates: Vec<CertificateDer<'static>>, origin: Roots) -> Anchors {
    let both = |der: &CertificateDer<'_>| {
        let anchor: TrustAnchor<'static> = webpki::anchor_from_trusted_cert(der).ok()?.to_owned();
        let always = Validity { not_before: i64::MIN, not_after: i64::MAX };
        Some((anchor, Certificate::from_der(der).map_or(always, |c| c.validity())))
    };
    let (anchors, periods): (Vec<_>, Vec<_>) = certificates.iter().filter_map(both).unzip();
    Anchors { anchors: anchors.into(), periods, certificates, origin, verified: Verified::default() }
}

/// The certificates of a file or of standard input, PEM or DER, in order; never empty.
///
/// # Errors
/// Why there is none.
pub fn certificates(input: &Input) -> Result<Vec<CertificateDer<'static>>, String> {
    certificates_in(read_bounded(input)?)
}

/// A file's bytes, within the limit.
///
/// # Errors
/// Why it cannot be read.
pub fn read_bounded(input: &Input) -> Result<Vec<u8>, String> {
    let bytes = match input {
        Input::Stdin => files::read_from(io::stdin().lock(), MAX_FILE),
        Input::File(path) => files::read(path, MAX_FILE),
    };
    bytes.map_err(|error| reason(&error))
}

/// The certificates of a text, PEM or DER, in order; never empty.
///
/// # Errors
/// Why there is none.
pub fn certificates_in(bytes: Vec<u8>) -> Result<Vec<CertificateDer<'static>>, String> {
    let pem = bytes.windows(PEM.len()).any(|w| w == PEM);
    if !pem && bytes.first() == Some(&0x30) {
        return Ok(vec![CertificateDer::from(bytes)]);
    }
    let found = CertificateDer::pem_slice_iter(&bytes).collect::<Result<Vec<_>, _>>();
    match found {
        Ok(found) if found.is_empty() => Err("it holds no certificate, neither in PEM nor in DER".to_owned()),
        Ok(found) => Ok(found),
        Err(_) => Err("its PEM is broken".to_owned()),
    }
}
