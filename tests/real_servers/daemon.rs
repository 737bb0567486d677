//! What every server here needs: a short folder, a free port, a start that is waited for, a certain end.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::fs::{self, File};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::os::unix::fs::{PermissionsExt, chown};
use std::os::unix::process::CommandExt;
use std::process::{self, Child, Command, Stdio};
use std::sync::Mutex;
use std::thread;
use std::time::{Duration, Instant};

use crate::driver::Pki;

/// How long a server may take to listen: the machine may be busy with thirty others.
const START: Duration = Duration::from_secs(60);
/// Ends a process group once the test's end of the pipe is closed: on drop, and likewise when the
/// test itself is killed. Who does not go when asked is killed after three seconds.
const WATCH: &str = r#"read -r _; kill -s TERM -- "-$1" 2>/dev/null
for _ in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15; do kill -s 0 -- "-$1" 2>/dev/null || exit 0; sleep 0.2; done
kill -s KILL -- "-$1" 2>/dev/null"#;

/// One kind of server, up: its processes, where they listen, and their folder.
#[derive(Debug)]
pub struct Running {
    /// Ports by what they are called in the tables.
    pub ports: BTreeMap<&'static str, u16>,
    // Ended before the folder goes: fields are dropped in this order.
    _daemons: Vec<Daemon>,
    _home: Home,
}

impl Running {
    /// What a `start` function hands out.
    pub fn new(home: Home, daemons: Vec<Daemon>, ports: &[(&'static str, u16)]) -> Self {
        Self { ports: ports.iter().copied().collect(), _daemons: daemons, _home: home }
    }
}

/// A folder for configuration, state and sockets; gone on drop.
///
/// Directly under `/tmp`, because the path of a socket is limited to 108 bytes. All may enter it:
/// some servers change to a user of their own.
#[derive(Debug)]
pub struct Home {
    path: String,
}

impl Home {
    /// A new empty one.
    pub fn new() -> Self {
        let mut paths = (0..1000).map(|n| format!("/tmp/cck{:x}-{n}", process::id()));
        let path = paths.find(|path| fs::create_dir(path).is_ok()).expect("a folder under /tmp");
        set_mode(&path, 0o755);
        Self { path }
    }

    /// The path of a file in it.
    pub fn path(&self, name: &str) -> String {
        format!("{}/{name}", self.path)
    }

    /// Writes a file, and returns its path.
    pub fn write(&self, name: &str, content: impl AsRef<[u8]>) -> String {
        let path = self.path(name);
        fs::write(&path, content).unwrap();
        path
    }

    /// Makes a folder that belongs to this user, and returns its path.
    pub fn folder(&self, name: &str, owner: &str) -> String {
        let path = self.path(name);
        fs::create_dir_all(&path).unwrap();
        own(&path, owner);
        path
    }

    /// The site's certificate and its key, which only this user can read: two files.
    ///
    /// XMPP asks for the domain, which has no `www.`.
    pub fn certificate(&self, pki: &Pki, owner: &str) -> (String, String) {
        let issued = pki.issue("DNS:www.example.test,DNS:example.test");
        let cert = self.write("site.pem", issued.chain_pem());
        let key = self.write("site.key", issued.key_pem());
        set_mode(&key, 0o600);
        own(&key, owner);
        (cert, key)
    }
}

impl Drop for Home {
    fn drop(&mut self) {
        // What is left over is only litter in /tmp.
        let _ = fs::remove_dir_all(&self.path);
    }
}

fn set_mode(path: &str, mode: u32) {
    fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
}

/// Makes a file a user's, with the user's own group.
pub fn own(path: &str, user: &str) {
    let passwd = fs::read_to_string("/etc/passwd").unwrap();
    let line = passwd.lines().find(|line| line.split(':').next() == Some(user));
    let line = line.unwrap_or_else(|| panic!("there is no user {user}: its package is not installed"));
    let number = |at: usize| line.split(':').nth(at).unwrap().parse().unwrap();
    chown(path, Some(number(2)), Some(number(3))).unwrap_or_else(|error| panic!("{path} to {user}: {error}"));
}

/// A port of 127.0.0.1 that nobody has, and that is handed out once.
///
/// Below the range the kernel takes for outgoing connections: there, a connection to a port where
/// nobody listens yet can meet itself.
pub fn free_port() -> u16 {
    static GIVEN: Mutex<BTreeSet<u16>> = Mutex::new(BTreeSet::new());
    let mut given = GIVEN.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
    let first = process::id() % 100 * 100;
    let ports = (0..12_000).map(|n| 20_000 + u16::try_from((first + n) % 12_000).unwrap());
    let mut free =
        ports.filter(|port| !given.contains(port) && TcpListener::bind((Ipv4Addr::LOCALHOST, *port)).is_ok());
    let port = free.next().expect("a free port");
    drop(free);
    given.insert(port);
    port
}

/// A program; where it is for root but not in everybody's `PATH`, it is found too.
pub fn program(name: &str) -> Command {
    let places = ["/usr/sbin", "/usr/bin", "/usr/local/bin", "/sbin", "/bin"];
    let path = places.iter().map(|place| format!("{place}/{name}")).find(|path| fs::exists(path).unwrap());
    Command::new(path.unwrap_or_else(|| panic!("{name} is not installed (tests/real_servers/packages.txt)")))
}

/// The program as another user (`setpriv` of util-linux).
pub fn program_as(user: &str, path: &str) -> Command {
    let mut command = program("setpriv");
    command.args(["--reuid", user, "--regid", user, "--clear-groups", "--", path]);
    command
}

/// Runs a preparing command to its end; it has to succeed.
pub fn prepare(command: &mut Command) {
    let output = command.stdin(Stdio::null()).output().unwrap_or_else(|error| panic!("{command:?}: {error}"));
    assert!(output.status.success(), "{command:?}: {output:?}");
}

/// A server's process with all its children; ended on drop.
#[derive(Debug)]
pub struct Daemon {
    child: Child,
    watch: Child,
}

impl Daemon {
    /// Starts a server that stays in the foreground, and waits until it listens on these ports.
    pub fn start(what: &str, home: &Home, mut command: Command, ports: &[u16]) -> Self {
        let log = home.path(&format!("{what}.out"));
        let file = File::create(&log).unwrap();
        command.stdin(Stdio::null()).stdout(file.try_clone().unwrap()).stderr(file).process_group(0);
        // Where one that crashes leaves its core.
        command.current_dir(&home.path);
        let child = command.spawn().unwrap_or_else(|error| panic!("{what}: {command:?}: {error}"));
        let group = child.id().to_string();
        let mut watch = Command::new("sh");
        watch.args(["-c", WATCH, "watch", &group]).stdin(Stdio::piped()).process_group(0);
        let watch = watch.spawn().expect("sh");
        let mut daemon = Self { child, watch };
        let start = Instant::now();
        for port in ports {
            while let Err(why) = daemon.answers(*port, start) {
                assert!(why.is_empty(), "{what} on port {port}: {why}\n{command:?}\n{}", tails(home));
                thread::sleep(Duration::from_millis(20));
            }
        }
        daemon
    }

    /// Waits until something is true of a server that is up then.
    pub fn await_true(&mut self, what: &str, home: &Home, is_up: impl Fn() -> bool) {
        let start = Instant::now();
        while !is_up() {
            let ended = self.child.try_wait().unwrap();
            assert!(ended.is_none() && start.elapsed() < START, "{what}: not up: {ended:?}\n{}", tails(home));
            thread::sleep(Duration::from_millis(20));
        }
    }

    /// The process.
    pub fn id(&self) -> u32 {
        self.child.id()
    }

    /// Whether it listens there; if not, an empty text, or why it never will.
    fn answers(&mut self, port: u16, start: Instant) -> Result<(), String> {
        let address = SocketAddr::from((Ipv4Addr::LOCALHOST, port));
        if let Some(status) = self.child.try_wait().unwrap() {
            return Err(format!("it ended by itself: {status}"));
        }
        match TcpStream::connect_timeout(&address, Duration::from_millis(200)) {
            Ok(_) => Ok(()),
            Err(_) if start.elapsed() < START => Err(String::new()),
            Err(error) => Err(format!("not up after {START:?}: {error}")),
        }
    }
}

impl Drop for Daemon {
    fn drop(&mut self) {
        drop(self.watch.stdin.take());
        // Waited for first: a process that is not waited for counts as one that has not gone.
        let _ = self.child.wait();
        let _ = self.watch.wait();
    }
}

/// The last lines of all logs in a folder.
fn tails(home: &Home) -> String {
    let mut text = String::new();
    for entry in fs::read_dir(&home.path).unwrap().map(Result::unwrap) {
        let name = entry.file_name().into_string().unwrap();
        if !matches!(name.rsplit('.').next(), Some("out" | "log")) {
            continue;
        }
        let content = fs::read(entry.path()).unwrap_or_default();
        let content = String::from_utf8_lossy(&content);
        let lines: Vec<&str> = content.lines().collect();
        let last = lines[lines.len().saturating_sub(30)..].join("\n");
        writeln!(text, "--- {name}\n{last}").unwrap();
    }
    text
}
