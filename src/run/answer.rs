//! What is answered without a check, and what is said when there is none.

use std::io::{self, Read, Write};

use anyhow::Context as _;

use crate::advice::explain::explain;
use crate::advice::recognise::MAX_TEXT;
use crate::cli::FormatArg;
use crate::escape::{Shown, ascii_only};
use crate::exit::{Ended, Exit, Plugin};
use crate::plan::{Explained, Output};
use crate::report::drawing::{Canvas, Detail};
use crate::report::explanation;
use crate::report::human::Charset;
use crate::terminal::{Terminal, charset};
use crate::usage::Caller;

/// Says why nothing was checked; a monitor reads standard output alone.
pub(super) fn complain(text: &str, exit: Exit, caller: Caller) -> Ended {
    // Where standard error is gone too, the exit code still says it.
    let _ = io::stderr().write_all(to_charset(text).as_bytes());
    if caller == Caller::Person {
        return Ended::Exit(exit);
    }
    let first = text.lines().next().unwrap_or_default().replace('|', "\\x7c");
    let _ = print(to_charset(&format!("{} - {first}\n", Plugin::Unknown.word())).as_bytes());
    Ended::Plugin(Plugin::Unknown)
}

pub(super) fn to_charset(text: &str) -> String {
    match charset() {
        Charset::Utf8 => text.to_owned(),
        Charset::Ascii => ascii_only(text).into_owned(),
    }
}

/// Explains a code or a text; one that is neither is a usage error.
pub(super) fn explained(what: &Explained, output: Output) -> anyhow::Result<Exit> {
    let text = match what {
        Explained::Text(text) => text.clone(),
        Explained::Stdin => {
            let mut bytes = Vec::new();
            let limit = u64::try_from(MAX_TEXT).unwrap_or(u64::MAX);
            io::stdin().lock().take(limit).read_to_end(&mut bytes).context("standard input cannot be read")?;
            String::from_utf8_lossy(&bytes).into_owned()
        }
    };
    let Some(explanation) = explain(&text) else {
        let shown = Shown::running_text(text.trim().as_bytes());
        anyhow::bail!(
            "`{shown}` is neither a code of certcheck nor an error that it recognises; --man lists the codes"
        );
    };
    if output.format == FormatArg::Json {
        let line = serde_json::to_string(&explanation).context("the explanation cannot be written")?;
        return Ok(print(format!("{line}\n").as_bytes()));
    }
    let terminal = Terminal::detect(output.color);
    let canvas = Canvas { color: terminal.color, width: terminal.width, detail: Detail::Full };
    Ok(print(to_charset(&explanation::human(&explanation, canvas)).as_bytes()))
}

/// Writes an answer to standard output.
pub(super) fn print(text: &[u8]) -> Exit {
    let mut out = io::stdout().lock();
    match out.write_all(text).and_then(|()| out.flush()) {
        Ok(()) => Exit::Ok,
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Exit::Ok,
        Err(error) => not_written(None, &error, &mut io::stderr()),
    }
}

/// Says that standard output, or a file, could not be written.
pub(super) fn not_written(path: Option<&Shown>, error: &io::Error, err: &mut dyn Write) -> Exit {
    let what = path.map_or("the output", Shown::as_str);
    let _ = err.write_all(to_charset(&format!("certcheck: {what} could not be written: {error}\n")).as_bytes());
    Exit::Output
}
