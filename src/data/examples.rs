//! Examples of findings: a name, and the names of a certificate.

/// An example.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Example {
    /// The code's name.
    pub code: &'static str,
    /// The name that is asked for.
    pub name: &'static str,
    list: &'static str,
}

impl Example {
    /// The names that the certificate presents.
    #[must_use]
    pub fn names(&self) -> Vec<String> {
        self.list.split(", ").map(str::to_owned).collect()
    }
}

/// All of them.
pub fn all() -> impl Iterator<Item = Example> {
    let lines = include_str!("examples.tsv").lines().filter(|line| !line.starts_with('#')).skip(1);
    lines.filter_map(|line| {
        let mut cells = line.split('\t');
        Some(Example { code: cells.next()?, name: cells.next()?, list: cells.next()? })
    })
}

/// The example of a code.
#[must_use]
pub fn find(code: &str) -> Option<Example> {
    all().find(|example| example.code == code)
}
