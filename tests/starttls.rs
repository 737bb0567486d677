//! The dialogues of `starttls/` against `transcripts/*.txt`, whose first lines say how they are
//! written: whole, split at every byte, byte by byte; and against arbitrary bytes.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::disallowed_methods, missing_docs)]

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use certcheck::identity::DnsName;
use certcheck::starttls::step::{MAX_BYTES, MAX_LINE};
use certcheck::starttls::{Framing, Inbox, PROTOCOLS, Protocol, Step, Stop};
use proptest::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq)]
enum Turn {
    Server(Vec<u8>),
    Client(Vec<u8>),
}

struct Transcript {
    title: String,
    protocol: Protocol,
    turns: Vec<Turn>,
    end: String,
}

fn transcripts() -> Vec<Transcript> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/transcripts");
    let mut all = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let text = fs::read_to_string(entry.unwrap().path()).unwrap();
        let sections = text.split("## ").skip(1);
        all.extend(sections.map(transcript));
    }
    all
}

fn transcript(text: &str) -> Transcript {
    let mut lines = text.lines().filter(|line| !line.is_empty());
    let title = lines.next().unwrap().to_owned();
    let name = title.split(':').next().unwrap();
    let protocol = Protocol::by_name(name).unwrap_or_else(|| panic!("{title}"));
    let mut turns: Vec<Turn> = Vec::new();
    let mut end = String::new();
    for line in lines {
        let (kind, rest) = line.split_at_checked(2).unwrap_or_else(|| panic!("{title}: {line}"));
        let rest = rest.strip_prefix(' ').unwrap_or(rest);
        let bytes = match kind {
            "S:" | "C:" => [unescaped(rest), b"\r\n".to_vec()].concat(),
            "s:" | "c:" => unescaped(rest),
            "= " => {
                rest.clone_into(&mut end);
                continue;
            }
            _ => panic!("{title}: {line}"),
        };
        let is_server = kind.eq_ignore_ascii_case("s:");
        match turns.last_mut() {
            Some(Turn::Server(before)) if is_server => before.extend(bytes),
            _ if is_server => turns.push(Turn::Server(bytes)),
            _ => turns.push(Turn::Client(bytes)),
        }
    }
    Transcript { title, protocol, turns, end }
}

fn unescaped(text: &str) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let escape = rest.strip_prefix("\\x").and_then(|hex| u8::from_str_radix(hex.get(..2)?, 16).ok());
        let (byte, length) = match escape {
            Some(byte) => (vec![byte], 4),
            None if rest.starts_with("\\r") => (b"\r".to_vec(), 2),
            None if rest.starts_with("\\n") => (b"\n".to_vec(), 2),
            None => (first.to_string().into_bytes(), first.len_utf8()),
        };
        bytes.extend(byte);
        rest = &rest[length..];
    }
    bytes
}

/// Plays a transcript, the server's bytes in the pieces that `cut` makes of them; how it ended.
fn play(transcript: &Transcript, cut: &dyn Fn(&[u8]) -> Vec<Vec<u8>>) -> String {
    let domain = DnsName::parse("example.test").unwrap();
    let mut dialogue = transcript.protocol.dialogue(Some(&domain));
    let mut turns = transcript.turns.iter().peekable();
    let mut waiting: Vec<Vec<u8>> = Vec::new();
    let mut inbox = Inbox::default();
    let sent = |bytes: Vec<u8>, turns: &mut std::iter::Peekable<std::slice::Iter<'_, Turn>>| {
        assert_eq!(turns.next(), Some(&Turn::Client(bytes)), "{}", transcript.title);
    };
    loop {
        let step = match dialogue.step(&mut inbox) {
            Ok(step) => step,
            Err(stop) => return ended(&stop),
        };
        let step = if let Step::SendThenTls(bytes) = step {
            sent(bytes, &mut turns);
            Step::Tls(Framing::Bare)
        } else {
            step
        };
        match step {
            Step::Read if waiting.is_empty() => match turns.next() {
                Some(Turn::Server(bytes)) => waiting = cut(bytes),
                other => panic!("{}: it waits at {other:?}", transcript.title),
            },
            Step::Read => {}
            Step::Send(bytes) => {
                sent(bytes, &mut turns);
                continue;
            }
            Step::Tls(framing) => {
                for bytes in &waiting {
                    inbox.receive(bytes).unwrap();
                }
                let left = inbox.peek().len();
                assert_eq!(turns.next(), None, "{}", transcript.title);
                return match (left, framing) {
                    (0, Framing::Bare) => "tls".to_owned(),
                    (0, framing) => format!("tls in {framing:?}"),
                    (left, _) => format!("injection {left}"),
                };
            }
            Step::SendThenTls(_) => panic!("{}: sent twice", transcript.title),
        }
        if let Err(stop) = inbox.receive(&waiting.remove(0)) {
            return ended(&stop);
        }
    }
}

fn ended(stop: &Stop) -> String {
    match stop {
        Stop::Unsupported(words) => format!("unsupported {words}"),
        Stop::Refused(words) => format!("refused {words}"),
        Stop::TurnedAway(words) => format!("turned-away {words}"),
        Stop::SpeaksTls => "speaks-tls".to_owned(),
        Stop::Violation(_) => "violation".to_owned(),
        other => panic!("{other:?}"),
    }
}

#[test]
fn transcripts_end_as_they_say() {
    let all = transcripts();
    let mut ends: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for transcript in &all {
        assert_eq!(play(transcript, &|bytes| vec![bytes.to_vec()]), transcript.end, "{}", transcript.title);
        let end = transcript.end.split(' ').next().unwrap();
        ends.entry(transcript.protocol.name()).or_default().push(end);
    }
    assert_eq!(ends.len(), PROTOCOLS.len(), "{:?}", ends.keys());
    for (name, ends) in &ends {
        assert!(ends.contains(&"tls"), "{name} never comes to TLS");
        let is_twin = matches!(*name, "submission" | "lmtp" | "xmpp-server");
        assert!(is_twin || ends.contains(&"unsupported") && ends.contains(&"violation"), "{name}: {ends:?}");
        assert!(is_twin || ends.contains(&"injection"), "{name}: {ends:?}");
    }
    println!("starttls: {} transcripts of {} protocols", all.len(), ends.len());
}

/// However the bytes come, the end is the same.
#[test]
fn no_way_of_reading_matters() {
    for transcript in &transcripts() {
        let one_by_one = |bytes: &[u8]| bytes.iter().map(|&b| vec![b]).collect();
        assert_eq!(play(transcript, &one_by_one), transcript.end, "{}", transcript.title);
        let longest = transcript.turns.iter().map(|turn| match turn {
            Turn::Server(bytes) => bytes.len(),
            Turn::Client(_) => 0,
        });
        for at in 1..longest.max().unwrap() {
            let in_two = |bytes: &[u8]| {
                let (first, second) = bytes.split_at(at.min(bytes.len()));
                [first, second].iter().filter(|part| !part.is_empty()).map(|part| part.to_vec()).collect()
            };
            assert_eq!(play(transcript, &in_two), transcript.end, "{}, cut at {at}", transcript.title);
        }
    }
}

/// What a hostile server may send: any bytes, or pieces of what the protocols say.
fn hostile() -> impl Strategy<Value = Vec<Vec<u8>>> {
    let said: Vec<Vec<u8>> = transcripts()
        .into_iter()
        .flat_map(|transcript| transcript.turns)
        .filter_map(|turn| if let Turn::Server(bytes) = turn { Some(bytes) } else { None })
        .collect();
    let piece = prop_oneof![
        proptest::collection::vec(any::<u8>(), 0..64),
        proptest::sample::select(said),
        Just(vec![b'a'; MAX_LINE]),
        Just(vec![b'\n'; 300]),
    ];
    proptest::collection::vec(piece, 0..12)
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(2048) })]

    /// No bytes make a dialogue panic, go on for ever, or hold more than its limit.
    #[test]
    fn any_server_is_survived(pieces in hostile()) {
        for (protocol, ..) in PROTOCOLS {
            let mut dialogue = protocol.dialogue(None);
            let mut inbox = Inbox::default();
            let mut pieces = pieces.iter();
            let mut steps = 0;
            loop {
                steps += 1;
                assert!(steps < 2000, "{protocol:?} goes on and on");
                match dialogue.step(&mut inbox) {
                    Ok(Step::Send(bytes)) => assert!(bytes.len() < MAX_LINE + 16),
                    Ok(Step::Read) => {
                        let Some(piece) = pieces.next() else { break };
                        if inbox.receive(piece).is_err() {
                            break;
                        }
                        assert!(inbox.peek().len() <= MAX_BYTES);
                    }
                    Ok(Step::Tls(_) | Step::SendThenTls(_)) | Err(_) => break,
                    }
                }
        }
    }
}
