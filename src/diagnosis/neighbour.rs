//! A server that answered in plain text, and was asked for TLS where it may speak it.

use super::failure::{Explained, explain};
use super::{Again, Help};
use crate::certificate::Certificate;
use crate::evidence::{Evidence, Neighbour, Probe, Question};
use crate::identity::{Asked, covers_name};

/// The failure's help, with what came of the way to TLS that it names; a command that would fail is
/// not printed.
#[must_use]
pub fn tried(mut explained: Explained, evidence: &Evidence, asked: &Asked) -> Explained {
    let found = evidence.probes.iter().find_map(|probe| match probe.question {
        Question::Neighbour(neighbour) => Some((probe, neighbour)),
        _ => None,
    });
    let (Some((probe, neighbour)), Some(first)) = (found, explained.help.first_mut()) else { return explained };
    let way = match neighbour {
        Neighbour::Starttls(protocol) => format!("asked with --starttls {}", protocol.name()),
        Neighbour::Port(port) => format!("asked on port {port}"),
    };
    match came(probe, asked) {
        Ok(what) => first.text = format!("{way}, the server presents {what}"),
        Err(why) => *first = Help { text: format!("{way}, it gives no certificate: {why}"), ..Help::default() },
    }
    explained
}

fn came(probe: &Probe, asked: &Asked) -> Result<&'static str, String> {
    let der = probe.answer.as_ref().map_err(|failure| explain(failure, Again::default()).message)?;
    Ok(match Certificate::from_der(der) {
        Ok(leaf) if covers_name(leaf.subject_names(), asked) => "a certificate that is valid for the name",
        Ok(_) => "a certificate that is not valid for the name",
        Err(_) => "a certificate that cannot be read",
    })
}
