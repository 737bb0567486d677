//! For whoever has only the client: how to connect to this server under a name that it does certify,
//! verification left on. Pure; imports `data`, `identity`, `certificate`, `clients`.

use std::net::IpAddr;

use super::certified::{answer, nearest};
use super::names::{Name, url_host};
use super::template::{NoText, Values, comments, fill, setting};
use super::wanted::{CaFile, Seen};
use crate::clients::Answer;
use crate::data::fixes::Tool;
use crate::report::model::{RootsWord, TrustWord, ValidityWord};

/// What a client is told; half of a text is never made.
///
/// # Errors
/// Why the template gives none.
pub fn text(tool: Tool, seen: &Seen<'_>) -> Result<String, NoText> {
    let starttls = match starttls(tool, seen) {
        Ok(word) => word,
        Err(why) => return Ok(comments(tool.template, &[why])),
    };
    let clients: Vec<&str> = setting(tool.template, "clients");
    let Some(certified) = nearest(seen.asked, seen.leaf, &clients) else {
        return Ok(comments(tool.template, &no_way(tool, seen)));
    };
    let mut notes = vec![
        format!("Verification stays on, for `{}`, a name that this certificate does hold.", certified.name),
        "It is safe only if that is the server you mean; the name that was asked for stays unproven.".to_owned(),
    ];
    if let Some(wildcard) = &certified.wildcard {
        notes.push(format!("`{wildcard}` stands for any one label; `{}` is one such name.", certified.name));
    }
    notes.extend(route(seen));
    notes.extend(trust(seen));
    Ok(comments(tool.template, &notes) + &fill(tool.template, &values(&certified.name, starttls, seen))?)
}

/// Why there is no name to connect under.
fn no_way(tool: Tool, seen: &Seen<'_>) -> Vec<String> {
    match unreadable(tool, seen) {
        Some(why) => vec![
            format!("{} cannot read this certificate, whatever the name: {why}", tool.name),
            "the server has to be mended (`--fix openssl` requests another certificate)".to_owned(),
        ],
        None => vec![
            format!("the certificate certifies no name under which {} could connect safely:", tool.name),
            "the server has to be mended (`--fix openssl` requests a certificate that holds the name)".to_owned(),
        ],
    }
}

/// What the check knows of the way to the server and the client does not.
fn route(seen: &Seen<'_>) -> Option<String> {
    let proxied = seen.visit.is_some_and(|visit| visit.proxy.is_some());
    proxied.then(|| {
        "The check went through a proxy, which alone knows the server's address; this connects without it.".to_owned()
    })
}

/// How the client names the server's protocol; none where the server begins with TLS.
fn starttls<'t>(tool: Tool, seen: &Seen<'_>) -> Result<Option<&'t str>, String> {
    let known: Vec<&'static str> = setting(tool.template, "starttls");
    match seen.starttls() {
        None if setting(tool.template, "begins") == ["starttls"] => {
            let protocols = known.join(", ");
            Err(format!("{} speaks {protocols} alone, and the check did not: --starttls {protocols} does", tool.name))
        }
        None => Ok(None),
        Some(protocol) => known
            .into_iter()
            .map(|word| word.split_once('=').unwrap_or((word, word)))
            .find(|(name, _)| *name == protocol.name())
            .map(|(_, word)| Some(word))
            .ok_or_else(|| {
                format!(
                    "the server turns to TLS by a command of {}, which a snippet for {} does not speak",
                    protocol.spoken(),
                    tool.name
                )
            }),
    }
}

/// Why the client cannot read the certificate, where it cannot.
fn unreadable(tool: Tool, seen: &Seen<'_>) -> Option<&'static str> {
    let typed = seen.asked.typed().as_bytes();
    setting(tool.template, "clients").into_iter().find_map(|id| match answer(id, typed, seen.leaf) {
        Some(Answer::Unreadable(why)) => Some(why),
        _ => None,
    })
}

/// What keeps the snippet from succeeding beside the name.
fn trust(seen: &Seen<'_>) -> Vec<String> {
    let mut notes = Vec::new();
    match (seen.trust, seen.roots) {
        (TrustWord::Untrusted, RootsWord::File) => notes.push(
            "The chain is not trusted by the CA file either: this fails until that is mended (see the report)."
                .to_owned(),
        ),
        (TrustWord::Untrusted, _) => notes.push(
            "The chain is not trusted: this fails until the server's CA is given (check with --ca-file, and it is \
             filled in here)."
                .to_owned(),
        ),
        (TrustWord::NotChecked, _) => {
            notes.push("Whether the chain is trusted was not checked.".to_owned());
        }
        (TrustWord::Trusted, RootsWord::System) => notes.push(
            "This machine's own store trusts the chain; a client with a store of its own may need the CA's file."
                .to_owned(),
        ),
        _ => {}
    }
    match seen.validity {
        ValidityWord::Expired => notes.push("The certificate is expired: this fails until it is renewed.".to_owned()),
        ValidityWord::NotYetValid => notes.push("The certificate is not valid yet: this fails until it is.".to_owned()),
        ValidityWord::InTime | ValidityWord::NotChecked => {}
    }
    if *seen.ca_file == CaFile::Unprintable {
        notes.push(
            "Left out: the path of the CA file, which holds characters that no command should; give it by hand."
                .to_owned(),
        );
    }
    notes
}

fn values(name: &Name, starttls: Option<&str>, seen: &Seen<'_>) -> Values {
    let mut values = Values::default();
    let port = seen.port();
    let (server, host) = match (seen.address(), seen.asked.reference().map(Name::from)) {
        (Some(ip), _) => (ip.to_string(), url_host(ip)),
        (None, Some(asked)) => {
            let site = seen.site(&asked);
            (site.to_string(), site.url_host())
        }
        (None, None) => (name.to_string(), name.url_host()),
    };
    let site = name.url_host();
    values.text("name", name.to_string());
    values.text("url", format!("https://{site}:{port}/"));
    values.text("route", format!("{site}:{port}:{host}:{port}"));
    values.text("hostport", format!("{host}:{port}"));
    values.text("base", format!("https://{host}:{port}/"));
    values.text("site", site);
    values.flag("address", server.parse::<IpAddr>().is_ok());
    values.text("server", server);
    values.text("port", port.to_string());
    values.flag("ip", matches!(name, Name::Ip(_)));
    if let CaFile::At(path) = seen.ca_file {
        values.text("ca", path.clone());
    }
    if let Some(word) = starttls {
        values.flag("xmpp", word.starts_with("xmpp"));
        values.text("starttls", word);
    }
    values
}
