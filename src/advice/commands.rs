//! The commands that a report prints, with the CAs that the check itself was made with.

use super::template::Quote;
use super::wanted::CaFile;
use crate::report::Report;

/// The option of each program that is told a file of CAs.
const OPTIONS: &[(&str, &str)] = &[("certcheck ", "--ca-file"), ("curl ", "--cacert")];

/// Completes the commands of a report; one whose path cannot stand in a command stays as it is.
pub fn with_cas(report: &mut Report, ca_file: &CaFile) {
    let CaFile::At(path) = ca_file else { return };
    let Some(path) = Quote::Shell.quoted(path) else { return };
    let errors = report.error.iter_mut().flat_map(|error| &mut error.help);
    let helps = report.diagnosis.iter_mut().flat_map(|item| &mut item.help).chain(errors);
    for command in helps.filter_map(|help| help.command.as_mut()) {
        if let Some((_, option)) = OPTIONS.iter().find(|(program, _)| command.starts_with(program)) {
            command.extend([" ", option, " ", &path]);
        }
    }
}
