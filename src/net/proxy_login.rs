//! A proxy's login from an environment variable or a file, where other users of the machine do not see
//! it as they see a command line. Errors name the option and quote nothing: a login may have been typed
//! in place of the variable's name or of the path.

use std::ffi::OsString;
use std::path::Path;
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use crate::files::{self, reason};
use crate::plan::LoginSource;
use crate::proxy::Login;

/// The longest login file that is read, in bytes.
const MAX_FILE: u64 = 4096;

/// Reads a login; `get` reads an environment variable. A file that is a pipe is waited for this long.
///
/// # Errors
/// The option, and why it gives no login.
pub fn load(source: &LoginSource, get: impl Fn(&str) -> Option<OsString>, patience: Duration) -> Result<Login, String> {
    let bytes = match source {
        LoginSource::Variable(name) => name
            .to_str()
            .and_then(get)
            .map(OsString::into_encoded_bytes)
            .ok_or_else(|| "the environment variable is not set".to_owned()),
        LoginSource::File(path) => read(path, patience),
    };
    bytes.and_then(|bytes| Login::raw(&bytes)).map_err(|why| format!("{}: {why}", source.option()))
}

/// Opening a FIFO blocks until something writes to it, and so does reading one: a thread does both.
fn read(path: &Path, patience: Duration) -> Result<Vec<u8>, String> {
    let (path, (send, receive)) = (path.to_owned(), mpsc::channel());
    // After the time is up, the thread's result is dropped.
    let begun = thread::Builder::new().spawn(move || send.send(files::read(&path, MAX_FILE)).is_ok());
    begun.map_err(|error| reason(&error))?;
    receive
        .recv_timeout(patience)
        .map_err(|_| "the file could not be read within --timeout".to_owned())?
        .map_err(|error| reason(&error))
}
