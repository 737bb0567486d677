//! What standard output can show: colour, width, characters. Reads the environment as the field
//! does: `NO_COLOR`, `CLICOLOR_FORCE`, `TERM=dumb`, the locale; and, for others, its variables.

use std::ffi::OsString;
use std::io::{self, IsTerminal};

use anstream::{AutoStream, ColorChoice};

use crate::cli::ColorArg;
use crate::report::drawing::Color;
use crate::report::human::Charset;
use crate::report::wrap::Width;

/// What standard output can show.
#[derive(Clone, Copy, Debug)]
pub struct Terminal {
    /// Colour.
    pub color: Color,
    /// Columns.
    pub width: Width,
    /// Characters.
    pub charset: Charset,
}

impl Terminal {
    /// Looks at standard output and the environment.
    #[must_use]
    pub fn detect(wanted: ColorArg) -> Self {
        let color = match wanted {
            ColorArg::Always => Color::Ansi,
            ColorArg::Never => Color::Plain,
            ColorArg::Auto => match AutoStream::choice(&io::stdout()) {
                ColorChoice::Never => Color::Plain,
                _ => Color::Ansi,
            },
        };
        let width = if io::stdout().is_terminal() {
            Width::Terminal(terminal_size::terminal_size().map_or(80, |(width, _)| width.0.into()))
        } else {
            Width::Unbounded
        };
        Self { color, width, charset: charset() }
    }
}

/// A variable of the environment, where it is set.
#[must_use]
#[expect(clippy::disallowed_methods, reason = "the one place where the environment is read")]
pub fn variable(name: &str) -> Option<OsString> {
    std::env::var_os(name)
}

/// The character set of the locale; a system without locales has UTF-8.
#[must_use]
pub fn charset() -> Charset {
    if cfg!(windows) {
        return Charset::Utf8;
    }
    let locale = ["LC_ALL", "LC_CTYPE", "LANG"]
        .iter()
        .find_map(|name| variable(name)?.into_string().ok().filter(|value| !value.is_empty()))
        .unwrap_or_default()
        .to_ascii_lowercase();
    if locale.contains("utf-8") || locale.contains("utf8") { Charset::Utf8 } else { Charset::Ascii }
}
