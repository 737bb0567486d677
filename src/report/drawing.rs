//! A diagnosis as rustc draws one, by annotate-snippets. The source it points into is the
//! certificate's own list of names, one entry a line; a change to the certificate is a patch.

use annotate_snippets::{Annotation, AnnotationKind, Group, Level, Patch, Renderer, Snippet};

use super::gist::message;
use super::model::{CertificateItem, ConfidenceWord, DiagnosisItem, HelpItem, Report, SeverityWord};
use super::wrap::Width;
use crate::diagnosis::{Mark, Place, Span};

/// Lists up to this length are drawn whole.
const WHOLE: usize = 12;
/// How many entries are drawn at the most where all are asked for.
const AT_MOST: usize = 1_000;

/// At which column a command stands behind `= help: `, and in lines of its own; numbers of two digits.
const IN_HELP: usize = 11;
const IN_GUTTER: usize = 5;
/// What the renderer does not cut, on the narrowest terminal either: a DNS name of the greatest length
/// (253 octets, RFC 1035) with its type.
const NAME: usize = 280;

/// How much is drawn.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Detail {
    /// Long lists folded to the nearest names.
    Folded,
    /// All that there is.
    Full,
}

/// How it is drawn.
#[derive(Clone, Copy, Debug)]
pub struct Canvas {
    /// With colour or without.
    pub color: Color,
    /// Columns of the terminal.
    pub width: Width,
    /// How much.
    pub detail: Detail,
}

/// With colour or without.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Color {
    /// Plain text.
    Plain,
    /// ANSI colours.
    Ansi,
}

impl Canvas {
    fn renderer(self) -> Renderer {
        match self.color {
            Color::Plain => Renderer::plain(),
            Color::Ansi => Renderer::styled(),
        }
    }

    /// What is too long for a line is cut by the renderer; a name or a command must not be.
    fn draw(self, groups: &[Group<'_>], helps: &[HelpItem]) -> String {
        let commands = helps.iter().filter_map(|help| help.command.as_ref());
        let longest = commands.flat_map(|command| {
            let command = self.width.command(IN_GUTTER, command);
            command.lines().map(|line| IN_GUTTER + line.len()).collect::<Vec<_>>()
        });
        let columns = longest.fold(NAME, usize::max);
        self.width.drawing(&self.renderer().term_width(columns).render(groups))
    }
}

/// A mismatch: the leading finding points into the list of names, the others follow.
#[must_use]
pub fn mismatch(report: &Report, served: &[String], canvas: Canvas) -> String {
    let Some((lead, others)) = report.diagnosis.split_first() else { return String::new() };
    let name = shown_name(report);
    let title = Level::ERROR
        .with_name("HostnameMismatchError")
        .primary_title(format!("certificate is not valid for '{name}'"))
        .id(lead.code.as_str());
    let marks = report.drawing.marks.first().map_or(&[][..], Vec::as_slice);
    let mut group = Group::with_title(title);
    let list = List::of(report, marks, canvas.detail);
    if let Some(list) = &list {
        group = group.element(list.snippet());
    }
    if !list.as_ref().is_some_and(List::says_why) {
        group = group.element(Level::NOTE.message(message(lead)));
    } else if lead.confidence == ConfidenceWord::Likely {
        group = group.element(Level::NOTE.message("this is the likely cause, not a certain one"));
    }
    for note in &lead.notes {
        group = group.element(Level::NOTE.message(note.as_str()));
    }
    if let Some(more) = list.as_ref().and_then(List::more) {
        group = group.element(Level::NOTE.message(more));
    }
    for line in served {
        group = group.element(Level::NOTE.message(line.as_str()));
    }
    let next = report.drawing.total_names + 1;
    let mut groups = vec![group];
    groups.extend(lead.help.iter().map(|h| help(h, next, canvas.width)));
    groups.extend(others.iter().map(|other| {
        if canvas.detail == Detail::Folded && is_further_cause(other) {
            titled(other)
        } else {
            finding(other, canvas.width)
        }
    }));
    canvas.draw(&groups, &lead.help)
}

/// Findings that have no place in the list of names, each as its own group.
#[must_use]
pub fn findings(items: &[DiagnosisItem], canvas: Canvas) -> String {
    if items.is_empty() {
        return String::new();
    }
    let groups: Vec<_> = items.iter().map(|item| finding(item, canvas.width)).collect();
    canvas.draw(&groups, &[])
}

/// An error without a certificate.
#[must_use]
pub fn error(report: &Report, notes: &[String], canvas: Canvas) -> String {
    let Some(error) = &report.error else { return String::new() };
    let mut group = Group::with_title(Level::ERROR.primary_title(error.message.as_str()).id(error.code.as_str()));
    for note in notes {
        group = group.element(Level::NOTE.message(note.as_str()));
    }
    let mut groups = vec![group];
    groups.extend(error.help.iter().map(|h| help(h, 1, canvas.width)));
    canvas.draw(&groups, &error.help)
}

/// `a.example`, and for an internationalised name both forms.
#[must_use]
pub fn shown_name(report: &Report) -> String {
    let value = report.reference.as_ref().map_or("", |r| r.value.as_str());
    match &report.drawing.unicode {
        Some(unicode) => format!("{unicode} ({value})"),
        None => value.to_owned(),
    }
}

/// Another plausible reading beside the cause that leads: a line of it is enough, `-v` tells the rest.
fn is_further_cause(item: &DiagnosisItem) -> bool {
    item.severity == SeverityWord::Error && item.confidence == ConfidenceWord::Likely
}

fn titled(item: &DiagnosisItem) -> Group<'_> {
    let level = match item.severity {
        SeverityWord::Error => Level::ERROR,
        SeverityWord::Warning => Level::WARNING,
        SeverityWord::Note => Level::NOTE,
    };
    Group::with_title(level.primary_title(message(item)).id(item.code.as_str()))
}

fn finding(item: &DiagnosisItem, width: Width) -> Group<'_> {
    let mut group = titled(item);
    for note in &item.notes {
        group = group.element(Level::NOTE.message(note.as_str()));
    }
    for help in &item.help {
        group = group.element(Level::HELP.message(help_text(help, width)));
    }
    group
}

fn help_text(help: &HelpItem, width: Width) -> String {
    match (&help.add_san, &help.command) {
        (Some(entry), _) => format!("{}: {entry}", help.text),
        (None, Some(command)) if width == Width::Unbounded => format!("{}: {command}", help.text),
        (None, Some(command)) => format!("{}:\n{}", help.text, width.command(IN_HELP, command)),
        (None, None) => help.text.clone(),
    }
}

/// A remedy; an entry to add is drawn as a patch after the last line of the list.
fn help(help: &HelpItem, next_line: usize, width: Width) -> Group<'_> {
    let title = Level::HELP.secondary_title(help.text.as_str());
    match (&help.add_san, &help.command) {
        (Some(entry), _) => {
            // The line after the end is needed to say where, and is not drawn.
            let end_of_list = Snippet::source(" ").line_start(next_line).patch(Patch::new(0..0, format!("{entry}\n")));
            title.element(end_of_list)
        }
        (None, Some(command)) => title.element(
            Snippet::source(width.command(IN_GUTTER, command))
                .line_numbering(false)
                .fold(false)
                .annotation(AnnotationKind::Visible.span(0..0)),
        ),
        (None, None) => Group::with_title(title),
    }
}

/// The list that the marks point into.
struct List<'a> {
    path: &'static str,
    lines: Vec<String>,
    marks: &'a [Mark],
    folded: bool,
    total: usize,
}

impl<'a> List<'a> {
    fn of(report: &Report, marks: &'a [Mark], detail: Detail) -> Option<Self> {
        let certificate = report.certificate.as_ref()?;
        let in_subject = marks.iter().any(|m| matches!(m.place, Place::CommonName(_)));
        let (path, lines, total) = if in_subject {
            let names: Vec<_> = certificate.common_names.iter().map(|cn| format!("CN={cn}")).collect();
            ("subject", names, certificate.common_names.len())
        } else {
            ("subjectAltName", san_lines(certificate), report.drawing.total_names)
        };
        let drawn = lines.len().min(AT_MOST.max(furthest(marks) + 1));
        let lines: Vec<_> = lines.into_iter().take(drawn).collect();
        if lines.is_empty() {
            return None;
        }
        let folded = detail == Detail::Folded && lines.len() > WHOLE && !marks.is_empty();
        Some(Self { path, lines, marks, folded, total })
    }

    fn snippet(&self) -> Snippet<'_, Annotation<'_>> {
        let annotations: Vec<_> = self.marks.iter().filter_map(|mark| self.annotation(mark)).collect();
        let labelled = self.marks.iter().any(|m| m.label.is_some());
        let mut snippet =
            Snippet::source(self.lines.join("\n")).path(self.path).fold(self.folded).annotations(annotations);
        if !labelled && !self.folded {
            snippet = snippet.annotation(AnnotationKind::Visible.span(0..0));
        }
        snippet
    }

    fn annotation(&self, mark: &'a Mark) -> Option<Annotation<'a>> {
        let index = index_of(mark.place);
        let line = self.lines.get(index)?;
        let start = self.lines[..index].iter().map(|l| l.len() + 1).sum::<usize>();
        let value = line.find([':', '=']).map_or(0, |at| at + 1);
        let span = match mark.span {
            Span::Star => start + value..start + (value + 1).min(line.len()),
            Span::Whole => start + value..start + line.len(),
        };
        Some(match &mark.label {
            Some(label) => AnnotationKind::Primary.span(span).label(label.as_str()),
            None => AnnotationKind::Visible.span(span),
        })
    }

    /// Whether a label is drawn; an entry may stand further down than what is listed.
    fn says_why(&self) -> bool {
        self.marks.iter().any(|m| m.label.is_some() && index_of(m.place) < self.lines.len())
    }

    /// What is not drawn.
    fn more(&self) -> Option<String> {
        let drawn = if self.folded { self.marks.len() } else { self.lines.len() };
        match self.total.saturating_sub(drawn) {
            0 => None,
            more if self.folded => Some(format!("and {more} more names (`-v` shows all)")),
            more => Some(format!("and {more} more names")),
        }
    }
}

fn index_of(place: Place) -> usize {
    match place {
        Place::San(i) | Place::CommonName(i) => i,
    }
}

fn furthest(marks: &[Mark]) -> usize {
    marks.iter().map(|m| index_of(m.place)).max().unwrap_or(0)
}

/// One line an entry, as lists of names are written.
#[must_use]
pub fn san_lines(certificate: &CertificateItem) -> Vec<String> {
    certificate.san.iter().map(|item| format!("{}:{}", item.kind.prefix(), item.value)).collect()
}
