//! Rust source as the names in it: paths of `use` trees and of expressions, written out in full.

use std::collections::HashMap;

/// A name, and the line on which it begins.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Named {
    pub line: usize,
    /// `std::fs::File`, `crate::net::visit`, `println!`, `unsafe`.
    pub name: String,
}

/// All names of a file, by its path under `src/`. `crate`, `self` and `super` are resolved, and a
/// name that a `use` brought in stands for what it brought; comments and literals hold none.
pub fn names(path: &str, text: &str) -> Vec<Named> {
    let words = words(text);
    let mut reader = Reader { words: &words, at: 0, module: module_of(path), braces: vec![], found: vec![] };
    let mut brought = HashMap::new();
    while reader.at < words.len() {
        reader.item(&mut brought);
    }
    let found = reader.found.into_iter();
    found.map(|Named { line, name }| Named { line, name: written_out(name, &brought) }).collect()
}

fn written_out(name: String, brought: &HashMap<String, String>) -> String {
    let (first, rest) = name.split_once("::").map_or((name.as_str(), None), |(first, rest)| (first, Some(rest)));
    match (brought.get(first), rest) {
        (Some(full), Some(rest)) => format!("{full}::{rest}"),
        _ => name,
    }
}

/// `report/human.rs` is `report::human`; `report/mod.rs` is `report`; `lib.rs` is the root.
fn module_of(path: &str) -> Vec<String> {
    let path = path.trim_end_matches(".rs").trim_end_matches("/mod");
    path.split('/').filter(|part| !["lib", "main"].contains(part)).map(str::to_owned).collect()
}

struct Reader<'a> {
    words: &'a [(usize, String)],
    at: usize,
    module: Vec<String>,
    /// For each open brace whether it is that of a module.
    braces: Vec<bool>,
    found: Vec<Named>,
}

impl Reader<'_> {
    fn word(&self, ahead: usize) -> &str {
        self.words.get(self.at + ahead).map_or("", |(_, word)| word.as_str())
    }

    fn item(&mut self, brought: &mut HashMap<String, String>) {
        let line = self.words[self.at].0;
        match self.word(0) {
            "use" => {
                self.at += 1;
                self.tree(&[], line, brought);
            }
            "mod" if self.word(2) == "{" => {
                self.module.push(self.word(1).to_owned());
                self.braces.push(true);
                self.at += 3;
            }
            "{" => {
                self.braces.push(false);
                self.at += 1;
            }
            "}" => {
                if self.braces.pop() == Some(true) {
                    self.module.pop();
                }
                self.at += 1;
            }
            word if is_name(word) => self.expression(line),
            _ => self.at += 1,
        }
    }

    /// A path in an expression or a type; one word alone only where it is a macro's or `unsafe`.
    fn expression(&mut self, line: usize) {
        let mut path = vec![self.word(0).to_owned()];
        self.at += 1;
        while self.word(0) == "::" && is_name(self.word(1)) {
            path.push(self.word(1).to_owned());
            self.at += 2;
        }
        let is_macro = self.word(0) == "!" && ["(", "[", "{"].contains(&self.word(1));
        if is_macro && let Some(last) = path.last_mut() {
            last.push('!');
            let name = last.clone();
            self.found.push(Named { line, name });
        }
        if path.len() > 1 || path[0] == "unsafe" {
            let name = self.resolved(&path);
            self.found.push(Named { line, name });
        }
    }

    /// A `use` tree after `before`, up to what ends it.
    fn tree(&mut self, before: &[String], line: usize, brought: &mut HashMap<String, String>) {
        let mut path = before.to_vec();
        loop {
            match self.word(0) {
                "::" => self.at += 1,
                "{" => {
                    self.at += 1;
                    while !["}", ""].contains(&self.word(0)) {
                        self.tree(&path, line, brought);
                        if self.word(0) == "," {
                            self.at += 1;
                        }
                    }
                    self.at += 1;
                    return;
                }
                // In braces, `self` is what stands before them.
                "self" if !before.is_empty() && path.len() == before.len() => self.at += 1,
                word if is_name(word) && word != "as" || word == "*" => {
                    path.push(word.to_owned());
                    self.at += 1;
                }
                _ => break,
            }
        }
        let full = self.resolved(&path);
        let mut known_as = path.last().cloned().unwrap_or_default();
        if self.word(0) == "as" {
            self.word(1).clone_into(&mut known_as);
            self.at += 2;
        }
        if full != known_as {
            brought.insert(known_as, full.clone());
        }
        self.found.push(Named { line, name: full });
        // What ends a tree is `;`, `,` or `}`; anything else would be read for ever.
        if ![";", ",", "}", ""].contains(&self.word(0)) {
            self.at += 1;
        }
    }

    fn resolved(&self, path: &[String]) -> String {
        let mut base = self.module.clone();
        let mut rest = path;
        let in_crate = match rest.first().map(String::as_str) {
            Some("crate") => {
                base.clear();
                rest = &rest[1..];
                true
            }
            Some("self" | "super") => true,
            _ => false,
        };
        if !in_crate {
            return path.join("::");
        }
        while let Some(first @ ("self" | "super")) = rest.first().map(String::as_str) {
            if first == "super" {
                base.pop();
            }
            rest = &rest[1..];
        }
        let parts = std::iter::once("crate".to_owned()).chain(base).chain(rest.iter().cloned());
        parts.collect::<Vec<_>>().join("::")
    }
}

fn is_name(word: &str) -> bool {
    word.starts_with(|c: char| c.is_alphabetic() || c == '_')
}

/// Names, `::` and single characters, with their lines; comments and literals are left out.
fn words(text: &str) -> Vec<(usize, String)> {
    let (mut found, mut rest, mut line) = (Vec::new(), text, 1);
    while let Some(first) = rest.chars().next() {
        let skipped = comment(rest).or_else(|| literal(rest));
        let length = skipped.unwrap_or_else(|| {
            let name = rest.find(|c: char| !c.is_alphanumeric() && c != '_').unwrap_or(rest.len());
            match name {
                0 if rest.starts_with("::") => 2,
                0 => first.len_utf8(),
                name => name,
            }
        });
        let (word, after) = rest.split_at(length);
        if skipped.is_none() && !word.trim().is_empty() {
            found.push((line, word.to_owned()));
        }
        line += word.matches('\n').count();
        rest = after;
    }
    found
}

/// The length of a comment at the beginning.
fn comment(text: &str) -> Option<usize> {
    if text.starts_with("//") {
        return Some(text.find('\n').unwrap_or(text.len()));
    }
    text.strip_prefix("/*")?;
    let (mut at, mut depth) = (0, 0_u32);
    while at < text.len() {
        match text.as_bytes().get(at..at + 2) {
            Some(b"/*") => depth += 1,
            Some(b"*/") => depth -= 1,
            _ => {
                at += 1;
                continue;
            }
        }
        at += 2;
        if depth == 0 {
            break;
        }
    }
    Some(at)
}

/// The length of a string or character literal at the beginning, its prefix included.
fn literal(text: &str) -> Option<usize> {
    let prefix = ["br", "cr", "b", "c", "r", ""].into_iter().find(|prefix| {
        text.strip_prefix(prefix).is_some_and(|rest| {
            let quoted = rest.trim_start_matches('#');
            quoted.starts_with('"') && (quoted.len() == rest.len() || prefix.ends_with('r'))
        })
    });
    if let Some(prefix) = prefix {
        let rest = &text[prefix.len()..];
        let hashes = rest.len() - rest.trim_start_matches('#').len();
        let body = prefix.len() + hashes + 1;
        if prefix.ends_with('r') {
            let end = format!("\"{}", "#".repeat(hashes));
            return Some(text[body..].find(&end).map_or(text.len(), |at| body + at + end.len()));
        }
        return Some(quoted(text, body, b'"'));
    }
    let body = if text.starts_with("b'") { 2 } else { 1 };
    let inside = text.strip_prefix("b'").or_else(|| text.strip_prefix('\''))?;
    let mut chars = inside.chars();
    // A lifetime has no second quote behind one character.
    (chars.next() == Some('\\') || chars.next() == Some('\'')).then(|| quoted(text, body, b'\''))
}

/// The place after the quote that ends a literal whose contents begin at `at`.
fn quoted(text: &str, mut at: usize, end: u8) -> usize {
    let bytes = text.as_bytes();
    while at < bytes.len() && bytes[at] != end {
        at += if bytes[at] == b'\\' { 2 } else { 1 };
    }
    (at + 1).min(bytes.len())
}
