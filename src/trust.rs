//! Whether a chain leads to a trust anchor, for TLS servers, and whether it is in time; both
//! apart from the name. Pure: anchors and the instant are passed in. Imports `certificate`.
//!
//! The path logic is rustls-webpki's. It reports dates, basic constraints and usage before it
//! looks for an issuer, so its first word is not taken: the chain is asked again at instants when
//! it was valid, and what is left is told apart from the certificates themselves.

pub mod algorithms;
pub mod memo;

use std::borrow::Cow;

use rustls::RootCertStore;
use rustls_pki_types::{CertificateDer, TrustAnchor, UnixTime};
use webpki::{EndEntityCert, Error, ExtendedKeyUsageValidator, KeyPurposeIdIter, KeyUsage};

use self::memo::Verified;
use crate::certificate::{Certificate, Oid, PublicKey, SignatureAlgorithm, Validity};

/// How many certificates beside the leaf are kept and used to build a path.
pub const MAX_CHAIN: usize = 16;

/// The certificates that are trusted to issue.
pub struct Anchors {
    /// For path building.
    pub anchors: Cow<'static, [TrustAnchor<'static>]>,
    /// Their periods, in the same order, where they came as certificates; an anchor as such has none.
    pub periods: Vec<Validity>,
    /// Their DER, where they came as certificates.
    pub certificates: Vec<CertificateDer<'static>>,
    /// Where they come from.
    pub origin: Roots,
    /// What was verified before.
    pub verified: Verified,
}

impl Anchors {
    /// As the TLS library takes them.
    #[must_use]
    pub fn store(&self) -> RootCertStore {
        RootCertStore { roots: self.anchors.to_vec() }
    }
}

/// Where anchors come from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Roots {
    /// Mozilla's list, compiled in.
    Mozilla,
    /// This machine's store.
    System,
    /// A file that was passed.
    File,
}

/// Whether the chain is trusted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Trust {
    /// A path leads to an anchor.
    Trusted {
        /// How.
        by: Path,
    },
    /// None does.
    Untrusted {
        /// Why not.
        why: Untrusted,
    },
    /// Nothing was asked.
    NotChecked,
}

/// How a leaf is trusted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Path {
    /// Through its issuers.
    ToAnchor,
    /// It is byte for byte an anchor itself, as `openssl req -x509` and curl's `--cacert` have it.
    LeafIsAnchor,
}

/// Why no path leads to an anchor.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Untrusted {
    /// At no instant were all certificates of the path valid.
    NeverInTime,
    /// No path to an anchor.
    UnknownIssuer {
        /// What is wrong with the paths that were tried, where there were any.
        detail: Option<PathProblem>,
    },
    /// The leaf's issuer is neither among what the server sent nor an anchor.
    MissingIntermediate,
    /// The leaf signed itself and is no anchor.
    SelfSigned,
    /// A signature or key that cannot be checked or is too weak.
    UnsupportedSignature(Unsupported),
    /// Not a certificate for a TLS server.
    WrongUsage(WrongUsage),
    /// A CA of the path may not issue for a name of the leaf.
    NameConstraints,
    /// A signature in the path is wrong.
    BadSignature,
}

impl Untrusted {
    /// Where several reasons hold, the one of the greatest weight is reported.
    fn weight(&self) -> u8 {
        match self {
            Self::NeverInTime => 0,
            Self::UnknownIssuer { detail: None } => 1,
            Self::UnknownIssuer { detail: Some(_) } => 2,
            Self::MissingIntermediate => 3,
            Self::SelfSigned => 4,
            Self::UnsupportedSignature(_) => 5,
            Self::WrongUsage(_) => 6,
            Self::NameConstraints => 7,
            Self::BadSignature => 8,
        }
    }
}

/// What is wrong with a path.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PathProblem {
    /// A key of it is distrusted.
    Distrusted,
    /// A CA's path length is exceeded.
    PathLength,
    /// A certificate that is not a CA's issued another.
    NotACa,
    /// A critical extension is not known.
    CriticalExtension,
    /// A certificate is not of version 3.
    Version,
    /// The chain is too long.
    TooLong,
    /// There are too many paths to follow.
    TooManyPaths,
    /// A certificate is not as RFC 5280 has it.
    Malformed,
}

/// What cannot be checked or is too weak.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Unsupported {
    /// The leaf's RSA key.
    WeakKey {
        /// Its length.
        bits: usize,
    },
    /// An issuer's RSA key.
    WeakIssuer {
        /// Its length.
        bits: usize,
    },
    /// A signature among those of the chain: the algorithm of each, and the key of the certificate
    /// that it is on.
    Signatures(Vec<(SignatureAlgorithm, PublicKey)>),
}

/// Why a certificate is not for a TLS server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum WrongUsage {
    /// Its extended key usages lack serverAuth; those it has.
    NoServerAuth(Vec<Oid>),
    /// It is a CA certificate.
    CaAsLeaf,
}

/// Whether leaf and path are in time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Time {
    /// All of them.
    InTime,
    /// One is past its end.
    Expired {
        /// Which, and its period.
        which: Which,
        /// Its last second.
        since: i64,
    },
    /// One is before its beginning.
    NotYetValid {
        /// Which.
        which: Which,
        /// Its first second.
        from: i64,
    },
    /// Nothing was asked.
    NotChecked,
}

/// A certificate of a path.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Which {
    /// The leaf.
    Leaf,
    /// The one at this place of what the server sent after the leaf, from 0.
    Chain(usize),
    /// The anchor. webpki takes its dates for nothing; OpenSSL and those who build on it do not.
    Anchor,
}

/// Both answers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Judgement {
    /// About the path.
    pub trust: Trust,
    /// About the dates.
    pub time: Time,
}

/// Judges a chain at an instant (seconds since 1970).
#[must_use]
pub fn judge(leaf: &Certificate, chain: &[Certificate], anchors: &Anchors, now: i64) -> Judgement {
    let mut judgement = judge_path(leaf, chain, anchors, now);
    if let (Trust::Trusted { .. }, Some(bits)) = (&judgement.trust, weak_rsa(leaf)) {
        let why = Untrusted::UnsupportedSignature(Unsupported::WeakKey { bits });
        judgement.trust = Trust::Untrusted { why };
    }
    judgement
}

fn judge_path(leaf: &Certificate, chain: &[Certificate], anchors: &Anchors, now: i64) -> Judgement {
    if anchors.certificates.iter().any(|anchor| anchor.as_ref() == leaf.der()) {
        let time = out_of_time(std::iter::once((Which::Leaf, leaf.validity())), now);
        return Judgement { trust: Trust::Trusted { by: Path::LeafIsAnchor }, time };
    }
    let case = Case { leaf, chain, anchors };
    let first = match case.ask(now, &KeyUsage::server_auth()) {
        Ok(used) => {
            let mut time = out_of_time(used.anchor.into_iter(), now);
            // Another anchor may complete the path, such as a root that was issued again.
            if time != Time::InTime && case.with_current_anchors(now).is_ok() {
                time = Time::InTime;
            }
            return Judgement { trust: Trust::Trusted { by: Path::ToAnchor }, time };
        }
        Err(error) => error,
    };
    let mut errors = vec![first];
    for instant in case.other_instants(now) {
        match case.ask(instant, &KeyUsage::server_auth()) {
            Ok(used) => {
                let members = std::iter::once((Which::Leaf, leaf.validity()))
                    .chain(used.chain.into_iter().map(|i| (Which::Chain(i), chain[i].validity())))
                    .chain(used.anchor);
                let time = out_of_time(members, now);
                return Judgement { trust: Trust::Trusted { by: Path::ToAnchor }, time };
            }
            Err(error) => errors.push(error),
        }
    }
    let why = errors
        .iter()
        .map(|error| case.explain(error))
        .max_by_key(Untrusted::weight)
        .unwrap_or(Untrusted::MissingIntermediate);
    Judgement { trust: Trust::Untrusted { why }, time: case.time_of_sent(now) }
}

/// The dates alone, for a certificate whose trust is not asked for.
#[must_use]
pub fn time_of_leaf(leaf: &Certificate, now: i64) -> Time {
    out_of_time(std::iter::once((Which::Leaf, leaf.validity())), now)
}

/// The first member of a path that is out of time.
fn out_of_time(members: impl Iterator<Item = (Which, Validity)>, now: i64) -> Time {
    for (which, validity) in members {
        if now > validity.not_after {
            return Time::Expired { which, since: validity.not_after };
        }
        if now < validity.not_before {
            return Time::NotYetValid { which, from: validity.not_before };
        }
    }
    Time::InTime
}

/// What a path was made of.
struct Used {
    /// Places of the intermediates.
    chain: Vec<usize>,
    /// The anchor's period, where it has one.
    anchor: Option<(Which, Validity)>,
}

struct Case<'a> {
    leaf: &'a Certificate,
    chain: &'a [Certificate],
    anchors: &'a Anchors,
}

/// Accepts any usage, to see what else is wrong.
struct AnyUsage;

impl ExtendedKeyUsageValidator for AnyUsage {
    fn validate(&self, _: KeyPurposeIdIter<'_, '_>) -> Result<(), Error> {
        Ok(())
    }
}

/// The usage by reference, so that one validator serves several questions.
struct Usage<'a, V>(&'a V);

impl<V: ExtendedKeyUsageValidator> ExtendedKeyUsageValidator for Usage<'_, V> {
    fn validate(&self, usages: KeyPurposeIdIter<'_, '_>) -> Result<(), Error> {
        self.0.validate(usages)
    }
}

impl Case<'_> {
    /// Asks webpki for a path at an instant; what it used.
    fn ask(&self, at: i64, usage: &impl ExtendedKeyUsageValidator) -> Result<Used, Error> {
        self.ask_with(&self.anchors.anchors, at, usage)
    }

    /// Asks for a path at an instant to one of the anchors that are in time then.
    fn with_current_anchors(&self, at: i64) -> Result<Used, Error> {
        let both = self.anchors.anchors.iter().zip(&self.anchors.periods);
        let current: Vec<TrustAnchor<'_>> =
            both.filter(|(_, period)| period.contains(at)).map(|(anchor, _)| anchor.clone()).collect();
        self.ask_with(&current, at, &KeyUsage::server_auth())
    }

    fn ask_with(
        &self,
        anchors: &[TrustAnchor<'_>],
        at: i64,
        usage: &impl ExtendedKeyUsageValidator,
    ) -> Result<Used, Error> {
        let at = UnixTime::since_unix_epoch(std::time::Duration::from_secs(u64::try_from(at).unwrap_or(0)));
        let leaf = CertificateDer::from(self.leaf.der());
        let leaf = EndEntityCert::try_from(&leaf)?;
        let chain: Vec<CertificateDer<'_>> = self.chain.iter().map(|c| CertificateDer::from(c.der())).collect();
        let path =
            leaf.verify_for_usage(&self.anchors.verified.algorithms(), anchors, &chain, at, Usage(usage), None, None)?;
        let used = path.intermediate_certificates();
        let chain = used.filter_map(|c| self.chain.iter().position(|sent| sent.der() == c.der().as_ref())).collect();
        Ok(Used { chain, anchor: self.anchors.period_of(path.anchor()).map(|period| (Which::Anchor, period)) })
    }

    /// Instants at which all of a path may have been valid: the latest beginning of its members
    /// is one of these, where there is any.
    fn other_instants(&self, now: i64) -> Vec<i64> {
        let period = self.leaf.validity();
        let mut instants: Vec<i64> = std::iter::once(self.leaf)
            .chain(self.chain)
            .map(|c| c.validity().not_before)
            .filter(|&at| at != now && at >= 0 && period.contains(at))
            .collect();
        instants.sort_unstable_by_key(|at| at.abs_diff(now));
        instants.dedup();
        instants
    }

    /// What webpki's error means, told apart from the certificates where it says the first thing
    /// that it came across.
    fn explain(&self, error: &Error) -> Untrusted {
        if self.is_self_signed() {
            return Untrusted::SelfSigned;
        }
        match error {
            Error::CertExpired { .. } | Error::CertNotValidYet { .. } if self.issuer_is_known() => {
                Untrusted::NeverInTime
            }
            Error::NameConstraintViolation => Untrusted::NameConstraints,
            Error::InvalidSignatureForPublicKey => match self.weak_issuer() {
                Some(bits) => Untrusted::UnsupportedSignature(Unsupported::WeakIssuer { bits }),
                None => Untrusted::BadSignature,
            },
            Error::CaUsedAsEndEntity if self.issuer_is_known() => Untrusted::WrongUsage(WrongUsage::CaAsLeaf),
            Error::RequiredEkuNotFoundContext(_) | Error::EmptyEkuExtension => self.without_usage(),
            Error::UnsupportedSignatureAlgorithmContext(_)
            | Error::UnsupportedSignatureAlgorithmForPublicKeyContext(_)
            | Error::SignatureAlgorithmMismatch => Untrusted::UnsupportedSignature(self.signatures()),
            Error::CertDistrusted => Untrusted::UnknownIssuer { detail: Some(PathProblem::Distrusted) },
            _ if self.issuer_is_missing() => Untrusted::MissingIntermediate,
            Error::UnknownIssuer
            | Error::CaUsedAsEndEntity
            | Error::CertExpired { .. }
            | Error::CertNotValidYet { .. } => Untrusted::UnknownIssuer { detail: None },
            other => Untrusted::UnknownIssuer { detail: Some(detail(other)) },
        }
    }

    /// The usage is wrong; whether the path is right otherwise.
    fn without_usage(&self) -> Untrusted {
        let instants = self.other_instants(i64::MIN);
        let found = instants.iter().map(|&at| self.ask(at, &AnyUsage));
        match found.reduce(|best, next| if best.is_ok() { best } else { next }) {
            Some(Err(error)) if !matches!(error, Error::RequiredEkuNotFoundContext(_) | Error::EmptyEkuExtension) => {
                self.explain(&error)
            }
            _ => {
                Untrusted::WrongUsage(WrongUsage::NoServerAuth(self.leaf.subject_names().usages().unwrap_or_default()))
            }
        }
    }

    fn is_self_signed(&self) -> bool {
        self.leaf.issuer_der() == self.leaf.subject_der()
            && !self.anchors.anchors.iter().any(|anchor| is_name(anchor, self.leaf.issuer_der()))
            && !self.chain.iter().any(|c| c.subject_der() == self.leaf.issuer_der() && c.der() != self.leaf.der())
            && own_signature(self.leaf.der()) != Signature::Wrong
    }

    /// Whether the leaf's issuer is an anchor, or was sent and leads on to one by name.
    fn issuer_is_known(&self) -> bool {
        let mut issuer = self.leaf.issuer_der();
        for _ in 0..=self.chain.len() {
            if self.anchors.anchors.iter().any(|anchor| is_name(anchor, issuer)) {
                return true;
            }
            match self.chain.iter().find(|c| c.subject_der() == issuer && c.issuer_der() != issuer) {
                Some(next) => issuer = next.issuer_der(),
                None => return false,
            }
        }
        false
    }

    fn issuer_is_missing(&self) -> bool {
        let issuer = self.leaf.issuer_der();
        !self.anchors.anchors.iter().any(|anchor| is_name(anchor, issuer))
            && !self.chain.iter().any(|c| c.subject_der() == issuer)
    }

    fn weak_issuer(&self) -> Option<usize> {
        self.chain.iter().filter(|c| c.is_ca()).find_map(weak_rsa).or_else(|| {
            let passed = self.anchors.certificates.iter().filter_map(|c| Certificate::from_der(c).ok());
            passed.filter(|c| c.subject_der() == self.leaf.issuer_der()).find_map(|c| weak_rsa(&c))
        })
    }

    fn signatures(&self) -> Unsupported {
        let all = std::iter::once(self.leaf).chain(self.chain);
        let mut pairs: Vec<_> = all.map(|c| (c.signature_algorithm().clone(), c.public_key().clone())).collect();
        pairs.dedup();
        Unsupported::Signatures(pairs)
    }

    /// The dates of what was sent, along issuer names from the leaf, where no path was found.
    fn time_of_sent(&self, now: i64) -> Time {
        let mut members = vec![(Which::Leaf, self.leaf.validity())];
        let mut current = self.leaf;
        while members.len() <= self.chain.len() {
            let next =
                self.chain.iter().position(|c| c.subject_der() == current.issuer_der() && c.der() != current.der());
            let Some(i) = next else { break };
            members.push((Which::Chain(i), self.chain[i].validity()));
            current = &self.chain[i];
        }
        out_of_time(members.into_iter(), now)
    }
}

impl Anchors {
    /// The period of an anchor: of several with its name and key, the one that ends last.
    fn period_of(&self, anchor: &TrustAnchor<'_>) -> Option<Validity> {
        let same = |a: &TrustAnchor<'_>| {
            a.subject == anchor.subject && a.subject_public_key_info == anchor.subject_public_key_info
        };
        let periods = self.anchors.iter().zip(&self.periods).filter(|(a, _)| same(a)).map(|(_, period)| *period);
        periods.max_by_key(|period| period.not_after)
    }
}

/// What a certificate's signature is under its own key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Signature {
    Right,
    Wrong,
    /// By an algorithm or a key that is not supported.
    Unchecked,
}

/// Whether a certificate is self-signed: it names itself as its issuer, and its signature verifies
/// under its own key.
#[must_use]
pub fn is_self_signed(cert: &Certificate) -> bool {
    cert.issuer_der() == cert.subject_der() && own_signature(cert.der()) == Signature::Right
}

/// Whether a certificate signed itself; its issuer's name alone does not say so.
fn own_signature(der: &[u8]) -> Signature {
    use crate::certificate::names::read_tlv;
    let parts = || {
        let (0x30, whole, _) = read_tlv(der)? else { return None };
        let (0x30, _, after) = read_tlv(whole)? else { return None };
        let (0x30, _, signature) = read_tlv(after)? else { return None };
        let (0x03, [0, signature @ ..], _) = read_tlv(signature)? else { return None };
        Some((&whole[..whole.len() - after.len()], signature))
    };
    let cert = CertificateDer::from(der);
    let (Some((tbs, signature)), Ok(cert)) = (parts(), EndEntityCert::try_from(&cert)) else {
        return Signature::Unchecked;
    };
    let mut found = Signature::Unchecked;
    for algorithm in algorithms::ALL {
        match cert.verify_signature(*algorithm, tbs, signature) {
            Ok(()) => return Signature::Right,
            Err(Error::InvalidSignatureForPublicKey) => found = Signature::Wrong,
            Err(_) => {}
        }
    }
    match Certificate::from_der(der) {
        Ok(leaf) if weak_rsa(&leaf).is_some() => Signature::Unchecked,
        _ => found,
    }
}

/// An anchor's subject is kept without its outer SEQUENCE.
fn is_name(anchor: &TrustAnchor<'_>, name_der: &[u8]) -> bool {
    crate::certificate::names::read_tlv(name_der).is_some_and(|(_, inner, _)| inner == anchor.subject.as_ref())
}

/// RSA keys under 2048 bits are not checked by ring, and refused by clients of today.
fn weak_rsa(cert: &Certificate) -> Option<usize> {
    cert.public_key().rsa_bits().filter(|bits| *bits < 2048)
}

fn detail(error: &Error) -> PathProblem {
    match error {
        Error::PathLenConstraintViolated => PathProblem::PathLength,
        Error::EndEntityUsedAsCa => PathProblem::NotACa,
        Error::UnsupportedCriticalExtension => PathProblem::CriticalExtension,
        Error::UnsupportedCertVersion => PathProblem::Version,
        Error::MaximumPathDepthExceeded => PathProblem::TooLong,
        Error::MaximumSignatureChecksExceeded | Error::MaximumPathBuildCallsExceeded => PathProblem::TooManyPaths,
        _ => PathProblem::Malformed,
    }
}
