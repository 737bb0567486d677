//! OpenSSL 3.0.22: `X509_check_host` and `X509_check_ip` with default flags (crypto/x509/v3_utl.c).
//! Takes wildcards inside the first label (`f*.example.com`), asks every common name where there is
//! no dNSName, keeps trailing dots, and lets `.example.com` stand for all names below it.

use super::Answer;
use super::steps::{BROKEN_SUBJECT, address, c_string, has_canonical_names};
use super::x509_host::{Flags, check_host, check_ip};
use crate::certificate::SubjectNames;

const DEFAULT: Flags = Flags { partial_wildcards: true, common_names: true, leading_dot: true };

/// What a program says that hands addresses to `X509_check_ip` and all else to `X509_check_host`.
pub fn ask(name: &[u8], leaf: &SubjectNames) -> Answer {
    if !has_canonical_names(leaf) {
        return Answer::Unreadable(BROKEN_SUBJECT);
    }
    let name = c_string(name);
    match address(name) {
        Some(address) => check_ip(address, leaf),
        None => check_host(name, leaf, DEFAULT),
    }
}
