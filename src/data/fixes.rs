//! Tools that issue and bind certificates, and clients that connect: a template each.
//!
//! To add one: its file in `fix/` or `client_fix/` (`advice/template.rs` says how it is written), and
//! a line here.

/// A tool, and the template of what it is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Tool {
    /// Its name, as it is asked for.
    pub name: &'static str,
    /// The template's text.
    pub template: &'static str,
}

/// For whoever runs the server.
pub const SERVER: &[Tool] = &[
    Tool { name: "openssl", template: include_str!("fix/openssl.txt") },
    Tool { name: "certbot", template: include_str!("fix/certbot.txt") },
    Tool { name: "cert-manager", template: include_str!("fix/cert-manager.txt") },
    Tool { name: "mkcert", template: include_str!("fix/mkcert.txt") },
    Tool { name: "caddy", template: include_str!("fix/caddy.txt") },
    Tool { name: "nginx", template: include_str!("fix/nginx.txt") },
    Tool { name: "apache", template: include_str!("fix/apache.txt") },
];

/// For whoever has only the client.
pub const CLIENT: &[Tool] = &[
    Tool { name: "curl", template: include_str!("client_fix/curl.txt") },
    Tool { name: "python", template: include_str!("client_fix/python.txt") },
    Tool { name: "requests", template: include_str!("client_fix/requests.txt") },
    Tool { name: "go", template: include_str!("client_fix/go.txt") },
    Tool { name: "java", template: include_str!("client_fix/java.txt") },
    Tool { name: "node", template: include_str!("client_fix/node.txt") },
    Tool { name: "psql", template: include_str!("client_fix/psql.txt") },
    Tool { name: "openssl", template: include_str!("client_fix/openssl.txt") },
];

/// The tool of this name.
#[must_use]
pub fn find(tools: &'static [Tool], name: &str) -> Option<Tool> {
    tools.iter().find(|tool| tool.name == name).copied()
}
