//! Each cause of a mismatch, stood up with real servers in a network of its own: the right finding
//! leads, and what its help asks for mends it.
//!
//! | file | what it holds |
//! | --- | --- |
//! | `causes.tsv` | the causes: how each is stood up, the check, the code that leads, the change |
//! | `causes/servers.tsv` | more manners of servers, by the same columns |
//! | `causes/row.sh` | one row from end to end, in Linux namespaces |
//! | `causes/*.sh` beside it | the words in which the tables stand up and change things |
//! | `causes/table.rs` | the tables read |
//! | `causes/lab.rs` | an authority, and rows run side by side |
//! | `causes/packages.txt`, `requirements.txt`, `install.sh` | what Debian and PyPI have of it |
//!
//! Off unless `CERTCHECK_REAL_SERVERS=1`; when it is on, what is not installed or not permitted fails
//! the test. It needs root.
#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::print_stdout)]
#![allow(clippy::disallowed_methods, clippy::disallowed_types, missing_docs, unreachable_pub)]

mod support;

#[path = "causes/lab.rs"]
mod lab;
#[path = "causes/table.rs"]
mod table;

use std::env;

use lab::{Lab, Ran};
use serde_json::Value;
use table::Row;

/// How many causes there are, whatever the table holds.
const CAUSES: usize = 27;
/// How many more manners of servers.
const SERVERS: usize = 7;

#[test]
fn each_cause_leads_and_is_mended() {
    let causes = table::read("causes.tsv", include_str!("causes.tsv"));
    let servers = table::read("servers.tsv", include_str!("causes/servers.tsv"));
    assert_eq!(table::ids(&causes).len(), CAUSES, "{:?}", table::ids(&causes));
    assert_eq!(table::ids(&servers).len(), SERVERS, "{:?}", table::ids(&servers));
    if env::var("CERTCHECK_REAL_SERVERS").as_deref() != Ok("1") {
        println!("causes: off; CERTCHECK_REAL_SERVERS=1 turns them on (tests/causes/install.sh)");
        return;
    }
    let lab = Lab::new();
    for (what, rows, wanted) in [("servers", servers, SERVERS), ("causes", causes, CAUSES)] {
        let told: Vec<Told> = lab.run(&rows).iter().zip(&rows).map(|(ran, row)| judge(what, row, ran)).collect();
        let all = |is: fn(&Told) -> bool| {
            let ids = table::ids(&rows).into_iter();
            ids.filter(|id| rows.iter().zip(&told).all(|(row, told)| row.id != *id || is(told))).count()
        };
        let (led, mended) = (all(|told| told.led), all(|told| told.mended));
        println!("{what}: {wanted} rows, {led} led, {mended} mended");
        assert_eq!((led, mended), (wanted, wanted), "{what}");
    }
}

/// What came of a line.
struct Told {
    led: bool,
    mended: bool,
}

/// Whether the right finding led and the change mended it; says so, and why not.
fn judge(what: &str, row: &Row, ran: &Ran) -> Told {
    let led = ran.before.as_ref().map_err(Clone::clone).and_then(|(exit, report)| leads(row, *exit, report));
    let mended = ran.after.as_ref().map_err(Clone::clone).and_then(|(exit, report)| passes(row, *exit, report));
    let word = |outcome: &Result<(), String>| if outcome.is_ok() { "ok" } else { "UNEXPECTED" };
    let seconds = ran.elapsed.as_secs_f32();
    println!("led {:10} mended {:10} {what} {}: {} ({seconds:.1} s)", word(&led), word(&mended), row.id, row.code);
    for why in [&led, &mended].into_iter().filter_map(|outcome| outcome.as_ref().err()) {
        println!("--- {}:{} {why}\n{}", row.file, row.line, ran.log);
    }
    Told { led: led.is_ok(), mended: mended.is_ok() }
}

/// The first finding, or the error, is the one that it has to be, with what it rests on.
fn leads(row: &Row, exit: i32, report: &Value) -> Result<(), String> {
    let (lead, is_error) = match &report["error"] {
        Value::Null => (&report["diagnosis"][0], false),
        error => (error, true),
    };
    let asked: Vec<&str> =
        lead["evidence"].as_array().into_iter().flatten().filter_map(|e| e["probe"].as_str()).collect();
    let rests = match row.rests_on {
        "-" => true,
        "any" => !asked.is_empty(),
        "help" => is_error && lead["help"][0]["text"].as_str().is_some_and(|text| text.starts_with("asked ")),
        probes => probes.split(' ').all(|probe| asked.contains(&probe)),
    };
    if lead["code"] == row.code && exit == row.exit && rests {
        return Ok(());
    }
    Err(format!("{} with exit {} and {} was to lead; exit {exit}: {report:#}", row.code, row.exit, row.rests_on))
}

/// The check after the change passes, and the finding is gone.
fn passes(row: &Row, exit: i32, report: &Value) -> Result<(), String> {
    let is_gone = report["diagnosis"].as_array().is_some_and(|all| all.iter().all(|one| one["code"] != row.code));
    if exit == 0 && report["verdict"] == "match" && is_gone {
        return Ok(());
    }
    Err(format!("the check after the change was to pass; exit {exit}: {report:#}"))
}
