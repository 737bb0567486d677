//! Random cases of the kinds in `tests/clients/verdicts.tsv`, the same ones for the same seed.
//!
//! A case is built as one of its kind and then, sometimes, changed by a byte. All values are made
//! here. References are UTF-8 without NUL, as a name typed on a command line; what a certificate
//! presents may be any bytes.

use std::fmt::Write as _;

use super::Case;

/// `count` cases; their ids tell kind and number.
pub(super) fn cases(seed: u64, count: usize) -> Vec<Case> {
    let mut random = Random(seed);
    (1..=count).map(|number| random.case(number)).collect()
}

/// SplitMix64 (Steele, Lea, Flood 2014): any seed will do, and every step is a fresh 64 bits.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }

    fn below(&mut self, bound: usize) -> usize {
        usize::try_from(self.next() % bound as u64).unwrap()
    }

    fn one_in(&mut self, bound: usize) -> bool {
        self.below(bound) == 0
    }

    fn pick<'a, T: ?Sized>(&mut self, from: &[&'a T]) -> &'a T {
        from[self.below(from.len())]
    }

    fn byte(&mut self) -> u8 {
        self.next().to_be_bytes()[0]
    }
}

type Bytes = Vec<u8>;

const SYLLABLES: &[&str] =
    &["ka", "lo", "mi", "zen", "tor", "vex", "qua", "ber", "nis", "dol", "ra", "pu", "f", "o", "w", "7", "42"];
const SUFFIXES: &[&str] = &[
    "test",
    "invalid",
    "net",
    "org",
    "info",
    "de",
    "co.jp",
    "org.uk",
    "com.au",
    "kawasaki.jp",
    "blogspot.com",
    "gov",
    "lan",
    "home.arpa",
    "corp",
    "bd",
    "er",
    "xn--fiqs8s",
    "xn--j1amh",
];
/// Pairs of a label in Unicode and in the A-label that some clients make of it.
const IDN: &[(&str, &str)] = &[
    ("käse", "xn--kse-qla"),
    ("KÄSE", "xn--kse-qla"),
    ("größe", "xn--gre-6ka8i"),
    ("größe", "grosse"),
    ("дом", "xn--d1aqf"),
    ("日本", "xn--wgv71a"),
    ("βόλος", "xn--nxasmm1c"),
    ("ñandu", "xn--andu-hqa"),
    ("i\u{307}x", "xn--ix-pyb"),
    ("ﬁsh", "fish"),
    ("a\u{ad}b", "ab"),
    ("①x", "1x"),
    ("Ⅷ", "viii"),
    ("Kilo", "kilo"),
    ("ſet", "set"),
    ("x\u{200d}y", "xy"),
    ("شبكة", "xn--ngbc5azd"),
    ("☃", "xn--n3h"),
];

impl Random {
    fn case(&mut self, number: usize) -> Case {
        type Make = fn(&mut Random) -> Parts;
        let kinds: &[(&str, Make)] = &[
            ("exact", Self::exact),
            ("case", Self::case_of_letters),
            ("dot", Self::dot),
            ("wild", Self::wild),
            ("partial", Self::partial),
            ("single", Self::single),
            ("psl", Self::psl),
            ("idn", Self::idn),
            ("chars", Self::chars),
            ("ip", Self::ip),
            ("ip", Self::ip_in_text),
            ("cn", Self::cn),
            ("cn", Self::cn_and_san),
            ("nul", Self::nul),
            ("inject", Self::inject),
            ("other", Self::other),
            ("shape", Self::shape),
        ];
        let (kind, make) = kinds[self.below(kinds.len())];
        let mut parts = make(self);
        self.decorate(&mut parts);
        let mut reference = without_nul(&parts.reference);
        if self.one_in(8) {
            reference = without_nul(&self.mutate(reference.into_bytes()));
        }
        let san = self.san_cell(&parts.san);
        let cn = self.cn_cell(&parts.cn);
        Case { id: format!("{kind}-{number:05}"), reference: cell(reference.as_bytes(), b""), san, cn }
    }

    /// Further names around those that the kind asks for.
    fn decorate(&mut self, parts: &mut Parts) {
        if let San::List(list) = &mut parts.san {
            if self.one_in(6) {
                let other = self.name();
                let at = self.below(list.len() + 1);
                list.insert(at, ("DNS", other.into_bytes()));
            }
            if self.one_in(10) {
                let entry = self.general_name();
                list.insert(0, entry);
            }
            if self.one_in(8) && !list.is_empty() {
                let at = self.below(list.len());
                if matches!(list[at].0, "DNS" | "URI" | "email") {
                    let presented = std::mem::take(&mut list[at].1);
                    list[at].1 = self.mutate(presented);
                }
            }
        }
        if parts.cn.is_empty() && self.one_in(6) {
            parts.cn.push(if self.one_in(2) { parts.reference.clone() } else { self.name().into_bytes() });
        }
    }

    fn label(&mut self) -> String {
        let mut label = String::new();
        for _ in 0..=self.below(3) {
            label.push_str(self.pick(SYLLABLES));
        }
        match self.below(14) {
            0 => label.push_str("-x"),
            1 => label.insert_str(0, "n-"),
            2 => label.insert(0, '_'),
            _ => {}
        }
        label
    }

    fn labels(&mut self, count: usize) -> String {
        (0..count).map(|_| self.label()).collect::<Vec<_>>().join(".")
    }

    /// A name of three to five labels or so.
    fn name(&mut self) -> String {
        let more = self.below(3);
        format!("{}.{}", self.labels(2 + more / 2), self.pick(SUFFIXES))
    }

    /// One label more, and the rest.
    fn split_name(&mut self) -> (String, String) {
        (self.label(), self.name())
    }

    fn letters(&mut self, name: &str) -> String {
        let mut turn = |c: char| if self.one_in(2) { c.to_ascii_uppercase() } else { c };
        name.chars().map(&mut turn).collect()
    }

    /// A byte changed, added, taken away or doubled.
    fn mutate(&mut self, mut bytes: Bytes) -> Bytes {
        const ODD: &[u8] = b"-_.*:%[]/@ \t\n\r\x01\x7f\x00\\'\"+,;=?#&|~!$()<>^`{}09azAZ";
        let at = self.below(bytes.len() + 1);
        let odd = if self.one_in(12) { self.byte() } else { ODD[self.below(ODD.len())] };
        let inside = at < bytes.len();
        match self.below(4) {
            0 if inside => bytes[at] = odd,
            1 if inside => drop(bytes.remove(at)),
            2 if inside => bytes.insert(at, bytes[at]),
            _ => bytes.insert(at, odd),
        }
        bytes
    }
}

/// What a case is made of, before it is written as cells.
struct Parts {
    reference: Bytes,
    san: San,
    cn: Vec<Bytes>,
}

enum San {
    Absent,
    List(Vec<(&'static str, Bytes)>),
}

impl Parts {
    fn dns(reference: impl Into<Bytes>, presented: impl Into<Bytes>) -> Self {
        Self { reference: reference.into(), san: San::List(vec![("DNS", presented.into())]), cn: vec![] }
    }

    fn common(reference: impl Into<Bytes>, cn: Vec<Bytes>) -> Self {
        Self { reference: reference.into(), san: San::Absent, cn }
    }

    fn entries(reference: impl Into<Bytes>, list: Vec<(&'static str, Bytes)>) -> Self {
        Self { reference: reference.into(), san: San::List(list), cn: vec![] }
    }
}

/// The kinds.
impl Random {
    fn exact(&mut self) -> Parts {
        let (first, rest) = self.split_name();
        let name = format!("{first}.{rest}");
        match self.below(9) {
            0 => Parts::dns(name, rest),
            1 => Parts::dns(rest, name),
            2 => Parts::dns(format!("{name}:8443"), name),
            3 => Parts::dns(format!("{first}{rest}"), rest),
            4 => Parts::dns(format!("{name} "), name),
            5 => Parts::dns(name.clone(), format!("{name}x")),
            6 => Parts::dns(name.replace('.', "-"), name),
            7 => {
                let many = (0..20 + self.below(200)).map(|_| ("DNS", self.name().into_bytes()));
                let mut many: Vec<_> = many.collect();
                many.push(("DNS", name.clone().into_bytes()));
                Parts::entries(name, many)
            }
            _ => Parts::dns(name.clone(), name),
        }
    }

    fn case_of_letters(&mut self) -> Parts {
        let (first, rest) = self.split_name();
        let asked = self.letters(&format!("{first}.{rest}"));
        let rest = self.letters(&rest);
        match self.below(4) {
            0 => Parts::dns(asked, format!("*.{rest}")),
            1 => Parts::common(asked, vec![format!("{first}.{rest}").into_bytes()]),
            2 => Parts::dns(format!("q[{asked}"), format!("q{{{first}.{rest}")),
            _ => Parts::dns(asked, format!("{}.{rest}", self.letters(&first))),
        }
    }

    fn dot(&mut self) -> Parts {
        let (first, rest) = self.split_name();
        let ends = ["", "", ".", "..", "..."];
        let (a, b) = (self.pick(&ends), self.pick(&ends));
        let start = self.pick(&["", "", "", "."]);
        let middle = self.pick(&[".", ".", ".."]);
        let presented = match self.below(5) {
            0 => format!("*.{rest}{b}"),
            1 => format!(".{rest}{b}"),
            2 => b.to_owned(),
            3 => format!(".{first}.{rest}{b}"),
            _ => format!("{first}{middle}{rest}{b}"),
        };
        let asked = if self.one_in(10) { a.to_owned() } else { format!("{start}{first}{middle}{rest}{a}") };
        if self.one_in(4) { Parts::common(asked, vec![presented.into()]) } else { Parts::dns(asked, presented) }
    }

    fn wild(&mut self) -> Parts {
        let (first, rest) = self.split_name();
        let second = self.label();
        let name = format!("{first}.{rest}");
        let (_, parent) = rest.split_once('.').unwrap();
        let presented = match self.below(14) {
            0 => format!("*{rest}"),
            1 => format!("*.*.{parent}"),
            2 => format!("**.{rest}"),
            3 => "*".to_owned(),
            4 => "*.".to_owned(),
            5 => format!("{first}.*.{parent}"),
            6 => format!("?.{rest}"),
            7 => "*.*.*".to_owned(),
            8 => format!(".*.{rest}"),
            9 => format!("{first}.{}*", &rest[..rest.len() - 2]),
            _ => format!("*.{rest}"),
        };
        let asked = match self.below(10) {
            0 => rest,
            1 => format!("{second}.{name}"),
            2 => format!("*.{rest}"),
            3 => format!("{}.{rest}", "y".repeat(60 + self.below(6))),
            4 => format!("{first}-.{rest}"),
            5 => second,
            _ => name,
        };
        if self.one_in(5) { Parts::common(asked, vec![presented.into()]) } else { Parts::dns(asked, presented) }
    }

    fn partial(&mut self) -> Parts {
        let (first, rest) = self.split_name();
        let first = if self.one_in(8) { format!("xn--{first}") } else { first };
        let at = self.below(first.len() + 1);
        let (head, tail) = first.split_at(at);
        let (_, end) = tail.split_at(self.below(tail.len() + 1));
        let star = self.pick(&["*", "*", "*", "**", "*-*"]);
        let presented = match self.below(6) {
            0 => format!("{first}*.{rest}"),
            1 => format!("*{first}.{rest}"),
            2 => format!("{first}.{}*{}", &rest[..2], &rest[2..]),
            _ => format!("{head}{star}{end}.{rest}"),
        };
        let asked = match self.below(6) {
            0 => format!("{}.{rest}", self.label()),
            1 => format!("{head}.{end}.{rest}"),
            2 => format!("{head}{end}.{rest}"),
            _ => format!("{first}.{rest}"),
        };
        Parts::dns(asked, presented)
    }

    fn single(&mut self) -> Parts {
        let label = self.label();
        let more = self.name();
        match self.below(7) {
            0 => Parts::dns(label.to_ascii_uppercase(), label),
            1 => Parts::dns(format!("{label}.{more}"), label),
            2 => Parts::common(label.clone(), vec![label.into()]),
            3 => Parts::dns(label, format!("*.{more}")),
            4 => Parts::dns(label, "*"),
            5 => {
                let number = self.below(1 << 33).to_string();
                Parts::dns(number.clone(), number)
            }
            _ => Parts::dns(label.clone(), label),
        }
    }

    fn psl(&mut self) -> Parts {
        let suffix = self.pick(SUFFIXES);
        let label = self.label();
        match self.below(6) {
            0 => Parts::dns(suffix, suffix),
            1 => Parts::dns(format!("{label}.{}.{suffix}", self.label()), format!("*.{suffix}")),
            2 => Parts::dns(format!("{}.{label}.{suffix}", self.label()), format!("*.{label}.{suffix}")),
            3 => Parts::common(format!("{label}.{suffix}"), vec![format!("*.{suffix}").into()]),
            _ => Parts::dns(format!("{label}.{suffix}"), format!("*.{suffix}")),
        }
    }

    fn idn(&mut self) -> Parts {
        let (unicode, ascii) = IDN[self.below(IDN.len())];
        let rest = self.name();
        let first = self.label();
        let latin: Bytes = unicode.chars().map(|c| u8::try_from(u32::from(c)).unwrap_or(b'?')).collect();
        let full_stop = self.pick(&["\u{3002}", "\u{ff0e}", "\u{ff61}"]);
        match self.below(11) {
            0 => Parts::dns(format!("{ascii}.{rest}"), format!("{unicode}.{rest}")),
            1 => Parts::dns(format!("{ascii}.{rest}"), [&latin, &b"."[..], rest.as_bytes()].concat()),
            2 => Parts::dns(format!("{unicode}.{rest}"), [&latin, &b"."[..], rest.as_bytes()].concat()),
            3 => Parts::dns(format!("{unicode}.{rest}"), format!("{unicode}.{rest}")),
            4 => Parts::dns(format!("{unicode}.{rest}"), format!("*.{rest}")),
            5 => Parts::dns(format!("{first}.{unicode}.{rest}"), format!("*.{ascii}.{rest}")),
            6 => Parts::dns(format!("{ascii}.{rest}"), format!("{}*.{rest}", &ascii[..1])),
            7 => Parts::dns(rest.replacen('.', full_stop, 1), rest),
            8 => Parts::common(format!("{unicode}.{rest}"), vec![format!("{ascii}.{rest}").into()]),
            9 => Parts::common(format!("{unicode}.{rest}"), vec![format!("{unicode}.{rest}").into()]),
            _ => Parts::dns(format!("{unicode}.{rest}"), format!("{ascii}.{rest}")),
        }
    }

    fn chars(&mut self) -> Parts {
        const ODD: &[&str] = &[
            "_", "-", " ", "!", "%41", "%2e", ",", "+", "@", "/", "\\", "#", "?", "&", "'", "\"", "(", "~", "|", ";",
            "=",
        ];
        let (first, rest) = self.split_name();
        let odd = self.pick(ODD);
        let name = match self.below(8) {
            0 => format!("{odd}{first}.{rest}"),
            1 => format!("{first}{odd}.{rest}"),
            2 => format!("{rest}{odd}"),
            3 => format!("{first}.{}", self.below(1000)),
            4 => format!("{0}.{0}.{0}.{1}", "k".repeat(40 + self.below(24)), rest),
            5 => format!("{0}.{0}.{0}.{0}.{1}", "k".repeat(48 + self.below(14)), rest),
            _ => format!("{first}{odd}{}.{rest}", self.label()),
        };
        match self.below(6) {
            0 => Parts::dns(name.clone(), name.replace("%41", "A").replace("%2e", ".")),
            1 => Parts::common(name.clone(), vec![name.into()]),
            2 => {
                Parts::dns(rest.clone(), format!("{rest}{}", self.pick(&["\n", "\r\n", "\t", " ", "\u{1}", "\u{7f}"])))
            }
            3 => Parts::dns(name, format!("*.{rest}")),
            _ => Parts::dns(name.clone(), name),
        }
    }

    fn v4(&mut self) -> [u8; 4] {
        [198, 51, 100, self.byte()]
    }

    fn v6(&mut self) -> String {
        let last = self.below(0x1_0000);
        let form = self.below(3);
        match form {
            0 => format!("fd00::{last:x}"),
            1 => format!("2001:db8:0:1::{last:x}"),
            _ => format!("fe80::{last:x}"),
        }
    }

    fn ip(&mut self) -> Parts {
        let v4 = self.v4();
        let text = dotted(v4);
        let v6 = self.v6();
        let zone = self.pick(&["eth0", "1", "25eth0", ""]);
        let [a, b, c, d] = v4;
        let mapped = [&[0; 10][..], &[0xff, 0xff], &v4].concat();
        let zero = self.pick(&["", "", "0"]);
        let long = v6.replace("::", &format!("{}:{zero}", ":0".repeat(8 - v6.matches(':').count())));
        match self.below(16) {
            0 => Parts::entries(text.clone(), vec![("IP", dotted([a, b, c, d ^ 1]).into())]),
            1 => Parts::entries(v6.clone(), vec![("IP", v6.into())]),
            2 => Parts::entries(format!("[{v6}]"), vec![("IP", v6.into())]),
            3 => Parts::entries(format!("{v6}%{zone}"), vec![("IP", v6.into())]),
            4 => Parts::entries(v6.to_ascii_uppercase(), vec![("IP", v6.into())]),
            5 => Parts::entries(long, vec![("IP", v6.into())]),
            6 => Parts::entries(format!("::ffff:{text}"), vec![("IP", text.into())]),
            7 => Parts::entries(format!("::ffff:{text}"), vec![("IPHEX", mapped)]),
            8 => Parts::entries(text, vec![("IPHEX", mapped)]),
            9 => Parts::entries(text, vec![("IPHEX", v4[..self.below(4)].to_vec())]),
            10 => Parts::entries(text, vec![("IPHEX", [&v4[..], &[255, 255, 255, 0]].concat())]),
            11 => Parts::entries(format!("::{text}"), vec![("IP", text.into())]),
            12 => Parts::entries(format!("[{text}]"), vec![("IP", text.into())]),
            13 => {
                let odd = match self.below(7) {
                    0 => format!("{a}.{b}.{}", u32::from(c) * 256 + u32::from(d)),
                    1 => u32::from_be_bytes(v4).to_string(),
                    2 => format!("0x{:08x}", u32::from_be_bytes(v4)),
                    3 => format!("0{a:o}.0{b:o}.0{c:o}.0{d:o}"),
                    4 => format!("{a:03}.{b:03}.{c:03}.{d:03}"),
                    5 => format!("0x{a:x}.{b}.{c}.{d}"),
                    _ => format!("{text}."),
                };
                Parts::entries(odd, vec![("IP", text.into())])
            }
            _ => Parts::entries(text.clone(), vec![("IP", text.into())]),
        }
    }

    /// Addresses where a name should be.
    fn ip_in_text(&mut self) -> Parts {
        let text = if self.one_in(3) { self.v6() } else { dotted(self.v4()) };
        let (_, end) = text.split_once(['.', ':']).unwrap();
        let name = self.name();
        match self.below(9) {
            0 => Parts::common(text.clone(), vec![text.into()]),
            1 => Parts::dns(text.clone(), format!("*.{end}")),
            2 => Parts::dns(text, "*"),
            3 => Parts::entries(text.clone(), vec![("URI", format!("https://{text}/").into())]),
            4 => Parts::dns(format!("{text}.{name}"), format!("*.{end}.{name}")),
            5 => Parts::entries(name.clone(), vec![("IP", text.into()), ("DNS", name.into())]),
            6 => {
                let mut parts = Parts::dns(text.clone(), name);
                parts.cn.push(text.into());
                parts
            }
            7 => Parts::dns(format!("{text}%{}", self.label()), text),
            _ => Parts::dns(text.clone(), text),
        }
    }

    fn cn(&mut self) -> Parts {
        let (first, rest) = self.split_name();
        let name = format!("{first}.{rest}");
        let other = self.name().into_bytes();
        let matching = match self.below(8) {
            0 => format!("*.{rest}"),
            1 => format!(" {name}"),
            2 => format!("{rest}/CN={name}"),
            3 => "*".to_owned(),
            4 => format!("{}*.{rest}", &first[..1]),
            _ => name.clone(),
        }
        .into_bytes();
        let cns = match self.below(6) {
            0 => vec![other, matching],
            1 => vec![matching, other],
            2 => vec![other.clone(), matching, other],
            3 => vec![],
            _ => vec![matching],
        };
        Parts::common(if self.one_in(10) { first } else { name }, cns)
    }

    fn cn_and_san(&mut self) -> Parts {
        let name = self.name();
        let list = match self.below(5) {
            0 => vec![],
            1 => vec![("DNS", b"k*.bad.test".to_vec())],
            2 => vec![("DNS", self.name().into_bytes())],
            _ => vec![self.general_name()],
        };
        let mut parts = Parts::entries(name.clone(), list);
        parts.cn.push(name.into());
        parts
    }

    fn nul(&mut self) -> Parts {
        let (name, other) = (self.name(), self.name());
        match self.below(7) {
            0 => Parts::dns(name.clone(), format!("{name}\0.{other}")),
            1 => Parts::common(name.clone(), vec![format!("{name}\0.{other}").into()]),
            2 => Parts::dns(name, format!("*\0.{other}")),
            3 => Parts::dns(name.clone(), format!("{other}\0,DNS:{name}")),
            4 => Parts::entries(name.clone(), vec![("DNS", format!("{other}\0").into()), ("DNS", name.into())]),
            5 => {
                let text = dotted(self.v4());
                Parts::dns(text.clone(), format!("{text}\0.{other}"))
            }
            _ => Parts::dns(name.clone(), format!("{name}\0")),
        }
    }

    fn inject(&mut self) -> Parts {
        let (name, other) = (self.name(), self.name());
        let between = self.pick(&[", DNS:", ",DNS:", "\nDNS:", "\", DNS:", " ", ",", "\\, DNS:"]);
        let value = format!("{other}{between}{name}").into_bytes();
        match self.below(6) {
            0 => Parts::entries(name.clone(), vec![("DIR", value)]),
            1 => Parts::entries(name.clone(), vec![("email", value)]),
            2 => Parts::entries(name.clone(), vec![("XMPP", value)]),
            3 => Parts::entries(name.clone(), vec![("URI", value)]),
            4 => Parts::common(name.clone(), vec![format!("{other}\nCN={name}").into()]),
            _ => Parts::dns(name, value),
        }
    }

    fn other(&mut self) -> Parts {
        let name = self.name();
        let kind = self.pick(&["URI", "email", "SRV", "XMPP", "UPN", "DIR"]);
        let value = match kind {
            "URI" => {
                format!("{}{name}{}", self.pick(&["https://", "sip:", "", "ldap://"]), self.pick(&["", "/", ":5061"]))
            }
            "email" => format!("{}{name}", self.pick(&["", "root@"])),
            "SRV" => format!("{}{name}", self.pick(&["", "_https.", "_ldap."])),
            _ => name.clone(),
        };
        let mut list = vec![(kind, value.into_bytes())];
        if self.one_in(2) {
            let more = if self.one_in(3) { self.name() } else { name.clone() };
            list.push(("DNS", more.into()));
        }
        Parts::entries(name, list)
    }

    fn shape(&mut self) -> Parts {
        let name = self.name();
        match self.below(6) {
            0 => Parts::dns("", name),
            1 => Parts::dns(name, ""),
            2 => Parts::entries(name, vec![]),
            3 => Parts { reference: name.clone().into(), san: San::Absent, cn: vec![b"EMPTYSUBJECT".to_vec()] },
            4 => Parts {
                reference: name.clone().into(),
                san: San::List(vec![("DNS", name.into())]),
                cn: vec![b"EMPTYSUBJECT".to_vec()],
            },
            _ => Parts::entries(name.clone(), vec![("CRITICAL", vec![]), ("DNS", name.into())]),
        }
    }

    /// A general name that is none of the names asked for.
    fn general_name(&mut self) -> (&'static str, Bytes) {
        let name = self.name();
        match self.below(8) {
            0 => ("URI", format!("https://{name}/").into()),
            1 => ("email", format!("root@{name}").into()),
            2 => ("SRV", format!("_imaps.{name}").into()),
            3 => ("XMPP", name.into()),
            4 => ("UPN", format!("root@{name}").into()),
            5 => ("DIR", name.into()),
            6 => ("RID", format!("1.3.6.{}", self.below(4000)).into()),
            _ => ("IP", dotted(self.v4()).into()),
        }
    }
}

/// The cells.
impl Random {
    fn san_cell(&mut self, san: &San) -> String {
        let San::List(list) = san else { return "-".to_owned() };
        if list.is_empty() {
            return "EMPTY".to_owned();
        }
        let mut entries: Vec<String> = list.iter().map(|(kind, value)| entry(kind, value)).collect();
        if self.one_in(20) && !entries.iter().any(|entry| entry == "CRITICAL") {
            entries.insert(0, "CRITICAL".to_owned());
        }
        entries.join(",")
    }

    fn cn_cell(&mut self, cns: &[Bytes]) -> String {
        if cns.is_empty() {
            return "-".to_owned();
        }
        if cns.iter().any(|cn| cn == b"EMPTYSUBJECT") {
            return "EMPTYSUBJECT".to_owned();
        }
        let cells = cns.iter().enumerate().map(|(at, cn)| {
            let join = if self.one_in(12) || at > 0 && self.one_in(8) { "+" } else { "" };
            let unit = if self.one_in(16) { "OU=" } else { "" };
            let mut types = vec!["", "", "", "", "", "[utf8]", "[printable]", "[ia5]", "[t61]"];
            if std::str::from_utf8(cn).is_ok() {
                types.extend(["[bmp]", "[univ]"]);
            }
            format!("{join}{unit}{}{}", self.pick(&types), cell(cn, b"|+[]=\\"))
        });
        let cells: Vec<String> = cells.collect();
        cells.join("|")
    }
}

fn entry(kind: &str, value: &[u8]) -> String {
    match kind {
        "CRITICAL" => "CRITICAL".to_owned(),
        "IPHEX" => value.iter().fold("IPHEX:".to_owned(), |mut hex, byte| {
            write!(hex, "{byte:02x}").unwrap();
            hex
        }),
        _ => format!("{kind}:{}", cell(value, b",")),
    }
}

fn dotted([a, b, c, d]: [u8; 4]) -> String {
    format!("{a}.{b}.{c}.{d}")
}

/// Bytes as a cell: `\xHH` for what is no printable text, for `special` and for a space at an end.
fn cell(bytes: &[u8], special: &[u8]) -> String {
    let mut cell = String::new();
    let last = bytes.len().saturating_sub(1);
    let mut at = 0;
    for chunk in bytes.utf8_chunks() {
        for c in chunk.valid().chars() {
            let plain = match u8::try_from(c) {
                Ok(b' ') => at != 0 && at != last,
                Ok(b) if b < 0x80 => b.is_ascii_graphic() && b != b'\\' && !special.contains(&b),
                _ => !c.is_control(),
            };
            if plain {
                cell.push(c);
            } else {
                c.encode_utf8(&mut [0; 4]).bytes().for_each(|byte| write!(cell, "\\x{byte:02x}").unwrap());
            }
            at += c.len_utf8();
        }
        chunk.invalid().iter().for_each(|byte| write!(cell, "\\x{byte:02x}").unwrap());
        at += chunk.invalid().len();
    }
    cell
}

/// A reference as it could be typed.
fn without_nul(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).replace(['\0', '\u{fffd}'], "")
}
