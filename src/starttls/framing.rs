//! What TLS records travel in until the handshake is done: bytes in, bytes out, no socket
//! (`net/framed.rs` has that).

use super::tds;

/// How the records of a handshake travel. Once it is done they travel by themselves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Framing {
    /// By themselves.
    Bare,
    /// In packets of TDS.
    Tds,
}

impl Framing {
    /// Bytes as they are sent: those that belong together, since a packet ends with them.
    #[must_use]
    pub fn wrap(self, bytes: &[u8]) -> Vec<u8> {
        match self {
            Self::Bare => bytes.to_vec(),
            Self::Tds => tds::message(tds::PRELOGIN, bytes),
        }
    }
}

/// Takes what came out of its frames.
#[derive(Debug)]
pub struct Unwrapper {
    framing: Framing,
    payload: tds::Payload,
}

impl Unwrapper {
    /// For a stream from its first byte in frames.
    #[must_use]
    pub fn new(framing: Framing) -> Self {
        Self { framing, payload: tds::Payload::default() }
    }

    /// Appends what the frames hold to `out`.
    ///
    /// # Errors
    /// What is wrong with a frame; nothing is to be read behind it.
    pub fn unwrap(&mut self, bytes: &[u8], out: &mut Vec<u8>) -> Result<(), String> {
        match self.framing {
            Framing::Bare => out.extend_from_slice(bytes),
            Framing::Tds => self.payload.unwrap(bytes, out)?,
        }
        Ok(())
    }

    /// How many bytes the frame has at most that is being read.
    #[must_use]
    pub fn wants(&self) -> usize {
        match self.framing {
            Framing::Bare => usize::MAX,
            Framing::Tds => self.payload.wants(),
        }
    }

    /// Whether a frame has begun and not ended.
    #[must_use]
    pub fn is_inside(&self) -> bool {
        self.framing == Framing::Tds && self.payload.is_inside()
    }
}
