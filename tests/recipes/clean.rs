//! What shellcheck says of every script, and each host's own schema of its file.

use std::fs;

use crate::lab::{Lab, installed, items, repository, run, text};

/// The files that are scripts.
const FILES: [&str; 5] = [
    "examples/deploy-gate.sh",
    "examples/distributed/parallel.sh",
    "examples/node-exporter/certcheck-metrics.sh",
    "tests/recipes/install.sh",
    "tests/packages.sh",
];

/// Asserts that nothing is said, and returns how many scripts there are.
pub fn scripts(lab: &Lab) -> usize {
    let mut scripts: Vec<String> = FILES.iter().map(|file| fs::read_to_string(repository(file)).unwrap()).collect();
    let action = lab.yaml(".github/actions/certcheck/action.yml");
    scripts.extend(items(&action["runs"]["steps"]).iter().map(|step| text(&step["run"]).to_owned()));
    for workflow in ["msrv", "release", "stages", "test"] {
        let jobs = &lab.yaml(&format!(".github/workflows/{workflow}.yml"))["jobs"];
        for step in jobs.as_object().unwrap().values().flat_map(|job| items(&job["steps"])) {
            // The runner's `bash`, where it is asked for a shell or has none of its own.
            scripts.extend(step["run"].as_str().map(|script| format!("# shellcheck shell=bash\n{script}\n")));
        }
    }
    let job = &lab.yaml("examples/gitlab-ci.yml")["certificates"];
    scripts.extend(["before_script", "script"].map(|part| crate::jobs::lines(&job[part])));
    scripts.extend(items(&crate::distributed::container(lab)["args"]).iter().map(|arg| text(arg).to_owned()));
    for script in &scripts {
        let file = lab.pki.file("script", script);
        run(lab.command("shellcheck", lab.pki.scratch.path()).args(["-s", "sh", &file])).exits(0);
    }
    scripts.len()
}

const WORKFLOW: &[&str] = &["check-jsonschema", "--builtin-schema", "vendor.github-workflows"];

/// A file, the command that holds it against its host's schema, and a key that the schema does not let pass when
/// it is misspelt.
const SCHEMAS: [(&str, &[&str], &str); 8] = [
    (
        ".github/actions/certcheck/action.yml",
        &["check-jsonschema", "--builtin-schema", "vendor.github-actions"],
        "using:",
    ),
    (".github/workflows/msrv.yml", WORKFLOW, "runs-on:"),
    (".github/workflows/release.yml", WORKFLOW, "needs:"),
    (".github/workflows/stages.yml", WORKFLOW, "timeout-minutes:"),
    (".github/workflows/test.yml", WORKFLOW, "fail-fast:"),
    (".github/dependabot.yml", &["check-jsonschema", "--builtin-schema", "vendor.dependabot"], "cooldown:"),
    ("examples/gitlab-ci.yml", &["check-jsonschema", "--builtin-schema", "vendor.gitlab-ci"], "reports:"),
    ("examples/distributed/kubernetes-job.yaml", &["kubernetes-validate", "--strict"], "completionMode:"),
];

/// Asserts that each file is what its host takes, and returns how many there are.
pub fn schemas(lab: &Lab) -> usize {
    for (name, validator, key) in SCHEMAS {
        let [program, args @ ..] = validator else { unreachable!() };
        let ends = |path: &str, code: i32| {
            run(lab.command(&installed(program), lab.pki.scratch.path()).args(args).arg(path)).exits(code)
        };
        ends(&repository(name), 0);
        let text = fs::read_to_string(repository(name)).unwrap();
        assert!(text.contains(key), "{name}");
        ends(&lab.pki.file("misspelt.yml", text.replacen(key, &format!("x{key}"), 1)), 1);
    }
    SCHEMAS.len()
}
