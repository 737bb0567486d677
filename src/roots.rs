//! Loads trust anchors and certificates from files and stores.

use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

use rustls_pki_types::pem::PemObject;
use rustls_pki_types::{CertificateDer, TrustAnchor};

use crate::certificate::{LeafCertificate, Validity};
use crate::plan::Input;
use crate::trust::memo::Verified;
use crate::trust::{Anchors, Roots};

/// The largest file of certificates that is read, in bytes.
const MAX_FILE: u64 = 64 << 20;

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

/// This machine's store (`SSL_CERT_FILE` and `SSL_CERT_DIR` where they are set).
///
/// # Errors
/// Why it could not be read, where not one certificate could.
pub fn system() -> Result<Anchors, String> {
    let loaded = rustls_native_certs::load_native_certs();
    if loaded.certs.is_empty() {
        let why = loaded.errors.first().map_or_else(|| "it is empty".to_owned(), ToString::to_string);
        return Err(format!("this machine's store of roots cannot be read: {why}"));
    }
    Ok(of_certificates(loaded.certs, Roots::System))
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
        Some((anchor, LeafCertificate::from_der(der).map_or(always, |c| c.validity())))
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
    let bytes = read(input).map_err(|e| reason(&e))?;
    if bytes.len() as u64 > MAX_FILE {
        return Err(format!("it is larger than {} MiB", MAX_FILE >> 20));
    }
    Ok(bytes)
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

#[expect(clippy::disallowed_methods, reason = "certificates are read here, with a limit")]
fn read(input: &Input) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    match input {
        Input::Stdin => io::stdin().lock().take(MAX_FILE + 1).read_to_end(&mut bytes)?,
        Input::File(path) => File::open(path)?.take(MAX_FILE + 1).read_to_end(&mut bytes)?,
    };
    Ok(bytes)
}

/// An I/O error in words, without its number.
#[must_use]
pub fn reason(error: &io::Error) -> String {
    match error.kind() {
        io::ErrorKind::NotFound => "there is no such file".to_owned(),
        io::ErrorKind::PermissionDenied => "it may not be read".to_owned(),
        io::ErrorKind::IsADirectory => "it is a directory".to_owned(),
        _ => error.to_string(),
    }
}
