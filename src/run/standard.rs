//! Whether a path leads to a standard stream: `/dev/stdout`, `/dev/fd/2`, or the name of the file that
//! the stream goes to. Opened once more, such a file has a position of its own, and what is written
//! there and what is written to the stream overwrite each other.

use std::fs::{File, Metadata};
use std::path::Path;

/// A standard stream that is written to.
#[cfg_attr(not(unix), expect(dead_code, reason = "elsewhere no path leads to one"))]
pub(super) enum Stream {
    /// Standard output.
    Output,
    /// Standard error, by a descriptor that shares its position.
    Error(File),
}

/// The stream that writes to the same file, pipe or device as this one is.
#[cfg(unix)]
pub(super) fn stream(there: &Metadata) -> Option<Stream> {
    use std::io::{stderr, stdout};
    use std::os::fd::{AsFd, BorrowedFd};
    use std::os::unix::fs::MetadataExt;

    let of = |fd: BorrowedFd<'_>| {
        let file = File::from(fd.try_clone_to_owned().ok()?);
        let stream = file.metadata().ok()?;
        ((stream.dev(), stream.ino()) == (there.dev(), there.ino())).then_some(file)
    };
    match of(stdout().as_fd()) {
        Some(_) => Some(Stream::Output),
        None => of(stderr().as_fd()).map(Stream::Error),
    }
}

/// Elsewhere no path leads to one.
#[cfg(not(unix))]
pub(super) fn stream(_: &Metadata) -> Option<Stream> {
    None
}

/// Whether standard output goes to the file at a path.
pub(super) fn is_output(path: &Path) -> bool {
    path.metadata().is_ok_and(|there| matches!(stream(&there), Some(Stream::Output)))
}
