//! What is said about the command line: clap's errors, escaped and shortened; the manual page.

use std::ffi::OsString;

use clap::error::{ContextKind, ContextValue, ErrorKind};
use clap::{Command, CommandFactory};

use crate::cli::Args;
use crate::diagnosis::Code;
use crate::escape::Shown;

/// clap's own text for an error. What it quotes of the arguments is escaped first, because clap prints
/// control and bidi characters as they are, and secrets are redacted. Suggestions repeat an argument, and
/// are left out where it was redacted.
#[must_use]
pub fn clap_text(mut error: clap::Error) -> String {
    let mut is_redacted = false;
    for kind in [ContextKind::InvalidArg, ContextKind::InvalidValue, ContextKind::InvalidSubcommand] {
        let Some(value) = error.remove(kind) else { continue };
        let quote = |text: &String| quoted(text, kind);
        let tamed = match &value {
            ContextValue::String(text) => ContextValue::String(quote(text)),
            ContextValue::Strings(texts) => ContextValue::Strings(texts.iter().map(quote).collect()),
            other => other.clone(),
        };
        is_redacted |= tamed.to_string().contains('…');
        error.insert(kind, tamed);
    }
    let foreign: Vec<ContextKind> = error.context().map(|(kind, _)| kind).filter(|&kind| repeats(kind)).collect();
    for kind in foreign {
        if let Some(value) = error.remove(kind)
            && !is_redacted
        {
            error.insert(kind, escaped(&value));
        }
    }
    error.render().to_string()
}

/// Whether clap's "error" is an answer that was asked for.
#[must_use]
pub fn is_answer(error: &clap::Error) -> bool {
    matches!(error.kind(), ErrorKind::DisplayHelp | ErrorKind::DisplayVersion)
}

/// Whether a context may contain text of the command line.
fn repeats(kind: ContextKind) -> bool {
    use ContextKind as K;
    let own = [K::InvalidArg, K::InvalidValue, K::InvalidSubcommand, K::Usage, K::ValidValue, K::PriorArg];
    !own.contains(&kind)
}

/// An argument as clap names it: an option of ours with the placeholder of its value, an unknown option,
/// or a value.
fn quoted(text: &str, kind: ContextKind) -> String {
    if kind == ContextKind::InvalidArg && is_own(text) {
        return text.to_owned();
    }
    let end = text.find(|c: char| !c.is_alphanumeric() && !"-_".contains(c)).filter(|_| text.starts_with("--"));
    match end {
        // What follows an option's name is its value.
        Some(end) if text[end..].starts_with(|c: char| c.is_ascii() && !c.is_ascii_control()) => {
            format!("{}…", Shown::short(&text.as_bytes()[..end]))
        }
        _ => Shown::target_short(text.as_bytes()).into_string(),
    }
}

/// Whether this is how clap writes an option or a positional argument of the program.
fn is_own(text: &str) -> bool {
    let mut command = command();
    command.build();
    command.get_arguments().any(|arg| arg.to_string() == text)
}

fn escaped(value: &ContextValue) -> ContextValue {
    let escape = |text: &str| Shown::running_text(text.as_bytes()).into_string();
    match value {
        ContextValue::String(text) => ContextValue::String(escape(text)),
        ContextValue::Strings(texts) => ContextValue::Strings(texts.iter().map(|text| escape(text)).collect()),
        ContextValue::StyledStr(text) => ContextValue::StyledStr(escape(&text.to_string()).into()),
        ContextValue::StyledStrs(texts) => {
            ContextValue::StyledStrs(texts.iter().map(|text| escape(&text.to_string()).into()).collect())
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
