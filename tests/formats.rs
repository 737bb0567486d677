//! The output formats and `--output`.
//!
//! | file | what it holds |
//! | --- | --- |
//! | `formats/reports.rs` | reports of every kind, the same in every run |
//! | `formats/texts.rs` | each format's text for them, as it was read: `formats/texts/` |
//! | `formats/files.rs` | `--output`: files that are whole or not there |
//! | `formats/plugin.rs` | the states and exit codes of `--format nagios` |
//! | `formats/run.rs` | one run with every format, for what reads them |
//! | `formats/consumers.rs` | each format by its own consumer |
//! | `formats/page.rs` | the page in a browser |
//!
//! The last two are off unless `CERTCHECK_REAL_SERVERS=1`; when they are on, a consumer that is not
//! there fails the test. `formats/install.sh` installs them all on Debian.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::print_stdout)]
#![allow(clippy::disallowed_methods, clippy::disallowed_types, missing_docs, unreachable_pub)]

mod support;

#[cfg(target_os = "linux")]
#[path = "formats/consumers.rs"]
mod consumers;
#[path = "loopback/driver.rs"]
mod driver;
#[cfg(target_os = "linux")]
#[path = "formats/files.rs"]
mod files;
#[cfg(target_os = "linux")]
#[path = "formats/page.rs"]
mod page;
#[cfg(target_os = "linux")]
#[path = "formats/plugin.rs"]
mod plugin;
#[path = "formats/reports.rs"]
mod reports;
#[path = "formats/run.rs"]
mod run;
#[path = "formats/texts.rs"]
mod texts;
