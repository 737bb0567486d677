//! Many cores: what is to be worked on is dealt to threads, each with a runtime of its own. Nothing
//! but the item and what came of it goes from thread to thread.

use std::cell::Cell;
use std::io;
use std::num::NonZeroUsize;
use std::thread::{Builder, Scope};

use futures_util::StreamExt;
use futures_util::stream;
use tokio::runtime::Runtime;
use tokio::sync::{mpsc, oneshot};

use super::runtime;

/// Threads that work on items; they end with this.
pub struct Lanes<J, T> {
    jobs: Vec<mpsc::UnboundedSender<Job<J, T>>>,
    dealt: Cell<usize>,
}

struct Job<J, T> {
    item: J,
    answer: oneshot::Sender<T>,
}

impl<J: Send, T: Send> Lanes<J, T> {
    /// Begins so many threads.
    ///
    /// # Errors
    /// The system's, where it gives no thread or no runtime.
    pub fn begin<'scope, F>(
        threads: &'scope Scope<'scope, '_>,
        count: NonZeroUsize,
        work: &'scope F,
    ) -> io::Result<Self>
    where
        F: AsyncFn(J) -> T + Sync,
        J: 'scope,
        T: 'scope,
    {
        let mut jobs = Vec::new();
        for _ in 0..count.get() {
            let (send, receive) = mpsc::unbounded_channel();
            let runtime = runtime(count)?;
            Builder::new().name("lane".to_owned()).spawn_scoped(threads, move || run(runtime, receive, work))?;
            jobs.push(send);
        }
        Ok(Self { jobs, dealt: Cell::new(0) })
    }

    /// What comes of an item, by the thread whose turn it is. Where nobody waits for it any more, the
    /// work is left as it is. None where the thread broke down; who began the threads is told why.
    pub async fn work(&self, item: J) -> Option<T> {
        let turn = self.dealt.replace(self.dealt.get().wrapping_add(1));
        let lane = self.jobs.get(turn % self.jobs.len().max(1))?;
        let (answer, told) = oneshot::channel();
        lane.send(Job { item, answer }).ok()?;
        told.await.ok()
    }
}

/// Works on what comes, all at once: how much that is, whoever deals it knows.
fn run<J, T>(runtime: Runtime, mut jobs: mpsc::UnboundedReceiver<Job<J, T>>, work: &impl AsyncFn(J) -> T) {
    let one = |Job { item, mut answer }: Job<J, T>| async move {
        let told = tokio::select! {
            biased;
            () = answer.closed() => return,
            told = work(item) => told,
        };
        // Who waited has just gone.
        let _ = answer.send(told);
    };
    runtime.block_on(stream::poll_fn(|cx| jobs.poll_recv(cx)).for_each_concurrent(None, one));
    // A lookup that hangs is not waited for.
    runtime.shutdown_background();
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;
    use std::sync::atomic::{AtomicUsize, Ordering};
    use std::thread;

    use futures_util::future::join_all;

    use super::*;

    const THREE: NonZeroUsize = NonZeroUsize::MIN.saturating_add(2);

    #[test]
    fn each_thread_has_its_turn() {
        let work = async |item: usize| (item, thread::current().id());
        let told = thread::scope(|threads| {
            let lanes = Lanes::begin(threads, THREE, &work).unwrap();
            runtime(THREE).unwrap().block_on(join_all((0..30).map(|item| lanes.work(item))))
        });
        let told: Vec<_> = told.into_iter().flatten().collect();
        assert!(told.iter().map(|(item, _)| *item).eq(0..30));
        assert_eq!(told.iter().map(|(_, id)| *id).collect::<HashSet<_>>().len(), 3);
        assert!(told.iter().all(|(_, id)| *id != thread::current().id()));
    }

    /// The scope would wait for ever.
    #[test]
    fn what_nobody_waits_for_is_left() {
        let begun = AtomicUsize::new(0);
        let work = async |_: usize| {
            begun.fetch_add(1, Ordering::SeqCst);
            std::future::pending::<()>().await;
        };
        thread::scope(|threads| {
            let lanes = Lanes::begin(threads, THREE, &work).unwrap();
            let one_begun = async {
                while begun.load(Ordering::SeqCst) == 0 {
                    tokio::task::yield_now().await;
                }
            };
            runtime(THREE).unwrap().block_on(async {
                tokio::select! {
                    _ = join_all((0..9).map(|item| lanes.work(item))) => panic!("nothing comes of it"),
                    () = one_begun => {}
                }
            });
        });
    }
}
