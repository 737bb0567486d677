//! Servers of SSL 3.0 to TLS 1.2 as far as the client's turn: hello, certificate, parameters. What
//! no TLS library of today does any more is put together here byte by byte.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::thread;
use std::time::Duration;

use super::listener::{close_gently, wait_for_close};
use super::mint::Issued;
use super::raw::{Behaviour, RawServer, fatal_alert};

/// What an old server does with a hello that names TLS 1.3 (`supported_versions`).
#[derive(Clone, Debug)]
pub enum ToNewHello {
    /// Sends this alert.
    Alert(u8),
    /// Closes the connection.
    Close,
    /// Answers it as any other.
    Answer,
    /// Sends these bytes, then closes.
    Send(Vec<u8>),
}

/// What comes after the answer.
#[derive(Clone, Debug)]
pub enum Then {
    /// Nothing: the client's turn.
    Wait,
    /// The end of the connection.
    Close,
    /// These bytes, then the end.
    Send(Vec<u8>),
    /// Empty records for ever.
    EmptyRecords,
}

/// An old server.
#[derive(Clone, Debug)]
pub struct Old {
    /// The version in its hello.
    pub version: [u8; 2],
    /// The suite in its hello.
    pub suite: u16,
    /// Its messages after the certificate: type and contents.
    pub after: Vec<(u8, Vec<u8>)>,
    /// Its answer to a hello of today.
    pub to_new_hello: ToNewHello,
    /// What follows.
    pub then: Then,
    /// Whether it writes one byte at a time.
    pub byte_by_byte: bool,
}

impl Old {
    /// One that sends these messages and ServerHelloDone, and answers a hello of today with
    /// `handshake_failure`.
    pub fn new(version: [u8; 2], suite: u16, after: &[(u8, Vec<u8>)]) -> Self {
        let after = [after, &[(14, vec![])]].concat();
        let to_new_hello = ToNewHello::Alert(40);
        Self { version, suite, after, to_new_hello, then: Then::Wait, byte_by_byte: false }
    }

    /// Starts it.
    pub fn start(self, issued: &Issued) -> RawServer {
        let answer = self.answer(issued);
        RawServer::start(Behaviour::custom(move |stream| self.serve(stream, &answer)))
    }

    fn answer(&self, issued: &Issued) -> Vec<u8> {
        let hello = [&self.version[..], &[9; 32], &[0], &self.suite.to_be_bytes(), &[0]].concat();
        let list = with_length(&[with_length(&issued.der)].concat());
        let mut messages = [message(2, &hello), message(11, &list)].concat();
        self.after.iter().for_each(|(kind, body)| messages.extend(message(*kind, body)));
        record(22, self.version, &messages)
    }

    fn serve(&self, mut stream: TcpStream, answer: &[u8]) {
        let mut hello = [0; 4096];
        let read = stream.read(&mut hello).unwrap_or(0);
        let is_new = hello[..read].windows(4).any(|part| part == [0, 0x2b, 0, 5]);
        match &self.to_new_hello {
            ToNewHello::Send(bytes) if is_new => {
                let _ = stream.write_all(bytes);
                return close_gently(&stream);
            }
            ToNewHello::Alert(alert) if is_new => {
                let _ = stream.write_all(&fatal_alert(*alert));
                return close_gently(&stream);
            }
            ToNewHello::Close if is_new => return close_gently(&stream),
            _ => {}
        }
        if self.byte_by_byte {
            let _ = stream.set_nodelay(true);
            for byte in answer {
                let _ = stream.write_all(&[*byte]);
                thread::sleep(Duration::from_micros(200));
            }
        } else {
            let _ = stream.write_all(answer);
        }
        match &self.then {
            Then::Wait => wait_for_close(&stream),
            Then::Close => close_gently(&stream),
            Then::Send(bytes) => {
                let _ = stream.write_all(bytes);
                close_gently(&stream);
            }
            Then::EmptyRecords => while stream.write_all(&record(22, self.version, b"")).is_ok() {},
        }
    }
}

/// The parameters of DHE with a prime of this many bytes, unsigned.
pub fn dhe(bytes: usize) -> (u8, Vec<u8>) {
    let prime = [&u16::try_from(bytes).unwrap().to_be_bytes()[..], &vec![0xff; bytes]].concat();
    (12, [&prime[..], &[0, 1, 2, 0, 1, 3]].concat())
}

/// The parameters of ECDHE on a named curve, unsigned.
pub fn ecdhe(group: u8) -> (u8, Vec<u8>) {
    (12, vec![3, 0, group, 3, 4, 1, 1])
}

/// A wish for a client certificate.
pub fn certificate_request() -> (u8, Vec<u8>) {
    (13, vec![1, 1, 0, 0])
}

/// A record.
pub fn record(kind: u8, version: [u8; 2], data: &[u8]) -> Vec<u8> {
    let length = u16::try_from(data.len()).unwrap().to_be_bytes();
    [&[kind], &version[..], &length, data].concat()
}

fn message(kind: u8, body: &[u8]) -> Vec<u8> {
    [&[kind][..], &with_length(body)].concat()
}

/// The bytes after their number in three bytes.
fn with_length(bytes: &[u8]) -> Vec<u8> {
    [&u32::try_from(bytes.len()).unwrap().to_be_bytes()[1..], bytes].concat()
}
