//! What was verified once need not be verified again: a memo around each signature algorithm.
//!
//! Path building stays webpki's, dates, constraints and usage with it; what is spared is the arithmetic of
//! a signature that was found right before. An entry is the SHA-256 of exactly what was verified:
//! the algorithm, the key, the message and the signature, each with its length. Failures are not
//! kept, so that the memo can only repeat a success. Bounded: the older half goes when the newer
//! one is full, but for entries that were asked for since.

use std::collections::HashSet;
use std::hash::{BuildHasherDefault, Hasher};
use std::sync::{Arc, Mutex, PoisonError};

use ring::digest::{Context, SHA256};
use rustls_pki_types::{AlgorithmIdentifier, InvalidSignature, SignatureVerificationAlgorithm};

use super::algorithms;

/// How many signatures are remembered in each half; with the tables' own room about 40 bytes each.
const HALF: usize = 1024;

type Key = [u8; 32];

/// Digests are spread already: their first bytes serve as the hash.
#[derive(Clone, Copy, Debug, Default)]
struct First(u64);

impl Hasher for First {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        if let Some(first) = bytes.first_chunk::<8>() {
            self.0 = u64::from_le_bytes(*first);
        }
    }

    fn write_usize(&mut self, _: usize) {}
}

type Keys = HashSet<Key, BuildHasherDefault<First>>;

#[derive(Debug, Default)]
struct Seen {
    newer: Keys,
    older: Keys,
}

impl Seen {
    fn has(&mut self, key: &Key) -> bool {
        if self.newer.contains(key) {
            return true;
        }
        let kept = self.older.contains(key);
        if kept {
            self.remember(*key);
        }
        kept
    }

    fn remember(&mut self, key: Key) {
        if self.newer.len() >= HALF {
            self.older = std::mem::take(&mut self.newer);
        }
        self.newer.insert(key);
    }
}

/// An algorithm that remembers what it found right.
#[derive(Debug)]
struct Remembering {
    inner: &'static dyn SignatureVerificationAlgorithm,
    seen: Arc<Mutex<Seen>>,
}

impl Remembering {
    fn key(&self, public_key: &[u8], message: &[u8], signature: &[u8]) -> Key {
        let mut context = Context::new(&SHA256);
        for part in [
            self.inner.signature_alg_id().as_ref(),
            self.inner.public_key_alg_id().as_ref(),
            public_key,
            message,
            signature,
        ] {
            context.update(&(part.len() as u64).to_le_bytes());
            context.update(part);
        }
        let mut key = Key::default();
        key.copy_from_slice(context.finish().as_ref());
        key
    }
}

impl SignatureVerificationAlgorithm for Remembering {
    fn verify_signature(&self, public_key: &[u8], message: &[u8], signature: &[u8]) -> Result<(), InvalidSignature> {
        let key = self.key(public_key, message, signature);
        if self.seen.lock().unwrap_or_else(PoisonError::into_inner).has(&key) {
            return Ok(());
        }
        self.inner.verify_signature(public_key, message, signature)?;
        self.seen.lock().unwrap_or_else(PoisonError::into_inner).remember(key);
        Ok(())
    }

    fn public_key_alg_id(&self) -> AlgorithmIdentifier {
        self.inner.public_key_alg_id()
    }

    fn signature_alg_id(&self) -> AlgorithmIdentifier {
        self.inner.signature_alg_id()
    }
}

/// All algorithms with one memo; nothing is remembered at first.
#[derive(Debug)]
pub struct Verified {
    algorithms: Vec<Remembering>,
}

impl Default for Verified {
    fn default() -> Self {
        let seen = Arc::new(Mutex::new(Seen::default()));
        let remembering =
            |inner: &&'static dyn SignatureVerificationAlgorithm| Remembering { inner: *inner, seen: seen.clone() };
        Self { algorithms: algorithms::ALL.iter().map(remembering).collect() }
    }
}

impl Verified {
    /// As webpki takes them.
    #[must_use]
    pub fn algorithms(&self) -> Vec<&dyn SignatureVerificationAlgorithm> {
        self.algorithms.iter().map(|algorithm| algorithm as &dyn SignatureVerificationAlgorithm).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Finds right what ends in its own length, and counts how often it is asked.
    #[derive(Debug)]
    struct Counting;

    static ASKED: std::sync::atomic::AtomicUsize = std::sync::atomic::AtomicUsize::new(0);

    impl SignatureVerificationAlgorithm for Counting {
        fn verify_signature(&self, _: &[u8], message: &[u8], signature: &[u8]) -> Result<(), InvalidSignature> {
            ASKED.fetch_add(1, std::sync::atomic::Ordering::SeqCst);
            if message == signature { Ok(()) } else { Err(InvalidSignature) }
        }

        fn public_key_alg_id(&self) -> AlgorithmIdentifier {
            rustls_pki_types::alg_id::ED25519
        }

        fn signature_alg_id(&self) -> AlgorithmIdentifier {
            rustls_pki_types::alg_id::ED25519
        }
    }

    #[test]
    fn successes_are_repeated_and_failures_asked_again() {
        let asked = || ASKED.load(std::sync::atomic::Ordering::SeqCst);
        let seen = Arc::new(Mutex::new(Seen::default()));
        let remembering = Remembering { inner: &Counting, seen: seen.clone() };
        for (key, message, signature, right, count) in [
            (&b"k"[..], &b"m"[..], &b"m"[..], true, 1),
            (b"k", b"m", b"m", true, 1),
            // The same bytes, divided otherwise, are another question.
            (b"km", b"", b"m", false, 2),
            (b"", b"km", b"m", false, 3),
            (b"k", b"m", b"n", false, 4),
            (b"k", b"m", b"n", false, 5),
            (b"l", b"m", b"m", true, 6),
        ] {
            assert_eq!(remembering.verify_signature(key, message, signature).is_ok(), right);
            assert_eq!(asked(), count);
        }
        // What is asked for again and again stays; the rest goes, and no more is kept than is said.
        for n in 0..3 * HALF {
            let other = n.to_le_bytes();
            assert!(remembering.verify_signature(b"k", &other, &other).is_ok());
            assert!(remembering.verify_signature(b"k", b"m", b"m").is_ok());
            let seen = seen.lock().unwrap();
            assert!(seen.newer.len() <= HALF && seen.older.len() <= HALF);
        }
        assert_eq!(asked(), 6 + 3 * HALF);
    }
}
