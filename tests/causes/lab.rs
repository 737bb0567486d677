//! An authority for all rows, and each row in a folder and namespaces of its own.

use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use serde_json::Value;

use crate::support::{Authority, ScratchDir, pem_of, scratch_dir};
use crate::table::Row;

/// How many rows run at once: most of a row is waiting.
const AT_ONCE: usize = 4;
/// How long a row may take, in seconds.
const MOST: &str = "60";

/// Where everything is; gone on drop.
pub struct Lab {
    scratch: ScratchDir,
}

/// A check's exit code and report, or why there is none.
pub type Checked = Result<(i32, Value), String>;

/// What came of a row.
pub struct Ran {
    /// The check of what was stood up.
    pub before: Checked,
    /// The check after the change.
    pub after: Checked,
    /// What the row's commands said.
    pub log: String,
    /// From start to end.
    pub elapsed: Duration,
}

impl Lab {
    /// A new one, with its authority.
    pub fn new() -> Self {
        let scratch = scratch_dir("causes");
        let root = Authority::root("Loopback Root");
        scratch.write("ca.pem", root.pem());
        scratch.write("ca.key", pem_of(&root.key.pkcs8, "PRIVATE KEY"));
        Self { scratch }
    }

    /// Runs the rows, some at once.
    pub fn run(&self, rows: &[Row]) -> Vec<Ran> {
        let next = AtomicUsize::new(0);
        let done: Mutex<Vec<Option<Ran>>> = Mutex::new(rows.iter().map(|_| None).collect());
        thread::scope(|scope| {
            for _ in 0..AT_ONCE {
                scope.spawn(|| {
                    while let Some((at, row)) =
                        Some(next.fetch_add(1, Ordering::Relaxed)).and_then(|n| Some((n, rows.get(n)?)))
                    {
                        let ran = self.one(row);
                        done.lock().unwrap()[at] = Some(ran);
                    }
                });
            }
        });
        done.into_inner().unwrap().into_iter().map(Option::unwrap).collect()
    }

    fn one(&self, row: &Row) -> Ran {
        let start = Instant::now();
        let folder = self.scratch.path().join(format!("{}-{}", row.file, row.line));
        fs::create_dir(&folder).unwrap();
        let root = Path::new(env!("CARGO_MANIFEST_DIR"));
        let words = root.join("tests/causes");
        // With its first process all of a PID namespace's go.
        let mut command = Command::new("timeout");
        command.args(["-k", "5", MOST, "unshare", "-m", "-n", "-p", "--fork", "--kill-child", "--mount-proc", "sh"]);
        command.arg(words.join("row.sh")).arg(&folder).args([row.stand, row.check, row.change]);
        command.env_clear().env("PATH", "/usr/sbin:/usr/bin:/sbin:/bin").env("LC_ALL", "C.UTF-8");
        command.env("LAB", &words).env("CA", self.scratch.path()).env("PROGRAM", env!("CARGO_BIN_EXE_certcheck"));
        command.env("MITMDUMP", root.join("target/causes/venv/bin/mitmdump"));
        let output = command.stdin(Stdio::null()).output().expect("timeout (coreutils) and unshare (util-linux)");
        let log = String::from_utf8_lossy(&output.stderr).into_owned();
        let ended = |checked| {
            if output.status.success() { Ok(checked) } else { Err(format!("row.sh ended with {}", output.status)) }
        };
        let after = checked(&folder, "after").and_then(ended);
        Ran { before: checked(&folder, "before"), after, log, elapsed: start.elapsed() }
    }
}

/// What a check left.
fn checked(folder: &Path, name: &str) -> Checked {
    let read = |ending: &str| {
        let file = folder.join(format!("{name}.{ending}"));
        fs::read_to_string(file).map_err(|error| format!("no {name}.{ending}: {error}"))
    };
    let exit = read("exit")?.trim().parse().map_err(|error| format!("{name}.exit: {error}"))?;
    let report = read("json")?;
    Ok((exit, serde_json::from_str(&report).map_err(|error| format!("{error}: {report}"))?))
}
