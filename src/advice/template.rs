//! A template: what a tool is told, with places for identifiers. Pure; imports `escape`.
//!
//! Above the first empty line stand settings, `KEY: WORDS`. Below it each line is `WHEN|TEXT`:
//!
//! - `WHEN` is empty, or words joined by commas that all have to hold: `ca` where there is such a
//!   value, `!ca` where there is none, `*names` once for each of that list, as `item`;
//! - in `TEXT`, `<<KEY QUOTE>>` is a value, quoted for the place where it stands. There is no place
//!   without a [`Quote`].

use crate::escape::is_plain_text;
use std::collections::BTreeMap;

/// How a value is made part of a text in which it can end nothing and begin nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Quote {
    /// A word of a POSIX shell, in single quotes (XCU, 2.2.2).
    Shell,
    /// A literal in double quotes: JSON and YAML, and strings of Python, Go, Java and JavaScript, which
    /// all read `\"` and `\\` in the same way. [`is_plain_text`] keeps out what they differ in.
    Literal,
    /// A value of libpq's connection string ("Keyword/Value Connection Strings"), which stands within
    /// single quotes of a shell.
    ConnInfo,
    /// As it is: letters, digits and `-._:*[]` and nothing else; of another text there is no template.
    Word,
    /// The rest of a comment's line.
    Comment,
}

impl Quote {
    fn by_name(name: &str) -> Option<Self> {
        match name {
            "shell" => Some(Self::Shell),
            "string" => Some(Self::Literal),
            "conninfo" => Some(Self::ConnInfo),
            "word" => Some(Self::Word),
            "comment" => Some(Self::Comment),
            _ => None,
        }
    }

    /// The value as it stands in the text; none where this kind of place cannot hold it.
    #[must_use]
    pub fn quoted(self, value: &str) -> Option<String> {
        if !is_plain_text(value) {
            return None;
        }
        match self {
            Self::Shell => Some(format!("'{}'", within_single_quotes(value))),
            Self::Literal => Some(format!("\"{}\"", escaped(value, '"'))),
            Self::ConnInfo if is_word(value) => Some(value.to_owned()),
            Self::ConnInfo => Some(within_single_quotes(&format!("'{}'", escaped(value, '\'')))),
            Self::Word => is_word(value).then(|| value.to_owned()),
            // A backslash at its end joins the next line to a comment of Apache's.
            Self::Comment => (!value.contains('\\')).then(|| value.to_owned()),
        }
    }
}

fn is_word(value: &str) -> bool {
    !value.is_empty() && value.bytes().all(|b| b.is_ascii_alphanumeric() || b"-._:*[]".contains(&b))
}

fn within_single_quotes(value: &str) -> String {
    value.replace('\'', r"'\''")
}

fn escaped(value: &str, quote: char) -> String {
    value.chars().fold(String::with_capacity(value.len()), |mut text, c| {
        if c == quote || c == '\\' {
            text.push('\\');
        }
        text.push(c);
        text
    })
}

/// What the places of a template are filled with.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Values {
    texts: BTreeMap<&'static str, String>,
    lists: BTreeMap<&'static str, Vec<String>>,
}

impl Values {
    /// Sets a text; that it is there is a condition that holds.
    pub fn text(&mut self, key: &'static str, value: impl Into<String>) {
        self.texts.insert(key, value.into());
    }

    /// Sets a condition that holds, where it does.
    pub fn flag(&mut self, key: &'static str, holds: bool) {
        if holds {
            self.texts.insert(key, String::new());
        }
    }

    /// Sets a list; an empty one is a condition that does not hold.
    pub fn list(&mut self, key: &'static str, values: Vec<String>) {
        self.lists.insert(key, values);
    }

    fn holds(&self, key: &str) -> bool {
        self.texts.contains_key(key) || self.lists.get(key).is_some_and(|list| !list.is_empty())
    }
}

/// Why there is no text.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum NoText {
    /// The template is none: which line, from 1.
    BadLine(usize),
    /// There is no value of this name.
    NoValue(String),
    /// A place of the template cannot hold the value of this name.
    Unfit(String),
}

/// The words of a setting; none where the template does not have it.
#[must_use]
pub fn setting<'t>(template: &'t str, key: &str) -> Vec<&'t str> {
    let lines = template.lines().take_while(|line| !line.is_empty());
    let found = lines.filter_map(|line| line.split_once(':')).find(|(name, _)| *name == key);
    found.map(|(_, words)| words.split_ascii_whitespace().collect()).unwrap_or_default()
}

/// These lines as comments of the template's language.
#[must_use]
pub fn comments(template: &str, lines: &[String]) -> String {
    let begin = setting(template, "comment").first().copied().unwrap_or("#");
    lines.iter().fold(String::new(), |text, line| text + begin + " " + line + "\n")
}

/// Fills a template.
///
/// # Errors
/// Why there is no text: half of one is never made.
pub fn fill(template: &str, values: &Values) -> Result<String, NoText> {
    let mut text = String::new();
    let body = template.lines().enumerate().skip_while(|(_, line)| !line.is_empty()).skip(1);
    for (index, line) in body {
        let (when, line) = line.split_once('|').ok_or(NoText::BadLine(index + 1))?;
        let mut repeated = None;
        let mut holds = true;
        for word in when.split(',').filter(|word| !word.is_empty()) {
            match (word.strip_prefix('*'), word.strip_prefix('!')) {
                (Some(list), _) => repeated = Some(list),
                (None, Some(key)) => holds &= !values.holds(key),
                (None, None) => holds &= values.holds(word),
            }
        }
        if !holds {
            continue;
        }
        match repeated {
            None => text.push_str(&fill_line(line, values, None, index)?),
            Some(list) => {
                for item in values.lists.get(list).into_iter().flatten() {
                    text.push_str(&fill_line(line, values, Some(item), index)?);
                }
            }
        }
    }
    Ok(text)
}

fn fill_line(line: &str, values: &Values, item: Option<&str>, index: usize) -> Result<String, NoText> {
    let mut text = String::new();
    let mut rest = line;
    while let Some((before, after)) = rest.split_once("<<") {
        let (place, after) = after.split_once(">>").ok_or(NoText::BadLine(index + 1))?;
        let (key, quote) = place.split_once(' ').ok_or(NoText::BadLine(index + 1))?;
        let quote = Quote::by_name(quote).ok_or(NoText::BadLine(index + 1))?;
        let value = if key == "item" { item } else { values.texts.get(key).map(String::as_str) };
        let value = value.ok_or_else(|| NoText::NoValue(key.to_owned()))?;
        text.push_str(before);
        text.push_str(&quote.quoted(value).ok_or_else(|| NoText::Unfit(key.to_owned()))?);
        rest = after;
    }
    text.push_str(rest);
    text.push('\n');
    Ok(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEMPLATE: &str = "comment: #\ntakes: dns ip\n\n|a <<host shell>> {\n*names|  -d <<item string>>\nip|address\n\
                            !ip,ca|file <<ca conninfo>>\n|}\n";

    fn values() -> Values {
        let mut values = Values::default();
        values.text("host", "a.example");
        values.list("names", vec!["b.example".to_owned(), "*.c.example".to_owned()]);
        values
    }

    #[test]
    fn a_template_is_filled_line_by_line() {
        let mut values = values();
        let names = "  -d \"b.example\"\n  -d \"*.c.example\"\n";
        assert_eq!(fill(TEMPLATE, &values).unwrap(), format!("a 'a.example' {{\n{names}}}\n"));
        values.text("ca", "my ca.pem");
        let file = "file '\\''my ca.pem'\\''\n";
        assert_eq!(fill(TEMPLATE, &values).unwrap(), format!("a 'a.example' {{\n{names}{file}}}\n"));
        values.flag("ip", true);
        assert_eq!(fill(TEMPLATE, &values).unwrap(), format!("a 'a.example' {{\n{names}address\n}}\n"));
        assert_eq!(setting(TEMPLATE, "takes"), ["dns", "ip"]);
        assert_eq!(setting(TEMPLATE, "host"), [""; 0]);
    }

    #[test]
    fn what_cannot_be_filled_gives_no_text_at_all() {
        for (template, expected) in [
            ("\nno bar", NoText::BadLine(2)),
            ("\n|<<host>>", NoText::BadLine(2)),
            ("\n|<<host shell", NoText::BadLine(2)),
            ("\n|<<host raw>>", NoText::BadLine(2)),
            ("\n|first\n|<<other shell>>", NoText::NoValue("other".to_owned())),
            ("\n|<<item shell>>", NoText::NoValue("item".to_owned())),
        ] {
            assert_eq!(fill(template, &values()), Err(expected), "{template}");
        }
        let mut values = values();
        for bad in ["a b", "a;b", "", "$(id)", "a\nb", "a{b"] {
            values.text("host", bad);
            assert_eq!(fill("\n|<<host word>>", &values), Err(NoText::Unfit("host".to_owned())), "{bad}");
        }
    }

    #[test]
    fn each_place_has_its_quotes() {
        use Quote::{Comment, ConnInfo, Literal, Shell, Word};
        for (quote, value, expected) in [
            (Shell, "a.example", Some("'a.example'")),
            (Shell, "it's $(id) `x` \"y\" \\", Some(r#"'it'\''s $(id) `x` "y" \'"#)),
            (Shell, "a\nb", None),
            (Shell, "a\u{1b}[2J", None),
            (Shell, "a\u{202e}b", None),
            (Literal, r#"C:\new "ca".pem"#, Some(r#""C:\\new \"ca\".pem""#)),
            (Literal, "bücher.pem", Some("\"bücher.pem\"")),
            (Literal, "a\u{2028}b", None),
            (Literal, "a\tb", None),
            (ConnInfo, "192.0.2.7", Some("192.0.2.7")),
            (ConnInfo, "/tmp/my ca.pem", Some(r"'\''/tmp/my ca.pem'\''")),
            (ConnInfo, r"it's\", Some(r"'\''it\'\''s\\'\''")),
            (ConnInfo, "", Some(r"'\'''\''")),
            (Word, "*.example.com", Some("*.example.com")),
            (Word, "[2001:db8::7]:443", Some("[2001:db8::7]:443")),
            (Word, "a b", None),
            (Comment, "spiffe://example.com/a b", Some("spiffe://example.com/a b")),
            (Comment, "a\\", None),
        ] {
            assert_eq!(quote.quoted(value).as_deref(), expected, "{quote:?} {value:?}");
        }
    }

    #[test]
    fn no_value_leaves_its_quotes() {
        use proptest::prelude::*;
        proptest!(|(value in "[a-z'\"\\\\$`;|&<> \\n\\r\\t\u{202e}ü]{0,12}")| {
            if let Some(text) = Quote::Shell.quoted(&value) {
                prop_assert_eq!(shell_word(&text), Some(value.clone()));
            }
            if let Some(text) = Quote::Literal.quoted(&value) {
                prop_assert_eq!(serde_json::from_str::<String>(&text).ok(), Some(value.clone()));
            }
            if let Some(text) = Quote::ConnInfo.quoted(&value) {
                let word = shell_word(&format!("'{text}'")).unwrap();
                let inner = word.strip_prefix('\'').and_then(|rest| rest.strip_suffix('\'')).map(unescaped);
                prop_assert_eq!(inner.unwrap_or(word), value);
            }
        });
    }

    /// What a shell makes of a text that is one word in single quotes and `\'`.
    fn shell_word(text: &str) -> Option<String> {
        let (mut word, mut rest) = (String::new(), text);
        while !rest.is_empty() {
            if let Some(after) = rest.strip_prefix("\\'") {
                word.push('\'');
                rest = after;
            } else {
                let (inner, after) = rest.strip_prefix('\'')?.split_once('\'')?;
                word.push_str(inner);
                rest = after;
            }
        }
        Some(word)
    }

    fn unescaped(text: &str) -> String {
        let (mut out, mut characters) = (String::new(), text.chars());
        while let Some(c) = characters.next() {
            out.extend(if c == '\\' { characters.next() } else { Some(c) });
        }
        out
    }
}
