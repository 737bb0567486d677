//! A proxy's login from an environment variable or a file, where other users of the machine do not see
//! it as they see a command line. Errors name the option and quote nothing: a login may have been typed
//! in place of the variable's name or of the path.

use std::ffi::OsString;
use std::fs::File;
use std::io::{self, Read};
use std::path::Path;
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use crate::plan::LoginSource;
use crate::proxy::Login;
use crate::roots::reason;

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
    // When the time is up nobody receives what the thread may still read.
    let begun = thread::Builder::new().spawn(move || send.send(read_bounded(&path)).is_ok());
    begun.map_err(|error| reason(&error))?;
    let bytes = receive
        .recv_timeout(patience)
        .map_err(|_| "the file could not be read within --timeout".to_owned())?
        .map_err(|error| reason(&error))?;
    if bytes.len() as u64 > MAX_FILE {
        return Err(format!("the file is larger than {MAX_FILE} bytes"));
    }
    Ok(bytes)
}

#[expect(clippy::disallowed_methods, reason = "the login's file is read here, with a limit")]
fn read_bounded(path: &Path) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    File::open(path)?.take(MAX_FILE + 1).read_to_end(&mut bytes)?;
    Ok(bytes)
}
