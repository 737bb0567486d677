//! Many visits: targets stream in, observations stream out, a bounded number under way.

use std::io;
use std::net::SocketAddr;
use std::rc::Rc;

use futures_util::stream::{self, LocalBoxStream};
use futures_util::{Stream, StreamExt, future};
use tokio::time::Instant;

use super::lanes::Lanes;
use super::limits::{Admitted, Limits, Server};
use super::lines::{Line, Text, read_lines};
use super::mx::exchangers;
use super::probe::probe;
use super::visit::{Attempting, Reach, visit};
use crate::escape::Shown;
use crate::evidence::{Failure, Observation, Probe, Question};
use crate::plan::{Addresses, Asking, Input, Located, Order, Pace, Probing, Visit};
use crate::resume::Done;
use crate::target::{self, Host, Target};

/// How far a list is looked ahead, in times of what may be under way, where hosts are spared.
const AHEAD: usize = 16;
/// How many addresses of a host are visited at once.
const MOST_ADDRESSES: usize = 8;

/// What comes out of a scan.
pub enum Found {
    /// A server was visited.
    Seen(Box<(Visit, Observation)>),
    /// A line is no target, or the list cannot be read on.
    BadLine(Shown, Failure),
}

/// What all visits of a run share.
#[derive(Clone, Copy)]
pub struct Scan<'a> {
    /// How servers are reached.
    pub reach: &'a Reach,
    /// How fast, and how patiently.
    pub pace: &'a Pace,
    /// How much at once.
    pub limits: &'a Limits,
    /// What an earlier run reported.
    pub done: &'a Done,
}

impl<'a> Scan<'a> {
    /// Visits for targets of the command line: reported in their order.
    #[must_use]
    pub fn in_order(self, visits: Vec<Visit>, probing: Probing) -> LocalBoxStream<'a, Found> {
        let each = move |v: Visit| self.seen(v, probing);
        stream::iter(visits).map(each).buffered(self.pace.concurrency.get()).flat_map(stream::iter).boxed_local()
    }

    /// What the lines of a list come to: as they finish or in its order, for which no more wait than
    /// are under way at once. Worked on in `lanes`, where there are any, and here otherwise.
    ///
    /// # Errors
    /// The list's, where it cannot be opened.
    pub fn list<T: Send + 'a>(
        self,
        list: &Input,
        asking: &'a Asking,
        work: &'a impl AsyncFn(Item) -> T,
        lanes: Option<Lanes<Item, T>>,
    ) -> io::Result<LocalBoxStream<'a, T>> {
        let mut batches = read_lines(list)?;
        let shown = list.shown();
        let items = stream::poll_fn(move |cx| batches.poll_recv(cx))
            .flat_map(stream::iter)
            .flat_map(move |line| stream::iter(items(asking, &line, &shown)));
        Ok(match lanes {
            None => self.at_once(items.map(move |item| work(item))),
            Some(lanes) => {
                let lanes = Rc::new(lanes);
                let dealt = items.map(move |item| {
                    let lanes = lanes.clone();
                    async move { lanes.work(item).await }
                });
                self.at_once(dealt).filter_map(future::ready).boxed_local()
            }
        })
    }

    /// As many at once as may be, in the order that is asked for.
    fn at_once<T: 'a>(self, work: impl Stream<Item = impl Future<Output = T> + 'a> + 'a) -> LocalBoxStream<'a, T> {
        // Those that wait for a busy host do not hold the places of others.
        let at_once = match self.pace.per_host {
            Some(_) => self.pace.concurrency.get().saturating_mul(AHEAD),
            None => self.pace.concurrency.get(),
        };
        match self.pace.order {
            Order::Finished => work.buffer_unordered(at_once).boxed_local(),
            Order::Listed => work.buffered(at_once).boxed_local(),
        }
    }

    /// What a line of a list comes to.
    pub async fn item(self, item: Item, probing: Probing) -> Vec<Found> {
        match item {
            Item::BadLine(shown, _) if self.done.has_line(&shown) => Vec::new(),
            Item::BadLine(shown, failure) => vec![Found::BadLine(shown, failure)],
            Item::Visit(v) => self.seen(*v, probing).await,
        }
    }

    /// What a visit finds; where it stands for several servers, each of them, one after the other.
    /// What few visits come to is on the heap: each that is under way would keep the room for it.
    pub async fn seen(self, v: Visit, probing: Probing) -> Vec<Found> {
        if matches!(v.located, Located::ByMx { .. }) {
            return Box::pin(self.exchangers(v, probing)).await;
        }
        if v.addresses == Addresses::All {
            return Box::pin(self.addresses(v, probing)).await;
        }
        self.one(self.done.left(v), probing).await
    }

    async fn exchangers(self, v: Visit, probing: Probing) -> Vec<Found> {
        let visits = match exchangers(&v, self.pace).await {
            Ok(visits) => visits,
            Err(failure) => return self.failed(v, failure),
        };
        let mut found = Vec::new();
        for exchanger in visits {
            found.extend(match exchanger {
                Ok(v) => self.seen(v, probing).await,
                Err(failure) => self.failed(v.clone(), failure),
            });
        }
        found
    }

    fn failed(self, v: Visit, failure: Failure) -> Vec<Found> {
        let Some(v) = self.done.left(v) else { return Vec::new() };
        let seen = Observation { server: v.server.clone(), ..Observation::without_visit(Err(failure)) };
        vec![Found::Seen(Box::new((v, seen)))]
    }

    /// One look.
    async fn one(self, v: Option<Visit>, probing: Probing) -> Vec<Found> {
        let Some(v) = v else { return Vec::new() };
        let seen = self.look(&v, probing).await;
        vec![Found::Seen(Box::new((v, seen)))]
    }

    /// A look at each address of the host, compared.
    async fn addresses(self, v: Visit, probing: Probing) -> Vec<Found> {
        if !matches!(v.endpoint.host, Host::Name { .. }) {
            return self.one(self.done.left(v), probing).await;
        }
        let Some(Ok(found)) = self.look_up(&v).await else {
            // What a look says of it is what there is to say.
            return self.one(self.done.left(v), probing).await;
        };
        let visits: Vec<Visit> = found.into_iter().map(|address| at_address(&v, address)).collect();
        let left: Vec<Option<Visit>> = visits.iter().map(|v| self.done.left(v.clone())).collect();
        if left.iter().all(Option::is_none) {
            return Vec::new();
        }
        // One that was reported before is looked at again: the others are compared with it.
        let each = left.iter().zip(visits).map(async |(left, reported)| {
            let (v, probing) = left.clone().map_or((reported, Probing::Off), |v| (v, probing));
            let seen = self.look(&v, probing).await;
            (v, seen)
        });
        let mut looks: Vec<(Visit, Observation)> = stream::iter(each).buffered(MOST_ADDRESSES).collect().await;
        compare(&mut looks);
        let looks = looks.into_iter().zip(&left).filter(|(_, left)| left.is_some());
        looks.map(|(look, _)| Found::Seen(Box::new(look))).collect()
    }

    /// The probes after visits that were made without.
    pub async fn look_into(self, found: &mut [Found], probing: Probing) {
        for found in found {
            if let Found::Seen(seen) = found {
                let (v, seen) = &mut **seen;
                self.look_further(v, seen, probing).await;
            }
        }
    }

    /// One visit, and the probes after it.
    async fn look(self, v: &Visit, probing: Probing) -> Observation {
        let _admitted = match self.admit(v).await {
            Ok(admitted) => admitted,
            Err(failure) => {
                return Observation { server: v.server.clone(), ..Observation::without_visit(Err(failure)) };
            }
        };
        let mut seen = visit(self.reach, v, self.pace).await;
        self.look_further(v, &mut seen, probing).await;
        seen
    }

    /// Waits until a visit may begin. One that will not find its server fails here.
    async fn admit(self, v: &Visit) -> Result<Admitted, Failure> {
        if self.pace.per_host.is_none() {
            return Ok(self.limits.admit(None).await);
        }
        let (server, lost) = Box::pin(self.server(v)).await;
        let admitted = self.limits.admit(Some(&server)).await;
        lost.map_or(Ok(admitted), Err)
    }

    /// Where a visit will go, as it counts there: names at one address are one server. Where none is found, that is
    /// all that the visit would come to, unless it tries again.
    async fn server(self, v: &Visit) -> (Server, Option<Failure>) {
        let called = || Server::Called(v.endpoint.host.clone());
        match self.look_up(v).await {
            None => (called(), None),
            // The one that is tried first.
            Some(Ok(found)) => {
                (found.first().map_or_else(called, |address| Server::At(address.ip().to_canonical())), None)
            }
            Some(Err(failure)) if failure.may_pass() && self.pace.retries > 0 => (called(), None),
            Some(Err(failure)) => (called(), Some(failure)),
        }
    }

    /// The addresses of a visit's host, before it is visited; none where a proxy knows the way.
    async fn look_up(self, v: &Visit) -> Option<Result<Vec<SocketAddr>, Failure>> {
        let look_up = async || {
            let allowed = self.pace.timeout;
            let attempting = Attempting::new(self.reach, v, Instant::now() + allowed, allowed);
            if attempting.is_direct() { Some(attempting.addresses().await) } else { None }
        };
        self.limits.look_up(look_up).await
    }

    /// The probes, before what is known of other addresses already.
    async fn look_further(self, v: &Visit, seen: &mut Observation, probing: Probing) {
        if probing == Probing::AfterMismatch {
            let found = Box::pin(probe(self.reach, v, seen, self.pace)).await;
            seen.evidence.probes.splice(0..0, found.probes);
            seen.evidence.unasked = found.unasked;
            seen.evidence.names = found.names;
        }
    }
}

/// A visit to one of the addresses of its host.
fn at_address(v: &Visit, address: SocketAddr) -> Visit {
    let host = host_at(address);
    let shown = host.lookup_text();
    let server = v.server.as_ref().map_or_else(|| shown.clone(), |exchanger| format!("{exchanger} {shown}"));
    let mut v = v.clone();
    v.endpoint.host = host;
    v.server = Some(Shown::new(server.as_bytes()));
    v
}

/// An address as a host, with the zone it is reached through.
fn host_at(address: SocketAddr) -> Host {
    match address {
        SocketAddr::V6(v6) if v6.scope_id() != 0 => Host::Ip(address.ip(), Some(v6.scope_id().to_string().into())),
        _ => Host::Ip(address.ip(), None),
    }
}

/// Each look is told what came at the other addresses, as if it had asked there.
fn compare(looks: &mut [(Visit, Observation)]) {
    let came: Vec<Option<Probe>> = looks
        .iter()
        .map(|(v, seen)| {
            let visited = seen.visit.as_ref()?;
            Some(Probe {
                question: Question::Address,
                address: Some(SocketAddr::new(visited.address?.ip(), visited.port)),
                port: visited.port,
                sni: v.sni.clone(),
                answer: match &seen.outcome {
                    Ok(served) => Ok(served.leaf.clone()),
                    Err(failure) => Err(failure.clone()),
                },
                elapsed: visited.elapsed,
            })
        })
        .collect();
    for (at, (_, seen)) in looks.iter_mut().enumerate() {
        let others = came.iter().enumerate().filter(|(other, _)| *other != at);
        seen.evidence.probes.extend(others.filter_map(|(_, probe)| probe.clone()));
    }
}

/// What a line of a list asks for.
pub enum Item {
    /// A look at a server.
    Visit(Box<Visit>),
    /// Nothing: it is no target, or the list cannot be read on.
    BadLine(Shown, Failure),
}

fn items(asking: &Asking, line: &Line, list: &Shown) -> Vec<Item> {
    let bad = |shown: Shown, why: String| {
        vec![Item::BadLine(shown.clone(), Failure::BadTargetLine { number: line.number, text: shown, why })]
    };
    let text = match &line.text {
        Text::Whole(text) => text,
        Text::Cut { beginning, length } => {
            return bad(Shown::target_beginning(beginning, *length), target::too_long(*length));
        }
        Text::Unreadable(why) => {
            let failure = Failure::UnreadableFile { path: list.clone(), why: why.clone() };
            return vec![Item::BadLine(list.clone(), failure)];
        }
    };
    let visits = asking.target(text).and_then(|target: Target| asking.visits(&target));
    match visits {
        Ok(visits) => visits.into_iter().map(|v| Item::Visit(Box::new(v))).collect(),
        Err(why) => bad(Shown::target_short(text), why),
    }
}
