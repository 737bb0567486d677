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

#[cfg(test)]
mod tests {
    use super::Exit;

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
}
