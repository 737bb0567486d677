//! The built program against real servers in this process: each row of the command line, the exit
//! codes, the JSON and the errors, as somebody who types it sees them.
//!
//! | file | what it asks |
//! | --- | --- |
//! | `driver.rs` | runs the program, reads what it printed; certificates and servers to start from |
//! | `targets.rs` | TARGET in every form, routes |
//! | `secrets.rs` | no login, query or fragment in any output; a proxy's login from a file |
//! | `names.rs` | `--name`, `--sni`, `--no-sni`, one handshake for each distinct SNI |
//! | `trust.rs` | chain, usage, time and possession; `--roots`, `--ca-file`, `--ignore`, `--min-days` |
//! | `bounds.rs` | limits of files, of open files, of a line of JSON |
//! | `broken.rs` | handshakes that no client completes, although the certificate can be read |
//! | `crash.rs` | a run that is killed |
//! | `legacy.rs` | old servers, what is bounded, what is out of reach |
//! | `errors.rs` | why there is no certificate: stage, code, words |
//! | `runners.rs` | commands of CI runners in what others wrote |
//! | `lists.rs` | `--targets`, the fold of exit codes, summaries |
//! | `baseline.rs` | `--baseline` |
//! | `offline.rs` | `--cert` |
//! | `pace.rs` | `--timeout`, `--retries`, `--concurrency`, interruption |
//! | `mssql.rs` | `--starttls mssql`: a handshake in another protocol's packets |
//! | `route.rs` | `--proxy`, the environment, STARTTLS |
//! | `fleet.rs` | order, rate, limits, all addresses, waiting, resuming |
//! | `probes.rs` | further questions after a mismatch: which, how many, when, and what they cost |
//! | `files.rs` | files that are read and files that are written are not one |
//! | `output.rs` | formats, colour, `-q`, `-v`, closed and full outputs, knowledge |
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::print_stdout)]
#![allow(clippy::disallowed_methods, clippy::disallowed_types, missing_docs, unreachable_pub)]

mod support;

#[path = "loopback/baseline.rs"]
mod baseline;
#[path = "loopback/bounds.rs"]
mod bounds;
#[path = "loopback/broken.rs"]
mod broken;
#[path = "loopback/crash.rs"]
mod crash;
#[path = "loopback/driver.rs"]
mod driver;
#[path = "loopback/errors.rs"]
mod errors;
#[path = "loopback/files.rs"]
mod files;
#[path = "loopback/fleet.rs"]
mod fleet;
#[path = "loopback/legacy.rs"]
mod legacy;
#[path = "loopback/lists.rs"]
mod lists;
#[path = "loopback/mssql.rs"]
mod mssql;
#[path = "loopback/names.rs"]
mod names;
#[path = "loopback/offline.rs"]
mod offline;
#[path = "loopback/output.rs"]
mod output;
#[path = "loopback/pace.rs"]
mod pace;
#[path = "loopback/probes.rs"]
mod probes;
#[path = "loopback/route.rs"]
mod route;
#[path = "loopback/runners.rs"]
mod runners;
#[path = "loopback/secrets.rs"]
mod secrets;
#[path = "loopback/targets.rs"]
mod targets;
#[path = "loopback/threads.rs"]
mod threads;
#[path = "loopback/trust.rs"]
mod trust;
