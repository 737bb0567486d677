//! The page in Chromium, driven by playwright-core: sorted, filtered, opened, by mouse and by keyboard,
//! in the widths of a desk and of a phone, light and dark. `CERTCHECK_SCREENSHOTS=FOLDER` keeps what it
//! looked like.

use std::process::Command;

use crate::consumers::{beside, installed, is_on, read_by};
use crate::run::everything;

#[test]
fn the_page_works_in_a_browser() {
    if !is_on() {
        return;
    }
    let run = everything();
    let screenshots = std::env::var("CERTCHECK_SCREENSHOTS").unwrap_or_else(|_| run.path("screenshots"));
    let mut command = Command::new("node");
    command.args([&beside("read_page.cjs"), &run.path("report.html"), &run.path("stdout.ndjson"), &screenshots]);
    command.env("NODE_PATH", installed("npm/node_modules"));
    print!("{}", read_by(&mut command));
}
