//! Will the clients that connect to this server accept its certificate for this name, and if not,
//! why, and what has to change?
//!
//! The map of the house. Rooms below the line may import rooms above it, never the reverse; above
//! it everything is pure: bytes, values and instants in, values out; no clock, no environment, no
//! I/O. `clippy.toml` and `tests/house.rs` hold that line.
//!
//! | room | what it knows |
//! | --- | --- |
//! | [`escape`] | foreign bytes as text that is safe to show |
//! | [`exit`] | exit codes, and how many become one |
//! | [`certificate`] | DER to a certificate: names as bytes, dates, key |
//! | [`identity`] | RFC 9525: reference and presented identifiers, and the matcher |
//! | [`starttls`] | how protocols in plain text turn to TLS: bytes in, steps out |
//! | [`tls`] | versions, cipher suites, groups, alerts, and what current clients offer |
//! | [`target`] | a TARGET as text to host, port and name |
//! | [`proxy`] | a proxy's address as text to how it is reached |
//! | [`trust`] | chain, usage and time, by rustls-webpki |
//! | [`evidence`] | what was seen, as plain facts |
//! | [`policy`] | verdicts to accepted and exit code |
//! | [`data`] | knowledge as tables |
//! | [`diagnosis`] | findings from facts, and which one leads |
//! | [`report`] | the report, its JSON and its other formats |
//! | [`advice`] | what to do: with an error that somebody holds, at the server, as a client |
//! | [`assess`] | one observation and its names to reports |
//! | --- | --- |
//! | [`cli`] | the arguments as clap sees them |
//! | [`usage`] | what is said about the arguments; the manual page |
//! | [`plan`] | arguments to a plan, in which no value can be wrong |
//! | [`resume`] | reads what an earlier output already holds |
//! | [`baseline`] | reads what certificates were before |
//! | [`files`] | opens and reads files, within limits |
//! | [`roots`] | loads trust anchors and certificates |
//! | [`terminal`] | what standard output can show |
//! | [`net`] | sockets, the resolver, TLS |
//! | [`mod@run`] | the stages, one after the other |
//!
//! The way of a check: arguments → [`plan::Plan`] → visits → [`evidence::Observation`], where I/O
//! ends → [`certificate::Certificate`] → [`identity::Verdict`], trust and time beside it →
//! findings → [`report::Report`] → formats and exit code. [`check`] is the one entry.

pub mod advice;
pub mod assess;
pub mod baseline;
pub mod certificate;
pub mod cli;
pub mod clients;
pub mod data;
pub mod diagnosis;
pub mod escape;
pub mod evidence;
pub mod exit;
pub mod files;
pub mod identity;
pub mod net;
pub mod plan;
pub mod policy;
pub mod proxy;
pub mod report;
pub mod resume;
pub mod roots;
pub mod run;
pub mod starttls;
pub mod target;
pub mod terminal;
pub mod tls;
pub mod trust;
pub mod usage;

pub use run::{check, run};
