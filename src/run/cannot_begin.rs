//! Why a plan could not be begun.

use std::{fmt, io};

use crate::escape::Shown;

/// Why a plan could not be begun: nothing was checked.
#[derive(Debug)]
#[non_exhaustive]
pub enum CannotBegin {
    /// The trust anchors could not be loaded.
    Anchors {
        /// Of which file or store, escaped.
        from: Shown,
        /// Why.
        why: String,
    },
    /// The earlier certificates could not be read.
    Baseline {
        /// Of which file, escaped.
        path: Shown,
        /// Why.
        why: String,
    },
    /// The earlier output could not be read.
    Resume {
        /// Of which file, escaped.
        path: Shown,
        /// Why.
        why: String,
    },
    /// The list of targets could not be opened.
    List {
        /// Which, escaped.
        path: Shown,
        /// Why.
        why: String,
    },
    /// A file could not be begun.
    Output {
        /// Which, escaped.
        path: Shown,
        /// Why.
        why: io::Error,
    },
    /// A file that is to be written is another one of the run.
    SameFile {
        /// Which flag names it.
        flag: &'static str,
        /// Which, escaped.
        path: Shown,
        /// What would become of it.
        why: String,
    },
    /// The runtime could not be made.
    Runtime(io::Error),
    /// A variable or an option gives no valid proxy or login; which, and what is wrong with it.
    Proxy(String),
    /// The TLS library could not be set up.
    Tls(rustls::Error),
}

impl fmt::Display for CannotBegin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Anchors { from, why } => write!(f, "the trust anchors of {from}: {why}"),
            Self::Baseline { path, why } => write!(f, "the baseline {path}: {why}"),
            Self::Resume { path, why } => write!(f, "the earlier output {path}: {why}"),
            Self::List { path, why } => write!(f, "the list {path}: {why}"),
            Self::Output { path, why } => write!(f, "{path} could not be written: {why}"),
            Self::SameFile { flag, path, why } => write!(f, "{flag} `{path}`: {why}"),
            Self::Runtime(error) => write!(f, "the runtime could not be made: {error}"),
            Self::Proxy(why) => f.write_str(why),
            Self::Tls(error) => write!(f, "the TLS library could not be set up: {error}"),
        }
    }
}

impl std::error::Error for CannotBegin {}
