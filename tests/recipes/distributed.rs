//! One list by several processes: together they report what one process does.

use std::collections::BTreeSet;
use std::fs::{self, File};
use std::path::{Path, PathBuf};

use serde_json::Value;

use crate::driver::Output;
use crate::lab::{Lab, installed, items, repository, run, text};

/// How many targets the list has, beside comments and empty lines.
const TARGETS: usize = 200;

/// A list of everything: accepted, another's certificate, no answer, lines that are no targets.
fn list(lab: &Lab, folder: &Path) -> String {
    let line = |n: usize| match n % 5 {
        0 => lab.wrong(&format!("n{n}")),
        1 => lab.silent(&format!("n{n}")),
        2 if n % 25 == 2 => format!("no target {n}"),
        _ => lab.good(&format!("n{n}")),
    };
    let lines = (0..TARGETS).map(line).collect::<Vec<_>>().join("\n");
    let path = folder.join("targets.txt");
    fs::write(&path, format!("# the fleet\n\n{lines}\n# its end\n")).unwrap();
    path.to_str().unwrap().to_owned()
}

/// Whether a bad line's number is compared.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Numbers {
    OfTheList,
    OfTheShare,
}

/// `target reference verdict` of each report, sorted.
fn told(ndjson: &str, numbers: Numbers) -> Vec<String> {
    let read = |line: &str| {
        let report: Value = serde_json::from_str(line).unwrap_or_else(|error| panic!("{error}: {line}"));
        let number = if numbers == Numbers::OfTheList { &report["error"]["line"] } else { &Value::Null };
        format!("{} {} {} {number}", report["target"], report["reference"]["value"], report["verdict"])
    };
    let mut told: Vec<String> = ndjson.lines().map(read).collect();
    told.sort();
    told
}

/// One process over a list.
fn by_one(lab: &Lab, list: &str) -> Output {
    let program = lab.bin.join("certcheck");
    let mut command = lab.command(program.to_str().unwrap(), lab.pki.scratch.path());
    run(command.args(["--targets", list, "--json"]))
}

/// Asserts that these are the reports of one process.
fn same(reports: &str, one: &Output, numbers: Numbers) {
    let (wanted, got) = (told(&one.stdout, numbers), told(reports, numbers));
    assert_eq!((wanted.len(), got.len()), (TARGETS, TARGETS));
    let differ = wanted.iter().zip(&got).find(|(wanted, got)| wanted != got);
    assert!(differ.is_none(), "{differ:?}");
}

pub fn parallel(lab: &Lab) -> String {
    let folder = lab.folder("parallel");
    let list = list(lab, &folder);
    let run_over = |list: &str, args: &[&str]| -> Output {
        let mut command = lab.command(&repository("examples/distributed/parallel.sh"), &folder);
        run(command.args(args).env("SHARE", "30").stdin(File::open(list).unwrap()))
    };
    let output = run_over(&list, &["--timeout", "9s"]);
    let one = by_one(lab, &list);
    assert_eq!(output.code, one.code, "{}", output.stderr);
    same(&output.stdout, &one, Numbers::OfTheShare);
    let processes = output.stderr.lines().filter(|line| line.contains(" checked: ")).count();
    assert_eq!(processes, TARGETS.div_ceil(30), "{}", output.stderr);
    for (targets, code) in [
        (vec![lab.good("a"), lab.good("b")], 0),
        (vec![lab.good("a"), lab.silent("b")], 3),
        (vec!["# none".to_owned()], 2),
    ] {
        let list = lab.pki.file("list", targets.join("\n"));
        run_over(&list, &[]).exits(code);
    }
    run_over(&list, &["--min-days", "x"]).exits(2);
    written_or_said(lab, &folder, &list);
    odd_lines(lab, &folder);
    by_ssh(lab, &folder, &list, &one);
    format!("{TARGETS} targets by {processes} processes, the reports of one, by ssh too; exit codes 0, 1, 2, 3 and 5")
}

/// Reports that could not be written are exit code 5; a reader that goes away leaves targets unchecked.
fn written_or_said(lab: &Lab, folder: &Path, list: &str) {
    let script = repository("examples/distributed/parallel.sh");
    let run_with = |command: &str| {
        let mut shell = lab.command("sh", folder);
        shell.args(["-c", command, &script]).env("SHARE", "1").stdin(File::open(list).unwrap());
        run(&mut shell)
    };
    run_with("\"$0\" >/dev/full").exits(5);
    run_with("{ \"$0\"; echo $? >head; } | head -n 1").exits(0);
    let code = fs::read_to_string(folder.join("head")).unwrap();
    assert!(["1", "3"].contains(&code.trim()), "{code}");
}

/// What is no text is a bad line of its own, and nothing else is lost.
fn odd_lines(lab: &Lab, folder: &Path) {
    let lines = [
        b"caf\xe9.test".to_vec(),
        b"a\0b.test".to_vec(),
        lab.good("a").into_bytes(),
        b"# \xff".to_vec(),
        lab.good("b").into(),
    ];
    let list = lab.pki.file("odd", lines.join(&b'\n'));
    let mut command = lab.command(&repository("examples/distributed/parallel.sh"), folder);
    let output = run(command.stdin(File::open(list).unwrap())).exits(3);
    let told = told(&output.stdout, Numbers::OfTheShare);
    assert_eq!((told.len(), told.iter().filter(|line| line.contains("\"match\"")).count()), (4, 2), "{told:?}");
}

/// An `ssh` that stays here: it writes down which machine was asked for and does as that one's sshd would.
const SSH: &str = r#"echo "$1" >>hosts
case $1 in
down.test) exit 255 ;;
silent.test) exec cat >/dev/null ;;
esac
shift 2
export SHELL=/bin/sh
exec sh -c "$*""#;

/// Shares for other machines.
fn by_ssh(lab: &Lab, folder: &Path, list: &str, one: &Output) {
    let ssh = lab.program("ssh", "ssh", SSH);
    let run_at = |hosts: &str| -> Output {
        let mut command = lab.command(&repository("examples/distributed/parallel.sh"), folder);
        command.env("PARALLEL_SSH", ssh.join("ssh")).env("PARALLEL", format!("--sshlogin {hosts}"));
        run(command.env("SHARE", "30").stdin(File::open(list).unwrap()))
    };
    let output = run_at("2/a.test,2/b.test");
    assert_eq!(output.code, one.code, "{}", output.stderr);
    same(&output.stdout, one, Numbers::OfTheShare);
    let hosts = fs::read_to_string(folder.join("hosts")).unwrap();
    assert!(["a.test", "b.test"].iter().all(|host| hosts.lines().any(|line| line == *host)), "{hosts}");
    // A share that no machine took, or that one swallowed, is never a list that is all right.
    assert!(run_at("1/down.test").code > 4);
    run_at("1/silent.test").exits(3);
}

/// The container of the Job.
pub fn container(lab: &Lab) -> Value {
    let job = lab.yaml("examples/distributed/kubernetes-job.yaml");
    let container = &job["spec"]["template"]["spec"]["containers"][0];
    let shares = items(&container["env"]).iter().find(|variable| variable["name"] == "SHARES").unwrap();
    assert_eq!((text(&job["kind"]), text(&job["spec"]["completionMode"])), ("Job", "Indexed"));
    assert_eq!(text(&shares["value"]), job["spec"]["completions"].to_string());
    container.clone()
}

/// The pods' commands in `folder`, one after the other; their reports, by index.
fn pods(lab: &Lab, folder: &Path, shares: usize) -> Vec<Option<String>> {
    let container = container(lab);
    let [program, flags] = items(&container["command"]) else { panic!("{container}") };
    let reports = folder.join("reports");
    let pod = |index: usize| {
        let mut command = lab.command(text(program), folder);
        command.arg(text(flags)).args(items(&container["args"]).iter().map(text));
        command.env("SHARES", shares.to_string()).env("SCAN", folder).env("JOB_COMPLETION_INDEX", index.to_string());
        run(&mut command).exits(0);
        fs::read_to_string(reports.join(format!("{index}.ndjson"))).ok()
    };
    (0..shares).map(pod).collect()
}

pub fn kubernetes(lab: &Lab) -> String {
    let folder = lab.folder("kubernetes");
    let list = list(lab, &folder);
    let shares = pods(lab, &folder, 8);
    let sizes: Vec<usize> = shares.iter().map(|share| share.as_ref().unwrap().lines().count()).collect();
    assert_eq!(sizes, [TARGETS / 8; 8]);
    let all: String = shares.into_iter().flatten().collect();
    same(&all, &by_one(lab, &list), Numbers::OfTheList);

    // More pods than targets: some have nothing to do, which is no failure.
    let few = lab.folder("kubernetes-few");
    fs::write(few.join("targets.txt"), format!("{}\n{}", lab.good("a"), lab.wrong("b"))).unwrap();
    let shares = pods(lab, &few, 3);
    assert_eq!(shares.iter().map(Option::is_some).collect::<Vec<_>>(), [true, true, false]);
    format!("{TARGETS} targets in 8 shares of {}, the reports of one process", TARGETS / 8)
}

/// Debian's Java 17, whatever else there is.
fn java() -> PathBuf {
    let mut found = fs::read_dir("/usr/lib/jvm").into_iter().flatten().map(|entry| entry.unwrap().path());
    let is_java =
        |path: &PathBuf| path.to_str().unwrap().contains("java-17-openjdk-") && path.join("bin/java").exists();
    found.find(is_java).expect("Java 17 is not there: tests/recipes/install.sh")
}

/// How many executors ended a task, by the log of events.
fn executors(events: &Path) -> usize {
    let log = fs::read_dir(events).unwrap().next().unwrap().unwrap().path();
    let log = fs::read_to_string(log).unwrap();
    let events = log.lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
    let ended = events.filter(|event| event["Event"] == "SparkListenerTaskEnd");
    ended.map(|event| text(&event["Task Info"]["Executor ID"]).to_owned()).collect::<BTreeSet<_>>().len()
}

pub fn spark(lab: &Lab) -> String {
    let folder = lab.folder("spark");
    let list = list(lab, &folder);
    let events = lab.folder("spark-events");
    let submit = |master: &str, list: &str, reports: &str, options: &[&str]| -> Output {
        let mut command = lab.command(&installed("spark-submit"), &folder);
        command.args(["--master", master, "--conf", "spark.ui.enabled=false", "--conf", "spark.eventLog.enabled=true"]);
        command.args(["--conf", &format!("spark.eventLog.dir=file:{}", events.display())]);
        command.args([&repository("examples/distributed/spark.py"), list, reports]).args(options);
        command.env("PYSPARK_PYTHON", installed("python")).env("JAVA_HOME", java());
        run(&mut command)
    };
    let output = submit("local-cluster[2,1,1024]", &list, "reports", &["--timeout", "9s"]);
    let mut parts = 0;
    let mut all = String::new();
    for part in fs::read_dir(folder.join("reports")).unwrap_or_else(|_| panic!("{output:#?}")).map(Result::unwrap) {
        if part.file_name().to_str().unwrap().starts_with("part-") {
            parts += 1;
            all += &fs::read_to_string(part.path()).unwrap();
        }
    }
    let one = by_one(lab, &list);
    assert_eq!(output.code, one.code, "{output:#?}");
    same(&all, &one, Numbers::OfTheShare);
    assert_eq!((parts, executors(&events)), (2, 2));

    // More parts than targets: some are empty, which is no failure.
    let few = lab.pki.file("few", lab.good("a"));
    submit("local[4]", &few, "few", &[]).exits(0);
    // An option that certcheck refuses fails the job: nothing was checked.
    let refused = submit("local[1]", &list, "refused", &["--min-days", "x"]);
    assert!(refused.code != 0 && !folder.join("refused/_SUCCESS").exists(), "{refused:#?}");
    format!("{TARGETS} targets in 2 parts by 2 executors, the reports of one process")
}
