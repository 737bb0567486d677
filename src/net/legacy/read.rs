//! The answer to the hello: bytes in, what they say out. Limits are those of the TLS library, and
//! one on records, so that a server cannot hold anybody with small or empty ones.

use tls_parser::{
    ECParametersContent, TlsMessageHandshake, parse_dh_params, parse_ec_parameters,
    parse_tls_handshake_msg_certificate, parse_tls_handshake_msg_server_hello, parse_tls_raw_record,
};

use crate::evidence::{Break, ClientCertificate, Handshake, Obtained, Possession, Served, Unverifiable};
use crate::tls::{Alert, CipherSuite, Exchange, Group, KeyExchange, NamedGroup, ProtocolVersion};
use crate::trust::MAX_CHAIN;

/// The longest handshake message, as rustls has it.
const MAX_MESSAGE: usize = 0xffff;
/// The most records that are read.
const MAX_RECORDS: usize = 4096;

/// Why no more is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End {
    /// The server waits for the client (ServerHelloDone).
    Done,
    /// A fatal alert, or the end was announced.
    Alert(Alert),
    /// The connection was closed.
    Closed,
    /// A message over the limit.
    TooLarge,
    /// Bytes that are no TLS, or too many records.
    Malformed,
}

/// Reads records, and the messages in them, as the bytes come.
#[derive(Debug, Default)]
pub struct Reader {
    /// Bytes that are no complete record yet.
    records: Vec<u8>,
    /// Bytes that are no complete handshake message yet.
    messages: Vec<u8>,
    /// How many records came.
    count: usize,
    end: Option<End>,
    version: Option<ProtocolVersion>,
    suite: Option<CipherSuite>,
    exchange: Option<KeyExchange>,
    served: Option<Served>,
    asked_for_certificate: bool,
}

impl Reader {
    /// Takes what came; after the end nothing more is taken.
    pub fn feed(&mut self, bytes: &[u8]) {
        if self.end.is_none() {
            self.records.extend_from_slice(bytes);
        }
        while self.end.is_none() && self.record() {}
    }

    /// Why no more is read, once that is so.
    #[must_use]
    pub fn end(&self) -> Option<End> {
        self.end
    }

    /// The server closed the connection.
    pub fn close(&mut self) {
        self.end = self.end.or(Some(End::Closed));
    }

    /// Whether certificates have come.
    #[must_use]
    pub fn has_leaf(&self) -> bool {
        self.served.is_some()
    }

    /// The certificates, and what was agreed on, where they came.
    #[must_use]
    pub fn into_found(self) -> Option<(Served, Handshake)> {
        let without_parameters = |suite: CipherSuite| KeyExchange { kind: suite.exchange(), group: None };
        let broken = match self.end {
            Some(End::Done) => None,
            Some(End::Alert(alert)) => Some(Break::Alert(alert)),
            Some(End::Closed) => Some(Break::Closed),
            Some(End::Malformed | End::TooLarge) => Some(Break::Violation),
            None => Some(Break::Stalled),
        };
        let handshake = Handshake {
            version: self.version,
            cipher_suite: self.suite,
            key_exchange: self.exchange.or_else(|| self.suite.map(without_parameters)),
            possession: match broken {
                None => Possession::Unverified(Unverifiable::OldHandshake),
                Some(_) => Possession::NotProven,
            },
            obtained: Obtained::PlainHello,
            client_certificate: if self.asked_for_certificate {
                ClientCertificate::Asked
            } else {
                ClientCertificate::NotAsked
            },
            broken,
        };
        Some((self.served?, handshake))
    }

    /// Takes one record off; false where none is complete.
    fn record(&mut self) -> bool {
        let (kind, version, data, rest) = match parse_tls_raw_record(&self.records) {
            Ok((rest, record)) => (record.hdr.record_type.0, record.hdr.version.0, record.data.to_vec(), rest.len()),
            Err(error) if error.is_incomplete() => {
                // What cannot become a record is not waited for.
                if !could_be_tls(&self.records) {
                    self.end = Some(End::Malformed);
                }
                return false;
            }
            Err(_) => {
                self.end = Some(End::Malformed);
                return false;
            }
        };
        self.records.drain(..self.records.len() - rest);
        self.count += 1;
        if version >> 8 != 3 || self.count > MAX_RECORDS {
            self.end = Some(End::Malformed);
            return false;
        }
        match (kind, &data[..]) {
            // A warning (unrecognized_name, say) holds nobody up.
            (21, [1, description]) if *description != 0 => {}
            (21, [_, description]) => self.end = Some(End::Alert(Alert(*description))),
            (22, _) => {
                self.messages.extend(data);
                while self.end.is_none() && self.message() {}
            }
            _ => self.end = Some(End::Malformed),
        }
        self.end.is_none()
    }

    /// Takes one handshake message off; false where none is complete.
    fn message(&mut self) -> bool {
        let [kind, a, b, c, rest @ ..] = &self.messages[..] else { return false };
        let length = usize::from(*a) << 16 | usize::from(*b) << 8 | usize::from(*c);
        if length > MAX_MESSAGE {
            self.end = Some(End::TooLarge);
            return false;
        }
        let (kind, Some(body)) = (*kind, rest.get(..length)) else { return false };
        let body = body.to_vec();
        self.messages.drain(..4 + length);
        if self.take(kind, &body).is_none() {
            self.end = Some(End::Malformed);
        }
        self.end.is_none()
    }

    /// What a message says; none where it is malformed or out of place.
    fn take(&mut self, kind: u8, body: &[u8]) -> Option<()> {
        match kind {
            2 if self.version.is_none() => {
                let Ok((_, TlsMessageHandshake::ServerHello(hello))) = parse_tls_handshake_msg_server_hello(body)
                else {
                    return None;
                };
                self.version = Some(ProtocolVersion(hello.version.0));
                self.suite = Some(CipherSuite(hello.cipher.0));
            }
            11 if self.version.is_some() && self.served.is_none() => {
                let Ok((_, TlsMessageHandshake::Certificate(sent))) = parse_tls_handshake_msg_certificate(body) else {
                    return None;
                };
                let (leaf, others) = sent.cert_chain.split_first()?;
                self.served = Some(Served {
                    leaf: leaf.data.to_vec(),
                    chain: others.iter().take(MAX_CHAIN).map(|c| c.data.to_vec()).collect(),
                    chain_total: others.len(),
                });
            }
            12 => self.exchange = self.suite.and_then(|suite| exchange_of(suite, body)),
            13 => self.asked_for_certificate = true,
            14 => self.end = Some(End::Done),
            2 | 11 => return None,
            // CertificateStatus, NewSessionTicket: they say nothing that is asked here.
            _ => {}
        }
        Some(())
    }
}

/// Whether the beginning of a record is one of TLS's.
fn could_be_tls(bytes: &[u8]) -> bool {
    bytes.first().is_none_or(|kind| (20..=24).contains(kind)) && bytes.get(1).is_none_or(|major| *major == 3)
}

/// A key exchange by the parameters of a ServerKeyExchange.
fn exchange_of(suite: CipherSuite, parameters: &[u8]) -> Option<KeyExchange> {
    let kind = suite.exchange();
    let group = match kind {
        Exchange::Ecdhe => match parse_ec_parameters(parameters).ok()?.1.params_content {
            ECParametersContent::NamedGroup(group) => Group::Named(NamedGroup(group.0)),
            ECParametersContent::ExplicitPrime(_) => Group::ExplicitCurve,
        },
        Exchange::Dhe => Group::Prime { bits: bits(parse_dh_params(parameters).ok()?.1.dh_p) },
        Exchange::Rsa | Exchange::Ecdh | Exchange::Dh | Exchange::Other => return None,
    };
    Some(KeyExchange { kind, group: Some(group) })
}

/// How many bits a number has.
fn bits(number: &[u8]) -> u32 {
    let zeros = number.iter().take_while(|byte| **byte == 0).count();
    let [first, rest @ ..] = &number[zeros..] else { return 0 };
    u32::try_from(rest.len()).unwrap_or(u32::MAX).saturating_mul(8).saturating_add(u8::BITS - first.leading_zeros())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn record(kind: u8, version: [u8; 2], data: &[u8]) -> Vec<u8> {
        let length = u16::try_from(data.len()).unwrap().to_be_bytes();
        [&[kind], &version[..], &length, data].concat()
    }

    fn message(kind: u8, body: &[u8]) -> Vec<u8> {
        [&[kind][..], &u32::try_from(body.len()).unwrap().to_be_bytes()[1..], body].concat()
    }

    fn hello(version: [u8; 2], suite: u16) -> Vec<u8> {
        message(2, &[&version[..], &[9; 32], &[0], &suite.to_be_bytes(), &[0]].concat())
    }

    fn certificate(sent: &[&[u8]]) -> Vec<u8> {
        let with_length = |bytes: &[u8]| [&u32::try_from(bytes.len()).unwrap().to_be_bytes()[1..], bytes].concat();
        let list: Vec<u8> = sent.iter().flat_map(|der| with_length(der)).collect();
        message(11, &with_length(&list))
    }

    fn dhe(prime: &[u8]) -> Vec<u8> {
        let number = |bytes: &[u8]| [&u16::try_from(bytes.len()).unwrap().to_be_bytes()[..], bytes].concat();
        message(12, &[number(prime), number(&[2]), number(&[3]), vec![4, 5]].concat())
    }

    fn read(bytes: &[u8]) -> (Option<End>, Option<(Served, Handshake)>) {
        let mut reader = Reader::default();
        reader.feed(bytes);
        (reader.end(), reader.into_found())
    }

    fn answer(version: [u8; 2], suite: u16, more: &[Vec<u8>]) -> Vec<u8> {
        let messages = [&[hello(version, suite), certificate(&[b"leaf", b"issuer"])], more].concat().concat();
        record(22, version, &messages)
    }

    /// Version and suite, what else came, and how the key exchange is told.
    #[test]
    fn what_an_answer_says() {
        let done = || message(14, &[]);
        let curve = |group: u8| message(12, &[3, 0, group, 1, 4, 0, 0]);
        for (version, suite, more, words) in [
            ([3, 0], 0x000a, vec![done()], ["SSL 3.0", "TLS_RSA_WITH_3DES_EDE_CBC_SHA", "RSA"]),
            ([3, 1], 0x0005, vec![done()], ["TLS 1.0", "TLS_RSA_WITH_RC4_128_SHA", "RSA"]),
            (
                [3, 2],
                0x0033,
                vec![dhe(&[0, 1, 0]), done()],
                ["TLS 1.1", "TLS_DHE_RSA_WITH_AES_128_CBC_SHA", "DHE 9 bits"],
            ),
            (
                [3, 3],
                0x0033,
                vec![dhe(&[0x80; 128]), done()],
                ["TLS 1.2", "TLS_DHE_RSA_WITH_AES_128_CBC_SHA", "DHE 1024 bits"],
            ),
            ([3, 3], 0x0033, vec![dhe(&[]), done()], ["TLS 1.2", "TLS_DHE_RSA_WITH_AES_128_CBC_SHA", "DHE 0 bits"]),
            (
                [3, 3],
                0xc02f,
                vec![curve(22), done()],
                ["TLS 1.2", "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256", "ECDHE secp256k1"],
            ),
            (
                [3, 3],
                0xc02f,
                vec![curve(30), done()],
                ["TLS 1.2", "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256", "ECDHE X448"],
            ),
            (
                [3, 3],
                0xc02f,
                vec![curve(77), done()],
                ["TLS 1.2", "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256", "ECDHE 0x004D"],
            ),
            (
                [3, 3],
                0xc02f,
                vec![message(12, &[]), done()],
                ["TLS 1.2", "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256", "ECDHE"],
            ),
            ([3, 3], 0x5a5a, vec![], ["TLS 1.2", "0x5A5A", "unknown"]),
        ] {
            let (_, found) = read(&answer(version, suite, &more));
            let (served, handshake) = found.unwrap();
            assert_eq!((served.leaf.as_slice(), served.chain_total), (&b"leaf"[..], 1));
            let told = [
                handshake.version.unwrap().to_string(),
                handshake.cipher_suite.unwrap().to_string(),
                handshake.key_exchange.unwrap().to_string(),
            ];
            assert_eq!(told, words);
        }
    }

    #[test]
    fn a_leaf_outlives_what_comes_after_it() {
        let asked = message(13, &[1, 1, 0, 0]);
        let whole = answer([3, 3], 0x002f, &[]);
        for (after, end, client) in [
            (vec![], None, ClientCertificate::NotAsked),
            (record(22, [3, 3], &asked), None, ClientCertificate::Asked),
            (record(21, [3, 3], &[2, 40]), Some(End::Alert(Alert(40))), ClientCertificate::NotAsked),
            (
                [record(22, [3, 3], &asked), record(21, [3, 3], &[2, 40])].concat(),
                Some(End::Alert(Alert(40))),
                ClientCertificate::Asked,
            ),
            (b"garbage".to_vec(), Some(End::Malformed), ClientCertificate::NotAsked),
            (record(22, [3, 3], &[16, 1, 0, 0]), Some(End::TooLarge), ClientCertificate::NotAsked),
            (whole.clone(), Some(End::Malformed), ClientCertificate::NotAsked),
        ] {
            let (ended, found) = read(&[whole.clone(), after].concat());
            assert_eq!(ended, end);
            assert_eq!(found.unwrap().1.client_certificate, client);
        }
    }

    #[test]
    fn what_is_no_answer() {
        let no_certificate = [hello([3, 3], 0x002f), certificate(&[])].concat();
        for (bytes, end) in [
            (record(21, [3, 1], &[2, 70]), Some(End::Alert(Alert(70)))),
            (record(21, [3, 1], &[1, 0]), Some(End::Alert(Alert(0)))),
            (record(21, [3, 1], &[1, 112]), None),
            (record(21, [3, 1], &[2]), Some(End::Malformed)),
            (record(22, [3, 1], &certificate(&[b"leaf"])), Some(End::Malformed)),
            (record(22, [3, 3], &no_certificate), Some(End::Malformed)),
            (record(22, [3, 1], &hello([9, 9], 1)), Some(End::Malformed)),
            (record(23, [3, 1], b"data"), Some(End::Malformed)),
            (record(22, [2, 1], b""), Some(End::Malformed)),
            (vec![22, 3, 1, 0x48, 0], Some(End::Malformed)),
            (b"HTTP/1.1 400".to_vec(), Some(End::Malformed)),
            (b"H".to_vec(), Some(End::Malformed)),
            (record(22, [3, 3], b"").repeat(MAX_RECORDS + 1), Some(End::Malformed)),
            (record(22, [3, 3], b"").repeat(MAX_RECORDS), None),
            (vec![], None),
        ] {
            let (ended, found) = read(&bytes);
            assert_eq!((ended, found.is_none()), (end, true), "{bytes:?}");
        }
    }

    /// However records and reads are cut, the answer is the same.
    #[test]
    fn every_split_says_the_same() {
        let messages = [
            hello([3, 1], 0x0033),
            certificate(&[b"leaf", b"issuer"]),
            dhe(&[0xff; 64]),
            message(13, &[0]),
            message(14, &[]),
        ];
        let messages = messages.concat();
        let whole = read(&record(22, [3, 1], &messages));
        assert_eq!(whole.0, Some(End::Done));
        for cut in 0..messages.len() {
            let bytes = [record(22, [3, 1], &messages[..cut]), record(22, [3, 1], &messages[cut..])].concat();
            assert_eq!(read(&bytes), whole, "{cut}");
            let mut reader = Reader::default();
            reader.feed(&bytes[..cut]);
            reader.feed(&bytes[cut..]);
            assert_eq!((reader.end(), reader.into_found()), whole, "{cut}");
        }
        let single: Vec<u8> = messages.iter().flat_map(|byte| record(22, [3, 1], &[*byte])).collect();
        let mut reader = Reader::default();
        for byte in &single {
            reader.feed(&[*byte]);
        }
        assert_eq!((reader.end(), reader.into_found()), whole);
    }

    proptest! {
        #[test]
        fn no_bytes_make_it_panic(parts in prop::collection::vec((20_u8..25, prop::collection::vec(any::<u8>(), 0..60)), 0..8)) {
            let mut reader = Reader::default();
            for (kind, data) in &parts {
                reader.feed(&record(*kind, [3, 1], data));
            }
            let _ = reader.into_found();
        }

        #[test]
        fn no_altered_answer_makes_it_panic(at in 0_usize..300, byte: u8, cut in 0_usize..300) {
            let mut bytes = answer([3, 3], 0x0033, &[dhe(&[0xff; 64]), message(13, &[1, 1, 0, 0]), message(14, &[])]);
            let length = bytes.len();
            bytes[at % length] = byte;
            bytes.truncate(length - cut % length);
            let _ = read(&bytes);
        }

        #[test]
        fn no_message_makes_it_panic(kind: u8, body in prop::collection::vec(any::<u8>(), 0..80), suite: u16) {
            let first = hello([3, 3], suite);
            let bytes = [record(22, [3, 3], &first), record(22, [3, 3], &message(kind, &body))].concat();
            let _ = read(&bytes);
        }
    }
}
