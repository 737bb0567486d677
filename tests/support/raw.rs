//! Servers on loopback that do not speak TLS, or not properly.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::sync::Arc;
use std::thread;
use std::time::Duration;

use super::listener::{LOOPBACK, Listener, close_gently, wait_for_close};

/// What a raw server does with each connection.
#[derive(Clone)]
pub enum Behaviour {
    /// Sends these bytes at once, then waits for the client to close.
    Banner(Vec<u8>),
    /// Reads the client's first bytes, answers with these, and closes.
    AnswerAfterRead(Vec<u8>),
    /// Reads and never answers.
    Silent,
    /// Closes at once and in order: the client reads the end of the stream, not a reset.
    CloseAtOnce,
    /// Resets the connection as soon as the client has sent something.
    Reset,
    /// Sends these bytes one at a time, with a pause before each, then waits for the client to close.
    Dribble {
        /// What is sent.
        bytes: Vec<u8>,
        /// The pause.
        every: Duration,
    },
    /// Does this. The stream is its own: dropping the server does not end it.
    Custom(Arc<dyn Fn(TcpStream) + Send + Sync>),
}

impl Behaviour {
    /// `Custom` from a closure.
    pub fn custom(serve: impl Fn(TcpStream) + Send + Sync + 'static) -> Self {
        Self::Custom(Arc::new(serve))
    }

    // Write errors are ignored throughout: the client may leave when it likes.
    fn serve(&self, stream: Arc<TcpStream>) {
        match self {
            Self::Banner(bytes) => {
                let _ = (&*stream).write_all(bytes);
                wait_for_close(&stream);
            }
            Self::AnswerAfterRead(bytes) => {
                let _ = (&*stream).read(&mut [0; 4096]);
                let _ = (&*stream).write_all(bytes);
                close_gently(&stream);
            }
            Self::Silent => wait_for_close(&stream),
            Self::CloseAtOnce => close_gently(&stream),
            // To close with unread data is to reset.
            Self::Reset => {
                let _ = stream.peek(&mut [0]);
            }
            Self::Dribble { bytes, every } => {
                let _ = stream.set_nodelay(true);
                for byte in bytes {
                    thread::sleep(*every);
                    if (&*stream).write_all(&[*byte]).is_err() {
                        return;
                    }
                }
                wait_for_close(&stream);
            }
            Self::Custom(serve) => {
                if let Some(stream) = Arc::into_inner(stream) {
                    serve(stream);
                }
            }
        }
    }
}

/// A server that treats every connection in one way; gone on drop.
pub struct RawServer {
    listener: Listener,
}

impl RawServer {
    /// Starts it at a free port of 127.0.0.1.
    pub fn start(behaviour: Behaviour) -> Self {
        Self::start_at(LOOPBACK, behaviour)
    }

    /// Starts it at this address: `[::1]:0`.
    pub fn start_at(address: &str, behaviour: Behaviour) -> Self {
        Self { listener: Listener::start(address, move |stream| behaviour.serve(stream)) }
    }

    /// Where it listens.
    pub fn addr(&self) -> SocketAddr {
        self.listener.addr()
    }

    /// The port at which it listens.
    pub fn port(&self) -> u16 {
        self.addr().port()
    }

    /// How many TCP connections it accepted so far.
    pub fn connections(&self) -> usize {
        self.listener.connections()
    }
}

/// The record of a fatal alert (RFC 8446, 6): 112 is unrecognized_name, 40 handshake_failure.
pub fn fatal_alert(description: u8) -> Vec<u8> {
    const ALERT: u8 = 21;
    const FATAL: u8 = 2;
    vec![ALERT, 3, 3, 0, 2, FATAL, description]
}
