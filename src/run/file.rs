//! A file that appears whole or not at all: written under another name in the same folder, brought to
//! the disk, then renamed. Until then it is called `.NAME.RANDOM.partial`, and is locked by the run that
//! writes it; what a run that was killed left behind is removed by the next one that writes NAME. What
//! is not a regular file (a device, a pipe) is written as it comes, and so is
//! an open descriptor's (`/dev/fd/3`), whose owner goes on to write there.

use std::fs::{self, File, OpenOptions};
use std::io::{self, BufWriter, Seek, Write};
use std::path::{Path, PathBuf};

use tempfile::{Builder, TempPath};

use super::apart::Written;
use super::standard::{Stream, stream};

/// How much is gathered before it is written.
const BUFFER: usize = 1 << 16;
/// How many links are followed, as Linux does.
const MAX_LINKS: usize = 40;
/// How a file ends that is not finished.
const PARTIAL: &str = ".partial";
/// How many characters stand between the beginning and the end of such a name.
const RANDOM: usize = 6;
/// Where descriptors have names.
const DESCRIPTORS: [&str; 2] = ["/dev/fd", "/proc"];

/// Where reports go that are to be written to a path.
pub(super) enum Place {
    /// Where standard output goes.
    StandardOutput,
    /// Elsewhere.
    File(OutputFile),
}

/// A file under way; gone without a trace unless it is finished.
pub(super) enum OutputFile {
    /// Under its other name.
    Whole {
        /// Where it is written.
        file: BufWriter<File>,
        /// The other name; the file goes with it.
        name: TempPath,
        /// Where it belongs.
        path: PathBuf,
    },
    /// What cannot be replaced.
    Device(BufWriter<File>),
}

impl Place {
    /// What happens to the file that is there.
    pub(super) fn written(&self) -> io::Result<Written> {
        match self {
            Self::File(OutputFile::Whole { path, .. }) => {
                let folder = fs::canonicalize(folder(path))?;
                Ok(Written::Replaced(path.file_name().map_or_else(|| folder.clone(), |name| folder.join(name))))
            }
            Self::File(OutputFile::Device(_)) | Self::StandardOutput => Ok(Written::Appended),
        }
    }
}

impl OutputFile {
    /// Begins a file; what is there under its name stays until the end.
    pub(super) fn create(path: &Path) -> io::Result<Place> {
        let there = match fs::metadata(path) {
            Ok(there) => there,
            // A link stays one: what it leads to is made, or replaced.
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                return Self::whole(end_of_links(path), None).map(Place::File);
            }
            Err(error) => return Err(error),
        };
        if there.is_dir() {
            return Err(io::ErrorKind::IsADirectory.into());
        }
        let is_descriptor = DESCRIPTORS.iter().any(|folder| path.starts_with(folder));
        let file = match stream(&there) {
            Some(Stream::Output) => return Ok(Place::StandardOutput),
            Some(Stream::Error(file)) => Self::device(file),
            None if !there.is_file() || is_descriptor => Self::device(OpenOptions::new().append(true).open(path)?),
            None => Self::whole(fs::canonicalize(path)?, Some(there.permissions()))?,
        };
        Ok(Place::File(file))
    }

    fn device(file: File) -> Self {
        Self::Device(BufWriter::with_capacity(BUFFER, file))
    }

    fn whole(path: PathBuf, permissions: Option<fs::Permissions>) -> io::Result<Self> {
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        // A name may have 255 bytes; this one is longer than the file's own.
        let short: String = name.chars().take(32).collect();
        let prefix = format!(".{short}.");
        // With the permissions of any new file: by itself tempfile's is for its owner alone.
        let open = |path: &Path| {
            let file = OpenOptions::new().write(true).create_new(true).open(path)?;
            // Where files cannot be locked, nothing is ever taken for abandoned.
            let _ = file.lock();
            Ok(file)
        };
        remove_abandoned(folder(&path), &prefix);
        let mut builder = Builder::new();
        builder.prefix(&prefix).suffix(PARTIAL).rand_bytes(RANDOM);
        let (file, name) = builder.make_in(folder(&path), open)?.into_parts();
        if let Some(permissions) = permissions {
            fs::set_permissions(&name, permissions)?;
        }
        Ok(Self::Whole { file: BufWriter::with_capacity(BUFFER, file), name, path })
    }

    /// The other name, as long as there is one.
    pub(super) fn temporary(&self) -> Option<&Path> {
        match self {
            Self::Whole { name, .. } => Some(name),
            Self::Device(_) => None,
        }
    }

    pub(super) fn writer(&mut self) -> &mut dyn Write {
        match self {
            Self::Whole { file, .. } | Self::Device(file) => file,
        }
    }

    /// Begins the file anew. What a device was given cannot be taken back.
    pub(super) fn restart(&mut self) -> io::Result<()> {
        match self {
            Self::Whole { file, .. } => {
                file.flush()?;
                file.get_mut().set_len(0)?;
                file.rewind()
            }
            Self::Device(_) => Ok(()),
        }
    }

    /// Gives the file its name. Where that fails, what was there before still is.
    pub(super) fn finish(self) -> io::Result<()> {
        match self {
            Self::Whole { file, name, path } => {
                let file = file.into_inner().map_err(io::IntoInnerError::into_error)?;
                file.sync_all()?;
                drop(file);
                name.persist(&path).map_err(|error| error.error)?;
                sync_folder(&path);
                Ok(())
            }
            Self::Device(mut file) => file.flush(),
        }
    }
}

/// Removes the partial files of runs that are no longer there to finish them: their locks are gone.
fn remove_abandoned(folder: &Path, prefix: &str) {
    let Ok(entries) = fs::read_dir(folder) else { return };
    for entry in entries.flatten() {
        let name = entry.file_name();
        let random = name.to_str().and_then(|name| name.strip_prefix(prefix)?.strip_suffix(PARTIAL));
        let is_partial =
            random.is_some_and(|random| random.len() == RANDOM && random.bytes().all(|b| b.is_ascii_alphanumeric()));
        // What cannot be opened or locked is left alone.
        if is_partial && OpenOptions::new().read(true).open(entry.path()).is_ok_and(|file| file.try_lock().is_ok()) {
            let _ = fs::remove_file(entry.path());
        }
    }
}

/// The name that links lead to, where nothing is yet.
fn end_of_links(path: &Path) -> PathBuf {
    let mut path = path.to_owned();
    for _ in 0..MAX_LINKS {
        let Ok(next) = fs::read_link(&path) else { break };
        path = folder(&path).join(next);
    }
    path
}

fn folder(path: &Path) -> &Path {
    path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

/// Brings the new name to the disk, where a folder can be opened; the file itself is there already.
fn sync_folder(path: &Path) {
    if let Ok(folder) = OpenOptions::new().read(true).open(folder(path)) {
        let _ = folder.sync_all();
    }
}
