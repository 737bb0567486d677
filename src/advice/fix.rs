//! For whoever runs the server: how the certificate is reissued with all names it has and the one that
//! is missing, or bound to the name. Pure; imports `data`, `identity`, `certificate`.

use std::collections::HashSet;
use std::net::IpAddr;

use super::names::{Name, Names, Sort};
use super::template::{NoText, Values, comments, fill, setting};
use super::wanted::Seen;
use crate::data::fixes::Tool;

/// How many names a command holds at the most; more do not fit a line that a system takes.
const MOST: usize = 1_000;
/// How many positions are told one by one.
const TOLD: usize = 10;
/// The longest common name (RFC 5280, appendix A: ub-common-name).
const MAX_COMMON_NAME: usize = 64;

/// What a tool is told; half of a text is never made.
///
/// # Errors
/// Why the template gives none.
pub fn text(tool: Tool, seen: &Seen<'_>) -> Result<String, NoText> {
    let missing = match missing(tool, seen) {
        Ok(missing) => missing,
        Err(instead) => return Ok(comments(tool.template, &instead)),
    };
    let (others, notes) = others(tool, seen, &missing);
    Ok(comments(tool.template, &notes) + &fill(tool.template, &values(&missing, &others, seen))?)
}

/// Whether the tool can be told of names of this sort.
fn takes(tool: Tool, name: &Name) -> bool {
    setting(tool.template, "takes").contains(&name.sort().word())
}

/// The name that the certificate has to get; where this tool is no way to that, what is said instead.
fn missing(tool: Tool, seen: &Seen<'_>) -> Result<Name, Vec<String>> {
    let Some(id) = seen.asked.reference() else {
        return Err(vec!["what was asked for is no valid name, so no certificate can hold it".to_owned()]);
    };
    let missing = Name::from(id);
    if !takes(tool, &missing) {
        let sort = missing.sort().spoken();
        return Err(vec![
            format!("{} takes no {sort}, so `{}` cannot be had with it", tool.name, missing.entry()),
            "`--fix openssl` makes a request that holds it".to_owned(),
        ]);
    }
    match seen.starttls() {
        Some(protocol) if setting(tool.template, "serves") == ["https"] => Err(vec![format!(
            "what answers here speaks {}: its own settings name the certificate; `--fix openssl` requests one",
            protocol.spoken()
        )]),
        _ => Ok(missing),
    }
}

/// The names that the certificate has beside it, and what is said of those that are left out.
fn others(tool: Tool, seen: &Seen<'_>, missing: &Name) -> (Vec<Name>, Vec<String>) {
    let names = Names::of(seen.leaf);
    let (taken, untaken): (Vec<_>, Vec<_>) = names.kept.into_iter().partition(|(_, name)| takes(tool, name));
    let untaken: Vec<usize> = untaken.into_iter().map(|(position, _)| position).collect();
    let mut others: Vec<Name> = taken.into_iter().map(|(_, name)| name).filter(|name| name != missing).collect();
    let mut notes = Vec::new();
    notes.extend(left_out(&names.malformed, "malformed"));
    notes.extend(left_out(&names.others, "of a sort that names no server, or not plain enough for a command"));
    notes.extend(left_out(&untaken, &format!("of a sort that {} does not take", tool.name)));
    if setting(tool.template, "covered") == ["left-out"] {
        notes.extend(leave_out_covered(&mut others));
    }
    if others.len() >= MOST {
        let (first, all) = (MOST - 1, others.len() + 1);
        notes.push(format!("left out: all names after the first {first}, since no command can hold {all}"));
        others.truncate(first);
    }
    (others, notes)
}

/// A name beside a wildcard that covers it: Let's Encrypt refuses a request for both ("redundant with a
/// wildcard domain in the same request").
fn leave_out_covered(names: &mut Vec<Name>) -> Option<String> {
    let wildcards: HashSet<String> =
        names.iter().filter_map(|name| name.to_string().strip_prefix("*.").map(str::to_owned)).collect();
    let before = names.len();
    names.retain(|name| {
        let text = name.to_string();
        !(name.sort() == Sort::Dns && text.split_once('.').is_some_and(|(_, parent)| wildcards.contains(parent)))
    });
    match before - names.len() {
        0 => None,
        1 => Some("left out: one name that a wildcard here covers, since the CA refuses both".to_owned()),
        n => Some(format!("left out: {n} names that a wildcard here covers, since the CA refuses both")),
    }
}

/// Says which entries are not in the text, by their positions.
fn left_out(positions: &[usize], why: &str) -> Option<String> {
    let told: Vec<String> = positions.iter().take(TOLD).map(ToString::to_string).collect();
    let more = positions.len().saturating_sub(TOLD);
    let list = match told.split_last()? {
        (last, []) => return Some(format!("left out: entry {last} of the certificate, which is {why}")),
        (_, _) if more > 0 => format!("{} and {more} more", told.join(", ")),
        (last, first) => format!("{} and {last}", first.join(", ")),
    };
    Some(format!("left out: entries {list} of the certificate, which are {why}"))
}

fn values(missing: &Name, others: &[Name], seen: &Seen<'_>) -> Values {
    let all: Vec<&Name> = others.iter().chain([missing]).collect();
    let written = |keep: fn(&Name) -> bool| -> Vec<String> {
        all.iter().filter(|name| keep(name)).map(ToString::to_string).collect()
    };
    let mut values = Values::default();
    let site = seen.site(missing);
    values.text("host", missing.to_string());
    values.text("site", site.url_host());
    values.text("port", seen.port().to_string());
    values.flag("ip", matches!(missing, Name::Ip(_)));
    values.flag("ip6", matches!(missing, Name::Ip(IpAddr::V6(_))));
    values.flag("v6", matches!(missing, Name::Ip(IpAddr::V6(_))) || seen.address().is_some_and(|ip| ip.is_ipv6()));
    values.flag("wildcard", all.iter().any(|name| matches!(name, Name::Dns(text) if text.starts_with('*'))));
    let san: Vec<String> = all.iter().map(|name| name.openssl()).collect();
    values.text("san", format!("subjectAltName={}", san.join(",")));
    values.text("subject", subject(missing));
    let slug = slug(&site);
    values.text("secret", format!("{slug}-tls"));
    values.text("slug", slug);
    values.list("names", written(|_| true));
    values.list("others", others.iter().map(ToString::to_string).collect());
    values.list("sites", others.iter().map(Name::url_host).collect());
    values.list("entries", all.iter().map(|name| name.entry()).collect());
    values.list("dns", written(|name| matches!(name, Name::Dns(_))));
    values.list("ips", written(|name| matches!(name, Name::Ip(_))));
    values.list("uris", written(|name| matches!(name, Name::Uri(_))));
    values
}

/// A subject as `openssl req -subj` takes it. Its common name identifies nothing (RFC 9525, 2), but
/// some CAs want one; it is left away where it would be too long.
fn subject(name: &Name) -> String {
    match name {
        Name::Dns(_) | Name::Ip(_) if name.to_string().len() <= MAX_COMMON_NAME => format!("/CN={name}"),
        _ => "/".to_owned(),
    }
}

/// A name as Kubernetes takes one (RFC 1123 label, so that something can be added to it): lower-case
/// letters, digits, and hyphens within.
fn slug(name: &Name) -> String {
    let dashed: String = name
        .to_string()
        .chars()
        .map(|c| if c.is_ascii_alphanumeric() { c.to_ascii_lowercase() } else { '-' })
        .collect();
    dashed.trim_matches('-').chars().take(59).collect::<String>().trim_end_matches('-').to_owned()
}
