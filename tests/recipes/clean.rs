//! What shellcheck says of every script.

use std::fs;

use crate::lab::{Lab, items, repository, run, text};

/// The files that are scripts.
const FILES: [&str; 4] = [
    "examples/deploy-gate.sh",
    "examples/distributed/parallel.sh",
    "examples/node-exporter/certcheck-metrics.sh",
    "tests/recipes/install.sh",
];

/// Asserts that nothing is said, and returns how many scripts there are.
pub fn scripts(lab: &Lab) -> usize {
    let mut scripts: Vec<String> = FILES.iter().map(|file| fs::read_to_string(repository(file)).unwrap()).collect();
    let action = lab.yaml(".github/actions/certcheck/action.yml");
    scripts.extend(items(&action["runs"]["steps"]).iter().map(|step| text(&step["run"]).to_owned()));
    let job = &lab.yaml("examples/gitlab-ci.yml")["certificates"];
    scripts.extend(["before_script", "script"].map(|part| crate::jobs::lines(&job[part])));
    scripts.extend(items(&crate::distributed::container(lab)["args"]).iter().map(|arg| text(arg).to_owned()));
    for script in &scripts {
        let file = lab.pki.file("script", script);
        run(lab.command("shellcheck", lab.pki.scratch.path()).args(["-s", "sh", &file])).exits(0);
    }
    scripts.len()
}
