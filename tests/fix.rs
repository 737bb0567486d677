//! `--fix` and `--client-fix`: what is printed, and that what is printed works.
//!
//! | file | what it asks |
//! | --- | --- |
//! | `fix/texts.rs` | when they are printed, what they hold, what they say instead |
//! | `fix/hostile.rs` | names and paths that are full of quotes, newlines and metacharacters |
//! | `fix/issue.rs` | each `--fix` by the real tool |
//! | `fix/connect.rs` | each `--client-fix` by the real client, against three servers |
//!
//! The last two are off unless `CERTCHECK_REAL_SERVERS=1`; when they are on, a tool that is not there
//! fails the test. `fix/install.sh` installs them all on Debian.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::print_stdout)]
#![allow(clippy::disallowed_methods, clippy::disallowed_types, missing_docs, unreachable_pub)]

mod support;

#[cfg(target_os = "linux")]
#[path = "fix/connect.rs"]
mod connect;
#[cfg(target_os = "linux")]
#[path = "real_servers/daemon.rs"]
#[allow(dead_code)]
mod daemon;
#[path = "loopback/driver.rs"]
mod driver;
#[path = "fix/hostile.rs"]
mod hostile;
#[cfg(target_os = "linux")]
#[path = "fix/issue.rs"]
mod issue;
#[path = "fix/texts.rs"]
mod texts;

use certcheck::data::fixes::{CLIENT, SERVER, Tool};
use serde_json::Value;

/// The names of these tools, as one argument takes them.
fn all(tools: &[Tool]) -> String {
    tools.iter().map(|tool| tool.name).collect::<Vec<_>>().join(",")
}

/// Both flags with every tool.
fn everything() -> String {
    format!("--fix {} --client-fix {}", all(SERVER), all(CLIENT))
}

/// The text of a tool in a report.
fn text<'a>(report: &'a Value, side: &str, tool: &str) -> &'a str {
    let fixes = report["fixes"].as_array().unwrap();
    let found = fixes.iter().find(|fix| fix["side"] == side && fix["tool"] == tool);
    found.unwrap_or_else(|| panic!("no {side} {tool}: {report:#}"))["text"].as_str().unwrap()
}

/// What of a text is no comment.
fn code(text: &str) -> String {
    let is_comment = |line: &&str| line.trim_start().starts_with('#') || line.trim_start().starts_with("//");
    text.lines().filter(|line| !is_comment(line)).fold(String::new(), |code, line| code + line + "\n")
}
