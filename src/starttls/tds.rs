//! Packets of TDS: [MS-TDS] 2.2.3.1 (packet header). A handshake's records are the data of packets of
//! the type that PRELOGIN has (2.2.6.5, 3.2.5.2).

/// A packet that is a part of PRELOGIN, or carries a part of the handshake.
pub const PRELOGIN: u8 = 0x12;
/// A packet of a server's answer.
pub const TABULAR_RESULT: u8 = 0x04;
/// The status of a message's last packet.
pub const END_OF_MESSAGE: u8 = 0x01;
/// Type, status, length (2), SPID (2), packet number, window.
pub const HEADER: usize = 8;
/// The longest packet there is, its header included (2.2.3.1.3).
pub const MAX_PACKET: usize = 32_767;
/// The longest packet before a login has agreed on another length (2.2.3.1.3).
const OUR_PACKET: usize = 4096;

/// A packet's header, as far as it matters before the login.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Header {
    /// The message's type.
    pub kind: u8,
    /// Flags.
    pub status: u8,
    /// How much data follows.
    pub length: usize,
}

impl Header {
    /// Reads one.
    ///
    /// # Errors
    /// What is wrong with its length.
    pub fn read(bytes: [u8; HEADER]) -> Result<Self, String> {
        let [kind, status, high, low, ..] = bytes;
        let length = usize::from(u16::from_be_bytes([high, low]));
        if !(HEADER..=MAX_PACKET).contains(&length) {
            return Err(format!("a packet of TDS claims {length} octets"));
        }
        Ok(Self { kind, status, length: length - HEADER })
    }
}

/// A message in as many packets as it takes.
#[must_use]
pub fn message(kind: u8, data: &[u8]) -> Vec<u8> {
    let mut packets = Vec::with_capacity(data.len() + HEADER);
    let mut parts = data.chunks(OUR_PACKET - HEADER).peekable();
    while let Some(part) = parts.next() {
        let status = if parts.peek().is_none() { END_OF_MESSAGE } else { 0 };
        let length = u16::try_from(HEADER + part.len()).unwrap_or(u16::MAX).to_be_bytes();
        packets.extend_from_slice(&[kind, status, length[0], length[1], 0, 0, 0, 0]);
        packets.extend_from_slice(part);
    }
    packets
}

/// Takes a handshake's bytes out of their packets, however these are cut.
#[derive(Debug, Default)]
pub struct Payload {
    /// The beginning of a header.
    begun: Vec<u8>,
    /// How much of a packet's data is still to come.
    left: usize,
}

impl Payload {
    /// Appends the data of the packets to `out`.
    ///
    /// # Errors
    /// What is wrong with a packet.
    pub fn unwrap(&mut self, mut bytes: &[u8], out: &mut Vec<u8>) -> Result<(), String> {
        while !bytes.is_empty() {
            let (data, rest) = bytes.split_at(self.left.min(bytes.len()));
            out.extend_from_slice(data);
            self.left -= data.len();
            let (header, rest) = rest.split_at(rest.len().min(HEADER - self.begun.len()));
            self.begun.extend_from_slice(header);
            bytes = rest;
            let Some(whole) = self.begun.first_chunk::<HEADER>() else { continue };
            let header = Header::read(*whole)?;
            if header.kind != PRELOGIN {
                return Err(format!("a packet of TDS is of the type {}, where the handshake's are of 18", header.kind));
            }
            self.begun.clear();
            self.left = header.length;
        }
        Ok(())
    }

    /// How much of the packet, or of its header, is still to come.
    #[must_use]
    pub fn wants(&self) -> usize {
        if self.left > 0 { self.left } else { HEADER - self.begun.len() }
    }

    /// Whether a packet has begun and not ended.
    #[must_use]
    pub fn is_inside(&self) -> bool {
        self.left > 0 || !self.begun.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn unwrapped(parts: &[&[u8]]) -> Result<(Vec<u8>, bool), String> {
        let (mut payload, mut out) = (Payload::default(), Vec::new());
        for part in parts {
            payload.unwrap(part, &mut out)?;
        }
        Ok((out, payload.is_inside()))
    }

    #[test]
    fn a_message_has_packets_of_4096_octets_and_a_last_one() {
        assert_eq!(message(0x12, b"ab"), b"\x12\x01\x00\x0a\0\0\0\0ab");
        assert_eq!(message(0x12, b""), b"");
        let long = message(0x12, &[7; 4089]);
        assert_eq!(long.len(), 4089 + 2 * HEADER);
        assert_eq!((&long[..4], &long[4096..4100]), (&b"\x12\x00\x10\x00"[..], &b"\x12\x01\x00\x09"[..]));
    }

    #[test]
    fn packets_that_are_none() {
        for (bytes, why) in [
            (&b"\x12\x01\x00\x07\0\0\0\0"[..], "a packet of TDS claims 7 octets"),
            (b"\x12\x01\x80\x00\0\0\0\0", "a packet of TDS claims 32768 octets"),
            (b"\x04\x01\x00\x09\0\0\0\0x", "a packet of TDS is of the type 4, where the handshake's are of 18"),
        ] {
            assert_eq!(unwrapped(&[bytes]), Err(why.to_owned()));
        }
        assert_eq!(unwrapped(&[b"\x12\x01\x7f\xff\0\0\0\0x"]), Ok((b"x".to_vec(), true)));
        assert_eq!(unwrapped(&[b"\x12\x01\x00\x08\0\0\0\0"]), Ok((vec![], false)));
        assert_eq!(unwrapped(&[b"\x12\x01"]), Ok((vec![], true)));
    }

    proptest! {
        /// However it is cut, what was wrapped comes out again, and not a byte of it is missed.
        #[test]
        fn what_goes_in_comes_out(data: Vec<u8>, times in 1_usize..90, cut: prop::sample::Index) {
            let data = data.repeat(times);
            let packets = message(PRELOGIN, &data);
            let at = cut.index(packets.len() + 1);
            prop_assert_eq!(unwrapped(&[&packets[..at], &packets[at..]]), Ok((data.clone(), false)));
            let single: Vec<&[u8]> = packets.chunks(1).collect();
            prop_assert_eq!(unwrapped(&single), Ok((data, false)));
        }

        #[test]
        fn any_bytes_are_survived(parts: Vec<Vec<u8>>) {
            let total: usize = parts.iter().map(Vec::len).sum();
            let parts: Vec<&[u8]> = parts.iter().map(Vec::as_slice).collect();
            if let Ok((out, _)) = unwrapped(&parts) {
                prop_assert!(out.len() <= total);
            }
        }
    }
}
