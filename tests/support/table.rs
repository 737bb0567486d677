//! Tables of tests: tab-separated text, one row a line.

/// The rows of a table with their line numbers (from 1). Blank lines and those that begin with `#`
/// are left out; cells are as written, spaces and escapes included.
pub fn table(text: &str) -> impl Iterator<Item = (usize, Vec<&str>)> {
    text.lines()
        .zip(1..)
        .filter(|(row, _)| !row.starts_with('#') && !row.trim().is_empty())
        .map(|(row, line)| (line, row.split('\t').collect()))
}

/// The bytes of a cell: `\xHH` is one byte, `\\` a backslash, anything else is UTF-8 as it stands.
pub fn unescape(cell: &str) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(cell.len());
    let mut rest = cell.as_bytes();
    loop {
        rest = match rest {
            [] => return bytes,
            [b'\\', b'x', high, low, tail @ ..] if is_hex(*high) && is_hex(*low) => {
                bytes.push(hex(*high) << 4 | hex(*low));
                tail
            }
            [b'\\', b'\\', tail @ ..] => {
                bytes.push(b'\\');
                tail
            }
            [byte, tail @ ..] => {
                bytes.push(*byte);
                tail
            }
        }
    }
}

fn is_hex(digit: u8) -> bool {
    digit.is_ascii_hexdigit()
}

fn hex(digit: u8) -> u8 {
    char::from(digit).to_digit(16).unwrap() as u8
}
