//! GitLab's script lines and Jenkins' `sh` steps, taken from their files and run in a folder that has a list.

use std::fs;
use std::path::Path;
use std::process::Command;

use regex::Regex;
use serde_json::Value;

use crate::lab::{Lab, items, repository, run, text};

/// The lines of a `script`.
pub fn lines(script: &Value) -> String {
    items(script).iter().map(text).collect::<Vec<_>>().join("\n")
}

/// Runs a job over a list that is all right, and over one that is not; the JUnit file and the others are there.
fn both(lab: &Lab, name: &str, junit: &str, others: &[&str], job: impl Fn(&Path) -> Command) -> String {
    for (kind, targets, code) in [
        ("good", vec![lab.good("a"), lab.good("b")], 0),
        ("bad", vec![lab.good("a"), lab.wrong("b"), lab.silent("c")], 1),
    ] {
        let folder = lab.folder(&format!("{name}-{kind}"));
        fs::write(folder.join("endpoints.txt"), targets.join("\n")).unwrap();
        run(&mut job(&folder)).exits(code);
        let report = fs::read_to_string(folder.join(junit)).unwrap();
        let report = quick_junit::Report::deserialize_from_str(&report).unwrap();
        let counts = (report.tests, report.failures, report.errors);
        assert_eq!(counts, (targets.len(), code.try_into().unwrap(), code.try_into().unwrap()), "{kind}");
        assert!(others.iter().all(|other| fs::metadata(folder.join(other)).unwrap().len() > 0), "{others:?}");
    }
    "exit codes 0 and 1; 3 test cases, a failure, an error".to_owned()
}

pub fn gitlab(lab: &Lab) -> String {
    let job = &lab.yaml("examples/gitlab-ci.yml")["certificates"];
    let script = [lines(&job["before_script"]), lines(&job["script"])].join("\n");
    let artifacts = &job["artifacts"];
    assert_eq!(artifacts["when"], "always", "a report of what is wrong has to be kept");
    let paths: Vec<&str> = items(&artifacts["paths"]).iter().map(text).collect();
    both(lab, "gitlab", text(&artifacts["reports"]["junit"]), &paths, |folder| {
        let mut command = lab.command("sh", folder);
        for (name, value) in job["variables"].as_object().unwrap() {
            command.env(name, text(value));
        }
        command.args(["-ec", &script]);
        command
    })
}

pub fn jenkins(lab: &Lab) -> String {
    let file = fs::read_to_string(repository("examples/Jenkinsfile")).unwrap();
    assert_eq!(file.matches('{').count(), file.matches('}').count());
    let steps = |name: &str| -> Vec<String> {
        let step = Regex::new(&format!(r"(?m)^ +{name} '([^'\\]+)'$")).unwrap();
        step.captures_iter(&file).map(|found| found[1].to_owned()).collect()
    };
    let (scripts, junit, kept) = (steps("sh"), steps("junit"), steps("archiveArtifacts"));
    assert_eq!((scripts.len(), junit.len(), kept.len()), (1, 1, 1));
    assert!(file.find("always {").unwrap() < file.find("junit '").unwrap());
    both(lab, "jenkins", &junit[0], &[&kept[0]], |folder| {
        let mut command = lab.command("sh", folder);
        command.args(["-xec", &scripts[0]]);
        command
    })
}
