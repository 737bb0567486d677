//! What is said about the command line: clap's errors, escaped and shortened; the manual page.

use std::ffi::OsString;

use clap::error::{ContextKind, ContextValue, ErrorKind};
use clap::{Command, CommandFactory};

use crate::cli::Args;
use crate::diagnosis::Code;
use crate::target;

/// clap's own text for an error. What it quotes of the arguments is escaped first: it would print
/// control and bidi characters as they are.
#[must_use]
pub fn clap_text(mut error: clap::Error) -> String {
    let foreign: Vec<(ContextKind, ContextValue)> = error.context().map(|(kind, value)| (kind, tamed(value))).collect();
    for (kind, value) in foreign {
        error.insert(kind, value);
    }
    error.render().to_string()
}

/// Whether clap's "error" is an answer that was asked for.
#[must_use]
pub fn is_answer(error: &clap::Error) -> bool {
    matches!(error.kind(), ErrorKind::DisplayHelp | ErrorKind::DisplayVersion)
}

fn tamed(value: &ContextValue) -> ContextValue {
    let tame = |text: &String| target::without_logins(text.as_bytes()).into_string();
    match value {
        ContextValue::String(text) => ContextValue::String(tame(text)),
        ContextValue::Strings(texts) => ContextValue::Strings(texts.iter().map(tame).collect()),
        ContextValue::StyledStr(text) => ContextValue::StyledStr(tame(&text.to_string()).into()),
        ContextValue::StyledStrs(texts) => {
            ContextValue::StyledStrs(texts.iter().map(|text| tame(&text.to_string()).into()).collect())
        }
        other => other.clone(),
    }
}

/// Who started the program.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Caller {
    /// A person, or a script.
    Person,
    /// A monitor, which reads standard output alone, and a plugin's exit codes.
    Monitor,
}

impl Caller {
    /// By the arguments, however wrong the rest of them is.
    #[must_use]
    pub fn of(args: &[OsString]) -> Self {
        let follows = args.windows(2).any(|two| two[0] == "--format" && two[1] == "nagios");
        let monitor = follows || args.iter().any(|arg| arg == "--format=nagios");
        if monitor { Self::Monitor } else { Self::Person }
    }
}

/// The manual page: clap's, with a list of all findings.
///
/// # Errors
/// None in practice: it is written to memory.
pub fn man() -> std::io::Result<Vec<u8>> {
    let mut page = Vec::new();
    clap_mangen::Man::new(command()).render(&mut page)?;
    // ASCII in every locale; roff writes the character itself where the device has it.
    let mut page = String::from_utf8_lossy(&page).replace('…', "\\[u2026]").into_bytes();
    let mut findings = String::from(".SH FINDINGS\n");
    for code in Code::ALL {
        for part in [".TP\n\\fB", &roff(code.name()), "\\fR\n", &roff(code.explanation()), "\n"] {
            findings.push_str(part);
        }
    }
    page.extend_from_slice(findings.as_bytes());
    Ok(page)
}

fn roff(text: &str) -> String {
    text.replace('\\', "\\\\").replace('-', "\\-").replace('\'', "\\(aq").replace('…', "\\[u2026]")
}

/// The completions of a shell.
#[must_use]
pub fn completions(shell: clap_complete::Shell) -> Vec<u8> {
    let mut text = Vec::new();
    clap_complete::generate(shell, &mut command(), "certcheck", &mut text);
    text
}

fn command() -> Command {
    Args::command()
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::*;

    #[test]
    fn nothing_that_clap_quotes_is_raw() {
        for arg in
            ["--x\u{202e}y", "--x\u{1b}[31m", "--x\ny: forged", "--color=a\u{9b}b", "--color=\n", "--ignore=\u{7}"]
        {
            let error = Args::try_parse_from(["certcheck", arg]).unwrap_err();
            let text = clap_text(error);
            let escaped = text.chars().all(|c| c == '\n' || (!c.is_control() && c != '\u{202e}' && c != '\u{9b}'));
            assert!(escaped, "{text:?}");
            assert!(!text.lines().any(|l| l.starts_with("y: forged")), "{text:?}");
        }
        let long = format!("--{}", "x".repeat(100_000));
        assert!(clap_text(Args::try_parse_from(["certcheck", &long]).unwrap_err()).len() < 2_000);
    }

    #[test]
    fn the_command_is_well_formed() {
        command().debug_assert();
        let page = String::from_utf8(man().unwrap()).unwrap();
        assert!(page.contains("wildcard\\-depth"));
    }
}
