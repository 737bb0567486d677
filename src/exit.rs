//! Exit codes, and how those of many reports become one.

use std::process::ExitCode;

/// What a report, or a whole run, exits with.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[repr(u8)]
pub enum Exit {
    /// Every name matches, and the certificate is trusted and in time.
    Ok = 0,
    /// A hostname mismatch.
    Mismatch = 1,
    /// Usage: nothing was checked.
    Usage = 2,
    /// A certificate could not be obtained or read, or targets were left unchecked.
    NotObtained = 3,
    /// The name matches, and clients would refuse the certificate for another reason.
    NotAccepted = 4,
    /// Output could not be written.
    Output = 5,
    /// Interrupted.
    Interrupted = 130,
}

impl Exit {
    /// The number.
    #[must_use]
    pub fn code(self) -> u8 {
        self as u8
    }

    /// Of several reports the first that occurs in the order 1, 3, 4. What ends the run itself
    /// (usage, output, interruption) stands above all of them.
    #[must_use]
    pub fn merge(self, other: Self) -> Self {
        if other.weight() > self.weight() { other } else { self }
    }

    fn weight(self) -> u8 {
        match self {
            Self::Ok => 0,
            Self::NotAccepted => 1,
            Self::NotObtained => 2,
            Self::Mismatch => 3,
            Self::Usage => 4,
            Self::Output => 5,
            Self::Interrupted => 6,
        }
    }
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit.code())
    }
}

/// The states of a monitoring plugin, which are its exit codes with `--format nagios` (Monitoring
/// Plugins Development Guidelines, plugin return codes).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[repr(u8)]
pub enum Plugin {
    /// All is well.
    Ok = 0,
    /// It needs a look soon.
    Warning = 1,
    /// It does not work.
    Critical = 2,
    /// It could not be checked.
    Unknown = 3,
}

impl Plugin {
    /// As the line begins.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Ok => "OK",
            Self::Warning => "WARNING",
            Self::Critical => "CRITICAL",
            Self::Unknown => "UNKNOWN",
        }
    }

    /// Of several reports the first that occurs in the order CRITICAL, UNKNOWN, WARNING.
    #[must_use]
    pub fn merge(self, other: Self) -> Self {
        let weight = |state| match state {
            Self::Ok => 0,
            Self::Warning => 1,
            Self::Unknown => 2,
            Self::Critical => 3,
        };
        if weight(other) > weight(self) { other } else { self }
    }

    /// The state of a run, from that of its reports and its exit code: it fails closed, so what was
    /// left unchecked or unsaid is at least UNKNOWN.
    #[must_use]
    pub fn of_run(self, exit: Exit) -> Self {
        match exit {
            Exit::Ok => self,
            Exit::Mismatch | Exit::NotAccepted if self != Self::Ok => self,
            _ => self.merge(Self::Unknown),
        }
    }
}

/// How the program ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ended {
    /// With its own codes.
    Exit(Exit),
    /// With a plugin's.
    Plugin(Plugin),
}

impl Ended {
    /// The number.
    #[must_use]
    pub fn code(self) -> u8 {
        match self {
            Self::Exit(exit) => exit.code(),
            Self::Plugin(state) => state as u8,
        }
    }
}

impl From<Ended> for ExitCode {
    fn from(ended: Ended) -> Self {
        Self::from(ended.code())
    }
}

#[cfg(test)]
mod tests {
    use super::{Exit, Plugin};

    #[test]
    fn the_worst_report_decides() {
        let fold = |codes: &[Exit]| codes.iter().fold(Exit::Ok, |a, &b| a.merge(b)).code();
        assert_eq!(fold(&[]), 0);
        assert_eq!(fold(&[Exit::Ok, Exit::NotAccepted]), 4);
        assert_eq!(fold(&[Exit::NotAccepted, Exit::NotObtained, Exit::Ok]), 3);
        assert_eq!(fold(&[Exit::NotObtained, Exit::Mismatch, Exit::NotAccepted]), 1);
        assert_eq!(fold(&[Exit::Mismatch, Exit::Output]), 5);
        assert_eq!(fold(&[Exit::Interrupted, Exit::Mismatch]), 130);
    }

    #[test]
    fn a_plugin_fails_closed() {
        let states = [Plugin::Ok, Plugin::Warning, Plugin::Unknown, Plugin::Critical];
        for (at, state) in states.into_iter().enumerate() {
            for (other_at, other) in states.into_iter().enumerate() {
                assert_eq!(state.merge(other), states[at.max(other_at)]);
            }
        }
        assert_eq!(Plugin::Ok.of_run(Exit::Ok), Plugin::Ok);
        assert_eq!(Plugin::Warning.of_run(Exit::NotAccepted), Plugin::Warning);
        assert_eq!(Plugin::Warning.of_run(Exit::NotObtained), Plugin::Unknown);
        assert_eq!(Plugin::Critical.of_run(Exit::Interrupted), Plugin::Critical);
        for exit in [Exit::Mismatch, Exit::Usage, Exit::NotObtained, Exit::NotAccepted, Exit::Output, Exit::Interrupted]
        {
            assert_eq!(Plugin::Ok.of_run(exit), Plugin::Unknown);
        }
        assert_eq!(Plugin::Warning.of_run(Exit::Output), Plugin::Unknown);
    }
}
