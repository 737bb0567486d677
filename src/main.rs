//! The `certcheck` command.

use std::process::ExitCode;

#[expect(clippy::disallowed_methods, reason = "the one place where arguments come from")]
fn main() -> ExitCode {
    certcheck::run(std::env::args_os()).into()
}
