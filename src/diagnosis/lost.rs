//! What a certificate lost and gained since an earlier one.

use super::code::Code;
use super::{Facts, Finding};
use crate::certificate::SubjectNames;
use crate::identity::covers_name;
use crate::identity::presented::describe;

/// How many names are listed.
const LISTED: usize = 20;

/// The earlier certificate covered the name, this one does not.
#[must_use]
pub fn names_lost(facts: &Facts<'_>) -> Option<Finding> {
    let earlier = facts.earlier?;
    if !covers_name(earlier, facts.asked) {
        return None;
    }
    let lost = missing(earlier, facts.leaf);
    let message = match lost.len() {
        // A name may be covered by less than it was: a wildcard that became a name.
        0 => "the earlier certificate was valid for this name".to_owned(),
        1 => "the earlier certificate was valid for this name; one of its names is gone".to_owned(),
        count => format!("the earlier certificate was valid for this name; {count} of its names are gone"),
    };
    let mut finding = Finding::new(Code::NamesLost, message);
    if !lost.is_empty() {
        finding = finding.note(format!("gone: {}", listed(&lost)));
    }
    let entry = facts.reference()?.as_entry();
    Some(finding.add("reissue the certificate with all names that it had", entry))
}

/// Names were lost or gained, and none of them decides.
#[must_use]
pub fn names_changed(earlier: &SubjectNames, leaf: &SubjectNames) -> Option<Finding> {
    let (lost, gained) = (missing(earlier, leaf), missing(leaf, earlier));
    let message = match (lost.len(), gained.len()) {
        (0, 0) => return None,
        (lost, 0) => format!("the earlier certificate had {lost} more {}", names(lost)),
        (0, gained) => format!("the certificate has {gained} more {} than the earlier one", names(gained)),
        (lost, gained) => format!("since the earlier certificate {lost} {} went and {gained} came", names(lost)),
    };
    let mut finding = Finding::new(Code::NamesChanged, message);
    for (what, those) in [("gone", &lost), ("new", &gained)] {
        if !those.is_empty() {
            finding = finding.note(format!("{what}: {}", listed(those)));
        }
    }
    Some(finding)
}

fn names(count: usize) -> &'static str {
    if count == 1 { "name" } else { "names" }
}

/// The entries of one that another does not have, as a list of names writes them; DNS names without case.
fn missing(from: &SubjectNames, other: &SubjectNames) -> Vec<String> {
    // What was left out of its list may well be there.
    if other.names().len() < other.total_names() {
        return Vec::new();
    }
    let all = |leaf: &SubjectNames| -> Vec<String> {
        let entries = leaf.names().map(|name| describe(&name));
        entries.map(|entry| format!("{}:{}", entry.kind, entry.value.as_str().to_ascii_lowercase())).collect()
    };
    let others: std::collections::HashSet<String> = all(other).into_iter().collect();
    all(from).into_iter().filter(|entry| !others.contains(entry)).collect()
}

fn listed(entries: &[String]) -> String {
    let shown = entries.iter().take(LISTED).cloned().collect::<Vec<_>>().join(", ");
    match entries.len().saturating_sub(LISTED) {
        0 => shown,
        more => format!("{shown} and {more} more"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::certificate::NameKind;
    use crate::clients::Answers;
    use crate::identity::{Asked, Typed};

    fn of(names: &[&str]) -> SubjectNames {
        let names: Vec<_> = names.iter().map(|name| (NameKind::Dns, name.as_bytes().to_vec())).collect();
        SubjectNames::of(&names)
    }

    #[test]
    fn what_went_is_told_in_words() {
        let asked = Asked::parse(Typed::new(b"a.test"));
        let leaf = of(&["c.test"]);
        let clients = Answers::default();
        for (earlier, message, gone) in [
            (
                &["a.test"][..],
                "the earlier certificate was valid for this name; one of its names is gone",
                "gone: DNS:a.test",
            ),
            (
                &["a.test", "B.test", "c.test"],
                "the earlier certificate was valid for this name; 2 of its names are gone",
                "gone: DNS:a.test, DNS:b.test",
            ),
        ] {
            let earlier = of(earlier);
            let finding = names_lost(&Facts::new(&asked, &leaf, &clients).since(Some(&earlier))).unwrap();
            assert_eq!(finding.message, message);
            assert_eq!(finding.notes, [gone]);
        }
        assert_eq!(names_lost(&Facts::new(&asked, &leaf, &clients)), None);
    }

    #[test]
    fn what_changed_is_told_in_words() {
        let many: Vec<String> = (0..22).map(|n| format!("n{n}.test")).collect();
        let many: Vec<&str> = many.iter().map(String::as_str).collect();
        for (earlier, now, message) in [
            (&["a.test", "b.test"][..], &["a.test"][..], "the earlier certificate had 1 more name"),
            (&many, &[], "the earlier certificate had 22 more names"),
            (&["a.test"], &["A.test", "b.test"], "the certificate has 1 more name than the earlier one"),
            (&["a.test"], &["b.test", "c.test"], "since the earlier certificate 1 name went and 2 came"),
        ] {
            assert_eq!(names_changed(&of(earlier), &of(now)).unwrap().message, message);
        }
        assert_eq!(names_changed(&of(&["a.test"]), &of(&["a.test"])), None);
        let notes = names_changed(&of(&many), &of(&[])).unwrap().notes;
        assert!(notes[0].ends_with("DNS:n19.test and 2 more"), "{notes:?}");
    }
}
