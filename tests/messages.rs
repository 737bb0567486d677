//! The words of every finding, as `messages/*.tsv` has them: what a person reads is a result like any
//! other. `CERTCHECK_WRITE_MESSAGES=1 cargo test --test messages` writes the file anew, to be read
//! before it is committed.

#![allow(clippy::unwrap_used, clippy::panic, clippy::disallowed_methods, missing_docs, unreachable_pub)]

mod support;

use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use certcheck::certificate::LeafCertificate;
use certcheck::diagnosis::{Facts, Finding, Place, Span, matched, precedence};
use certcheck::identity::{Asked, Typed, Verdict, evaluate};
use support::{Authority, Leaf, table, unescape};

const HEADER: &str = "# The words of each finding. Columns: reference, SAN and CN (as tests/support reads them), then the\n\
    # findings in order, each as it is told: code, message, marks, notes, remedies.\n";

fn findings(asked: &Asked, leaf: &LeafCertificate) -> Vec<Finding> {
    match evaluate(asked, leaf) {
        Verdict::Match(found) => matched::matched(&found, leaf),
        Verdict::Mismatch(_) => precedence::mismatch(&Facts::new(asked, leaf)),
    }
}

fn told(finding: &Finding) -> String {
    let mut text = format!("{} {:?} {:?}: {}", finding.code, finding.severity, finding.confidence, finding.message);
    for mark in &finding.marks {
        let (list, at) = match mark.place {
            Place::San(i) => ("san", i),
            Place::CommonName(i) => ("cn", i),
        };
        let span = if mark.span == Span::Star { "*" } else { "" };
        let _ = write!(text, " ^{list}{at}{span} {}", mark.label.as_deref().unwrap_or("-"));
    }
    for note in &finding.notes {
        let _ = write!(text, " = {note}");
    }
    for help in &finding.help {
        let _ = write!(text, " > {}", help.text);
        let _ = help.add_san.iter().try_for_each(|entry| write!(text, " + {entry}"));
        let _ = help.command.iter().try_for_each(|command| write!(text, " $ {command}"));
    }
    text
}

#[test]
fn every_finding_is_told_as_it_was_read() {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/messages/findings.tsv");
    let text = fs::read_to_string(&file).unwrap();
    let root = Authority::root("messages");
    let mut written = HEADER.to_owned();
    let mut rows = 0;
    for (_, cells) in table(&text) {
        let [reference, san, cn] = [cells[0], cells[1], cells[2]];
        let der = Leaf::default().san(san).cn(cn).signed_by(&root).der;
        let leaf = LeafCertificate::from_der(&der).unwrap();
        let asked = Asked::parse(Typed::new(&unescape(reference)));
        let told: Vec<String> = findings(&asked, &leaf).iter().map(told).collect();
        let _ = writeln!(written, "{reference}\t{san}\t{cn}\t{}", told.join("\t"));
        rows += 1;
    }
    assert!(rows >= 60, "{rows} rows");
    if std::env::var_os("CERTCHECK_WRITE_MESSAGES").is_some() {
        fs::write(&file, &written).unwrap();
    }
    for (number, (now, then)) in written.lines().zip(text.lines()).enumerate() {
        assert_eq!(now, then, "findings.tsv:{}", number + 1);
    }
}
