//! The lines of a list, read in a thread of their own.

use std::io::{self, BufRead, BufReader, Read};

use tokio::sync::mpsc;

use crate::files;
use crate::plan::Input;
use crate::resume::BOM;

/// The longest line of a list that is looked at, in bytes.
const MAX_LINE: usize = 8192;
/// How far the end of a longer line is looked for: a device like `/dev/zero` has none.
const MAX_LENGTH: u64 = 64 << 20;
/// How many lines are passed on at once, where so many are there.
const BATCH: usize = 64;
/// How many batches are read ahead.
const READ_AHEAD: usize = 4;

/// One line of a list.
pub(super) struct Line {
    /// Its number, from 1.
    pub(super) number: u64,
    /// Its text.
    pub(super) text: Text,
}

/// What stands in a line.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Text {
    /// All of it, without the white space around it.
    Whole(Vec<u8>),
    /// It is longer than any target.
    Cut {
        /// How it begins.
        beginning: Vec<u8>,
        /// How many bytes there are in all.
        length: u64,
    },
    /// Why no more can be read.
    Unreadable(String),
}

/// Reads a list in a thread of its own, so that a slow writer of standard input does not hold the
/// checks that are under way. Blank lines and those that begin with `#` are skipped.
pub(super) fn read_lines(list: &Input) -> io::Result<mpsc::Receiver<Vec<Line>>> {
    let (send, receive) = mpsc::channel(READ_AHEAD);
    let reader: Box<dyn Read + Send> = match list {
        Input::Stdin => Box::new(io::stdin()),
        Input::File(path) => Box::new(files::open(path)?),
    };
    std::thread::Builder::new().name("targets".to_owned()).spawn(move || {
        let mut reader = BufReader::new(reader);
        let mut number = 0u64;
        let mut batch = Vec::new();
        loop {
            let mut line = read_line(&mut reader);
            if let (0, Some(Text::Whole(text))) = (number, &mut line)
                && text.starts_with(BOM)
            {
                text.drain(..BOM.len());
            }
            let last = matches!(line, None | Some(Text::Unreadable(_)));
            number += 1;
            if let Some(text) = line.filter(|line| !line.is_skipped()) {
                batch.push(Line { number, text });
            }
            // What is there is passed on before waiting for more: a writer may be slow.
            let waits = !reader.buffer().contains(&b'\n');
            if (last || waits || batch.len() >= BATCH)
                && !batch.is_empty()
                && send.blocking_send(std::mem::take(&mut batch)).is_err()
                || last
            {
                return;
            }
        }
    })?;
    Ok(receive)
}

impl Text {
    /// Whether it is blank or a comment.
    fn is_skipped(&self) -> bool {
        match self {
            Self::Whole(text) => text.is_empty() || text.starts_with(b"#"),
            Self::Cut { beginning, .. } => beginning.starts_with(b"#"),
            Self::Unreadable(_) => false,
        }
    }
}

/// The next line; `None` at the end.
fn read_line(reader: &mut impl BufRead) -> Option<Text> {
    let mut line = Vec::new();
    let limit = MAX_LINE as u64;
    match reader.by_ref().take(limit).read_until(b'\n', &mut line) {
        Ok(0) => return None,
        Ok(_) => {}
        Err(error) => return Some(Text::Unreadable(files::reason(&error))),
    }
    if line.len() < MAX_LINE || line.last() == Some(&b'\n') {
        return Some(Text::Whole(line.trim_ascii().to_vec()));
    }
    let mut length = limit;
    let mut rest = Vec::new();
    while let Ok(n) = reader.by_ref().take(limit).read_until(b'\n', &mut rest)
        && n > 0
    {
        let ended = rest.last() == Some(&b'\n');
        length += n as u64 - u64::from(ended);
        if ended {
            break;
        }
        if length > MAX_LENGTH {
            return Some(Text::Unreadable(format!("a line of it is longer than {} MiB", MAX_LENGTH >> 20)));
        }
        rest.clear();
    }
    Some(Text::Cut { beginning: line.trim_ascii_start().to_vec(), length })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_trimmed_and_bounded() {
        let long = vec![b'x'; 20_000];
        let text = [b" a.example \r\n\n# c\n", &long[..], b"\nb.example"].concat();
        let mut reader = BufReader::new(&text[..]);
        let mut lengths = Vec::new();
        while let Some(line) = read_line(&mut reader) {
            lengths.push(match line {
                Text::Whole(text) => (text.len(), None),
                Text::Cut { beginning, length } => (beginning.len(), Some(length)),
                Text::Unreadable(why) => panic!("{why}"),
            });
        }
        assert_eq!(lengths, [(9, None), (0, None), (3, None), (MAX_LINE, Some(20_000)), (9, None)]);
    }
}
