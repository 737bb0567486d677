//! The README's picture: that it is there, with what makes it, and shows what it says it shows.
//! `.ci/run picture` makes it anew and compares the text.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::disallowed_methods, missing_docs)]

use std::fs;

use certcheck::diagnosis::Code;

const CODES: [Code; 5] =
    [Code::WwwMissing, Code::WildcardDepth, Code::SniRequired, Code::DefaultCertificate, Code::IpNotListed];

fn read(path: &str) -> String {
    let path = format!("{}/{path}", env!("CARGO_MANIFEST_DIR"));
    fs::read_to_string(&path).unwrap_or_else(|error| panic!("{path}: {error}"))
}

/// The lines of the picture, without what says where they stand and how they look.
fn lines(svg: &str) -> Vec<String> {
    let lines = svg.lines().filter(|line| line.starts_with("<text "));
    let bare = |line: &str| line.split('<').filter_map(|part| part.split_once('>')).map(|(_, text)| text).collect();
    lines.map(bare).map(|line: String| line.replace("&gt;", ">").replace("&lt;", "<").replace("&amp;", "&")).collect()
}

#[test]
fn the_picture_shows_five_mismatches() {
    let (script, lines) = (read("docs/picture.py"), lines(&read("docs/mismatches.svg")));
    for code in CODES {
        let title = format!("HostnameMismatchError[{code}]: ");
        assert_eq!(lines.iter().filter(|line| line.starts_with(&title)).count(), 1, "{code}: {lines:#?}");
        assert!(script.contains(&format!("(\"{code}\", ")), "{code}");
    }
    assert_eq!(lines.iter().filter(|line| line.starts_with("$ certcheck ")).count(), CODES.len());
    for line in &lines {
        assert!(line.chars().count() <= 80, "{line}");
    }
}

#[test]
fn the_readme_shows_the_picture() {
    let readme = read("README.md");
    let (_, after) = readme.split_once("![").expect("a picture");
    let (alternative, path) = after.split_once("](").unwrap();
    assert!(path.starts_with("docs/mismatches.svg)"), "{path}");
    for code in CODES {
        assert!(alternative.contains(code.name()), "{code}: {alternative}");
    }
}
