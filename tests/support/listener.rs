//! A loopback port: a thread accepts, another serves each connection, and dropping it ends them all.

use std::io::{self, Read};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, Weak};
use std::thread::{self, JoinHandle};
use std::time::Duration;

/// Any free port of 127.0.0.1.
pub(super) const LOOPBACK: &str = "127.0.0.1:0";

/// A port that is open until this value is dropped.
///
/// The threads that serve connections are not waited for: their sockets are shut down, which ends
/// whatever read or write they are in.
pub(super) struct Listener {
    address: SocketAddr,
    state: Arc<State>,
    accepting: Option<JoinHandle<()>>,
}

#[derive(Default)]
struct State {
    stopped: AtomicBool,
    accepted: AtomicUsize,
    /// Weak, so that a connection is closed as soon as the one who serves it lets go of it.
    open: Mutex<Vec<Weak<TcpStream>>>,
}

impl Listener {
    /// Listens at `address` and has `serve` called for every connection, on a thread of its own.
    pub(super) fn start(address: &str, serve: impl Fn(Arc<TcpStream>) + Send + Sync + 'static) -> Self {
        let socket = TcpListener::bind(address).unwrap_or_else(|error| panic!("{address}: {error}"));
        let address = socket.local_addr().unwrap();
        let state = Arc::new(State::default());
        let accepting = thread::spawn({
            let state = Arc::clone(&state);
            move || state.accept(&socket, &Arc::new(serve))
        });
        Self { address, state, accepting: Some(accepting) }
    }

    /// Where it listens.
    pub(super) fn addr(&self) -> SocketAddr {
        self.address
    }

    /// How many connections were accepted so far.
    pub(super) fn connections(&self) -> usize {
        self.state.accepted.load(Ordering::SeqCst)
    }
}

impl State {
    fn accept<F>(&self, socket: &TcpListener, serve: &Arc<F>)
    where
        F: Fn(Arc<TcpStream>) + Send + Sync + 'static,
    {
        loop {
            let accepted = socket.accept();
            if self.stopped.load(Ordering::SeqCst) {
                return;
            }
            let Ok((stream, _)) = accepted else {
                // Out of file descriptors, perhaps: one may become free.
                thread::sleep(Duration::from_millis(10));
                continue;
            };
            self.accepted.fetch_add(1, Ordering::SeqCst);
            let stream = Arc::new(stream);
            let mut open = self.open.lock().unwrap();
            open.retain(|other| other.strong_count() > 0);
            open.push(Arc::downgrade(&stream));
            drop(open);
            let serve = Arc::clone(serve);
            thread::spawn(move || serve(stream));
        }
    }
}

impl Drop for Listener {
    fn drop(&mut self) {
        self.state.stopped.store(true, Ordering::SeqCst);
        // accept() has no end of its own: a last connection wakes it.
        if TcpStream::connect_timeout(&self.address, Duration::from_secs(1)).is_ok() {
            let _ = self.accepting.take().unwrap().join();
        }
        for stream in self.state.open.lock().unwrap().iter().filter_map(Weak::upgrade) {
            let _ = stream.shutdown(Shutdown::Both);
        }
    }
}

/// Says no more, and reads until the client is gone. Closing with unread data would send a reset,
/// which may overtake what was written.
pub fn close_gently(stream: &TcpStream) {
    let _ = stream.shutdown(Shutdown::Write);
    wait_for_close(stream);
}

/// Reads, and forgets, until the client closes.
pub fn wait_for_close(mut stream: &TcpStream) {
    let mut buffer = [0; 4096];
    loop {
        match stream.read(&mut buffer) {
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Ok(0) | Err(_) => return,
            Ok(_) => {}
        }
    }
}
