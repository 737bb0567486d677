//! The terminal that the bar is drawn on, two columns narrower than it is.

use std::io;

use console::Term;
use indicatif::{ProgressDrawTarget, TermLike};

/// What a terminal echoes for Ctrl-C: `^C`.
const ECHO: u16 = 2;
/// How often it is drawn in a second, at most.
const HERTZ: u8 = 20;

/// Standard error. The library fills the bar's row up to the width that it is told; in a full row the echo of Ctrl-C
/// would begin the next one, and the bar would stay where it is when its row is cleared.
#[derive(Debug)]
pub(super) struct Screen(Term);

impl Screen {
    /// Where the bar is drawn, or nowhere: a terminal without a cursor to move (`TERM=dumb`) has no bar.
    pub(super) fn target() -> ProgressDrawTarget {
        let usual = ProgressDrawTarget::stderr();
        if usual.is_hidden() {
            return usual;
        }
        ProgressDrawTarget::term_like_with_hz(Box::new(Self(Term::buffered_stderr())), HERTZ)
    }
}

impl TermLike for Screen {
    fn width(&self) -> u16 {
        TermLike::width(&self.0).saturating_sub(ECHO).max(1)
    }

    fn height(&self) -> u16 {
        TermLike::height(&self.0)
    }

    fn move_cursor_up(&self, n: usize) -> io::Result<()> {
        self.0.move_cursor_up(n)
    }

    fn move_cursor_down(&self, n: usize) -> io::Result<()> {
        self.0.move_cursor_down(n)
    }

    fn move_cursor_right(&self, n: usize) -> io::Result<()> {
        self.0.move_cursor_right(n)
    }

    fn move_cursor_left(&self, n: usize) -> io::Result<()> {
        self.0.move_cursor_left(n)
    }

    fn write_line(&self, s: &str) -> io::Result<()> {
        self.0.write_line(s)
    }

    fn write_str(&self, s: &str) -> io::Result<()> {
        self.0.write_str(s)
    }

    fn clear_line(&self) -> io::Result<()> {
        self.0.clear_line()
    }

    fn flush(&self) -> io::Result<()> {
        self.0.flush()
    }
}
