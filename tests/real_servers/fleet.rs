//! Kinds of servers started side by side: most of a start is waiting.

use std::collections::BTreeMap;
use std::panic::resume_unwind;
use std::thread;
use std::time::Instant;

use crate::daemon::Running;
use crate::driver::Pki;

/// A kind of server: what starts it.
pub type Start = fn(&Pki) -> Running;

/// Servers of several kinds, up; all gone on drop.
#[derive(Debug)]
pub struct Fleet {
    /// All their ports.
    pub ports: BTreeMap<&'static str, u16>,
    running: Vec<Running>,
}

impl Fleet {
    /// Starts all kinds at once. Where one does not come up, its panic goes on here, once all threads
    /// have ended.
    pub fn start(pki: &Pki, kinds: &[Start]) -> Self {
        let begin = Instant::now();
        let ended: Vec<_> = thread::scope(|scope| {
            let threads: Vec<_> = kinds.iter().map(|start| scope.spawn(|| start(pki))).collect();
            threads.into_iter().map(thread::ScopedJoinHandle::join).collect()
        });
        let running: Vec<Running> = ended.into_iter().map(|one| one.unwrap_or_else(|why| resume_unwind(why))).collect();
        let ports: BTreeMap<_, _> = running.iter().flat_map(|one| one.ports.clone()).collect();
        println!("real servers: {} ports are up after {:.1} s", ports.len(), begin.elapsed().as_secs_f32());
        Self { ports, running }
    }

    /// The port of one server.
    pub fn port(&self, server: &str) -> u16 {
        *self.ports.get(server).unwrap_or_else(|| panic!("no server is called {server}"))
    }
}

impl Drop for Fleet {
    fn drop(&mut self) {
        // Ended side by side as well: some take their time.
        thread::scope(|scope| self.running.drain(..).for_each(|one| drop(scope.spawn(|| drop(one)))));
    }
}
