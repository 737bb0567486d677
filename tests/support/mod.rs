//! What the tests share: certificates of any shape, servers of any manner, tables and scratch folders.
//!
//! | file | what it holds |
//! | --- | --- |
//! | `der.rs` | DER, written by hand so that an odd certificate comes out byte for byte |
//! | `name.rs` | subjects: attributes, string types |
//! | `case.rs` | the short notation for names in the tables: SAN cells, CN cells, references |
//! | `key.rs` | key pairs: P-256, P-384, Ed25519 |
//! | `mint.rs` | a certificate put together and signed; `Issued`, PEM |
//! | `authority.rs` | roots and intermediates |
//! | `leaf.rs` | end-entity certificates, with every field open to change |
//! | `listener.rs` | a loopback port, a thread for each connection, and a clean end |
//! | `server.rs` | TLS servers |
//! | `raw.rs` | servers that do not speak TLS, or not properly |
//! | `old.rs` | servers of SSL 3.0 to TLS 1.2, as far as the client's turn |
//! | `tds.rs` | a server of TDS, which has the handshake in its packets |
//! | `table.rs` | tab-separated tables, and `\xHH` in their cells |
//!
//! Nothing here returns an error: a test that asks for what cannot be is wrong, and panics.
#![allow(dead_code, unused_imports, unreachable_pub, missing_docs)]
#![allow(clippy::pedantic, clippy::unwrap_used, clippy::expect_used, clippy::panic)]
#![allow(clippy::disallowed_methods, clippy::disallowed_types)]

pub mod authority;
pub mod case;
pub mod der;
pub mod key;
pub mod leaf;
pub mod listener;
pub mod mint;
pub mod name;
pub mod old;
pub mod raw;
pub mod server;
pub mod table;
pub mod tds;
pub mod tls;

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{SystemTime, UNIX_EPOCH};
use std::{env, fs, process};

pub use authority::{Authority, AuthoritySpec};
pub use key::{Key, KeyKind};
pub use leaf::Leaf;
pub use mint::{Issued, pem_of};
pub use raw::{Behaviour, RawServer};
pub use server::{Config, TlsServer};
pub use table::{table, unescape};

/// A day in seconds, the unit in which validity is usually told.
pub const DAY: i64 = 86_400;

/// The time now, in Unix seconds.
pub fn now() -> i64 {
    let since_epoch = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
    i64::try_from(since_epoch.as_secs()).unwrap()
}

/// A new empty folder under the system's temporary one; removed, with what it holds, on drop.
pub fn scratch_dir(name: &str) -> ScratchDir {
    static COUNT: AtomicUsize = AtomicUsize::new(0);
    let count = COUNT.fetch_add(1, Ordering::Relaxed);
    let folder = format!("certcheck-{name}-{}-{}-{count}", process::id(), now());
    let path = env::temp_dir().join(folder);
    fs::create_dir(&path).unwrap();
    ScratchDir { path }
}

/// A folder that lasts as long as this value.
#[derive(Debug)]
pub struct ScratchDir {
    path: PathBuf,
}

impl ScratchDir {
    /// Where the folder is.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Writes a file into the folder and returns its path.
    pub fn write(&self, name: &str, content: impl AsRef<[u8]>) -> PathBuf {
        let path = self.path.join(name);
        fs::write(&path, content).unwrap();
        path
    }
}

impl Drop for ScratchDir {
    fn drop(&mut self) {
        // A test that removed its folder itself has nothing left to remove.
        let _ = fs::remove_dir_all(&self.path);
    }
}
