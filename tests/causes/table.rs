//! The tables: tab-separated, one check a line.

use crate::support;

/// One line.
#[derive(Clone, Copy, Debug)]
pub struct Row {
    /// Where it stands.
    pub file: &'static str,
    pub line: usize,
    /// Which cause.
    pub id: &'static str,
    /// The code that leads.
    pub code: &'static str,
    /// The exit code of the first check.
    pub exit: i32,
    /// What the finding has as evidence.
    pub rests_on: &'static str,
    /// How it is stood up.
    pub stand: &'static str,
    /// What is typed.
    pub check: &'static str,
    /// What mends it.
    pub change: &'static str,
}

/// The lines of a table.
pub fn read(file: &'static str, text: &'static str) -> Vec<Row> {
    let rows = support::table(text).map(|(line, cells)| {
        let [id, code, exit, rests_on, stand, check, change] = cells[..] else { panic!("{file}:{line}: {cells:?}") };
        Row { file, line, id, code, exit: exit.parse().unwrap(), rests_on, stand, check, change }
    });
    rows.collect()
}

/// The causes, each once, in the order of the table.
pub fn ids(rows: &[Row]) -> Vec<&'static str> {
    let mut ids: Vec<&str> = Vec::new();
    for row in rows {
        if !ids.contains(&row.id) {
            ids.push(row.id);
        }
    }
    ids
}
