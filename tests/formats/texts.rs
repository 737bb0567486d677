//! Each format's text, as a person and its consumer read it. `CERTCHECK_WRITE_FORMATS=overwrite cargo
//! test --test formats` writes them anew, to be read before they are committed.

use std::path::Path;

use certcheck::report::csv::Csv;
use certcheck::report::github::Github;
use certcheck::report::html::Html;
use certcheck::report::human::Charset;
use certcheck::report::junit::Junit;
use certcheck::report::markdown::Markdown;
use certcheck::report::nagios::Nagios;
use certcheck::report::prometheus::Prometheus;
use certcheck::report::sarif::Sarif;
use certcheck::report::{Ending, Format, Report};
use snapbox::Data;

use crate::reports::reports;

fn formats() -> [(&'static str, Box<dyn Format>); 8] {
    [
        ("junit.xml", Box::<Junit>::default()),
        ("sarif.json", Box::<Sarif>::default()),
        ("github.txt", Box::<Github>::default()),
        ("prometheus.prom", Box::<Prometheus>::default()),
        ("nagios.txt", Box::new(Nagios::new(Some(30), Charset::Utf8))),
        ("csv.csv", Box::<Csv>::default()),
        ("markdown.md", Box::<Markdown>::default()),
        ("html.html", Box::<Html>::default()),
    ]
}

fn written(format: &mut dyn Format, reports: &[Report], ending: Ending) -> String {
    let mut out = Vec::new();
    format.begin(&mut out).unwrap();
    for report in reports {
        format.one(report, &mut out).unwrap();
    }
    format.end(ending, &mut out).unwrap();
    String::from_utf8(out).expect("output is UTF-8")
}

#[test]
fn texts_are_as_they_were_read() {
    let reports = reports();
    for (file, mut format) in formats() {
        let mut text = written(format.as_mut(), &reports, Ending::Through);
        if file == "html.html" {
            text = without_style_and_script(&text);
        }
        let path = format!("{}/tests/formats/texts/{file}", env!("CARGO_MANIFEST_DIR"));
        let expected = Data::read_from(Path::new(&path), Some(snapbox::data::DataFormat::Text));
        snapbox::Assert::new().action_env("CERTCHECK_WRITE_FORMATS").normalize_paths(false).eq(text, expected);
    }
}

/// The page's own style and script are tested by what they do.
fn without_style_and_script(text: &str) -> String {
    let mut text = text.to_owned();
    for (begin, end) in [("<style>", "</style>"), ("<script>", "</script>")] {
        if let (Some(from), Some(to)) = (text.find(begin), text.rfind(end)) {
            text.replace_range(from + begin.len()..to, "…");
        }
    }
    let hash = regex::Regex::new("sha256-[A-Za-z0-9+/&#;]+=*").unwrap();
    hash.replace_all(&text, "sha256-…").into_owned()
}

/// Line formats write each report as it comes; document formats may write nothing before the end.
#[test]
fn line_formats_stream() {
    let reports = reports();
    for (file, mut format) in formats() {
        let mut out = Vec::new();
        format.begin(&mut out).unwrap();
        let begun = out.len();
        format.one(&reports[1], &mut out).unwrap();
        let streams = ["github.txt", "csv.csv", "markdown.md", "html.html"].contains(&file);
        assert_eq!(out.len() > begun, streams, "{file}");
    }
}

#[test]
fn a_document_that_was_cut_short_says_so() {
    let reports = &reports()[..1];
    for (file, said) in [
        ("junit.xml", "name=\"interrupted\""),
        ("sarif.json", "\"executionSuccessful\": false"),
        ("github.txt", "::interrupted: 1 checked"),
        ("prometheus.prom", "certcheck_complete 0"),
        ("nagios.txt", "UNKNOWN - interrupted: "),
        ("markdown.md", "interrupted: 1 checked"),
        ("html.html", "Interrupted; what was done until then: 1 checked"),
    ] {
        let (_, mut format) = formats().into_iter().find(|(name, _)| *name == file).unwrap();
        let cut = written(format.as_mut(), reports, Ending::CutShort);
        assert!(cut.contains(said), "{file}: {cut}");
        let (_, mut format) = formats().into_iter().find(|(name, _)| *name == file).unwrap();
        assert!(!written(format.as_mut(), reports, Ending::Through).contains(said), "{file}");
    }
}

/// Two samples with the same labels would make the collector refuse the file.
#[test]
fn of_two_reports_with_the_same_labels_the_worst_is_told() {
    let reports = reports();
    let (good, mut bad) = (reports[0].clone(), reports[1].clone());
    bad.target.clone_from(&good.target);
    bad.reference.clone_from(&good.reference);
    for order in [[good.clone(), bad.clone()], [bad, good]] {
        let text = written(&mut Prometheus::default(), &order, Ending::Through);
        let accepted: Vec<&str> = text.lines().filter(|line| line.starts_with("certcheck_accepted{")).collect();
        assert_eq!(accepted, ["certcheck_accepted{target=\"www.example.com:443\",name=\"www.example.com\"} 0"]);
        assert!(text.contains("certcheck_reports{ended=\"ok\"} 1\n"), "{text}");
    }
}

#[test]
fn a_document_without_reports_is_well_formed() {
    for (file, mut format) in formats() {
        let text = written(format.as_mut(), &[], Ending::Through);
        assert!(text.ends_with('\n'), "{file}: {text}");
        match file {
            "junit.xml" => assert_eq!(quick_junit::Report::deserialize_from_str(&text).unwrap().tests, 0),
            "sarif.json" => drop(serde_json::from_str::<serde_sarif::sarif::Sarif>(&text).unwrap()),
            "nagios.txt" => assert!(text.starts_with("UNKNOWN - nothing was checked |"), "{text}"),
            _ => {}
        }
    }
}
