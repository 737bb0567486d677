//! What a certificate was before: the names of an earlier one, by target and name.

use crate::certificate::SubjectNames;

/// Earlier certificates.
#[derive(Clone, Debug, Default)]
pub struct Baseline {
    earlier: Vec<Earlier>,
}

/// One of them.
#[derive(Clone, Debug)]
pub struct Earlier {
    /// The target it was seen at; none for a file that holds a certificate alone.
    pub target: Option<String>,
    /// The name that was asked for there.
    pub name: Option<String>,
    /// Its names; of one that came as a certificate, all of it.
    pub leaf: SubjectNames,
}

impl Baseline {
    /// Of these, in their order.
    #[must_use]
    pub fn new(earlier: Vec<Earlier>) -> Self {
        Self { earlier }
    }

    /// What was seen before where this is seen now: at the same target under the same name, else at the
    /// same target; where there is but one, that one. The last that was written counts.
    #[must_use]
    pub fn of(&self, target: &str, name: &str) -> Option<&SubjectNames> {
        let is_there = |earlier: &&Earlier| earlier.target.as_deref() == Some(target);
        let exactly = self.earlier.iter().rev().filter(is_there).find(|earlier| earlier.name.as_deref() == Some(name));
        let found = exactly.or_else(|| self.earlier.iter().rev().find(is_there)).or(match self.earlier.as_slice() {
            [one] => Some(one),
            _ => None,
        });
        found.map(|earlier| &earlier.leaf)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::certificate::NameKind;

    #[test]
    fn the_same_place_is_found() {
        let earlier = |target: Option<&str>, name: &str| Earlier {
            target: target.map(str::to_owned),
            name: Some(name.to_owned()),
            leaf: SubjectNames::of(&[(NameKind::Dns, name.as_bytes().to_vec())]),
        };
        let first = |leaf: Option<&SubjectNames>| leaf.map(|leaf| leaf.names().next().unwrap().bytes.to_vec());
        let all = Baseline::new(vec![
            earlier(Some("a.test"), "a.test"),
            earlier(Some("a.test"), "b.test"),
            earlier(Some("c.test"), "c.test"),
        ]);
        assert_eq!(first(all.of("a.test", "a.test")), Some(b"a.test".to_vec()));
        assert_eq!(first(all.of("a.test", "other.test")), Some(b"b.test".to_vec()));
        assert_eq!(first(all.of("c.test", "x")), Some(b"c.test".to_vec()));
        assert_eq!(first(all.of("d.test", "a.test")), None);
        assert_eq!(first(Baseline::new(vec![earlier(None, "a.test")]).of("x", "y")), Some(b"a.test".to_vec()));
    }
}
