//! IDNA flavours of libidn2 (curl, Wget, GnuTLS), Python's `idna` codec, the `idna` package of urllib3
//! and Qt's `QUrl::toAce`.

use std::borrow::Cow;

use icu_normalizer::uts46::Uts46MapperBorrowed;
use icu_properties::props::{BidiClass, DefaultIgnorableCodePoint, GeneralCategory, JoiningType};
use icu_properties::{CodePointMapData, CodePointSetData};
use idna::AsciiDenyList;
use idna::uts46::{DnsLength, Hyphens, Uts46};
use stringprep::tables;
use unicode_normalization::UnicodeNormalization;

/// The longest label.
const MAX_LABEL: usize = 63;
/// The longest name, a final dot not counted.
const MAX_NAME: usize = 253;

/// Which ASCII characters a conversion keeps.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Ascii {
    /// All.
    Any,
    /// Letters, digits, hyphens and dots; others are dropped without a word.
    Std3,
}

/// libidn2's `idn2_lookup_u8`: non-transitional UTS 46 with the checks of IDNA 2008, and where those
/// fail, transitional without them; with [`Ascii::Std3`] as GnuTLS calls it, which goes on only after a
/// character that IDNA 2008 disallows. By its table the capital sharp s is `ss`.
pub fn libidn2(name: &[u8], ascii: Ascii) -> Option<String> {
    let name = std::str::from_utf8(name).ok()?;
    let kept = name.chars().filter(|&c| ascii == Ascii::Any || !brings_other_ascii(c));
    let name = kept.collect::<String>().replace('ẞ', "ss");
    let mapped = mapped_by_uts46(&name);
    let failure = match &mapped {
        Some(mapped) => mapped.split('.').find_map(lookup_failure),
        None => Some(Failure::Other),
    };
    match (mapped, failure) {
        (Some(mapped), None) => encoded(&mapped),
        (_, Some(Failure::Other)) if ascii == Ascii::Std3 => None,
        _ => encoded(&mapped_by_uts46(&transitional(&name))?),
    }
}

/// Whether a character is, or is mapped to, ASCII that is neither letter nor digit, hyphen nor dot.
fn brings_other_ascii(c: char) -> bool {
    let other = |c: char| c.is_ascii() && !c.is_ascii_alphanumeric() && c != '-' && c != '.';
    std::iter::once(c).nfkc().any(other)
}

/// The name after mapping, where each label holds to UTS 46 but for the rules of joiners and direction.
fn mapped_by_uts46(name: &str) -> Option<String> {
    let mapped: String = Uts46MapperBorrowed::new().map_normalize(name.chars()).collect();
    let is_sound = |label: &str| match label.strip_prefix("xn--") {
        Some(encoded) => idna::punycode::decode_to_string(encoded).is_some_and(|label| {
            is_label(&label) && Uts46MapperBorrowed::new().normalize_validate(label.chars()).eq(label.chars())
        }),
        None => is_label(label),
    };
    (!mapped.contains(char::REPLACEMENT_CHARACTER) && mapped.split('.').all(is_sound)).then_some(mapped)
}

/// Whether hyphens and a first character are where a label may have them.
fn is_label(label: &str) -> bool {
    let begins_with_mark = label.chars().next().is_some_and(is_mark);
    !label.starts_with('-') && !label.ends_with('-') && !has_hyphens_inside(label) && !begins_with_mark
}

/// Whether hyphens stand third and fourth.
fn has_hyphens_inside(label: &str) -> bool {
    label.chars().skip(2).take(2).eq("--".chars())
}

fn is_mark(c: char) -> bool {
    use GeneralCategory as G;
    let category = CodePointMapData::<GeneralCategory>::new().get(c);
    matches!(category, G::NonspacingMark | G::SpacingMark | G::EnclosingMark)
}

/// A mapped name with its labels as A-labels, none over-long.
fn encoded(mapped: &str) -> Option<String> {
    let label = |label: &str| {
        if label.is_ascii() {
            Some(label.to_owned())
        } else {
            Some(format!("xn--{}", idna::punycode::encode_str(label)?))
        }
    };
    let labels = mapped.split('.').map(label).collect::<Option<Vec<_>>>()?;
    let name = labels.join(".");
    let length = name.strip_suffix('.').unwrap_or(&name).len();
    (length <= MAX_NAME && labels.iter().all(|l| l.len() <= MAX_LABEL)).then_some(name)
}

fn transitional(name: &str) -> String {
    name.replace('ß', "ss").replace('ς', "σ").replace(['\u{200C}', '\u{200D}'], "")
}

/// Why IDNA 2008 refuses to look a label up.
enum Failure {
    /// It holds a character that is disallowed.
    Disallowed,
    /// A joiner stands where it may not, or its directions are mixed.
    Other,
}

fn lookup_failure(label: &str) -> Option<Failure> {
    if label.is_ascii() {
        return None;
    }
    let is_allowed = |c: char| c.is_ascii() || is_pvalid(c) || is_contextual(c);
    if !label.chars().all(is_allowed) {
        return Some(Failure::Disallowed);
    }
    let joined = label.char_indices().all(|(at, c)| is_joined(&label[..at], c, &label[at + c.len_utf8()..]));
    (!joined || !is_of_one_direction(label)).then_some(Failure::Other)
}

/// The characters with a rule of their own (RFC 5892, Appendix A).
fn is_contextual(c: char) -> bool {
    matches!(c, '·' | '͵' | '׳' | '״' | '・' | '\u{200C}' | '\u{200D}' | '\u{660}'..='\u{669}' | '\u{6F0}'..='\u{6F9}')
}

/// The rules of the two joiners (RFC 5892, A.1 and A.2).
fn is_joined(before: &str, c: char, after: &str) -> bool {
    let types = CodePointMapData::<JoiningType>::new();
    let follows_virama = || before.chars().next_back().is_some_and(|c| Uts46MapperBorrowed::new().is_virama(c));
    let shapes = |c: &char| types.get(*c) != JoiningType::Transparent;
    let left = || before.chars().rev().find(shapes).map(|c| types.get(c));
    let right = || after.chars().find(shapes).map(|c| types.get(c));
    match c {
        '\u{200D}' => follows_virama(),
        '\u{200C}' => {
            follows_virama()
                || (matches!(left(), Some(JoiningType::LeftJoining | JoiningType::DualJoining))
                    && matches!(right(), Some(JoiningType::RightJoining | JoiningType::DualJoining)))
        }
        _ => true,
    }
}

/// libidn2's reading of the Bidi rule (RFC 5893): a label with a character from right to left begins
/// with a letter and holds what goes with its direction.
fn is_of_one_direction(label: &str) -> bool {
    use BidiClass as B;
    let classes = CodePointMapData::<BidiClass>::new();
    let mut all = label.chars().map(|c| classes.get(c));
    if !all.clone().any(|class| matches!(class, B::RightToLeft | B::ArabicLetter | B::ArabicNumber)) {
        return true;
    }
    let is_neutral = |class: B| {
        matches!(
            class,
            B::EuropeanSeparator | B::CommonSeparator | B::EuropeanTerminator | B::OtherNeutral | B::BoundaryNeutral
        )
    };
    let own: fn(B) -> bool = match all.next() {
        Some(B::LeftToRight) => |class| matches!(class, B::LeftToRight | B::EuropeanNumber | B::NonspacingMark),
        Some(B::RightToLeft | B::ArabicLetter) => |class| {
            let of_script = matches!(class, B::RightToLeft | B::ArabicLetter | B::ArabicNumber);
            of_script || matches!(class, B::EuropeanNumber | B::NonspacingMark)
        },
        _ => return false,
    };
    let ends_well = all.clone().next_back().is_none_or(own);
    ends_well && all.all(|class| own(class) || is_neutral(class))
}

/// Whether IDNA 2008 allows a character in a label everywhere (RFC 5892, PVALID).
fn is_pvalid(c: char) -> bool {
    use GeneralCategory as G;
    match c {
        'a'..='z' | '0'..='9' | '-' | 'ß' | 'ς' | '\u{6FD}' | '\u{6FE}' | '\u{F0B}' | '\u{3007}' => return true,
        // Single exceptions and digits with a context, blocks of combining and musical signs, old Hangul.
        '\u{640}'
        | '\u{7FA}'
        | '\u{302E}'
        | '\u{302F}'
        | '\u{3031}'..='\u{3035}'
        | '\u{303B}'
        | '\u{660}'..='\u{669}'
        | '\u{6F0}'..='\u{6F9}'
        | '\u{20D0}'..='\u{20FF}'
        | '\u{1D100}'..='\u{1D24F}'
        | '\u{1100}'..='\u{11FF}'
        | '\u{A960}'..='\u{A97C}'
        | '\u{D7B0}'..='\u{D7FB}' => return false,
        _ => {}
    }
    let category = CodePointMapData::<GeneralCategory>::new().get(c);
    let of_words = matches!(
        category,
        G::LowercaseLetter | G::OtherLetter | G::ModifierLetter | G::NonspacingMark | G::SpacingMark | G::DecimalNumber
    );
    of_words && is_stable(c) && !CodePointSetData::new::<DefaultIgnorableCodePoint>().contains(c)
}

/// Whether neither normalization nor case folding changes a character.
fn is_stable(c: char) -> bool {
    let folded = std::iter::once(c).nfkc().flat_map(tables::case_fold_for_nfkc);
    folded.nfkc().eq(std::iter::once(c))
}

/// A label that is not ASCII, through Python's `lower()` and `idna.encode` of the package `idna`:
/// IDNA 2008 without any mapping.
pub fn idna2008_label(label: &str) -> Option<String> {
    let label = label.to_lowercase();
    if label.is_ascii() {
        return is_ascii_label(&label).then_some(label);
    }
    let sound = label.nfc().eq(label.chars())
        && !label.starts_with('-')
        && !label.ends_with('-')
        && !has_hyphens_inside(&label)
        && label.chars().enumerate().all(|(at, c)| is_pvalid(c) || is_valid_in_context(&label, at, c));
    // The rules for the first character and for text from right to left are those of UTS 46.
    let ascii = Uts46::new().to_ascii(label.as_bytes(), AsciiDenyList::EMPTY, Hyphens::Check, DnsLength::Ignore);
    let encoded = format!("xn--{}", idna::punycode::encode_str(&label)?);
    (sound && ascii.ok()?.as_ref() == encoded && encoded.len() <= MAX_LABEL).then_some(encoded)
}

/// A label that became ASCII by `lower()`.
fn is_ascii_label(label: &str) -> bool {
    let hyphens = label.starts_with('-') || label.ends_with('-') || label.get(2..4) == Some("--");
    let characters = label.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-');
    characters && !hyphens && label.len() <= MAX_LABEL
}

/// The characters that IDNA 2008 allows beside certain others (RFC 5892, Appendix A). Joiners are
/// judged by UTS 46, which has the same rule.
fn is_valid_in_context(label: &str, at: usize, c: char) -> bool {
    let before = label.chars().take(at);
    let mut after = label.chars().skip(at + 1);
    match c {
        '\u{200C}' | '\u{200D}' => true,
        '·' => before.last() == Some('l') && after.next() == Some('l'),
        '͵' => after.next().is_some_and(|c| matches!(c, '\u{370}'..='\u{3FF}' | '\u{1F00}'..='\u{1FFF}')),
        '׳' | '״' => before.last().is_some_and(|c| matches!(c, '\u{591}'..='\u{5F4}')),
        '・' => label.chars().any(|c| matches!(c, '\u{3041}'..='\u{30FA}' | '\u{30FC}'..='\u{30FF}' | '\u{3005}'..='\u{3007}' | '\u{3400}'..='\u{9FFF}')),
        '\u{660}'..='\u{669}' => !label.contains(|c| matches!(c, '\u{6F0}'..='\u{6F9}')),
        '\u{6F0}'..='\u{6F9}' => !label.contains(|c| matches!(c, '\u{660}'..='\u{669}')),
        _ => false,
    }
}

/// Python's `str.encode('idna')`: IDNA 2003. An ASCII label stays as it is; none may be empty but the
/// last, none longer than 63.
pub fn python_codec(name: &str) -> Option<Cow<'_, str>> {
    if name.is_ascii() {
        let inner_is_empty = name.starts_with('.') || name.contains("..");
        return (!inner_is_empty && name.split('.').all(|l| l.len() <= MAX_LABEL)).then_some(Cow::Borrowed(name));
    }
    let (body, root) = match name.char_indices().next_back() {
        Some((at, dot)) if is_dot(dot) => (&name[..at], "."),
        _ => (name, ""),
    };
    let labels = body.split(is_dot).map(python_label).collect::<Option<Vec<_>>>()?;
    Some(Cow::Owned(labels.join(".") + root))
}

fn python_label(label: &str) -> Option<Cow<'_, str>> {
    if label.is_ascii() {
        return (1..=MAX_LABEL).contains(&label.len()).then_some(Cow::Borrowed(label));
    }
    let prepared = nameprep_of_query(label)?;
    if prepared.is_ascii() {
        return (1..=MAX_LABEL).contains(&prepared.len()).then_some(Cow::Owned(prepared));
    }
    let encoded = format!("xn--{}", idna::punycode::encode_str(&prepared)?);
    let is_prefixed = prepared.get(..4).is_some_and(|prefix| prefix.eq_ignore_ascii_case("xn--"));
    (!is_prefixed && encoded.len() <= MAX_LABEL).then_some(Cow::Owned(encoded))
}

/// Nameprep (RFC 3491) of a query: characters that Unicode 3.2 did not have are let through.
fn nameprep_of_query(label: &str) -> Option<String> {
    if !label.contains(tables::unassigned_code_point) {
        return stringprep::nameprep(label).ok().map(Cow::into_owned);
    }
    let mut prepared = String::with_capacity(label.len());
    for part in label.split_inclusive(tables::unassigned_code_point) {
        let new = part.chars().next_back().filter(|&c| tables::unassigned_code_point(c));
        let old = new.map_or(part, |c| &part[..part.len() - c.len_utf8()]);
        prepared.push_str(&stringprep::nameprep(old).ok()?);
        prepared.extend(new.into_iter().flat_map(char::to_lowercase));
    }
    Some(prepared)
}

/// The dots of IDNA 2003.
fn is_dot(c: char) -> bool {
    matches!(c, '.' | '。' | '．' | '｡')
}

/// Qt's `QUrl::toAce`: IDNA 2003 with letters, digits, underscores and inner hyphens alone; the empty
/// text for a name that is not valid.
pub fn qt_to_ace(name: &str) -> Cow<'_, str> {
    const INVALID: Cow<'_, str> = Cow::Borrowed("");
    if is_plain(name) {
        return if qt_labels_are_sound(name) { Cow::Borrowed(name) } else { INVALID };
    }
    let labels = name.split(is_dot).map(qt_label).collect::<Option<Vec<_>>>();
    match labels.map(|labels| labels.join(".")) {
        Some(ace) if qt_labels_are_sound(&ace) => Cow::Owned(ace),
        _ => INVALID,
    }
}

fn is_plain(name: &str) -> bool {
    name.bytes().all(|b| b.is_ascii() && !b.is_ascii_uppercase())
}

fn qt_label(label: &str) -> Option<Cow<'_, str>> {
    if label.is_ascii() {
        return Some(Cow::Owned(label.to_ascii_lowercase()));
    }
    let prepared = stringprep::nameprep(label).ok()?;
    if prepared.is_ascii() {
        return Some(prepared);
    }
    Some(Cow::Owned(format!("xn--{}", idna::punycode::encode_str(&prepared)?)))
}

/// No label is empty but the last, none is over-long.
fn qt_labels_are_sound(ace: &str) -> bool {
    let sound = |label: &str| {
        (1..=MAX_LABEL).contains(&label.len())
            && label.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_')
            && !label.starts_with('-')
            && !label.ends_with('-')
    };
    !ace.is_empty() && ace.strip_suffix('.').unwrap_or(ace).split('.').all(sound)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn libidn2_maps_and_falls_back() {
        for (name, ascii, expected) in [
            ("É.test", Ascii::Any, Some("xn--9ca.test")),
            ("faß", Ascii::Any, Some("xn--fa-hia")),
            ("faß.☕", Ascii::Any, Some("fass.xn--53h")),
            ("x y.é", Ascii::Any, Some("x y.xn--9ca")),
            ("x_y.é", Ascii::Std3, Some("xy.xn--9ca")),
            ("⑴.é", Ascii::Std3, Some(".xn--9ca")),
            ("-x.é", Ascii::Any, None),
            ("xn--a.é", Ascii::Any, None),
            ("٣.é", Ascii::Any, Some("xn--cib.xn--9ca")),
            ("٣.é", Ascii::Std3, None),
            ("é..x", Ascii::Any, Some("xn--9ca..x")),
        ] {
            assert_eq!(libidn2(name.as_bytes(), ascii).as_deref(), expected, "{name}");
        }
    }

    #[test]
    fn the_codec_keeps_ascii_labels() {
        for (name, expected) in [
            ("X Y.É", Some("X Y.xn--9ca")),
            ("faß。", Some("fass.")),
            ("☕.x", Some("xn--53h.x")),
            ("a..é", None),
            ("a.", Some("a.")),
            (".a", None),
        ] {
            assert_eq!(python_codec(name).as_deref(), expected, "{name}");
        }
    }

    #[test]
    fn labels_of_idna_2008() {
        for (label, expected) in [
            ("É", Some("xn--9ca")),
            ("faß", Some("xn--fa-hia")),
            ("☕", None),
            ("ｗ", None),
            ("a。b", None),
            ("l·l", Some("xn--ll-0ea")),
            ("a·l", None),
        ] {
            assert_eq!(idna2008_label(label).as_deref(), expected, "{label}");
        }
    }

    #[test]
    fn qt_gives_the_empty_text_for_what_is_invalid() {
        for (name, expected) in [
            ("A_b.C.", "a_b.c."),
            ("FAß", "fass"),
            ("a b", ""),
            ("a..b", ""),
            (".", ""),
            ("-a", ""),
            ("2001:db8::7", ""),
        ] {
            assert_eq!(qt_to_ace(name), expected, "{name}");
        }
    }
}
