//! Commands that a report suggests: a program and its arguments, which become text in one place.

use std::borrow::Cow;
use std::fmt;

use crate::escape::is_plain_text;

/// A command to type.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Command {
    program: Program,
    args: Vec<Arg>,
}

/// The programs that are suggested.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Program {
    /// certcheck.
    Certcheck,
    /// curl.
    Curl,
    /// ssh-keyscan.
    SshKeyscan,
}

/// An argument.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Arg {
    /// An option or a word of ours, in which no shell sees anything special.
    Word(Cow<'static, str>),
    /// A value, which is quoted.
    Value(String),
}

/// What the check itself was made with, so that a suggested command repeats it.
#[derive(Clone, Copy, Debug, Default)]
pub struct MadeWith<'a> {
    /// The path given by `--ca-file`.
    pub ca_file: Option<&'a str>,
    /// The proxy given by `--proxy`, without its login.
    pub proxy: Option<&'a str>,
}

impl Command {
    /// A program without arguments.
    #[must_use]
    pub fn new(program: Program) -> Self {
        Self { program, args: Vec::new() }
    }

    /// The same with an option or another word of ours.
    #[must_use]
    pub fn word(mut self, word: impl Into<Cow<'static, str>>) -> Self {
        self.args.push(Arg::Word(word.into()));
        self
    }

    /// The same with a value, which is quoted where it becomes text.
    #[must_use]
    pub fn value(mut self, value: impl Into<String>) -> Self {
        self.args.push(Arg::Value(value.into()));
        self
    }

    /// The same with the CA file and the proxy of the check. A value that no shell could be given
    /// safely is left out, and so are both for a program that makes no TLS connection.
    #[must_use]
    pub fn made_with(self, with: MadeWith<'_>) -> Self {
        let (ca_file, proxy) = match self.program {
            Program::Certcheck => ("--ca-file", "--proxy"),
            Program::Curl => ("--cacert", "--proxy"),
            Program::SshKeyscan => return self,
        };
        let options = [(ca_file, with.ca_file), (proxy, with.proxy)];
        let options = options.into_iter().filter_map(|(option, value)| Some((option, value?)));
        options
            .filter(|(_, value)| is_plain_text(value))
            .fold(self, |command, (option, value)| command.word(option).value(value))
    }
}

impl fmt::Display for Program {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Certcheck => "certcheck",
            Self::Curl => "curl",
            Self::SshKeyscan => "ssh-keyscan",
        })
    }
}

impl fmt::Display for Command {
    /// As a POSIX shell takes it.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.program.fmt(f)?;
        self.args.iter().try_for_each(|arg| match arg {
            Arg::Word(word) => write!(f, " {word}"),
            Arg::Value(value) => write!(f, " '{}'", value.replace('\'', "'\\''")),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_shell_takes_what_was_meant() {
        let command = Command::new(Program::Certcheck).value("a.test@192.0.2.7:443").word("--starttls").word("smtp");
        assert_eq!(command.to_string(), "certcheck 'a.test@192.0.2.7:443' --starttls smtp");
        let with = MadeWith { ca_file: Some("it's.pem"), proxy: Some("http://p.test:3128") };
        assert_eq!(
            command.made_with(with).to_string(),
            "certcheck 'a.test@192.0.2.7:443' --starttls smtp --ca-file 'it'\\''s.pem' --proxy 'http://p.test:3128'"
        );
        let curl = Command::new(Program::Curl).value("https://a.test/");
        let with = MadeWith { ca_file: Some("a\nb"), proxy: None };
        assert_eq!(curl.clone().made_with(with).to_string(), "curl 'https://a.test/'");
        assert_eq!(
            curl.made_with(MadeWith { ca_file: Some("ca.pem"), proxy: None }).to_string(),
            "curl 'https://a.test/' --cacert 'ca.pem'"
        );
        let scan = Command::new(Program::SshKeyscan).word("-p").word("22").value("192.0.2.7");
        assert_eq!(scan.made_with(with).to_string(), "ssh-keyscan -p 22 '192.0.2.7'");
    }
}
