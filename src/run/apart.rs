//! Files that are read stay as they are, and none is written twice. The files themselves are compared, whichever
//! ways their paths take there: an absolute path, `..`, a link.

use std::fs;
use std::path::{Path, PathBuf};

use super::CannotBegin;
use super::standard;
use crate::escape::Shown;
use crate::plan::{Input, LoginSource, Plan, Source, TrustPlan};

const LIST: &str = "--targets";
const WITHOUT_END: &str = "its reports would be read as targets, without end";

/// What happens to a file that is written.
pub(super) enum Written {
    /// Another takes its place at the end; where it is, by the one path without `..` and links.
    Replaced(PathBuf),
    /// Lines are put behind those that it has, at once.
    Appended,
}

/// The files that a run reads, and those that it is to write so far.
pub(super) struct Apart {
    /// With the flag that names each.
    read: Vec<(&'static str, PathBuf)>,
    written: Vec<(&'static str, PathBuf)>,
}

impl Apart {
    /// Of what a plan reads. What is not there, or is no file, is not replaced by anything.
    pub(super) fn new(plan: &Plan) -> Self {
        let (list, cert) = match &plan.source {
            Source::Network { list, .. } => (list.as_ref().map(place), None),
            Source::Offline { input, .. } => (None, Some(place(input))),
        };
        let anchors = if let TrustPlan::File(path) = &plan.trust { Some(path.as_path()) } else { None };
        let login = match &plan.proxy_login {
            Some(LoginSource::File(path)) => Some(path.as_path()),
            _ => None,
        };
        let read = [
            (LIST, list),
            ("--cert", cert),
            ("--ca-file", anchors),
            ("--baseline", plan.baseline.as_deref()),
            ("--resume", plan.resume.as_deref()),
            ("--proxy-user-file", login),
        ];
        let read = read.into_iter().filter_map(|(flag, path)| Some((flag, fs::canonicalize(path?).ok()?)));
        Self { read: read.collect(), written: Vec::new() }
    }

    /// One more that is written, by which flag.
    pub(super) fn add(&mut self, flag: &'static str, path: &Path, written: Written) -> Result<(), CannotBegin> {
        let refused = |why| Err(CannotBegin::SameFile { flag, path: Shown::path(path), why });
        match written {
            Written::Appended if self.is_list(path) => refused(format!("{LIST} reads that file, and {WITHOUT_END}")),
            Written::Appended => Ok(()),
            Written::Replaced(file) => {
                if let Some((reader, _)) = self.read.iter().find(|(_, read)| *read == file) {
                    return refused(format!("{reader} reads that file, and this would replace it"));
                }
                if let Some((other, _)) = self.written.iter().find(|(_, written)| *written == file) {
                    let other = if *other == flag { "another one" } else { other };
                    return refused(format!("{other} names the same file, and the second would replace the first"));
                }
                self.written.push((flag, file));
                Ok(())
            }
        }
    }

    fn is_list(&self, path: &Path) -> bool {
        fs::canonicalize(path).is_ok_and(|file| self.read.contains(&(LIST, file)))
    }
}

/// A list whose end moves away as its reports are written: standard output goes to it.
pub(super) fn list_is_not_output(plan: &Plan) -> Result<(), CannotBegin> {
    let Source::Network { list: Some(list), .. } = &plan.source else { return Ok(()) };
    let place = place(list);
    if place.is_file() && standard::is_output(place) {
        let why = format!("standard output goes to that file, and {WITHOUT_END}");
        return Err(CannotBegin::SameFile { flag: LIST, path: list.shown(), why });
    }
    Ok(())
}

/// Where an input is found; what is sent into standard input may be a file too.
fn place(input: &Input) -> &Path {
    match input {
        Input::File(path) => path,
        Input::Stdin => Path::new("/dev/stdin"),
    }
}
