//! Findings from facts. Imports `identity`, `certificate`, `trust`, `evidence`, `policy`, `data`,
//! `target`; is imported by `report` and `run`.
//!
//! To add a finding: a code in `code.rs`, a rule in its family's file, a line in `precedence.rs`,
//! a scenario in `tests/scenarios/`.

pub mod address;
pub mod again;
pub mod code;
pub mod command;
pub mod differ;
pub mod facts;
pub mod failure;
pub mod handshake;
pub mod host;
pub mod kubernetes;
pub mod legacy;
pub mod lost;
pub mod matched;
pub mod nearest;
pub mod neighbour;
pub mod precedence;
pub mod probed;
pub mod product;
pub mod served;
pub mod shape;
pub mod similar;
pub mod spelling;
pub mod trust;
pub mod wildcard;
pub mod www;

pub use again::Again;
pub use code::{Code, Severity};
pub use command::{Command, MadeWith};
pub use facts::Facts;
pub use probed::{Probed, Seen};

/// How sure a finding is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Confidence {
    /// It follows from what was seen.
    Certain,
    /// It is the most plausible reading of what was seen.
    Likely,
}

/// One finding. Texts are escaped where they quote what a peer, a file or an argument holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// Which.
    pub code: Code,
    /// How much it weighs here; mostly the code's own severity.
    pub severity: Severity,
    /// How sure it is.
    pub confidence: Confidence,
    /// One line that carries the facts.
    pub message: String,
    /// The rule, and what else there is to know.
    pub notes: Vec<String>,
    /// What to change.
    pub help: Vec<Help>,
    /// Where in the certificate's list of names it points.
    pub marks: Vec<Mark>,
    /// What was seen that it rests on, beside the certificate.
    pub evidence: Vec<Seen>,
}

/// A remedy.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct Help {
    /// What to do, in the words an operator would use.
    pub text: String,
    /// The entry to add to the certificate (`DNS:…`).
    pub add_san: Option<String>,
    /// The command to type.
    pub command: Option<Command>,
}

impl Help {
    /// The same, with the CA file and the proxy of the check in its command.
    #[must_use]
    pub fn made_with(mut self, with: MadeWith<'_>) -> Self {
        self.command = self.command.map(|command| command.made_with(with));
        self
    }
}

/// A place in the certificate.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mark {
    /// Where.
    pub place: Place,
    /// Which part of the entry's value.
    pub span: Span,
    /// What to say about it; nothing where the entry only needs to be seen.
    pub label: Option<String>,
}

/// Which list an entry stands in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// The subjectAltName, position from 0.
    San(usize),
    /// The subject's common names, position from 0.
    CommonName(usize),
}

/// A part of an entry's value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Span {
    /// All of it.
    Whole,
    /// The asterisk at its beginning.
    Star,
}

impl Finding {
    /// A certain finding of the code's own severity.
    #[must_use]
    pub fn new(code: Code, message: impl Into<String>) -> Self {
        Self {
            code,
            severity: code.severity(),
            confidence: Confidence::Certain,
            message: message.into(),
            notes: Vec::new(),
            help: Vec::new(),
            marks: Vec::new(),
            evidence: Vec::new(),
        }
    }

    /// The same, likely.
    #[must_use]
    pub fn likely(mut self) -> Self {
        self.confidence = Confidence::Likely;
        self
    }

    /// The same with a note.
    #[must_use]
    pub fn note(mut self, text: impl Into<String>) -> Self {
        self.notes.push(text.into());
        self
    }

    /// The same with a remedy in words.
    #[must_use]
    pub fn help(mut self, text: impl Into<String>) -> Self {
        self.help.push(Help { text: text.into(), ..Help::default() });
        self
    }

    /// The same with an entry to add to the certificate.
    #[must_use]
    pub fn add(mut self, text: impl Into<String>, entry: impl Into<String>) -> Self {
        self.help.push(Help { text: text.into(), add_san: Some(entry.into()), command: None });
        self
    }

    /// The same with a command to type.
    #[must_use]
    pub fn command(mut self, text: impl Into<String>, command: Command) -> Self {
        self.help.push(Help { text: text.into(), add_san: None, command: Some(command) });
        self
    }

    /// The same, with the CA file and the proxy of the check in its commands.
    #[must_use]
    pub fn made_with(mut self, with: MadeWith<'_>) -> Self {
        self.help = self.help.into_iter().map(|help| help.made_with(with)).collect();
        self
    }

    /// The same, resting on what was seen.
    #[must_use]
    pub fn resting_on(mut self, seen: impl IntoIterator<Item = Seen>) -> Self {
        self.evidence.extend(seen);
        self
    }

    /// The same, pointing at an entry.
    #[must_use]
    pub fn mark(mut self, place: Place, span: Span, label: impl Into<String>) -> Self {
        self.marks.push(Mark { place, span, label: Some(label.into()) });
        self
    }

    /// The same, with an entry that needs to be seen.
    #[must_use]
    pub fn show(mut self, place: Place) -> Self {
        self.marks.push(Mark { place, span: Span::Whole, label: None });
        self
    }
}
