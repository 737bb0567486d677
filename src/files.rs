//! Opens and reads the files that a run is given: never more than a limit, and never for ever.

use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

/// How long a FIFO may wait for a process that writes to it. Opening one blocks until then
/// (fifo(7)).
const FIFO_PATIENCE: Duration = Duration::from_secs(5);

/// Opens a file for reading.
///
/// # Errors
/// As [`File::open`]; also for a directory, and for a FIFO that no process opens for writing within
/// five seconds.
#[expect(clippy::disallowed_methods, reason = "the one place where files are opened for reading")]
pub fn open(path: &Path) -> io::Result<File> {
    if is_fifo(path) {
        return open_fifo(path.to_owned());
    }
    let file = File::open(path)?;
    if file.metadata()?.is_dir() { Err(io::ErrorKind::IsADirectory.into()) } else { Ok(file) }
}

/// Reads a whole file that is at most `limit` bytes long.
///
/// # Errors
/// As [`open`]; [`io::ErrorKind::FileTooLarge`] for a longer one, of which no more is read than that.
pub fn read(path: &Path, limit: u64) -> io::Result<Vec<u8>> {
    read_from(open(path)?, limit)
}

/// The same of something that is open already.
///
/// # Errors
/// As [`read`].
pub fn read_from(reader: impl Read, limit: u64) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    reader.take(limit.saturating_add(1)).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > limit {
        return Err(io::Error::new(io::ErrorKind::FileTooLarge, format!("larger than {}", in_units(limit))));
    }
    Ok(bytes)
}

/// The message for an error, without the system's number for it.
#[must_use]
pub fn reason(error: &io::Error) -> String {
    match error.kind() {
        io::ErrorKind::NotFound => "file not found".to_owned(),
        io::ErrorKind::PermissionDenied => "permission denied".to_owned(),
        io::ErrorKind::IsADirectory => "it is a directory".to_owned(),
        _ => error.to_string(),
    }
}

fn in_units(bytes: u64) -> String {
    if bytes >= 1 << 20 { format!("{} MiB", bytes >> 20) } else { format!("{} KiB", bytes >> 10) }
}

#[cfg(unix)]
fn is_fifo(path: &Path) -> bool {
    use std::os::unix::fs::FileTypeExt;
    std::fs::metadata(path).is_ok_and(|about| about.file_type().is_fifo())
}

#[cfg(not(unix))]
fn is_fifo(_: &Path) -> bool {
    false
}

/// Opens a FIFO in a thread of its own, which is left behind where no process ever writes to it.
#[expect(clippy::disallowed_methods, reason = "the one place where files are opened for reading")]
fn open_fifo(path: PathBuf) -> io::Result<File> {
    let (send, receive) = mpsc::channel();
    // If the wait is over by then, the file is closed again.
    thread::Builder::new().name("fifo".to_owned()).spawn(move || drop(send.send(File::open(path))))?;
    receive.recv_timeout(FIFO_PATIENCE).unwrap_or_else(|_| {
        let why = format!("a FIFO that no process has written to for {} s", FIFO_PATIENCE.as_secs());
        Err(io::Error::new(io::ErrorKind::TimedOut, why))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_more_is_read_than_the_limit() {
        assert_eq!(read_from(&b"1234"[..], 4).unwrap(), b"1234");
        let error = read_from(io::repeat(0), 2 << 20).unwrap_err();
        assert_eq!((error.kind(), reason(&error)), (io::ErrorKind::FileTooLarge, "larger than 2 MiB".to_owned()));
        assert_eq!(reason(&read_from(io::repeat(0), 4096).unwrap_err()), "larger than 4 KiB");
    }

    #[test]
    fn what_is_not_a_file_is_said() {
        assert_eq!(reason(&open(&std::env::temp_dir()).unwrap_err()), "it is a directory");
        assert_eq!(reason(&open(Path::new("/nonexistent/x")).unwrap_err()), "file not found");
    }
}
