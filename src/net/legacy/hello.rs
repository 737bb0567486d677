//! The ClientHello, byte by byte.
//!
//! A record of version 3.1 around a hello of version 3.3, without `supported_versions`: a server
//! answers with the highest version up to TLS 1.2 that it has (RFC 5246, appendix E.1), SSL 3.0
//! included. Everything is offered that a certificate can be had by; what most clients have stands
//! first, so that a server which follows the client's order names a suite that tells most.

use crate::tls::{Cipher, CipherSuite, Exchange};

/// A hello between 256 and 511 bytes makes some old load balancers hang (RFC 7685, 1).
const AT_LEAST: usize = 512;

/// supported_groups (RFC 8422, 5.1.1): the curves of today, then all others, then FFDHE (RFC 7919).
const GROUPS: &[u16] = &[
    0x001d, // x25519
    0x0017, // secp256r1
    0x0018, // secp384r1
    0x0019, // secp521r1
    0x001e, // x448
    0x001a, // brainpoolP256r1
    0x001b, // brainpoolP384r1
    0x001c, // brainpoolP512r1
    0x0016, // secp256k1
    0x0015, 0x0014, 0x0013, 0x0012, 0x0011, 0x0010, 0x000f, // secp224r1 down to secp160k1
    0x000e, 0x000d, 0x000c, 0x000b, 0x000a, 0x0009, 0x0008, 0x0007, 0x0006, 0x0005, 0x0004, 0x0003, 0x0002,
    0x0001, // sect571r1 down to sect163k1
    0x0100, 0x0101, 0x0102, 0x0103, 0x0104, // ffdhe2048 up to ffdhe8192
];

/// signature_algorithms (RFC 5246, 7.4.1.4.1; RFC 8446, 4.2.3): those of today first.
const SCHEMES: &[u16] = &[
    0x0403, 0x0503, 0x0603, // ECDSA with SHA-256, 384, 512
    0x0804, 0x0805, 0x0806, // RSA-PSS with an RSA key
    0x0401, 0x0501, 0x0601, // RSA PKCS #1
    0x0807, 0x0808, // Ed25519, Ed448
    0x0809, 0x080a, 0x080b, // RSA-PSS with an RSA-PSS key
    0x081a, 0x081b, 0x081c, // ECDSA on brainpool curves
    0x0303, 0x0301, 0x0302, // SHA-224: ECDSA, RSA, DSA
    0x0402, 0x0502, 0x0602, // DSA with SHA-2
    0x0203, 0x0201, 0x0202, // SHA-1: ECDSA, RSA, DSA
    0x0101, // RSA with MD5
];

/// The suites that are offered, in their order: all with a certificate and a cipher.
#[must_use]
pub fn suites() -> Vec<u16> {
    let with_both = |suite: CipherSuite| {
        let has_cipher = suite.name().is_some_and(|name| name.contains("_WITH_"));
        has_cipher.then_some((suite.cipher()?, suite.exchange(), suite.0))
    };
    let mut offered: Vec<(Cipher, Exchange, u16)> = CipherSuite::all()
        .filter_map(with_both)
        .filter(|(cipher, exchange, _)| *cipher != Cipher::Null && *exchange != Exchange::Other)
        .collect();
    offered.sort_unstable_by_key(|&(cipher, exchange, code)| (is_old(cipher), exchange, cipher, code));
    offered.into_iter().map(|(_, _, code)| code).collect()
}

/// Whether no client of today offers it.
fn is_old(cipher: Cipher) -> bool {
    matches!(cipher, Cipher::Uncommon | Cipher::TripleDes | Cipher::Rc4 | Cipher::Export | Cipher::Null)
}

/// The record with the hello. `random` is the client's; `sni` a host name.
#[must_use]
pub fn client_hello(random: &[u8; 32], sni: Option<&str>) -> Vec<u8> {
    let mut body = vec![3, 3];
    body.extend(random);
    body.push(0); // no session to resume
    body.extend(with_length(&pairs(&suites())));
    body.extend([1, 0]); // no compression
    let mut extensions = Vec::new();
    if let Some(name) = sni {
        let entry = [&[0][..], &with_length(name.as_bytes())].concat();
        extension(&mut extensions, 0x0000, &with_length(&entry));
    }
    extension(&mut extensions, 0xff01, &[0]); // renegotiation_info: none (RFC 5746)
    extension(&mut extensions, 0x000a, &with_length(&pairs(GROUPS)));
    extension(&mut extensions, 0x000b, &[1, 0]); // ec_point_formats: uncompressed
    extension(&mut extensions, 0x000d, &with_length(&pairs(SCHEMES)));
    extension(&mut extensions, 0x0017, &[]); // extended_master_secret (RFC 7627)
    let so_far = 4 + body.len() + 2 + extensions.len();
    if so_far < AT_LEAST {
        extension(&mut extensions, 0x0015, &vec![0; AT_LEAST.saturating_sub(so_far + 4)]);
    }
    body.extend(with_length(&extensions));
    let message = [&[1, 0][..], &with_length(&body)].concat();
    [&[22, 3, 1][..], &with_length(&message)].concat()
}

/// Appends an extension.
fn extension(to: &mut Vec<u8>, kind: u16, value: &[u8]) {
    to.extend(kind.to_be_bytes());
    to.extend(with_length(value));
}

fn pairs(codes: &[u16]) -> Vec<u8> {
    codes.iter().flat_map(|code| code.to_be_bytes()).collect()
}

/// The bytes after their number, in two bytes. Nothing here is near the 64 KiB that these can say.
fn with_length(bytes: &[u8]) -> Vec<u8> {
    let length = u16::try_from(bytes.len()).unwrap_or(u16::MAX);
    [&length.to_be_bytes()[..], bytes].concat()
}

#[cfg(test)]
mod tests {
    use tls_parser::{TlsExtension, TlsMessage, TlsMessageHandshake, parse_tls_extensions, parse_tls_plaintext};

    use super::*;

    #[test]
    fn suites_begin_with_what_clients_have() {
        let suites = suites();
        let names: Vec<&str> = suites.iter().filter_map(|&code| CipherSuite(code).name()).collect();
        assert_eq!(names.len(), suites.len());
        assert!((120..240).contains(&names.len()), "{}", names.len());
        let place = |name| names.iter().position(|n| *n == name).unwrap();
        let order = [
            "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256",
            "TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA",
            "TLS_RSA_WITH_AES_128_GCM_SHA256",
            "TLS_RSA_WITH_AES_128_CBC_SHA",
            "TLS_DHE_RSA_WITH_AES_128_GCM_SHA256",
            "TLS_DHE_DSS_WITH_AES_128_CBC_SHA",
            "TLS_RSA_WITH_CAMELLIA_128_CBC_SHA",
            "TLS_RSA_WITH_SEED_CBC_SHA",
            "TLS_RSA_WITH_3DES_EDE_CBC_SHA",
            "TLS_RSA_WITH_RC4_128_SHA",
            "TLS_RSA_EXPORT_WITH_RC4_40_MD5",
        ];
        assert!(order.map(place).is_sorted(), "{:?}", order.map(place));
        assert!(!names.iter().any(|n| n.contains("NULL") || n.contains("anon") || n.contains("PSK")));
    }

    /// Another's parser reads it, and finds what was to be said.
    #[test]
    fn the_hello_says_what_it_should() {
        for sni in [None, Some("www.example.test")] {
            let bytes = client_hello(&[7; 32], sni);
            assert_eq!(bytes[..3], [22, 3, 1]);
            assert!(bytes.len() >= AT_LEAST + 5, "{}", bytes.len());
            let (rest, record) = parse_tls_plaintext(&bytes).unwrap();
            assert!(rest.is_empty());
            let [TlsMessage::Handshake(TlsMessageHandshake::ClientHello(hello))] = &record.msg[..] else {
                panic!("{record:?}");
            };
            assert_eq!((hello.version.0, hello.random, hello.comp.len()), (0x0303, &[7; 32][..], 1));
            assert_eq!(hello.ciphers.len(), suites().len());
            let (rest, extensions) = parse_tls_extensions(hello.ext.unwrap()).unwrap();
            assert!(rest.is_empty());
            let named = extensions.iter().find_map(|e| match e {
                TlsExtension::SNI(names) => Some(names.iter().map(|(_, name)| *name).collect::<Vec<_>>()),
                _ => None,
            });
            assert_eq!(named, sni.map(|name| vec![name.as_bytes()]));
            assert!(!extensions.iter().any(|e| matches!(e, TlsExtension::SupportedVersions(_))));
            assert!(extensions.iter().any(|e| matches!(e, TlsExtension::EllipticCurves(g) if g.len() == GROUPS.len())));
            assert!(
                extensions
                    .iter()
                    .any(|e| matches!(e, TlsExtension::SignatureAlgorithms(s) if s.len() == SCHEMES.len()))
            );
        }
    }
}
