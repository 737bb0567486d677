//! A stream whose bytes are in another protocol's packets until the handshake on it is done: the
//! packets are `starttls/framing.rs`'s, the bytes are here.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

use super::wire::Duplex;
use crate::starttls::Framing;
use crate::starttls::framing::Unwrapper;

/// How much is held until a flush says that it belongs together.
const MAX_HELD: usize = 16 * 1024;

/// The stream.
#[derive(Debug)]
pub struct Framed<S> {
    inner: S,
    framing: Framing,
    unwrapper: Unwrapper,
    /// What came, out of its frames, and how much of it was read.
    came: Vec<u8>,
    read: usize,
    /// What was written since the last flush.
    held: Vec<u8>,
    /// What is to be sent, in its frames, and how much of it was.
    going: Vec<u8>,
    sent: usize,
}

impl<S> Framed<S> {
    /// From here on in frames.
    pub fn new(inner: S, framing: Framing) -> Self {
        let unwrapper = Unwrapper::new(framing);
        Self { inner, framing, unwrapper, came: vec![], read: 0, held: vec![], going: vec![], sent: 0 }
    }

    fn wrap(&mut self) {
        self.going.extend(self.framing.wrap(&self.held));
        self.held.clear();
    }
}

impl<S: AsyncWrite + Unpin> Framed<S> {
    fn poll_send(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.wrap();
        while let Some(rest) = self.going.get(self.sent..).filter(|rest| !rest.is_empty()) {
            let count = ready!(Pin::new(&mut self.inner).poll_write(cx, rest))?;
            if count == 0 {
                return Poll::Ready(Err(io::ErrorKind::WriteZero.into()));
            }
            self.sent += count;
        }
        self.going.clear();
        self.sent = 0;
        Poll::Ready(Ok(()))
    }
}

impl<S: Duplex> Duplex for Framed<S> {
    fn settle(&mut self) {
        self.wrap();
        self.framing = Framing::Bare;
        self.unwrapper = Unwrapper::new(Framing::Bare);
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for Framed<S> {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let this = &mut *self;
        loop {
            let ready = this.came.get(this.read..).unwrap_or_default();
            if !ready.is_empty() {
                let count = ready.len().min(buf.remaining());
                buf.put_slice(&ready[..count]);
                this.read += count;
                return Poll::Ready(Ok(()));
            }
            this.came.clear();
            this.read = 0;
            let mut space = [0; 4096];
            // No byte beyond the frame: behind the last one they are by themselves.
            let wanted = this.unwrapper.wants().min(space.len());
            let mut frames = ReadBuf::new(&mut space[..wanted]);
            ready!(Pin::new(&mut this.inner).poll_read(cx, &mut frames))?;
            if frames.filled().is_empty() {
                let is_cut = this.unwrapper.is_inside();
                return Poll::Ready(if is_cut { Err(io::ErrorKind::UnexpectedEof.into()) } else { Ok(()) });
            }
            let unwrapped = this.unwrapper.unwrap(frames.filled(), &mut this.came);
            unwrapped.map_err(|why| io::Error::new(io::ErrorKind::InvalidData, why))?;
        }
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Framed<S> {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        if self.held.len() >= MAX_HELD {
            ready!(self.poll_send(cx))?;
        }
        let count = bytes.len().min(MAX_HELD);
        self.held.extend_from_slice(&bytes[..count]);
        Poll::Ready(Ok(count))
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        ready!(self.poll_send(cx))?;
        Pin::new(&mut self.inner).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        ready!(self.poll_send(cx))?;
        Pin::new(&mut self.inner).poll_shutdown(cx)
    }
}

#[cfg(test)]
mod tests {
    use tokio::io::{AsyncReadExt, AsyncWriteExt, DuplexStream, duplex};

    use super::*;

    impl Duplex for DuplexStream {}

    fn block_on<T>(what: impl Future<Output = T>) -> T {
        tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(what)
    }

    /// One message a flush; by themselves once it is settled; through a pipe that is narrower than either.
    #[test]
    fn bytes_are_framed_until_it_is_settled() {
        let (near, mut far) = duplex(3);
        let mut near = Framed::new(near, Framing::Tds);
        let us = async {
            near.write_all(b"he").await.unwrap();
            near.write_all(b"llo").await.unwrap();
            near.flush().await.unwrap();
            let mut answer = [0; 6];
            near.read_exact(&mut answer).await.unwrap();
            near.settle();
            near.write_all(b"bye").await.unwrap();
            near.shutdown().await.unwrap();
            let mut rest = Vec::new();
            near.read_to_end(&mut rest).await.unwrap();
            (answer, rest)
        };
        let them = async {
            let mut packet = [0; 13];
            far.read_exact(&mut packet).await.unwrap();
            far.write_all(b"\x12\0\0\x0a\0\0\0\0an\x12\x01\0\x0c\0\0\0\0swer").await.unwrap();
            far.write_all(b"\x12 too").await.unwrap();
            far.shutdown().await.unwrap();
            let mut rest = Vec::new();
            far.read_to_end(&mut rest).await.unwrap();
            (packet, rest)
        };
        let (us, them) = block_on(async { tokio::join!(us, them) });
        assert_eq!(us, (*b"answer", b"\x12 too".to_vec()));
        assert_eq!(them, (*b"\x12\x01\0\x0d\0\0\0\0hello", b"bye".to_vec()));
    }

    #[test]
    fn packets_that_are_cut_or_none_are_errors() {
        for (bytes, kind) in [
            (&b"\x12\x01\0\x0a\0\0\0\0a"[..], Some(io::ErrorKind::UnexpectedEof)),
            (b"\x12", Some(io::ErrorKind::UnexpectedEof)),
            (b"\x04\x01\0\x09\0\0\0\0a", Some(io::ErrorKind::InvalidData)),
            (b"HTTP/1.1 400", Some(io::ErrorKind::InvalidData)),
            (b"", None),
            (b"\x12\x01\0\x09\0\0\0\0a", None),
        ] {
            let read = block_on(async {
                let (near, mut far) = duplex(64);
                far.write_all(bytes).await.unwrap();
                drop(far);
                Framed::new(near, Framing::Tds).read_to_end(&mut Vec::new()).await
            });
            assert_eq!(read.err().map(|error| error.kind()), kind, "{bytes:?}");
        }
    }

    /// A writer that never flushes is not held back for ever.
    #[test]
    fn what_is_held_is_bounded() {
        block_on(async {
            let (near, mut far) = duplex(1 << 20);
            let mut near = Framed::new(near, Framing::Tds);
            near.write_all(&vec![7; 3 * MAX_HELD]).await.unwrap();
            assert!(near.held.len() <= MAX_HELD);
            near.shutdown().await.unwrap();
            let (mut packets, mut payload) = (Vec::new(), Vec::new());
            drop(near);
            far.read_to_end(&mut packets).await.unwrap();
            Unwrapper::new(Framing::Tds).unwrap(&packets, &mut payload).unwrap();
            assert_eq!(payload, vec![7; 3 * MAX_HELD]);
        });
    }
}
