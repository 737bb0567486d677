//! Certificates that were read before: a fleet's intermediates come with every leaf.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use super::Certificate;

/// How many are kept; when there are more, all are put away and the next ones kept.
const KEPT: usize = 64;
/// The largest that is kept, in bytes: what a CA's certificate seldom exceeds.
const LARGEST: usize = 8 << 10;

/// Those that were read, by their DER.
#[derive(Debug, Default)]
pub struct Shelf {
    read: Mutex<HashMap<Box<[u8]>, Certificate>>,
}

impl Shelf {
    /// A certificate as [`Certificate::from_der`] reads it; none where it cannot be read.
    pub fn read(&self, der: &[u8]) -> Option<Certificate> {
        let known = self.read.lock().unwrap_or_else(PoisonError::into_inner).get(der).cloned();
        if known.is_some() {
            return known;
        }
        let read = Certificate::from_der(der).ok()?;
        if der.len() <= LARGEST {
            let mut kept = self.read.lock().unwrap_or_else(PoisonError::into_inner);
            if kept.len() >= KEPT {
                kept.clear();
            }
            kept.insert(der.into(), read.clone());
        }
        Some(read)
    }
}

#[cfg(test)]
mod tests {
    use rustls_pki_types::CertificateDer;
    use rustls_pki_types::pem::PemObject;

    use super::*;

    #[test]
    fn what_is_read_again_is_the_same_and_no_more_is_kept_than_is_said() {
        let shelf = Shelf::default();
        let pem = include_bytes!("../../tests/fixtures/wildcard.pem");
        let mut der = CertificateDer::from_pem_slice(pem).unwrap().to_vec();
        let first = shelf.read(&der).map(|c| c.der().to_vec());
        assert_eq!(first.as_deref(), Some(&der[..]));
        assert_eq!(shelf.read(&der).map(|c| c.der().to_vec()), first);
        assert_eq!(shelf.read.lock().unwrap().len(), 1);
        let last = der.len() - 1;
        for n in 0..200u8 {
            // The signature's last octet: another certificate, which can be read.
            der[last] = n;
            assert!(shelf.read(&der).is_some_and(|c| c.der() == der));
            assert!(shelf.read.lock().unwrap().len() <= KEPT);
        }
        assert!(shelf.read(b"nothing").is_none());
    }
}
