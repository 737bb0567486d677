//! What has to come out through each proxy.

use crate::fleet::Start;
use crate::proxies;

/// The kinds of proxies.
pub const KINDS: &[Start] = &[proxies::tinyproxy, proxies::squid, proxies::microsocks, proxies::behind_tls];

/// A proxy, what stands before its port in `--proxy`, and whether it lets one through.
pub const ROWS: &[(&str, &str, bool)] = &[
    ("tinyproxy in TLS", "https://127.0.0.1", true),
    ("tinyproxy", "http://127.0.0.1", true),
    ("tinyproxy", "http://localhost", true),
    ("tinyproxy", "http://user:pass@127.0.0.1", true),
    ("tinyproxy user", "http://user:pass@127.0.0.1", true),
    // 407.
    ("tinyproxy user", "http://127.0.0.1", false),
    ("tinyproxy user", "http://user:wrong@127.0.0.1", false),
    ("squid", "http://127.0.0.1", true),
    ("squid user", "http://user:pass@127.0.0.1", true),
    ("squid user", "http://127.0.0.1", false),
    ("squid user", "http://user:wrong@127.0.0.1", false),
    ("microsocks", "socks5://127.0.0.1", true),
    ("microsocks", "socks5h://127.0.0.1", true),
    ("microsocks", "socks5://user:pass@127.0.0.1", true),
    ("microsocks user", "socks5://user:pass@127.0.0.1", true),
    ("microsocks user", "socks5h://user:pass@127.0.0.1", true),
    // RFC 1928: no method is acceptable; RFC 1929: the password is wrong.
    ("microsocks user", "socks5://127.0.0.1", false),
    ("microsocks user", "socks5://user:wrong@127.0.0.1", false),
];
