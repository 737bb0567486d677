//! The commands that a report prints, with the CAs and the proxy that the check itself was made with.

use super::template::Quote;
use super::wanted::CaFile;
use crate::report::Report;
use crate::report::model::Connection;

/// The option of each program that is told a file of CAs.
const CAS: &[(&str, &str)] = &[("certcheck ", "--ca-file"), ("curl ", "--cacert")];
/// The option of each program that is told a proxy.
const PROXY: &[(&str, &str)] = &[("certcheck ", "--proxy"), ("curl ", "--proxy")];

/// Completes the commands of a report by the file of CAs.
pub fn with_cas(report: &mut Report, ca_file: &CaFile) {
    if let CaFile::At(path) = ca_file {
        add(report, CAS, path);
    }
}

/// Completes the commands of a report by the proxy that carried the connection, without its login.
/// Not for one of the environment, where a command finds it too.
pub fn with_proxy(report: &mut Report) {
    if let Some(proxy) = report.connection.as_ref().and_then(|Connection { proxy, .. }| proxy.clone()) {
        add(report, PROXY, &proxy);
    }
}

/// Adds an option; a command whose value cannot stand in one stays as it is.
fn add(report: &mut Report, options: &[(&str, &str)], value: &str) {
    let Some(value) = Quote::Shell.quoted(value) else { return };
    let errors = report.error.iter_mut().flat_map(|error| &mut error.help);
    let helps = report.diagnosis.iter_mut().flat_map(|item| &mut item.help).chain(errors);
    for command in helps.filter_map(|help| help.command.as_mut()) {
        if let Some((_, option)) = options.iter().find(|(program, _)| command.starts_with(program)) {
            command.extend([" ", option, " ", &value]);
        }
    }
}
