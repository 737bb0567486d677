//! Where reports go: standard output, and the files of `--output`, each in its format.

use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, OnceLock, PoisonError};
use std::time::{Duration, Instant};

use super::CannotBegin;
use super::apart::Apart;
use super::bar::Bar;
use super::file::{OutputFile, Place};
use crate::escape::Shown;
use crate::exit::{Exit, Plugin};
use crate::plan::Plan;
use crate::report::gist::Tally;
use crate::report::json::Json;
use crate::report::summary::Summary;
use crate::report::{Ending, Format, Report, nagios};

/// How far a run is, for whoever ends it from outside.
#[derive(Default)]
pub(super) struct Progress {
    tally: Mutex<Tally>,
    unfinished: Mutex<Vec<PathBuf>>,
    ending_files: AtomicBool,
    watched: Watched,
    bar: OnceLock<Bar>,
}

/// Who sees how far a run is.
#[derive(Default, PartialEq, Eq)]
enum Watched {
    #[default]
    ByNobody,
    /// Whoever sits at the terminal, where there is one.
    ByTheCaller,
}

impl Progress {
    /// Of a run that shows it.
    pub(super) fn shown() -> Self {
        Self { watched: Watched::ByTheCaller, ..Self::default() }
    }

    /// Begins to show it. By now an interrupt is listened to: it would leave the bar behind.
    pub(super) fn draw(&self, plan: &Plan) {
        if self.watched == Watched::ByTheCaller
            && let Some(bar) = Bar::new(plan)
        {
            // It is begun once.
            let _ = self.bar.set(bar);
        }
    }

    /// What is written before a last line by somebody who cannot wait for the bar to be taken away.
    pub(super) fn row_end(&self) -> &'static str {
        if self.bar.get().is_some() { "\n" } else { "" }
    }

    fn around<T>(&self, write: impl FnOnce() -> T) -> T {
        match self.bar.get() {
            Some(bar) => bar.around(write),
            None => write(),
        }
    }

    fn count(&self, report: &Report) {
        self.tally.lock().unwrap_or_else(PoisonError::into_inner).count(report);
    }

    /// Reports by how they ended.
    pub(super) fn tally(&self) -> Tally {
        *self.tally.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether files are being brought to the disk.
    pub(super) fn is_ending_files(&self) -> bool {
        self.ending_files.load(Ordering::Acquire)
    }

    /// Removes files that will not be finished.
    pub(super) fn abandon_files(&self) {
        // A lock that somebody panicked with still holds the paths.
        let unfinished = self.unfinished.lock().unwrap_or_else(PoisonError::into_inner);
        for path in unfinished.iter() {
            let _ = fs::remove_file(path);
        }
    }

    fn begun(&self, file: &OutputFile) {
        if let (Some(path), Ok(mut unfinished)) = (file.temporary(), self.unfinished.lock()) {
            unfinished.push(path.to_owned());
        }
    }
}

/// Where reports go.
pub(super) struct Sinks<'a> {
    /// The exit code of the reports so far, and of what else happened.
    pub(super) exit: Exit,
    pub(super) progress: &'a Progress,
    plugin: Plugin,
    summary: Option<Summary>,
    given: &'a mut dyn Write,
    all: Vec<Sink>,
    /// When what was written was passed on last.
    shown: Instant,
}

/// How long what was written may stay in a buffer while reports keep coming.
const UNSHOWN: Duration = Duration::from_millis(100);

#[expect(clippy::disallowed_methods, reason = "only how long output has been buffered")]
fn now() -> Instant {
    Instant::now()
}

struct Sink {
    format: Box<dyn Format>,
    out: Out,
    state: State,
    /// Writes each report into a file whose document is only made at the end, so that a crash loses
    /// none of them.
    journal: Option<Json>,
}

enum Out {
    /// Standard output; two that go there take turns.
    Given,
    File {
        file: OutputFile,
        path: Shown,
    },
}

enum State {
    Open,
    /// The reader went away.
    Closed,
    /// The output could not be written.
    Failed(io::Error),
}

/// What is left to say about the output.
pub(super) struct Written {
    /// What could not be written, and why; without a path it is standard output.
    pub(super) failures: Vec<(Option<Shown>, io::Error)>,
    /// Whether standard output was read to the end.
    pub(super) reader: Reader,
    /// The state of a monitoring plugin.
    pub(super) plugin: Plugin,
}

/// Who reads standard output.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Reader {
    Stayed,
    Left,
}

impl<'a> Sinks<'a> {
    /// Standard output alone.
    pub(super) fn new(format: Box<dyn Format>, out: &'a mut dyn Write, progress: &'a Progress) -> Self {
        let first = Sink { format, out: Out::Given, state: State::Open, journal: None };
        Self { exit: Exit::Ok, progress, plugin: Plugin::Ok, summary: None, given: out, all: vec![first], shown: now() }
    }

    /// One more file. Begun before anything is checked, so that what cannot be written is known then.
    pub(super) fn add(
        &mut self,
        format: Box<dyn Format>,
        path: &Path,
        flag: &'static str,
        apart: &mut Apart,
    ) -> Result<(), CannotBegin> {
        let shown = Shown::path(path);
        let begun = OutputFile::create(path).and_then(|place| Ok((place.written()?, place)));
        let (written, place) = begun.map_err(|why| CannotBegin::Output { path: shown.clone(), why })?;
        apart.add(flag, path, written)?;
        let out = match place {
            Place::StandardOutput => Out::Given,
            Place::File(file) => {
                self.progress.begun(&file);
                Out::File { file, path: shown }
            }
        };
        let is_whole = matches!(out, Out::File { file: OutputFile::Whole { .. }, .. });
        let journal = (is_whole && format.is_written_at_end()).then(Json::default);
        self.all.push(Sink { format, out, state: State::Open, journal });
        Ok(())
    }

    /// Keeps what the run comes to, to be told at the end.
    pub(super) fn summarise(&mut self) {
        self.summary = Some(Summary::default());
    }

    /// What the run came to, where that is kept.
    pub(super) fn summary(&self) -> Option<&Summary> {
        self.summary.as_ref()
    }

    pub(super) fn begin(&mut self) {
        let given = &mut *self.given;
        self.all.iter_mut().for_each(|sink| sink.write(given, |format, out| format.begin(out)));
    }

    pub(super) fn report(&mut self, report: &Report) {
        let exit = report.drawing.exit.unwrap_or(Exit::NotObtained);
        self.exit = self.exit.merge(exit);
        self.plugin = self.plugin.merge(nagios::state(report));
        self.progress.count(report);
        if let Some(summary) = &mut self.summary {
            summary.add(report);
        }
        if let Some(bar) = self.progress.bar.get() {
            bar.one(&self.progress.tally());
        }
        let (given, all) = (&mut *self.given, &mut self.all);
        self.progress.around(|| all.iter_mut().for_each(|sink| sink.report(report, given)));
        if self.shown.elapsed() > UNSHOWN {
            self.show();
        }
    }

    /// Passes on what was written so far: readers see it, and a crash does not lose it.
    pub(super) fn show(&mut self) {
        let (given, all) = (&mut *self.given, &mut self.all);
        self.progress.around(|| all.iter_mut().for_each(|sink| sink.write(given, |_, out| out.flush())));
        self.shown = now();
    }

    /// Whether anybody reads what is still found.
    pub(super) fn is_open(&self) -> bool {
        self.all.iter().any(|sink| matches!(sink.state, State::Open))
    }

    /// Ends every document, and gives files their names.
    pub(super) fn end(self) -> Written {
        if let Some(bar) = self.progress.bar.get() {
            bar.clear();
        }
        let ending = if self.exit == Exit::Interrupted { Ending::CutShort } else { Ending::Through };
        let mut written = Written { failures: Vec::new(), reader: Reader::Stayed, plugin: self.plugin };
        // Files first: standard output may belong to a reader who does not read.
        let (given, files): (Vec<_>, Vec<_>) = self.all.into_iter().partition(|s| matches!(s.out, Out::Given));
        self.progress.ending_files.store(true, Ordering::Release);
        for sink in files {
            sink.end(self.given, ending, &mut written);
        }
        self.progress.ending_files.store(false, Ordering::Release);
        for sink in given {
            sink.end(self.given, ending, &mut written);
        }
        written
    }
}

impl Sink {
    fn report(&mut self, report: &Report, given: &mut dyn Write) {
        let mut journal = self.journal.take();
        if let Some(journal) = &mut journal {
            self.write(given, |_, out| journal.one(report, out));
        }
        self.journal = journal;
        self.write(given, |format, out| format.one(report, out));
    }

    fn end(mut self, given: &mut dyn Write, ending: Ending, written: &mut Written) {
        if let (Some(_), Out::File { file, .. }, State::Open) = (&self.journal, &mut self.out, &self.state)
            && let Err(why) = file.restart()
        {
            self.state = State::Failed(why);
        }
        self.write(given, |format, out| format.end(ending, out));
        self.write(given, |_, out| out.flush());
        match (self.state, self.out) {
            (State::Open, Out::Given) => {}
            (State::Open, Out::File { file, path }) => {
                written.failures.extend(file.finish().err().map(|why| (Some(path), why)));
            }
            (State::Closed, Out::Given) => written.reader = Reader::Left,
            (State::Closed, Out::File { path, .. }) => {
                written.failures.push((Some(path), io::ErrorKind::BrokenPipe.into()));
            }
            (State::Failed(_), Out::Given) if written.failures.iter().any(|(path, _)| path.is_none()) => {}
            (State::Failed(why), Out::Given) => written.failures.push((None, why)),
            (State::Failed(why), Out::File { path, .. }) => written.failures.push((Some(path), why)),
        }
    }

    fn write(&mut self, given: &mut dyn Write, write: impl FnOnce(&mut dyn Format, &mut dyn Write) -> io::Result<()>) {
        if !matches!(self.state, State::Open) {
            return;
        }
        let out: &mut dyn Write = match &mut self.out {
            Out::Given => given,
            Out::File { file, .. } => file.writer(),
        };
        if let Err(error) = write(self.format.as_mut(), out) {
            self.state = match error.kind() {
                io::ErrorKind::BrokenPipe => State::Closed,
                _ => State::Failed(error),
            };
        }
    }
}
