//! DER, written. Each function returns one whole element: tag, length, contents.
//!
//! Nothing is checked: a dNSName may hold any bytes, an address any number of octets.

use super::DAY;

/// One element: the tag octet, the shortest length, the contents.
pub fn tlv(tag: u8, contents: &[u8]) -> Vec<u8> {
    let mut element = vec![tag];
    let length = contents.len();
    if let Ok(short @ 0..0x80) = u8::try_from(length) {
        element.push(short);
    } else {
        let octets = without_leading_zeros(length.to_be_bytes().to_vec());
        element.push(0x80 | u8::try_from(octets.len()).unwrap());
        element.extend(octets);
    }
    element.extend_from_slice(contents);
    element
}

/// SEQUENCE of elements that are already encoded, in this order.
pub fn seq(parts: impl IntoIterator<Item: AsRef<[u8]>>) -> Vec<u8> {
    tlv(0x30, &concat(parts))
}

/// SET OF elements that are already encoded, sorted as DER wants them.
pub fn set_of(parts: impl IntoIterator<Item: AsRef<[u8]>>) -> Vec<u8> {
    let mut sorted: Vec<Vec<u8>> = parts.into_iter().map(|part| part.as_ref().to_vec()).collect();
    sorted.sort();
    tlv(0x31, &sorted.concat())
}

/// BOOLEAN TRUE; FALSE is left out wherever it is the default.
pub fn boolean_true() -> Vec<u8> {
    tlv(0x01, &[0xff])
}

/// INTEGER, not negative.
pub fn integer(value: u64) -> Vec<u8> {
    let mut octets = without_leading_zeros(value.to_be_bytes().to_vec());
    if octets.first().is_none_or(|first| first & 0x80 != 0) {
        octets.insert(0, 0);
    }
    tlv(0x02, &octets)
}

/// OBJECT IDENTIFIER from its dotted form.
pub fn oid(dotted: &str) -> Vec<u8> {
    tlv(0x06, &oid_contents(dotted))
}

/// The contents of an OBJECT IDENTIFIER alone, for implicit tags such as registeredID.
pub fn oid_contents(dotted: &str) -> Vec<u8> {
    let arcs: Vec<u64> =
        dotted.split('.').map(|arc| arc.parse().unwrap_or_else(|_| panic!("not a dotted OID: {dotted}"))).collect();
    let [first, second, rest @ ..] = arcs.as_slice() else {
        panic!("an OID has at least two arcs: {dotted}");
    };
    let mut contents = base_128(first * 40 + second);
    contents.extend(rest.iter().flat_map(|arc| base_128(*arc)));
    contents
}

/// BIT STRING; `unused` counts the bits of the last octet that do not belong to it.
pub fn bit_string(octets: &[u8], unused: u8) -> Vec<u8> {
    tlv(0x03, &[&[unused], octets].concat())
}

/// OCTET STRING.
pub fn octet_string(octets: &[u8]) -> Vec<u8> {
    tlv(0x04, octets)
}

/// `[number] IMPLICIT` over a primitive type.
pub fn context(number: u8, contents: &[u8]) -> Vec<u8> {
    tlv(0x80 | number, contents)
}

/// `[number]` around one or more elements: EXPLICIT, or IMPLICIT over a constructed type.
pub fn context_constructed(number: u8, contents: &[u8]) -> Vec<u8> {
    tlv(0xa0 | number, contents)
}

/// Time as certificates write it (RFC 5280, 4.1.2.5): UTCTime in 1950 to 2049, else GeneralizedTime.
pub fn time(unix: i64) -> Vec<u8> {
    match year_and_rest(unix).0 {
        1950..2050 => utc_time(unix),
        _ => generalized_time(unix),
    }
}

/// UTCTime, which has two digits for the year.
pub fn utc_time(unix: i64) -> Vec<u8> {
    let (year, rest) = year_and_rest(unix);
    tlv(0x17, format!("{:02}{rest}", year.rem_euclid(100)).as_bytes())
}

/// GeneralizedTime, which has four.
pub fn generalized_time(unix: i64) -> Vec<u8> {
    let (year, rest) = year_and_rest(unix);
    tlv(0x18, format!("{year:04}{rest}").as_bytes())
}

/// The year, and `MMDDhhmmssZ`.
fn year_and_rest(unix: i64) -> (i64, String) {
    let (mut day, second) = (unix.div_euclid(DAY), unix.rem_euclid(DAY));
    let mut year = 1970;
    while day < 0 {
        year -= 1;
        day += days_in_year(year);
    }
    while day >= days_in_year(year) {
        day -= days_in_year(year);
        year += 1;
    }
    let february = days_in_year(year) - 337;
    let mut month = 1;
    for days in [31, february, 31, 30, 31, 30, 31, 31, 30, 31, 30] {
        if day < days {
            break;
        }
        day -= days;
        month += 1;
    }
    let (hour, minute, second) = (second / 3600, second / 60 % 60, second % 60);
    (year, format!("{month:02}{:02}{hour:02}{minute:02}{second:02}Z", day + 1))
}

fn days_in_year(year: i64) -> i64 {
    match (year % 4, year % 100, year % 400) {
        (_, _, 0) => 366,
        (_, 0, _) => 365,
        (0, _, _) => 366,
        _ => 365,
    }
}

/// Big-endian groups of seven bits, all but the last marked as continued.
fn base_128(mut value: u64) -> Vec<u8> {
    let mut groups = vec![(value & 0x7f) as u8];
    while value >= 0x80 {
        value >>= 7;
        groups.push(0x80 | (value & 0x7f) as u8);
    }
    groups.reverse();
    groups
}

fn without_leading_zeros(mut octets: Vec<u8>) -> Vec<u8> {
    let zeros = octets.iter().take_while(|octet| **octet == 0).count();
    octets.split_off(zeros)
}

fn concat(parts: impl IntoIterator<Item: AsRef<[u8]>>) -> Vec<u8> {
    let mut all = Vec::new();
    for part in parts {
        all.extend_from_slice(part.as_ref());
    }
    all
}
