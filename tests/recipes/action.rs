//! The composite action: its steps, run from `action.yml` by a small runner. It is not GitHub's: it knows
//! the inputs, `env`, `shell: sh` and the files of outputs and summaries, and refuses what it does not know.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use regex::Regex;
use serde_json::Value;

use crate::driver::Output;
use crate::lab::{Lab, items, repository, run, text};

/// What a run of the action left.
struct Ran {
    output: Output,
    outputs: BTreeMap<String, String>,
    summary: String,
    folder: PathBuf,
}

/// Runs the action in a new folder.
fn action(lab: &Lab, folder: &str, with: &[(&str, &str)]) -> Ran {
    let file = lab.yaml(".github/actions/certcheck/action.yml");
    let folder = lab.folder(folder);
    let mut inputs = BTreeMap::new();
    for (name, input) in file["inputs"].as_object().unwrap() {
        let given = with.iter().find(|(given, _)| given == name).map(|(_, value)| *value);
        let value = given.or(input["default"].as_str());
        inputs.insert(name.clone(), value.unwrap_or_else(|| panic!("{name} is required")).to_owned());
    }
    assert!(with.iter().all(|(name, _)| inputs.contains_key(*name)), "{with:?}");
    let mut values: BTreeMap<String, String> =
        inputs.into_iter().map(|(name, value)| (format!("inputs.{name}"), value)).collect();
    let mut last = None;
    for (number, step) in items(&file["runs"]["steps"]).iter().enumerate() {
        let (output, said) = one(lab, &folder, number, step, &values);
        assert!(said.keys().all(|name| file["outputs"].get(name).is_some()), "an input writes an output: {said:?}");
        if let Some(id) = step["id"].as_str() {
            values.extend(said.into_iter().map(|(name, value)| (format!("steps.{id}.outputs.{name}"), value)));
        }
        let failed = output.code != 0;
        last = Some((number, output));
        if failed {
            break;
        }
    }
    let (number, output) = last.unwrap();
    let outputs = file["outputs"].as_object().unwrap();
    let outputs = outputs.iter().map(|(name, output)| (name.clone(), expand(text(&output["value"]), &values)));
    let summary = fs::read_to_string(folder.join(format!("summary-{number}"))).unwrap();
    Ran { output, outputs: outputs.collect(), summary, folder }
}

/// One step, as the runner calls `shell: sh`.
fn one(
    lab: &Lab,
    folder: &Path,
    number: usize,
    step: &Value,
    values: &BTreeMap<String, String>,
) -> (Output, BTreeMap<String, String>) {
    let known = ["name", "id", "shell", "env", "run"];
    assert!(step.as_object().unwrap().keys().all(|key| known.contains(&key.as_str())), "{step}");
    assert_eq!(step["shell"], "sh");
    assert!(!text(&step["run"]).contains("${{"), "an input would be a part of the script: {step}");
    let file = |name: &str| folder.join(format!("{name}-{number}"));
    for name in ["summary", "output"] {
        fs::write(file(name), "").unwrap();
    }
    fs::write(file("script"), text(&step["run"])).unwrap();
    let mut command = lab.command("sh", folder);
    command.arg("-e").arg(file("script"));
    for (name, value) in step["env"].as_object().into_iter().flatten() {
        command.env(name, expand(text(value), values));
    }
    command.env("GITHUB_ACTION_PATH", repository(".github/actions/certcheck"));
    command.env("GITHUB_STEP_SUMMARY", file("summary")).env("GITHUB_OUTPUT", file("output"));
    let output = run(&mut command);
    let said = fs::read_to_string(file("output")).unwrap();
    let said = said.lines().map(|line| line.split_once('=').unwrap()).map(|(name, value)| (name.into(), value.into()));
    (output, said.collect())
}

/// A value that is one expression; where there is none of that name, nothing.
fn expand(text: &str, values: &BTreeMap<String, String>) -> String {
    let expression = Regex::new(r"^\$\{\{ ([a-z.-]+) \}\}$").unwrap();
    let name = expression.captures(text).unwrap_or_else(|| panic!("more than a name: {text}"));
    values.get(&name[1]).cloned().unwrap_or_default()
}

pub fn runs(lab: &Lab) -> String {
    let rows = |ran: &Ran| ran.summary.lines().filter(|line| line.starts_with('|')).count() - 2;
    let results = |ran: &Ran| {
        let sarif = fs::read_to_string(ran.folder.join(&ran.outputs["sarif"])).unwrap();
        let sarif: Value = serde_json::from_str(&sarif).unwrap();
        assert_eq!(sarif["version"], "2.1.0");
        items(&sarif["runs"][0]["results"]).iter().filter(|result| result["ruleId"] == "wildcard-depth").count()
    };
    let good = action(lab, "action-good", &[("targets", &lab.good("www")), ("args", "--min-days=14\n")]);
    assert_eq!((good.output.code, good.outputs["exit-code"].as_str()), (0, "0"), "{:?}", good.output);
    assert_eq!((rows(&good), results(&good)), (1, 0), "{}", good.summary);
    assert!(!good.output.stdout.contains("::error"), "{:?}", good.output);

    // As a list has it: comments, blanks, and the ends of lines of another system.
    let targets = format!("# ours\r\n  {} \r\n\r\n\t\n{}\n  # no more\n", lab.good("www"), lab.good("api"));
    let with = [("targets", targets.as_str()), ("names", "a.example.test\na.b.example.test"), ("sarif", "names.sarif")];
    let names = action(lab, "action-names", &with);
    assert_eq!((names.output.code, names.outputs["exit-code"].as_str()), (1, "1"), "{:?}", names.output);
    assert_eq!((rows(&names), results(&names)), (4, 2), "{:?}", names.output);
    let errors = names.output.stdout.lines().filter(|line| line.starts_with("::error title=wildcard-depth")).count();
    assert_eq!(errors, 2, "{:?}", names.output);

    // Nothing that a workflow passes in is run, or is an option where it is a target.
    let option = format!("{}\n--output=ran.json", lab.good("www"));
    for (folder, targets, names) in
        [("action-hostile", "$(touch ran)\n*", "`touch ran`;touch ran"), ("action-option", &option, "")]
    {
        let hostile = action(lab, folder, &[("targets", targets), ("names", names)]);
        assert_eq!((hostile.output.code, hostile.outputs["exit-code"].as_str()), (2, "2"), "{:?}", hostile.output);
        assert_eq!(hostile.outputs["sarif"], "", "there is none");
        assert!(["ran", "ran.json"].iter().all(|name| !hostile.folder.join(name).exists()), "{folder}");
    }

    // A line feed in the name of the file would be a further line of the outputs, such as another exit code.
    for (folder, sarif) in [
        ("action-lines", "x.sarif\nexit-code=0"),
        ("action-more", "x.sarif\r\nmore=1"),
        ("action-command", "x.sarif\n::set-output name=exit-code::0"),
        ("action-hyphen", "-x.sarif"),
        ("action-empty", ""),
    ] {
        let hostile = action(lab, folder, &[("targets", &lab.good("www")), ("sarif", sarif)]);
        assert_eq!((hostile.output.code, hostile.outputs["exit-code"].as_str()), (2, "2"), "{:?}", hostile.output);
        assert_eq!((hostile.outputs["sarif"].as_str(), hostile.summary.as_str()), ("", ""), "{sarif:?}");
        assert_eq!(hostile.output.stdout, "::error title=certcheck::the input sarif is not a file name\n");
        let files = fs::read_dir(&hostile.folder)
            .unwrap()
            .filter(|file| file.as_ref().unwrap().file_name().to_string_lossy().contains("sarif"));
        assert_eq!(files.count(), 0, "{sarif:?}");
    }
    // Nor are the lines of the others run, or a part of the outputs.
    let with =
        [("targets", "a b\nexit-code=0"), ("names", "-x\nsarif=x"), ("args", "$(touch ran)\n*\n--\n`touch ran`")];
    let hostile = action(lab, "action-inputs", &with);
    assert_eq!((hostile.output.code, hostile.outputs["exit-code"].as_str()), (2, "2"), "{:?}", hostile.output);
    assert_eq!((hostile.outputs["sarif"].as_str(), hostile.folder.join("ran").exists()), ("", false));

    installs(lab);
    format!(
        "exit codes 0, 1 and 2; {} annotations, {} rows of summary, {} results in SARIF",
        errors,
        rows(&names),
        results(&names)
    )
}

/// Where the job has no certcheck, Cargo is told to install the package that the action came with.
fn installs(lab: &Lab) {
    let file = lab.yaml(".github/actions/certcheck/action.yml");
    let folder = lab.program("action-cargo", "cargo", "printf '%s\\n' \"$@\"");
    let mut command = lab.command("sh", &folder);
    command.args(["-ec", text(&file["runs"]["steps"][0]["run"])]);
    command.env("PATH", format!("{}:/usr/bin:/bin", folder.display()));
    command.env("GITHUB_ACTION_PATH", repository(".github/actions/certcheck"));
    let output = run(&mut command).exits(0);
    let [install, locked, path, place] = output.stdout.lines().collect::<Vec<_>>()[..] else { panic!("{output:?}") };
    assert_eq!([install, locked, path], ["install", "--locked", "--path"]);
    let manifest = fs::read_to_string(Path::new(place).join("Cargo.toml")).unwrap();
    assert!(manifest.contains("name = \"certcheck\""), "{place}");
}
