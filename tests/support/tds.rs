//! A server of TDS 7.x in front of one of TLS: it answers PRELOGIN, and takes the handshake out of its
//! packets and puts it into packets again ([MS-TDS] 2.2.3.1, 2.2.6.5, 3.3.5.1, 3.3.5.2).

use std::io::{Read, Result, Write};
use std::net::{Shutdown, SocketAddr, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use super::listener::{LOOPBACK, Listener, close_gently};

/// What it answers, and how.
#[derive(Clone, Copy, Debug)]
pub struct Tds {
    /// What it says of encryption: 0 off, 1 on, 2 not supported, 3 required.
    pub encryption: u8,
    /// How much of the handshake it puts into one packet at most.
    pub packet: usize,
    /// The type of these packets.
    pub kind: u8,
}

impl Default for Tds {
    fn default() -> Self {
        Self { encryption: 1, packet: 4088, kind: 0x12 }
    }
}

/// The server; gone on drop.
pub struct TdsServer {
    listener: Listener,
    settled: Arc<AtomicUsize>,
}

impl Tds {
    /// Starts it in front of a server of TLS.
    pub fn start(self, behind: SocketAddr) -> TdsServer {
        let settled = Arc::new(AtomicUsize::new(0));
        let count = Arc::clone(&settled);
        let listener = Listener::start(LOOPBACK, move |client| {
            // A client that leaves is what many tests are about.
            let _ = self.serve(&client, behind, &count);
            close_gently(&client);
        });
        TdsServer { listener, settled }
    }

    fn serve(self, mut client: &TcpStream, behind: SocketAddr, settled: &Arc<AtomicUsize>) -> Result<()> {
        read_packet(client)?;
        client.write_all(&self.prelogin())?;
        if self.encryption == 2 {
            return Ok(());
        }
        let server = TcpStream::connect(behind)?;
        let _ = client.set_nodelay(true);
        let (from, to) = (client.try_clone()?, server.try_clone()?);
        let count = Arc::clone(settled);
        let inwards = thread::spawn(move || {
            let is_bare = unwrap(&from, &to, &count);
            let _ = to.shutdown(Shutdown::Write);
            is_bare
        });
        let mut buffer = [0; 16 * 1024];
        while let Ok(count @ 1..) = (&server).read(&mut buffer) {
            let mut parts = buffer[..count].chunks(self.packet).peekable();
            while let Some(part) = parts.next() {
                let status = u8::from(parts.peek().is_none());
                client.write_all(&packet(self.kind, status, part))?;
            }
        }
        let _ = client.shutdown(Shutdown::Write);
        let _ = inwards.join();
        Ok(())
    }

    /// The options VERSION and ENCRYPTION.
    fn prelogin(self) -> Vec<u8> {
        let options = [0, 0, 11, 0, 6, 1, 0, 17, 0, 1, 0xff, 16, 0, 16, 0, 0, 0, self.encryption];
        packet(0x04, 1, &options)
    }
}

impl TdsServer {
    /// Where it listens.
    pub fn addr(&self) -> SocketAddr {
        self.listener.addr()
    }

    /// How many TCP connections it accepted so far.
    pub fn connections(&self) -> usize {
        self.listener.connections()
    }

    /// How many clients ended the packets after the handshake, and went on with records; waited for
    /// until there are so many, or time is up.
    pub fn settled(&self, expected: usize) -> usize {
        let start = Instant::now();
        loop {
            let settled = self.settled.load(Ordering::SeqCst);
            if settled >= expected || start.elapsed() > Duration::from_secs(20) {
                return settled;
            }
            thread::sleep(Duration::from_millis(5));
        }
    }
}

/// What is in the client's packets, and the records behind them, to the server.
fn unwrap(mut client: &TcpStream, mut server: &TcpStream, settled: &AtomicUsize) -> Result<()> {
    let mut first = [0];
    while client.peek(&mut first)? == 1 && first[0] == 0x12 {
        server.write_all(&read_packet(client)?)?;
    }
    if (0x14..=0x17).contains(&first[0]) {
        settled.fetch_add(1, Ordering::SeqCst);
        std::io::copy(&mut client, &mut server)?;
    }
    Ok(())
}

fn read_packet(mut stream: &TcpStream) -> Result<Vec<u8>> {
    let mut header = [0; 8];
    stream.read_exact(&mut header)?;
    assert_eq!(header[0], 0x12, "a client's packets are of PRELOGIN");
    let mut data = vec![0; usize::from(u16::from_be_bytes([header[2], header[3]])) - 8];
    stream.read_exact(&mut data)?;
    Ok(data)
}

fn packet(kind: u8, status: u8, data: &[u8]) -> Vec<u8> {
    let length = u16::try_from(8 + data.len()).unwrap().to_be_bytes();
    [&[kind, status], &length[..], &[0, 0, 1, 0], data].concat()
}
