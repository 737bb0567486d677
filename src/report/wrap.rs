//! Lines that fit a terminal. The renderer leaves messages as long as they are, and a terminal breaks
//! them in the middle of a word; here they are broken at spaces, below their own beginning.

use textwrap::core::display_width;
use textwrap::{Options, WordSeparator, WordSplitter};

/// How wide lines may be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Width {
    /// The columns of a terminal.
    Terminal(usize),
    /// Nobody's terminal: a file or a pipe, whose lines stay whole.
    Unbounded,
}

/// What the renderer is told where there is no terminal: enough for what logs hold.
const UNBOUNDED: usize = 200;
/// How far the lines below a long beginning stand.
const SHORT: usize = 4;
/// The longest beginning below whose end they stand.
const LONG: usize = 12;
/// What is left for a text at least: on a narrow terminal the lines below stand less far in.
const LEAST: usize = 16;
/// The narrowest terminal that texts are broken for.
const NARROWEST: usize = SHORT + LEAST;

/// What goes on in the next line of a shell (XCU, 2.2.1).
const BREAK: &str = " \\\n";

/// The words of a command, quotation marks and all: a space within single quotes ends none.
fn shell_words(command: &str) -> impl Iterator<Item = &str> {
    let mut is_quoted = false;
    command.split(move |c| {
        is_quoted ^= c == '\'';
        c == ' ' && !is_quoted
    })
}

impl Width {
    /// In columns.
    #[must_use]
    pub fn columns(self) -> usize {
        match self {
            Self::Terminal(columns) => columns,
            Self::Unbounded => UNBOUNDED,
        }
    }

    /// Whether a line is not too long.
    #[must_use]
    pub fn holds(self, line: &str) -> bool {
        self == Self::Unbounded || display_width(line) <= self.columns()
    }

    /// What the renderer drew: titles, notes and labels that are too long are broken; the lists
    /// and commands that it points into are not, nor are words.
    #[must_use]
    pub fn drawing(self, drawing: &str) -> String {
        drawing.lines().fold(String::new(), |text, line| text + &self.drawn(line) + "\n")
    }

    /// A text below and behind the beginning of its first line. A word that is too long for a line
    /// stays whole.
    #[must_use]
    pub fn text(self, first: &str, rest: &str, text: &str) -> String {
        let Self::Terminal(columns) = self else { return format!("{first}{text}") };
        if text.is_empty() {
            return first.to_owned();
        }
        let columns = columns.max(NARROWEST);
        let rest = less_far_in(rest, columns - LEAST);
        let word = display_width(text.split(' ').next().unwrap_or_default());
        let is_below = display_width(first) + word > columns && display_width(rest) + word <= columns;
        // What begins nothing but a line is no line of its own.
        let (alone, first) = if is_below && !first.trim().is_empty() { (first, rest) } else { ("", first) };
        let options = Options::new(columns).initial_indent(first).subsequent_indent(rest);
        let options = options.break_words(false).word_separator(WordSeparator::AsciiSpace);
        let filled = textwrap::fill(text, options.word_splitter(WordSplitter::NoHyphenation));
        if alone.is_empty() { filled } else { format!("{}\n{filled}", alone.trim_end()) }
    }

    /// A command of a POSIX shell that stands at this column, broken between its words so that it can
    /// be taken as it stands.
    #[must_use]
    pub fn command(self, column: usize, command: &str) -> String {
        let Self::Terminal(columns) = self else { return command.to_owned() };
        let room = columns.saturating_sub(column + BREAK.trim_end().len()).max(LEAST);
        let mut lines = vec![String::new()];
        for word in shell_words(command) {
            let Some(line) = lines.last_mut() else { break };
            if line.is_empty() || display_width(line) + 1 + display_width(word) <= room {
                *line += if line.is_empty() { "" } else { " " };
                *line += word;
            } else {
                lines.push(format!("  {word}"));
            }
        }
        if display_width(command) + column <= columns { command.to_owned() } else { lines.join(BREAK) }
    }

    fn drawn(self, line: &str) -> String {
        let beginning = if self.holds(line) { None } else { Beginning::of(line) };
        match beginning {
            Some(Beginning { length, rest }) => self.text(&line[..length], &rest, &line[length..]),
            None => line.to_owned(),
        }
    }
}

/// The beginning of a line with fewer blanks at its end, where it is longer than this.
fn less_far_in(rest: &str, most: usize) -> &str {
    let blanks = rest.len() - rest.trim_end_matches(' ').len();
    &rest[..rest.len() - display_width(rest).saturating_sub(most).min(blanks)]
}

/// Where the text of a drawn line begins, in bytes, and what the lines below it begin with.
struct Beginning {
    length: usize,
    rest: String,
}

impl Beginning {
    /// None for a line without a text: a command is none, whatever stands in it.
    fn of(line: &str) -> Option<Self> {
        let whole = anstream::adapter::strip_str(line).to_string();
        let bare = whole.trim_start();
        if bare.starts_with('=') {
            let length = line.find(": ")? + 2;
            Some(Self { length, rest: " ".repeat(display_width(&line[..length])) })
        } else if let Some(rest) = bare.strip_prefix('|') {
            // A label stands behind the line that marks its place.
            if !rest.trim_start().trim_start_matches(['^', '-']).starts_with(' ') {
                return None;
            }
            let marks = line.find(['^', '-'])?;
            let length = marks + line[marks..].find(' ')? + 1;
            let (gutter, _) = line.split_once('|')?;
            let column = display_width(&line[..length]) - display_width(gutter) - 1;
            Some(Self { length, rest: format!("{gutter}|{}", " ".repeat(column)) })
        } else if whole.starts_with(|first: char| first.is_ascii_alphabetic()) {
            let label = display_width(&line[..line.find(": ")? + 2]);
            Some(Self { length: 0, rest: " ".repeat(if label > LONG { SHORT } else { label }) })
        } else {
            None
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const DRAWN: &str = "\
HostnameMismatchError[wildcard-depth]: certificate is not valid for 'a.b.example.com'
 --> subjectAltName:1:5
  |
1 | DNS:*.a-name-that-is-longer-than-the-line.example.com
  |     ^ stands for one label; `a.b` are two
  |
  = note: a wildcard is exactly one left-most label
help: or `DNS:*.b.example.com`, if others are served
";

    #[test]
    fn texts_are_broken_below_their_beginning() {
        let narrow = "\
HostnameMismatchError[wildcard-depth]:
    certificate is not valid for
    'a.b.example.com'
 --> subjectAltName:1:5
  |
1 | DNS:*.a-name-that-is-longer-than-the-line.example.com
  |     ^ stands for one label; `a.b`
  |       are two
  |
  = note: a wildcard is exactly one
          left-most label
help: or `DNS:*.b.example.com`, if
      others are served
";
        assert_eq!(Width::Terminal(38).drawing(DRAWN), narrow);
        let narrowest = "\
HostnameMismatchError[wildcard-depth]:
    certificate is
    not valid for
    'a.b.example.com'
 --> subjectAltName:1:5
  |
1 | DNS:*.a-name-that-is-longer-than-the-line.example.com
  |     ^ stands for
  | one label; `a.b`
  | are two
  |
  = note: a wildcard
    is exactly one
    left-most label
help: or
    `DNS:*.b.example.com`,
    if others are
    served
";
        assert_eq!(Width::Terminal(20).drawing(DRAWN), narrowest);
        assert_eq!(Width::Terminal(100).drawing(DRAWN), DRAWN);
        assert_eq!(Width::Unbounded.drawing(DRAWN), DRAWN);
    }

    #[test]
    fn a_word_that_does_not_fit_behind_the_beginning_stands_below_it() {
        let narrow = Width::Terminal(20);
        assert_eq!(
            narrow.text("  = note: ", "          ", "certificates last"),
            "  = note:\n    certificates\n    last"
        );
        // One that fits nowhere stays.
        let long = "  sha256  0123456789abcdef0123";
        assert_eq!(narrow.text("  sha256  ", "          ", "0123456789abcdef0123"), long);
        assert_eq!(narrow.text("  issuer  ", "          ", ""), "  issuer  ");
        assert_eq!(narrow.text("  ", "    ", "served by 192.0.2.7:443"), "  served by\n    192.0.2.7:443");
    }

    /// It is broken between its words by a backslash, before it is drawn, or not at all.
    #[test]
    fn a_command_that_was_drawn_is_left_alone() {
        for line in [
            "  |   --ca-file 'the ca.pem' --name a.test",
            "  | certcheck --cert 'a: b.pem' --name a.test",
            "          certcheck --cert 'a: b.pem' --name a.test",
        ] {
            assert_eq!(Width::Terminal(20).drawing(line), format!("{line}\n"));
        }
    }

    #[test]
    fn colours_take_no_room_and_lose_nothing() {
        let line = "\x1b[1m\x1b[94m= \x1b[0m\x1b[1mnote\x1b[0m: one two three four five six seven";
        let wrapped = Width::Terminal(28).drawing(line);
        let plain = anstream::adapter::strip_str(&wrapped).to_string();
        assert_eq!(plain, "= note: one two three four\n        five six seven\n");
        assert!(wrapped.starts_with(line.split(" one").next().unwrap()), "{wrapped:?}");
    }

    #[test]
    fn commands_stay_commands() {
        let command = "curl --connect-to 'a.test:443:192.0.2.7:443' --cacert 'the ca.pem' 'https://a.test/'";
        let narrow =
            "curl --connect-to \\\n  'a.test:443:192.0.2.7:443' \\\n  --cacert 'the ca.pem' \\\n  'https://a.test/'";
        assert_eq!(Width::Terminal(40).command(10, command), narrow);
        assert_eq!(Width::Terminal(100).command(10, command), command);
        assert_eq!(Width::Unbounded.command(10, command), command);
        let wide = Width::Terminal(60).command(0, command);
        assert!(wide.lines().count() == 2 && wide.lines().all(|line| line.len() <= 60), "{wide}");
    }

    #[test]
    fn no_width_is_too_small() {
        for columns in 0..60 {
            let words = |text: &str| {
                text.split([' ', '\n', '|']).filter(|word| !word.is_empty()).map(str::to_owned).collect::<Vec<_>>()
            };
            assert_eq!(words(&Width::Terminal(columns).drawing(DRAWN)), words(DRAWN), "{columns}");
        }
    }
}
