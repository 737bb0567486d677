//! A run that cannot answer an interrupt by itself.

use std::io::{self, Write};
use std::num::NonZeroUsize;
use std::sync::Arc;
use std::time::Duration;

use super::sinks::Progress;
use super::stop::Stop;
use crate::exit::Exit;
use crate::net;

/// How long a run has to answer an interrupt by itself.
const GRACE: Duration = Duration::from_millis(500);

/// Ends the program some time after an interrupt that the run itself cannot answer, because it is
/// blocked in writing to a reader that does not read.
#[expect(clippy::disallowed_methods, reason = "a blocked write is left in no other way")]
pub(super) fn end_if_stuck(progress: Arc<Progress>) {
    let Ok(runtime) = net::runtime(NonZeroUsize::MIN) else { return };
    // Before there is a file that would be left behind.
    let mut stop = runtime.block_on(async { Stop::listen() });
    let watch = move || {
        runtime.block_on(async {
            stop.asked().await;
            // A second interrupt is not made to wait.
            let _ = tokio::time::timeout(GRACE, stop.asked()).await;
            // A large document on a slow disk takes its time; a second interrupt does not.
            while progress.is_ending_files() {
                let again = tokio::time::timeout(GRACE, stop.asked()).await;
                if again.is_ok() {
                    break;
                }
            }
            progress.abandon_files();
            let _ = writeln!(io::stderr(), "{}interrupted: {}", progress.row_end(), progress.tally());
            std::process::exit(Exit::Interrupted.code().into());
        });
    };
    // Without the thread a first interrupt waits for the reader; nothing else is lost.
    let _ = std::thread::Builder::new().name("interrupt".to_owned()).spawn(watch);
}
