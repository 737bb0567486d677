//! Sockets, the resolver, TLS: everything that waits. Fills in `evidence`; judges nothing.
//!
//! - `resolve.rs`: the system's resolver, in bounded threads;
//! - `mx.rs`: the mail exchangers of a domain;
//! - `connect.rs`: every address of a name, until one answers;
//! - `wire.rs`: what a handshake is made on;
//! - `proxy.rs`: which proxy carries a connection, CONNECT and SOCKS;
//! - `proxy_login.rs`: a proxy's login from a file or the environment;
//! - `starttls.rs`: drives the dialogues of `starttls/`;
//! - `framed.rs`: a handshake in another protocol's packets;
//! - `tap.rs`: a stream that remembers its first bytes;
//! - `recorder.rs`: a certificate verifier that records and accepts;
//! - `handshake.rs`: one TLS handshake;
//! - `legacy.rs`: a hello for SSL 3.0 to TLS 1.2, for what the handshake does not reach;
//! - `odd.rs`: key exchange and signatures that clients seldom have;
//! - `visit.rs`: one visit, from name to leaf, within one deadline;
//! - `probe.rs`: further questions after a mismatch;
//! - `gate.rs`: connections that hold what they send until they may;
//! - `limits.rs`: how fast, and how much at once at one host;
//! - `lookup.rs`: what DNS says beside them;
//! - `lines.rs`: a list's lines;
//! - `lanes.rs`: threads that targets are dealt to;
//! - `scan.rs`: many.

pub mod connect;
pub mod framed;
pub mod gate;
pub mod handshake;
pub mod lanes;
pub mod legacy;
pub mod limits;
pub mod lines;
pub mod lookup;
pub mod mx;
pub mod odd;
pub mod probe;
pub mod proxy;
pub mod proxy_login;
pub mod recorder;
pub mod resolve;
pub mod scan;
pub mod starttls;
pub mod tap;
pub mod visit;
pub mod wire;

use std::io;
use std::num::NonZeroUsize;
#[cfg(unix)]
use std::os::unix::net::UnixStream;

use tokio::runtime::{Builder, Runtime};

/// How many threads look names up, in all.
const LOOKUPS: usize = 64;
/// How many at least in each of several runtimes.
const FEWEST_LOOKUPS: usize = 8;

/// One of so many runtimes, each for one thread.
///
/// # Errors
/// The system's.
pub fn runtime(count: NonZeroUsize) -> io::Result<Runtime> {
    has_files_for_signals()?;
    let lookups = (LOOKUPS / count).max(FEWEST_LOOKUPS);
    Builder::new_current_thread().enable_all().max_blocking_threads(lookups).build()
}

/// Whether as many files can be opened as the runtime takes to begin. Where its signal driver finds none
/// left it panics (tokio, `signal/unix.rs`).
#[cfg(unix)]
fn has_files_for_signals() -> io::Result<()> {
    let _held = [UnixStream::pair()?, UnixStream::pair()?, UnixStream::pair()?];
    Ok(())
}

#[cfg(not(unix))]
#[expect(clippy::unnecessary_wraps, reason = "elsewhere it can fail")]
fn has_files_for_signals() -> io::Result<()> {
    Ok(())
}
