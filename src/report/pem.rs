//! The certificates themselves, in PEM, ready for `openssl x509 -text`.

use std::io::{self, Write};

use data_encoding::BASE64;

use super::gist::target;
use super::human::Charset;
use super::{Ending, Format, Report};
use crate::escape::ascii_only;

/// The `pem` format.
#[derive(Debug)]
pub struct Pem {
    /// How much is written.
    pub extent: Extent,
    /// In which characters a target without a certificate is named.
    pub charset: Charset,
}

/// How many of the certificates are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Extent {
    /// The leaf.
    Leaf,
    /// The leaf, then all that came with it.
    Chain,
}

impl Format for Pem {
    fn begin(&mut self, _: &mut dyn Write) -> io::Result<()> {
        Ok(())
    }

    /// A target without a certificate is a line that PEM readers skip.
    fn one(&mut self, report: &Report, out: &mut dyn Write) -> io::Result<()> {
        if let (Some(error), None) = (&report.error, report.drawing.certificates.first()) {
            let line = format!("# {}: error[{}]: {}\n", target(report), error.code, error.message);
            return match self.charset {
                Charset::Utf8 => out.write_all(line.as_bytes()),
                Charset::Ascii => out.write_all(ascii_only(&line).as_bytes()),
            };
        }
        let many = match self.extent {
            Extent::Leaf => 1,
            Extent::Chain => usize::MAX,
        };
        for der in report.drawing.certificates.iter().take(many) {
            write_pem(der, out)?;
        }
        Ok(())
    }

    fn end(&mut self, _: Ending, _: &mut dyn Write) -> io::Result<()> {
        Ok(())
    }
}

fn write_pem(der: &[u8], out: &mut dyn Write) -> io::Result<()> {
    out.write_all(b"-----BEGIN CERTIFICATE-----\n")?;
    for line in BASE64.encode(der).as_bytes().chunks(64) {
        out.write_all(line)?;
        out.write_all(b"\n")?;
    }
    out.write_all(b"-----END CERTIFICATE-----\n")
}
