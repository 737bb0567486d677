//! A stream that remembers the first bytes its peer sent, so that a plaintext answer can be named
//! after the TLS library has refused it.

use std::io;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

use super::wire::Duplex;

/// How many bytes are remembered.
const REMEMBERED: usize = 256;

/// The first bytes that came, shared with whoever asks after the stream is gone.
#[derive(Clone, Debug, Default)]
pub struct First(Arc<Mutex<Vec<u8>>>);

impl First {
    /// What has come so far, at most 256 bytes.
    #[must_use]
    pub fn bytes(&self) -> Vec<u8> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn remember(&self, bytes: &[u8]) {
        let mut first = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let room = REMEMBERED - first.len();
        first.extend_from_slice(&bytes[..bytes.len().min(room)]);
    }
}

/// The stream.
#[derive(Debug)]
pub struct Tap<S> {
    inner: S,
    first: First,
}

impl<S> Tap<S> {
    /// Wraps a stream.
    pub fn new(inner: S) -> (Self, First) {
        let first = First::default();
        (Self { inner, first: first.clone() }, first)
    }
}

impl<S: Duplex> Tap<S> {
    /// The handshake is done.
    pub fn settle(&mut self) {
        self.inner.settle();
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for Tap<S> {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let before = buf.filled().len();
        let polled = Pin::new(&mut self.inner).poll_read(cx, buf);
        if let Some(new) = buf.filled().get(before..)
            && !new.is_empty()
        {
            self.first.remember(new);
        }
        polled
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Tap<S> {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.inner).poll_write(cx, bytes)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        parts: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.inner).poll_write_vectored(cx, parts)
    }

    /// Several records in one call to the system, where the stream can.
    fn is_write_vectored(&self) -> bool {
        self.inner.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.inner).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.inner).poll_shutdown(cx)
    }
}
