//! How fast, and how much at once at one host: so that a scan floods nobody.

use std::collections::HashMap;
use std::net::IpAddr;
use std::num::{NonZeroU32, NonZeroUsize};
use std::sync::{Arc, Mutex, PoisonError, Weak};

use governor::clock::{Clock, DefaultClock};
use governor::{DefaultDirectRateLimiter, Quota, RateLimiter};
use tokio::sync::{Mutex as Queue, OwnedSemaphorePermit, Semaphore};

use crate::target::Host;

/// How many hosts are kept before those that nobody uses any more are looked for.
const HOSTS: usize = 1024;

/// How many visits of a second may begin at one moment, as a part of its rate: sleepers wake up late, by
/// a millisecond or more, and what was missed is made up for.
const SECOND_IN_BURSTS: u32 = 100;

/// The limits of a run.
pub struct Limits {
    clock: DefaultClock,
    /// One of those that wait looks at it, and the others queue.
    rate: Option<Queue<DefaultDirectRateLimiter>>,
    per_host: Option<NonZeroUsize>,
    hosts: Mutex<HashMap<Server, Weak<Semaphore>>>,
    /// What may be under way in all, where more than that may wait for their hosts.
    all: Option<Arc<Semaphore>>,
    /// Lookups under way: those that go ahead of their visits are no more than visits are.
    lookups: Semaphore,
}

/// What counts as one host.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Server {
    /// An address, whatever names lead there.
    At(IpAddr),
    /// A name or an address that a proxy, or nobody, knows the way to.
    Called(Host),
}

/// A visit that was let in; it counts at its host until it is dropped.
pub struct Admitted {
    _at_host: Option<OwnedSemaphorePermit>,
    _in_all: Option<OwnedSemaphorePermit>,
}

impl Limits {
    /// At most so many visits begun in a second, evenly; at most so many under way at one host.
    #[must_use]
    pub fn new(rate: Option<NonZeroU32>, per_host: Option<NonZeroUsize>, at_once: NonZeroUsize) -> Self {
        Self {
            clock: DefaultClock::default(),
            rate: rate.map(|rate| Queue::new(RateLimiter::direct(evenly(rate)))),
            per_host,
            hosts: Mutex::default(),
            all: per_host.map(|_| Arc::new(Semaphore::new(at_once.get()))),
            lookups: Semaphore::new(at_once.get()),
        }
    }

    /// Waits until a lookup may begin, and for what it comes to.
    pub async fn look_up<T>(&self, lookup: impl AsyncFnOnce() -> T) -> T {
        // Nobody closes it.
        let _place = self.lookups.acquire().await;
        lookup().await
    }

    /// Waits until a visit may begin; to a server, where hosts are spared.
    pub async fn admit(&self, server: Option<&Server>) -> Admitted {
        let at_host = match server.and_then(|server| self.places(server)) {
            // Nobody closes it.
            Some(places) => places.acquire_owned().await.ok(),
            None => None,
        };
        let in_all = match &self.all {
            Some(all) => all.clone().acquire_owned().await.ok(),
            None => None,
        };
        if let Some(rate) = &self.rate {
            let rate = rate.lock().await;
            while let Err(not_yet) = rate.check() {
                tokio::time::sleep(not_yet.wait_time_from(self.clock.now())).await;
            }
        }
        Admitted { _at_host: at_host, _in_all: in_all }
    }

    fn places(&self, server: &Server) -> Option<Arc<Semaphore>> {
        let most = self.per_host?;
        let mut hosts = self.hosts.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(places) = hosts.get(server).and_then(Weak::upgrade) {
            return Some(places);
        }
        if hosts.len() >= HOSTS {
            hosts.retain(|_, places| places.strong_count() > 0);
        }
        let places = Arc::new(Semaphore::new(most.get()));
        hosts.insert(server.clone(), Arc::downgrade(&places));
        Some(places)
    }
}

/// What may begin at one moment counts into the second that begins with it.
fn evenly(rate: NonZeroU32) -> Quota {
    let burst = rate.get() / SECOND_IN_BURSTS;
    match (NonZeroU32::new(burst), NonZeroU32::new(rate.get() - burst)) {
        (Some(burst), Some(refilled)) if burst > NonZeroU32::MIN => Quota::per_second(refilled).allow_burst(burst),
        _ => Quota::per_second(rate).allow_burst(NonZeroU32::MIN),
    }
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;
    use std::net::Ipv4Addr;
    use std::time::Duration;

    use tokio::time::Instant;

    use super::*;

    fn host(last: u8) -> Server {
        Server::At(Ipv4Addr::new(192, 0, 2, last).into())
    }

    #[tokio::test]
    async fn a_host_lets_in_so_many_at_once() {
        let limits = Limits::new(None, NonZeroUsize::new(2), NonZeroUsize::new(64).unwrap());
        let first = limits.admit(Some(&host(1))).await;
        let _second = limits.admit(Some(&host(1))).await;
        let _other = limits.admit(Some(&host(2))).await;
        let waits = tokio::time::timeout(Duration::from_millis(20), limits.admit(Some(&host(1)))).await;
        assert!(waits.is_err());
        drop(first);
        limits.admit(Some(&host(1))).await;
        for last in 0..=255 {
            limits.admit(Some(&host(last))).await;
        }
        assert!(limits.hosts.lock().unwrap().len() <= HOSTS);
    }

    #[tokio::test]
    async fn no_more_is_looked_up_than_visited() {
        let limits = Limits::new(None, NonZeroUsize::new(2), NonZeroUsize::new(3).unwrap());
        let (under_way, most) = (Cell::new(0), Cell::new(0));
        let lookup = async || {
            under_way.set(under_way.get() + 1);
            most.set(most.get().max(under_way.get()));
            tokio::task::yield_now().await;
            under_way.set(under_way.get() - 1);
        };
        futures_util::future::join_all((0..10).map(|_| limits.look_up(lookup))).await;
        assert_eq!((under_way.get(), most.get()), (0, 3));
    }

    #[tokio::test]
    async fn visits_are_spread_over_the_second() {
        let limits = Limits::new(NonZeroU32::new(100), None, NonZeroUsize::MIN);
        let start = Instant::now();
        for _ in 0..11 {
            limits.admit(None).await;
        }
        assert!(start.elapsed() >= Duration::from_millis(95), "{:?}", start.elapsed());
    }

    #[tokio::test]
    async fn the_rate_is_reached_and_kept() {
        let limits = Limits::new(NonZeroU32::new(2_000), None, NonZeroUsize::MIN);
        let start = Instant::now();
        let begun = futures_util::future::join_all((0..1_000).map(async |_| {
            limits.admit(None).await;
            start.elapsed()
        }));
        let last = begun.await.into_iter().max().unwrap();
        // Twenty at one moment, the others at 1,980 in a second: 495 ms.
        assert!(last >= Duration::from_millis(490), "{last:?}");
        assert!(last < Duration::from_millis(900), "{last:?}");
    }
}
