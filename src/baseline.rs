//! Reads what certificates were before: from an earlier JSON output, or from a certificate file.

use std::path::Path;

use serde::Deserialize;

use crate::certificate::names::ip_entry;
use crate::certificate::{Certificate, NameKind, SubjectNames};
use crate::escape::unescape;
use crate::evidence::{Baseline, Earlier};
use crate::plan::Input;
use crate::report::earlier::EarlierReport;
use crate::roots;

#[derive(Deserialize)]
struct EarlierCertificate {
    san: Vec<San>,
    san_total: usize,
}

#[derive(Deserialize)]
struct San {
    #[serde(rename = "type")]
    kind: String,
    value: String,
}

/// The earlier certificates of a file.
///
/// # Errors
/// Why there are none.
pub fn load(path: &Path) -> Result<Baseline, String> {
    let input = Input::File(path.to_owned());
    let bytes = roots::read_bounded(&input)?;
    if bytes.trim_ascii_start().first() == Some(&b'{') {
        return lines(&bytes);
    }
    let first = roots::certificates_in(bytes)?.into_iter().next().ok_or("it holds no certificate")?;
    let leaf = Certificate::from_der(&first).map_err(|why| why.to_string())?.subject_names().clone();
    Ok(Baseline::new(vec![Earlier { target: None, name: None, leaf }]))
}

/// One JSON object a line, as `--json` writes them; one without a certificate tells nothing.
fn lines(bytes: &[u8]) -> Result<Baseline, String> {
    let mut earlier = Vec::new();
    for (number, line) in bytes.split(|&b| b == b'\n').enumerate() {
        if line.trim_ascii().is_empty() {
            continue;
        }
        let report = EarlierReport::<EarlierCertificate>::from_line(line);
        let Some(report) = report.map_err(|why| format!("line {}: {why}", number + 1))? else { continue };
        let Some(certificate) = report.certificate else { continue };
        let names: Vec<(NameKind, Vec<u8>)> = certificate.san.iter().filter_map(general_name).collect();
        let left_out = certificate.san_total.saturating_sub(certificate.san.len());
        earlier.push(Earlier {
            target: Some(report.target),
            name: report.reference.map(|name| name.value),
            leaf: SubjectNames::of_some(&names, names.len() + left_out),
        });
    }
    if earlier.is_empty() { Err("no report in it has a certificate".to_owned()) } else { Ok(Baseline::new(earlier)) }
}

/// An entry as a report lists it. Other kinds than these are not compared.
fn general_name(san: &San) -> Option<(NameKind, Vec<u8>)> {
    match san.kind.as_str() {
        "dns" => Some((NameKind::Dns, unescape(&san.value))),
        "uri" => Some((NameKind::Uri, unescape(&san.value))),
        "email" => Some((NameKind::Email, unescape(&san.value))),
        "ip" => san.value.parse().ok().map(ip_entry),
        _ => None,
    }
}
