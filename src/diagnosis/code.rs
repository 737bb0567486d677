//! Every code: its name, rank, severity, section of RFC 9525, and what it means at length.
//! The condition of each stands with its rule, the order in `precedence.rs`.

use std::fmt;

/// How much a finding weighs by itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Severity {
    /// Clients refuse.
    Error,
    /// Some clients refuse, or it needs a look.
    Warning,
    /// Good to know.
    Note,
}

macro_rules! codes {
    ($($variant:ident = $name:literal, $severity:ident, $rank:expr, $section:expr, $summary:literal, $long:literal;)*) => {
        /// A finding or an error, by name.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        #[non_exhaustive]
        pub enum Code {
            $(#[doc = $summary] $variant,)*
        }

        impl Code {
            /// All of them.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)*];

            /// The name, kebab-case.
            #[must_use]
            pub fn name(self) -> &'static str {
                match self { $(Self::$variant => $name,)* }
            }

            /// Its own severity.
            #[must_use]
            pub fn severity(self) -> Severity {
                match self { $(Self::$variant => Severity::$severity,)* }
            }

            /// Its place among the findings about a name that does not match; the lowest leads.
            #[must_use]
            pub fn rank(self) -> Option<u16> {
                match self { $(Self::$variant => $rank,)* }
            }

            /// The section of RFC 9525 it rests on.
            #[must_use]
            pub fn section(self) -> Option<&'static str> {
                match self { $(Self::$variant => $section,)* }
            }

            /// One line.
            #[must_use]
            pub fn summary(self) -> &'static str {
                match self { $(Self::$variant => $summary,)* }
            }

            /// What it means and what to do, in a few sentences.
            #[must_use]
            pub fn explanation(self) -> &'static str {
                match self { $(Self::$variant => $long,)* }
            }
        }
    };
}

codes! {
    InvalidReference = "invalid-reference", Error, Some(10), Some("6.1"),
        "the name asked for is no valid reference identifier",
        "A client can only look for a DNS name, an IP address, or a service in a domain. The text that was asked for is none of these, so no certificate can be valid for it. The message says which part of it is wrong; correct the name that the client is given.";
    Intercepted = "intercepted", Error, Some(15), Some("6.6"),
        "something between client and server answers with a certificate of its own",
        "An inspecting proxy, a virus scanner or a login page of a network answers in the server's place, with certificates that it makes itself. It is told by an issuer that is known to do so, or by a certificate that was made for a name which cannot exist. Log in, or ask whoever runs the proxy to exempt the name; the server's own certificate can be seen only from outside.";
    SniRequired = "sni-required", Error, Some(20), Some("6.6"),
        "the server has the right certificate, and serves it only under the name as SNI",
        "A server with several certificates chooses by the name that the client sends in its hello (SNI). The check, or the client, sent none or another one; asked with the name as SNI the server presents the certificate that is valid for it. Let the client send the name, or make that certificate the server's default.";
    FamilyDiffers = "family-differs", Error, Some(30), Some("6.6"),
        "IPv4 and IPv6 lead to different certificates, and only one is valid for the name",
        "The addresses of the name serve different certificates, and the line runs between IPv4 and IPv6: often a server was moved, and one of the two records was left behind. Clients prefer IPv6 where they have it, so it fails for some of them only. Bring both servers to one certificate, or correct the record.";
    AddressDiffers = "address-differs", Error, Some(31), Some("6.6"),
        "another address of the same name serves a certificate that is valid for it",
        "The name has several addresses, and they serve different certificates: one of the servers was not brought up to date, or an address belongs to another site by now. The evidence lists which address serves which. Deploy the certificate to all, or take the address out of the name's records.";
    NodeDiffers = "node-differs", Error, Some(32), Some("6.6"),
        "equal questions to one address get different certificates",
        "The same question was put to the same address several times and got different certificates: a balancer spreads the connections over servers that are not configured alike. Deploy the certificate to every one of them and reload each. While it is so, nothing else can be concluded from single answers.";
    KeyTypeDiffers = "key-type-differs", Error, Some(33), Some("6.6"),
        "the server's ECDSA and RSA certificates have different names",
        "A server can have two certificates, one with an ECDSA key and one with an RSA key, and serves the one whose signatures the client offers. Only one of the two is valid for the name, so that it fails for some clients only. Issue both with the same names.";
    NamesLost = "names-lost", Error, Some(40), Some("6.6"),
        "the earlier certificate was valid for the name, this one is not",
        "The certificate that --baseline names covered the name, and the one that is served now does not: it was reissued with fewer names. Reissue it with all names that it had; the message lists those that are gone.";
    ProductDefault = "product-default", Error, Some(60), Some("6.6"),
        "the server presents the default certificate of a product",
        "Many products make a placeholder certificate when they are installed, and serve it until they are given another, or when they have none for the name that was asked for. The real certificate is not loaded, or not bound to this name. Load it in the product's configuration, and check the name it is bound to.";
    TemplateUnexpanded = "template-unexpanded", Error, Some(70), Some("6.3"),
        "a name in the certificate is a template that was not filled in, or a URL",
        "A presented name holds braces, a dollar sign or a URL: the script that requested the certificate passed its template on without filling it in, or a whole address in place of a host name. Mend that script and reissue.";
    IpInDnsName = "ip-in-dns-name", Error, Some(80), Some("6.4"),
        "the IP address stands in a dNSName or the common name, where it is only text",
        "Clients compare an IP address with iPAddress entries alone, octet for octet. The certificate holds the address as text in a dNSName or in the common name, which hardly any client reads as an address. Reissue with the address as an iPAddress entry (IP:… in the tools' notation).";
    IdnForm = "idn-form", Error, Some(90), Some("6.3"),
        "the certificate holds the Unicode form of the name, where its A-label must stand",
        "Names in certificates are ASCII: an internationalised name stands there as A-labels (xn--…). The certificate holds the Unicode form of the name, which clients do not compare. Reissue with the A-label form.";
    TrailingDot = "trailing-dot", Error, Some(100), Some("6.3"),
        "the name in the certificate ends with a dot",
        "A final dot marks an absolute name to a resolver; in a certificate it makes the entry malformed, and most clients pass it over. Reissue with the name without its final dot.";
    S3BucketDots = "s3-bucket-dots", Error, Some(110), Some("6.3"),
        "the bucket's name holds dots, and the wildcard of S3 covers one label",
        "S3 serves virtual-hosted buckets under a wildcard, which stands for one label; a bucket whose name holds dots is more than one. Use the path-style address, a bucket name without dots, or a distribution with a certificate of its own in front.";
    WildcardDepth = "wildcard-depth", Error, Some(120), Some("6.3"),
        "a wildcard covers one label, the name has more in its place",
        "An asterisk is the complete left-most label of a name and stands for exactly one label. The name has two or more labels where the certificate's wildcard has its asterisk. Add the name itself, or a wildcard one level down; `*.*` is not valid.";
    WildcardApex = "wildcard-apex", Error, Some(130), Some("6.3"),
        "a wildcard does not cover the domain it stands under",
        "An asterisk stands for exactly one label, not for none: `*.example.com` does not cover `example.com`. List the domain itself beside the wildcard.";
    WwwMissing = "www-missing", Error, Some(140), Some("6.2"),
        "the certificate covers the name without www., not with it",
        "The certificate is valid for the domain and not for its www. name. A redirect cannot help, since TLS comes before HTTP. Add the www. name, or connect to the name without it.";
    ApexMissing = "apex-missing", Error, Some(150), Some("6.2"),
        "the certificate covers the name with www., not without it",
        "The certificate is valid for the www. name and not for the domain itself. A redirect cannot help, since TLS comes before HTTP. Add the domain, or connect to the www. name.";
    PartialWildcard = "partial-wildcard", Error, Some(160), Some("6.3"),
        "the certificate's wildcard is only a part of a label, or not the left-most one",
        "A wildcard counts only where it is the complete left-most label. Older rules let some clients accept `f*.example.com` and the like; today's do not, and the entry is passed over. Reissue with the whole name, or with a wildcard that is a whole label.";
    SearchSuffix = "search-suffix", Error, Some(165), Some("6.1.1"),
        "the resolver's search list completes the name to the one that is presented",
        "The name has no address by itself; the resolver completed it with a suffix of the system's search list and found one. The certificate is valid for the full name, and clients compare the name that they were given, not the one that DNS made of it. Use the full name.";
    KubernetesServiceName = "kubernetes-service-name", Error, Some(170), Some("6.2"),
        "the certificate holds another spelling of the same Kubernetes service",
        "A Kubernetes service is reached as svc, svc.ns, svc.ns.svc and svc.ns.svc.cluster.local, and clients compare what they were given as text. List every spelling that is in use, or use the one that the certificate has.";
    ShortName = "short-name", Error, Some(180), Some("6.2"),
        "one of the two names is the short form of the other",
        "Clients compare the name they were given, not the one that DNS completes it to: a short name and the full name are different identifiers. Connect with the name that the certificate has, or add the short one (only a private CA can).";
    Underscore = "underscore", Error, Some(190), Some("6.3"),
        "the names differ only in an underscore",
        "An underscore is no host name character; tools and people turn it into a hyphen, a dot or nothing. Compare the two spellings, and rename or reissue so that they agree. Public CAs may not issue names with underscores.";
    OtherTld = "other-tld", Error, Some(200), Some("6.2"),
        "the names are equal but for the public suffix",
        "The certificate is valid for the same name under another public suffix. Either the client asks for the wrong domain, or the certificate lacks this one.";
    SimilarName = "similar-name", Error, Some(210), Some("6.2"),
        "a name in the certificate looks almost the same",
        "A name in the certificate differs from the one asked for by a letter or two, by characters that look alike, or by a space. One of the two is a typing error. Compare them, and reissue or correct the client.";
    CommonNameOnly = "common-name-only", Error, Some(230), Some("2"),
        "the name stands in the common name alone, which is no identifier",
        "The certificate has no dNSName, only a common name. That was how certificates named servers long ago; RFC 9525 and current clients do not read it. Reissue with the name as a subjectAltName entry.";
    MalformedIdentifier = "malformed-identifier", Error, Some(235), Some("6.3"),
        "a name in the certificate cannot be an identifier, and is passed over",
        "An entry of the certificate's list of names breaks the rules for its kind, so that clients pass it over or refuse the certificate. The message says which rule. Reissue with a correct entry.";
    UriOnly = "uri-only", Error, Some(240), Some("6.2"),
        "the certificate holds no host names and no addresses",
        "The certificate's list of names holds only URIs, e-mail addresses, services or the like. Certificates of a service mesh (SPIFFE) are such; they are not meant for clients that check a host name. Use a certificate with a dNSName for these clients.";
    NoIdentifiers = "no-identifiers", Error, Some(250), Some("2"),
        "the certificate presents no names",
        "The certificate has no subjectAltName, or an empty one, so there is nothing that a client could compare a name with. Reissue with the name as a subjectAltName entry.";
    PlatformCertificate = "platform-certificate", Error, Some(260), Some("6.6"),
        "the certificate, or the host, is a hosting platform's",
        "The server is a hosting platform or a content delivery network, and it presents its own certificate: the name leads there, and the platform has no certificate for it yet. Add the name to the site in the platform's settings, finish its proof of ownership, and wait until the certificate is issued.";
    MailHostName = "mail-host-name", Error, Some(270), Some("6.2"),
        "a mail server presents its host's or its provider's name, not the mail domain's",
        "A mail server serves many domains under one name of its own, and presents that. Set mail clients up with the server's name, or issue a certificate that has the domain's name (mail.DOMAIN) too.";
    DatabaseHostName = "database-host-name", Error, Some(280), Some("6.2"),
        "a database presents the names of its cluster, and was asked for under another",
        "Databases present the name of the server, the cluster or the provider's endpoint; through a tunnel, a gateway, an alias or an address the client asks for another name. Connect under the name that the certificate has, and give the address beside it where the client can (libpq: host= and hostaddr=), or add the name.";
    DefaultCertificate = "default-certificate", Error, Some(290), Some("6.6"),
        "for names that it does not know, the server serves this certificate",
        "Without SNI, with a name that cannot exist and with the requested name, the server serves the same certificate: it has none for this name. Other names were not tried, so it may have certificates for them. Either the name leads to the wrong server, or the right server lacks a site, a binding or a certificate for it.";
    IpNotListed = "ip-not-listed", Error, Some(310), Some("6.4"),
        "the certificate does not list the IP address",
        "The client was given an IP address, and is satisfied only by an iPAddress entry with the same octets. Connect by a name that the certificate has, or reissue with the address as an iPAddress entry.";
    DifferentName = "different-name", Error, Some(900), Some("6.2"),
        "the certificate is for other names",
        "No name in the certificate is the one asked for, and none is near enough to guess why. The name may point at the wrong server, or the server may lack a certificate for it.";

    NamesChanged = "names-changed", Note, None, None,
        "names came or went since the earlier certificate",
        "The certificate that --baseline names has other names than the one that is served now. None of the differences decides about the name that was asked for; other names may miss theirs.";
    WellKnownIssuer = "well-known-issuer", Note, None, None,
        "the issuer is a staging, local or development CA",
        "The certificate was issued by a CA that is meant for tests or for one network. Clients elsewhere do not trust it.";
    PublicSuffixWildcard = "public-suffix-wildcard", Warning, None, Some("7.1"),
        "the wildcard stands directly under a public suffix",
        "The name is matched by a wildcard under a suffix below which anybody can register a name, such as *.co.uk. RFC 9525 leaves public suffixes out of its rules, so this is a match; several clients refuse it.";
    ClientsDiffer = "clients-differ", Warning, None, None,
        "some clients would decide otherwise than the verdict",
        "The verdict is that of RFC 9525. Real clients follow older or stricter rules, and some of them would decide otherwise about this certificate and this name. `--clients all` says what each of them does and why, and --require-clients makes the exit code follow the ones that matter.";
    UnderscoreLabel = "underscore-label", Warning, None, Some("6.3"),
        "the name holds an underscore, which some clients refuse",
        "The name matches, and holds an underscore, which is no host name character. Some clients refuse such a name before they look at the certificate.";
    PossessionNotProven = "possession-not-proven", Error, None, None,
        "the server did not prove that it holds the certificate's key",
        "Anyone can send a copy of a certificate; only the holder of its private key can sign the handshake. The handshake ended before the server signed anything, so nothing shows that the certificate belongs to this server, and clients do not accept it. Correct what ended the handshake. --ignore possession reports the names without this proof.";
    PossessionUnverified = "possession-unverified", Error, None, None,
        "certcheck cannot verify that the server holds the certificate's key",
        "The server may have proven that it holds the certificate's key, but certcheck lacks the algorithm, or does not complete this kind of handshake. Some clients can, others lack it too. To accept the certificate without this proof, pass --ignore possession; to be understood by all clients, use a key ECDSA P-256 or RSA 2048 and allow ECDHE with AES-GCM.";
    PossessionFailed = "possession-failed", Error, None, None,
        "the handshake's signature is wrong: this peer does not hold the certificate's key",
        "The peer presented a certificate and signed the handshake with another key. Certificate and key on the server do not belong together, or somebody presents a certificate of others.";
    HandshakeIncomplete = "handshake-incomplete", Error, None, None,
        "the handshake broke after the certificate had arrived",
        "The server sent its certificate, and then the handshake ended: with an alert, a closed connection, silence or an invalid message. Clients that connect fail in the same way, whatever the certificate says. The message says what happened; the server's log often says why. --ignore protocol turns this error off.";
    LegacyTls = "legacy-tls", Warning, None, None,
        "current clients lack the version, suite, group or key that the server agrees to",
        "The server does not take the handshake that all current clients can make; its certificate came from an older or rarer one. The message says what the server agreed to, and which clients lack that and so cannot connect, whatever the certificate says. Allow TLS 1.2 or TLS 1.3 with ECDHE, AES-GCM and the groups X25519 and P-256, and use a key ECDSA P-256 or RSA 2048. Where no current client can connect this is an error (exit code 4); --ignore protocol turns that off.";
    ClientCertificateRequired = "client-certificate-required", Note, None, None,
        "the server asks for a client certificate",
        "The server asked for a client certificate, which certcheck does not have. Its own certificate was reported all the same.";

    SelfSigned = "self-signed", Error, None, None,
        "the certificate signed itself and is no trust anchor",
        "The certificate is its own issuer. Clients trust it only where it was added to their anchors. Use a certificate of a CA, or pass this one with --ca-file as you would give it to the client.";
    UnknownIssuer = "unknown-issuer", Error, None, None,
        "no path leads to a trust anchor",
        "The chain that the server sent ends at a CA that is not among the anchors. If the CA is private, pass its certificate with --ca-file; otherwise use a certificate of a public CA.";
    MissingIntermediate = "missing-intermediate", Error, None, None,
        "the server does not send its certificate's issuer",
        "The leaf's issuer is neither among the certificates that the server sent, nor an anchor. Browsers may find it elsewhere; most other clients do not. Configure the server with the full chain (fullchain.pem); if the issuer is a private root, pass it with --ca-file.";
    TrustedBySystemOnly = "trusted-by-system-only", Note, None, None,
        "Mozilla's roots do not trust it, the system's store does",
        "The chain ends in an anchor that stands in this machine's store and not in Mozilla's list: a private CA, or a proxy that inspects TLS. Clients with a list of their own do not trust it.";
    PrivateIssuer = "private-issuer", Note, None, None,
        "the chain ends in an anchor that only this machine's store has",
        "Mozilla's list does not have the anchor, this machine's store does: somebody put it there. It is the private CA of an organisation, or that of a proxy which inspects TLS. Clients on other machines do not trust it.";
    HostHeader = "host-header", Note, None, Some("6.1"),
        "an address was asked for; a Host header does not change what TLS compares",
        "Clients compare what they connect to. A Host header names the site inside HTTP, after TLS, so it does not help where the URL holds an address. Connect by the name, and tell the client the address: curl --connect-to or --resolve, server_hostname in Python, ServerName in Go.";
    LeafIsAnchor = "leaf-is-anchor", Note, None, None,
        "the certificate is itself one of the anchors that were passed",
        "The leaf is byte for byte an anchor of --ca-file, which makes it trusted, as curl and OpenSSL take it. Clients that want an issuer for every server certificate (rustls) refuse a CA certificate that is used so.";
    Expired = "expired", Error, None, None,
        "a certificate is past its end",
        "The leaf, or another certificate of the path, is no longer valid. Renew it, and reload the server so that it serves the new one.";
    NotYetValid = "not-yet-valid", Error, None, None,
        "a certificate is before its beginning",
        "The leaf, or another certificate of the path, is not valid yet. Either the clock here or at the CA is wrong, or it was installed too early.";
    ExpiresSoon = "expires-soon", Error, None, None,
        "the certificate ends within --min-days",
        "The certificate is valid, and ends sooner than was asked for with --min-days. Renew it.";
    WrongUsage = "wrong-usage", Error, None, None,
        "the certificate is not meant for a TLS server",
        "The extended key usage lacks serverAuth, or a CA's own certificate is served as the leaf. Issue a certificate for servers.";
    NameConstraints = "name-constraints", Error, None, None,
        "a CA of the path may not issue for a name in the certificate",
        "A CA certificate of the path carries name constraints, and a name of the leaf lies outside them. Have it issued by a CA that may, or without that name.";
    UnsupportedSignature = "unsupported-signature", Error, None, None,
        "a signature or key that cannot be checked, or is too weak",
        "A signature of the path, or a key, is of an algorithm or size that current clients do not accept (RSA under 2048 bits, SHA-1, MD5) or that certcheck cannot check. Reissue with ECDSA P-256 or RSA 2048 and SHA-256.";
    BadSignature = "bad-signature", Error, None, None,
        "a signature in the path is wrong",
        "A certificate of the path was not signed by the key of its issuer: it was altered, or a CA was renewed under the same name with another key and the old certificate is still served. Install the chain that belongs to the leaf.";

    BadTargetLine = "bad-target-line", Error, None, None,
        "a line of the list is no target",
        "A line of the list of targets cannot be read as one. The other lines were checked; mend this one.";
    UnreadableFile = "unreadable-file", Error, None, None,
        "the file cannot be read or holds no certificate",
        "The file that was passed cannot be opened, or holds neither PEM nor DER of a certificate.";
    NoSuchHost = "no-such-host", Error, None, None,
        "the name does not exist",
        "The resolver says that there is no such name. Check its spelling, and whether it exists only inside another network.";
    NoAddress = "no-address", Error, None, None,
        "the name exists, without an address of the family asked for",
        "The name has no address that could be used, or none of the family asked for with -4 or -6.";
    ResolveFailed = "resolve-failed", Error, None, None,
        "the resolver did not answer, or failed for now",
        "The name could not be looked up for a reason that may pass: the resolver is unreachable or overloaded. Try again, or check the resolver's configuration.";
    ConnectionRefused = "connection-refused", Error, None, None,
        "nothing listens on that port",
        "The host answered that no process listens on the port. Check port and address, and whether the server runs.";
    Unreachable = "unreachable", Error, None, None,
        "the address cannot be reached",
        "There is no route to the address, the network is down, or a local rule forbids the connection.";
    ConnectionReset = "connection-reset", Error, None, None,
        "the peer closed the connection",
        "The connection was closed or reset before a certificate came. The port may speak another protocol, a filter on the way may object, or the server may refuse this name.";
    Timeout = "timeout", Error, None, None,
        "no answer in time",
        "Time was up before a certificate came; the message says what was still missing. A filter may drop the packets, or the port may wait for another protocol.";
    ProxyRefused = "proxy-refused", Error, None, None,
        "the proxy does not make the connection",
        "The proxy was reached, and answered that it does not connect to this server: its rules forbid it, or it cannot reach the server either. The message has its status. Ask whoever runs the proxy, or go around it with --no-proxy.";
    ProxyAuth = "proxy-auth", Error, None, None,
        "the proxy wants a login",
        "The proxy asks for a user and a password, or does not accept those that it was given. Put them into the proxy's address: http://USER:PASSWORD@HOST:PORT, with %XX for characters that a URL reserves.";
    ProxyViolation = "proxy-violation", Error, None, None,
        "the proxy's answer is not the protocol",
        "What answers at the proxy's address does not speak HTTP CONNECT or SOCKS 5 as its scheme says, or its own certificate is not accepted. Check scheme, host and port of the proxy's address.";
    StarttlsUnsupported = "starttls-unsupported", Error, None, None,
        "the server does not offer to turn to TLS",
        "The protocol was spoken, and TLS is not among what the server offers. It is not configured, has no certificate, or TLS is on another port from the first byte. The message has what the server said.";
    StarttlsRefused = "starttls-refused", Error, None, None,
        "the server refuses to turn to TLS",
        "The server was asked to turn to TLS and refused, or greets with a refusal. The message has its words; its log says more.";
    StarttlsViolation = "starttls-violation", Error, None, None,
        "the server's answer is not the protocol",
        "What came before TLS is not the protocol that was named with --starttls or the URL's scheme, or it is longer than any server's answer has to be. Check port and protocol.";
    StarttlsInjection = "starttls-injection", Error, None, None,
        "bytes came between the go-ahead and the handshake",
        "Behind the go-ahead for TLS only the handshake may follow. Bytes in plain text at this place would be taken for part of the protected conversation, so they are an attack (CVE-2011-0411) or a server whose TLS cannot be used. No certificate was asked for.";
    NotTls = "not-tls", Error, None, None,
        "the server speaks another protocol in plain text",
        "What answered is not TLS. Either the port is wrong, or the protocol turns to TLS only after a command of its own (STARTTLS).";
    SniRefused = "sni-refused", Error, None, None,
        "the server refuses this name",
        "The server ended the handshake because it has no site for the name sent as SNI. Add a binding for the name, or connect to the server that has it.";
    TlsAlert = "tls-alert", Error, None, None,
        "the server ended the handshake with an alert",
        "The server sent a fatal alert before its certificate; the alert's name is its reason.";
    TlsHandshake = "tls-handshake", Error, None, None,
        "the handshake failed",
        "Client and server found no common version, suite or group, or a message was malformed.";
    MessageTooLarge = "message-too-large", Error, None, None,
        "a handshake message is larger than the TLS library takes",
        "The server's certificate message is over 64 KiB, mostly because the certificate lists thousands of names. The TLS library does not take such a message; other clients have limits of their own. Split the names over several certificates.";
    NoCertificate = "no-certificate", Error, None, None,
        "the handshake ended without a certificate",
        "The server completed the handshake without presenting a certificate (a pre-shared key or an anonymous suite).";
    UnreadableCertificate = "unreadable-certificate", Error, None, None,
        "the certificate cannot be parsed",
        "What the server presented as its certificate is not one that can be read. The message says where it fails. Reissue it.";
}

impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::Code;

    #[test]
    fn every_code_is_unique_and_explained() {
        let names: HashSet<_> = Code::ALL.iter().map(|c| c.name()).collect();
        assert_eq!(names.len(), Code::ALL.len());
        let ranks: Vec<_> = Code::ALL.iter().filter_map(|c| c.rank()).collect();
        assert!(ranks.is_sorted() && ranks.windows(2).all(|w| w[0] != w[1]), "{ranks:?}");
        for code in Code::ALL {
            let name = code.name();
            assert!(name.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-'), "{name}");
            assert!(code.explanation().len() > 80 && code.explanation().ends_with('.'), "{name}");
            assert!(!code.summary().ends_with('.') && code.summary().len() < 100, "{name}");
        }
    }
}
