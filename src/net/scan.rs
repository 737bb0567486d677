//! Many visits: targets stream in, observations stream out, a bounded number under way.

use std::fs::File;
use std::io::{self, BufRead, BufReader, Read};

use futures_util::StreamExt;
use futures_util::stream::{self, LocalBoxStream};
use tokio::sync::mpsc;

use super::mx::exchangers;
use super::probe::probe;
use super::visit::{Reach, visit};
use crate::escape::Shown;
use crate::evidence::{Failure, Observation};
use crate::plan::{Asking, Input, Located, Pace, Probing, Visit};
use crate::target::{self, Target};

/// The longest line of a list that is looked at, in bytes.
const MAX_LINE: usize = 8192;
/// How many lines are passed on at once, where so many are there.
const BATCH: usize = 64;
/// How many batches are read ahead.
const READ_AHEAD: usize = 4;

/// What comes out of a scan.
pub enum Found {
    /// A server was visited.
    Seen(Box<(Visit, Observation)>),
    /// A line is no target, or the list cannot be read on.
    BadLine(Shown, Failure),
}

/// Visits for targets of the command line: reported in their order.
pub fn in_order<'a>(
    reach: &'a Reach,
    visits: Vec<Visit>,
    pace: &'a Pace,
    probing: Probing,
) -> LocalBoxStream<'a, Found> {
    let each = move |v: Visit| seen(reach, v, pace, probing);
    stream::iter(visits).map(each).buffered(pace.concurrency.get()).flat_map(stream::iter).boxed_local()
}

/// Visits for the lines of a list: reported as they finish.
///
/// # Errors
/// The list's, where it cannot be opened.
pub fn as_they_finish<'a>(
    reach: &'a Reach,
    list: &Input,
    asking: &'a Asking,
    pace: &'a Pace,
    probing: Probing,
) -> io::Result<LocalBoxStream<'a, Found>> {
    let mut batches = read_lines(list)?;
    let shown = list.shown();
    let each = move |item: Item| async move {
        match item {
            Item::BadLine(shown, failure) => vec![Found::BadLine(shown, failure)],
            Item::Visit(v) => seen(reach, *v, pace, probing).await,
        }
    };
    let items = stream::poll_fn(move |cx| batches.poll_recv(cx))
        .flat_map(stream::iter)
        .flat_map(move |line| stream::iter(items(asking, &line, &shown)));
    Ok(items.map(each).buffer_unordered(pace.concurrency.get()).flat_map(stream::iter).boxed_local())
}

/// What a visit finds; where it stands for several servers, each of them, one after the other.
async fn seen(reach: &Reach, v: Visit, pace: &Pace, probing: Probing) -> Vec<Found> {
    if !matches!(v.located, Located::ByMx { .. }) {
        let seen = look(reach, &v, pace, probing).await;
        return vec![Found::Seen(Box::new((v, seen)))];
    }
    let visits = match exchangers(&v, pace).await {
        Ok(visits) => visits,
        Err(failure) => {
            let seen = Observation::without_visit(Err(failure));
            return vec![Found::Seen(Box::new((v, seen)))];
        }
    };
    let mut found = Vec::new();
    for exchanger in visits {
        found.push(match exchanger {
            Ok(v) => {
                let seen = look(reach, &v, pace, probing).await;
                Found::Seen(Box::new((v, seen)))
            }
            Err(failure) => {
                let seen = Observation::without_visit(Err(failure));
                Found::Seen(Box::new((v.clone(), seen)))
            }
        });
    }
    found
}

/// One visit, and the probes after it.
async fn look(reach: &Reach, v: &Visit, pace: &Pace, probing: Probing) -> Observation {
    let mut seen = visit(reach, v, pace).await;
    if probing == Probing::AfterMismatch {
        // On the heap: few visits come here, and each that is under way would keep the room for it.
        seen.evidence = Box::pin(probe(reach, v, &seen, pace.timeout)).await;
    }
    seen
}

enum Item {
    Visit(Box<Visit>),
    BadLine(Shown, Failure),
}

/// One line of a list.
struct Line {
    number: u64,
    text: Result<Vec<u8>, String>,
}

fn items(asking: &Asking, line: &Line, list: &Shown) -> Vec<Item> {
    let bad = |text: &[u8], why: String| {
        let shown = target::redacted(text);
        vec![Item::BadLine(shown.clone(), Failure::BadTargetLine { number: line.number, text: shown, why })]
    };
    let text = match &line.text {
        Ok(text) => text,
        Err(why) => {
            let failure = Failure::UnreadableFile { path: list.clone(), why: why.clone() };
            return vec![Item::BadLine(list.clone(), failure)];
        }
    };
    let visits = asking.target(text).and_then(|target: Target| asking.visits(&target));
    match visits {
        Ok(visits) => visits.into_iter().map(|v| Item::Visit(Box::new(v))).collect(),
        Err(why) => bad(text, why),
    }
}

/// Reads a list in a thread of its own, so that a slow writer of standard input does not hold the
/// checks that are under way. Blank lines and those that begin with `#` are skipped.
#[expect(clippy::disallowed_methods, reason = "lists are opened here")]
fn read_lines(list: &Input) -> io::Result<mpsc::Receiver<Vec<Line>>> {
    let (send, receive) = mpsc::channel(READ_AHEAD);
    let reader: Box<dyn Read + Send> = match list {
        Input::Stdin => Box::new(io::stdin()),
        Input::File(path) => Box::new(File::open(path)?),
    };
    std::thread::Builder::new().name("targets".to_owned()).spawn(move || {
        let mut reader = BufReader::new(reader);
        let mut number = 0;
        let mut batch = Vec::new();
        loop {
            let line = read_line(&mut reader);
            let last = !matches!(line, Some(Ok(_)));
            number += 1;
            let skipped = |text: &[u8]| text.is_empty() || text.starts_with(b"#");
            if let Some(text) = line.filter(|line| !line.as_ref().is_ok_and(|text| skipped(text))) {
                batch.push(Line { number, text });
            }
            // What is there is passed on before waiting for more: a writer may be slow.
            let waits = !reader.buffer().contains(&b'\n');
            if (last || waits || batch.len() >= BATCH)
                && !batch.is_empty()
                && send.blocking_send(std::mem::take(&mut batch)).is_err()
                || last
            {
                return;
            }
        }
    })?;
    Ok(receive)
}

/// The next line without its end and the white space around it; over-long ones are cut, which makes
/// them no target. `None` at the end, an error where reading fails.
fn read_line(reader: &mut impl BufRead) -> Option<Result<Vec<u8>, String>> {
    let mut line = Vec::new();
    let limit = MAX_LINE as u64;
    match reader.by_ref().take(limit).read_until(b'\n', &mut line) {
        Ok(0) => return None,
        Ok(_) => {}
        Err(error) => return Some(Err(crate::roots::reason(&error))),
    }
    if line.len() == MAX_LINE && line.last() != Some(&b'\n') {
        let mut rest = Vec::new();
        while let Ok(n) = reader.by_ref().take(limit).read_until(b'\n', &mut rest)
            && n > 0
            && rest.last() != Some(&b'\n')
        {
            rest.clear();
        }
    }
    Some(Ok(line.trim_ascii().to_vec()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_trimmed_and_bounded() {
        let long = vec![b'x'; 20_000];
        let text = [b" a.example \r\n\n# c\n", &long[..], b"\nb.example"].concat();
        let mut reader = BufReader::new(&text[..]);
        let mut lengths = Vec::new();
        while let Some(Ok(line)) = read_line(&mut reader) {
            lengths.push(line.len());
        }
        assert_eq!(lengths, [9, 0, 3, MAX_LINE, 9]);
    }
}
