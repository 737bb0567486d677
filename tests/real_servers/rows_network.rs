//! What has to come out on the host `near` of the network that `network.sh` sets up.

/// One check.
pub struct Row {
    /// What is typed.
    pub line: &'static str,
    /// The exit code.
    pub code: i32,
    /// The error's code; nothing where there is none.
    pub error: &'static str,
    /// The address that answered.
    pub address: &'static str,
    /// Those before it, and why they did not.
    pub attempts: &'static [(&'static str, &'static str)],
}

const fn row(line: &'static str, address: &'static str, attempts: &'static [(&'static str, &'static str)]) -> Row {
    Row { line, code: 0, error: "null", address, attempts }
}

const fn fails(line: &'static str, error: &'static str, attempts: &'static [(&'static str, &'static str)]) -> Row {
    Row { line, code: 3, error, address: "null", attempts }
}

const REFUSED: &str = "connection refused";
const BY_PROXY: &str = "Connection refused";
const FAR: &str = "192.0.2.7";
const FAR6: &str = "2001:db8::7";

/// The rows.
pub const ROWS: &[Row] = &[
    // A link-local address means something on an interface alone.
    row("www.example.test@[fe80::7%near]:1443", "fe80::7", &[]),
    row("https://[fe80::7%25near]:1443 --name www.example.test", "fe80::7", &[]),
    row("www.example.test --connect [fe80::7%near]:1443", "fe80::7", &[]),
    Row { code: 1, ..row("other.test@[fe80::7%near]:1443", "fe80::7", &[]) },
    fails("www.example.test@[fe80::7]:1443", "unreachable", &[("fe80::7", "invalid argument")]),
    fails("www.example.test@[fe80::7%none]:1443", "no-such-host", &[]),
    fails("www.example.test@[fe80::7%near]:9", "connection-refused", &[("fe80::7", REFUSED)]),
    // The resolver's search list, which a final dot forbids.
    row("www.example.test@intranet:2443", FAR, &[]),
    row("www.example.test@intranet.corp.test:2443", FAR, &[]),
    fails("www.example.test@intranet.:2443", "no-such-host", &[]),
    // /etc/hosts, and mDNS.
    row("www.example.test@hosts.test:2443", FAR, &[]),
    row("www.example.test@printer.local:2443", FAR, &[]),
    fails("www.example.test@nobody.local:2443 --timeout 20s", "no-such-host", &[]),
    // Two families, of which one refuses.
    row("www.example.test@dual.test:2443", FAR, &[(FAR6, REFUSED)]),
    row("www.example.test@dual.test:3443", FAR6, &[]),
    row("www.example.test@later.test:3443", "2001:db8:4::7", &[(FAR, REFUSED)]),
    row("www.example.test@dual.test:2443 -4", FAR, &[]),
    fails("www.example.test@dual.test:2443 -6", "connection-refused", &[(FAR6, REFUSED)]),
    fails("www.example.test@dual.test:3443 -4", "connection-refused", &[(FAR, REFUSED)]),
    fails("www.example.test@dual.test:9", "connection-refused", &[(FAR6, REFUSED), (FAR, REFUSED)]),
    // Two addresses, of which the first refuses; by a proxy that is given addresses, and by one that is given the name.
    row("www.example.test@two.test:2443", FAR, &[(NEAR, REFUSED)]),
    row("www.example.test@two.test:2443 --proxy socks5://127.0.0.1:1080", FAR, &[(NEAR, BY_PROXY)]),
    row("www.example.test@dual.test:2443 --proxy socks5://127.0.0.1:1080", FAR, &[(FAR6, BY_PROXY)]),
    fails(
        "www.example.test@two.test:9 --proxy socks5://127.0.0.1:1080",
        "proxy-refused",
        &[(NEAR, BY_PROXY), (FAR, BY_PROXY)],
    ),
    fails("www.example.test@two.test:2443 --proxy socks5h://127.0.0.1:1080", "proxy-refused", &[]),
];

/// An address of the host itself, which the system prefers to one further off.
const NEAR: &str = "192.0.2.3";
