//! What ends a run from outside: Ctrl-C; on Unix also SIGTERM, and SIGHUP where it is not ignored.

use std::future::poll_fn;
use std::task::Poll;

#[cfg(unix)]
use tokio::signal::unix::{Signal, SignalKind, signal};
#[cfg(windows)]
use tokio::signal::windows::{CtrlC as Signal, ctrl_c};

/// Listens from when it is made, so that what comes between two looks is not lost.
pub(super) struct Stop {
    /// Without one, as where none can be had, nothing is heard.
    signals: Vec<Signal>,
}

impl Stop {
    /// Within a runtime.
    #[cfg(unix)]
    pub(super) fn listen() -> Self {
        let kinds = [SignalKind::interrupt(), SignalKind::terminate(), SignalKind::hangup()];
        let kinds = kinds.into_iter().filter(|kind| *kind != SignalKind::hangup() || !is_hangup_ignored());
        Self { signals: kinds.filter_map(|kind| signal(kind).ok()).collect() }
    }

    /// Within a runtime.
    #[cfg(windows)]
    pub(super) fn listen() -> Self {
        Self { signals: ctrl_c().into_iter().collect() }
    }

    /// Ends when one comes.
    pub(super) async fn asked(&mut self) {
        poll_fn(|context| {
            let came = self.signals.iter_mut().any(|signal| signal.poll_recv(context).is_ready());
            if came { Poll::Ready(()) } else { Poll::Pending }
        })
        .await;
    }
}

/// Whether this program was started by `nohup`, or the like: whoever listens to SIGHUP would end that.
/// Linux alone tells (proc_pid_status(5)); elsewhere it counts as ignored.
#[cfg(unix)]
#[expect(clippy::disallowed_methods, reason = "what this process was started with")]
fn is_hangup_ignored() -> bool {
    let Ok(status) = std::fs::read_to_string("/proc/self/status") else { return true };
    let mask = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
    let mask = mask.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok());
    let hangup = SignalKind::hangup().as_raw_value();
    mask.is_none_or(|mask| mask >> (hangup - 1) & 1 == 1)
}
