//! The recipes under `examples/` and the action under `.github/actions/`, each run as far as it can be
//! without its host.
//!
//! | file | what it holds |
//! | --- | --- |
//! | `recipes/lab.rs` | servers, a folder, and a `certcheck` in the PATH that trusts the tests' root |
//! | `recipes/clean.rs` | what shellcheck says of every script, those inside YAML too; each host's schema of its file |
//! | `recipes/action.rs` | the composite action: its steps, run from `action.yml` by a small runner, not GitHub's |
//! | `recipes/jobs.rs` | GitLab's script lines and Jenkins' `sh` steps, as they stand in their files |
//! | `recipes/gate.rs` | the deploy gate |
//! | `recipes/metrics.rs` | cron's line for node_exporter |
//! | `recipes/distributed.rs` | GNU parallel, the shares of a Kubernetes Job, Spark: against one process |
//! | `recipes/packages.txt`, `requirements.txt`, `install.sh` | what Debian and PyPI have of it |
//!
//! Off unless `CERTCHECK_REAL_SERVERS=1`; when it is on, what is not installed fails the test.
#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::print_stdout)]
#![allow(clippy::disallowed_methods, clippy::disallowed_types, missing_docs, unreachable_pub)]

mod support;

#[path = "recipes/action.rs"]
mod action;
#[path = "recipes/clean.rs"]
mod clean;
#[path = "recipes/distributed.rs"]
mod distributed;
#[path = "loopback/driver.rs"]
mod driver;
#[path = "recipes/gate.rs"]
mod gate;
#[path = "recipes/jobs.rs"]
mod jobs;
#[path = "recipes/lab.rs"]
mod lab;
#[path = "recipes/metrics.rs"]
mod metrics;

use std::env;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::Instant;

use lab::Lab;

/// A recipe, and what runs it and says what was seen.
type Recipe = (&'static str, fn(&Lab) -> String);

const RECIPES: [Recipe; 8] = [
    ("action.yml", action::runs),
    ("gitlab-ci.yml", jobs::gitlab),
    ("Jenkinsfile", jobs::jenkins),
    ("deploy-gate.sh", gate::waits),
    ("node-exporter", metrics::writes),
    ("parallel.sh", distributed::parallel),
    ("kubernetes-job.yaml", distributed::kubernetes),
    ("spark.py", distributed::spark),
];

#[test]
fn each_recipe_does_what_it_says() {
    if env::var("CERTCHECK_REAL_SERVERS").as_deref() != Ok("1") {
        println!("recipes: off; CERTCHECK_REAL_SERVERS=1 turns them on (tests/recipes/install.sh)");
        return;
    }
    let lab = Lab::new();
    println!("ok         shellcheck: {} scripts", clean::scripts(&lab));
    println!("ok         schemas: {} files by what their hosts publish", clean::schemas(&lab));
    let mut ran = 0;
    for (name, recipe) in RECIPES {
        let begin = Instant::now();
        match catch_unwind(AssertUnwindSafe(|| recipe(&lab))) {
            Ok(seen) => {
                ran += 1;
                println!("ok         {name}: {seen} ({:.1} s)", begin.elapsed().as_secs_f32());
            }
            Err(_) => println!("FAILED     {name}"),
        }
    }
    println!("recipes: {ran} of {} ran", RECIPES.len());
    assert_eq!(ran, RECIPES.len());
}
