//! Connections that hold what they send until a gate opens: what is to be sent is ready by then.

use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::OnceLock;
use std::task::{Context, Poll};

use futures_util::FutureExt;
use futures_util::future::Shared;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::sync::oneshot;
use tokio::time::Instant;

use super::wire::{Duplex, Wire};

/// A gate that opens once, or never.
#[derive(Clone)]
pub struct Gate {
    open: Shared<oneshot::Receiver<()>>,
    opened: Arc<OnceLock<Instant>>,
}

/// Opens the gate; dropped, it keeps it shut for good.
pub struct LetGo {
    open: oneshot::Sender<()>,
    opened: Arc<OnceLock<Instant>>,
}

/// A gate that is shut.
#[must_use]
pub fn gate() -> (LetGo, Gate) {
    let (sender, receiver) = oneshot::channel();
    let opened = Arc::new(OnceLock::new());
    (LetGo { open: sender, opened: Arc::clone(&opened) }, Gate { open: receiver.shared(), opened })
}

impl LetGo {
    /// Opens the gate.
    pub fn open(self) {
        let _ = self.opened.set(Instant::now());
        // Nobody may be waiting.
        let _ = self.open.send(());
    }
}

impl Gate {
    /// When it was opened.
    #[must_use]
    pub fn opened(&self) -> Option<Instant> {
        self.opened.get().copied()
    }

    /// Whether it was opened.
    #[must_use]
    pub fn is_open(&self) -> bool {
        self.opened().is_some()
    }
}

/// A connection that sends nothing before its gate is open, and fails where it never opens.
pub struct Held {
    wire: Wire,
    gate: Gate,
}

impl Held {
    /// Holds a connection.
    #[must_use]
    pub fn new(wire: Wire, gate: Gate) -> Self {
        Self { wire, gate }
    }

    fn passes(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        if self.gate.is_open() {
            return Poll::Ready(Ok(()));
        }
        self.gate.open.poll_unpin(cx).map(|opened| opened.map_err(|_| io::ErrorKind::ConnectionAborted.into()))
    }
}

impl AsyncRead for Held {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.wire).poll_read(cx, buf)
    }
}

impl AsyncWrite for Held {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        std::task::ready!(self.passes(cx))?;
        Pin::new(&mut self.wire).poll_write(cx, buf)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        parts: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        std::task::ready!(self.passes(cx))?;
        Pin::new(&mut self.wire).poll_write_vectored(cx, parts)
    }

    fn is_write_vectored(&self) -> bool {
        self.wire.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.wire).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.wire).poll_shutdown(cx)
    }
}

impl Duplex for Held {
    fn settle(&mut self) {
        self.wire.settle();
    }
}
