//! Versions and their order.

use std::cmp::Ordering;

/// A version: semantic versioning with any number of main parts. A text that is none is a value above all
/// that are (`eql-semantics.md` §6.1).
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Version {
    Valid {
        main: Vec<Digits>,
        /// Absent is a release, which comes after its pre-releases.
        stage: Stage,
        build: String,
    },
    Invalid(String),
}

#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Stage {
    Pre(Vec<Part>),
    Release,
}

/// A part of a pre-release; numbers come before words.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Part {
    Number(Digits),
    Word(String),
}

/// A decimal number of any length without leading zeros.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Digits(String);

impl Ord for Digits {
    fn cmp(&self, other: &Self) -> Ordering {
        self.0.len().cmp(&other.0.len()).then_with(|| self.0.cmp(&other.0))
    }
}

impl PartialOrd for Digits {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Digits {
    fn parse(text: &str) -> Option<Self> {
        let digits = !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
        (digits && (text == "0" || !text.starts_with('0'))).then(|| Self(text.to_owned()))
    }
}

impl Version {
    pub(super) fn parse(text: &str) -> Self {
        Self::valid(text).unwrap_or_else(|| Self::Invalid(text.to_owned()))
    }

    fn valid(text: &str) -> Option<Self> {
        let (rest, build) = text.split_once('+').map_or((text, None), |(rest, build)| (rest, Some(build)));
        let (main, pre) = rest.split_once('-').map_or((rest, None), |(main, pre)| (main, Some(pre)));
        let word = |part: &str| {
            !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
        };
        if build.is_some_and(|build| !build.split('.').all(word)) {
            return None;
        }
        let part = |part: &str| match Digits::parse(part) {
            Some(digits) => Some(Part::Number(digits)),
            None if word(part) => Some(Part::Word(part.to_owned())),
            None => None,
        };
        Some(Self::Valid {
            main: main.split('.').map(Digits::parse).collect::<Option<_>>()?,
            stage: match pre {
                Some(pre) => Stage::Pre(pre.split('.').map(part).collect::<Option<_>>()?),
                None => Stage::Release,
            },
            build: build.unwrap_or_default().to_owned(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_ascend() {
        let ascending = [
            "0.9",
            "1.0.0-alpha",
            "1.0.0-alpha.1",
            "1.0.0-alpha.beta",
            "1.0.0-beta.2",
            "1.0.0-beta.11",
            "1.0.0",
            "1.2",
            "1.2.4-SNAPSHOT",
            "1.2.4",
            "1.5.0",
            "1.11.3",
            "99999999999999999999999999.0",
            "",
            "1..2",
            "1.02",
            "bad",
        ];
        for pair in ascending.windows(2) {
            assert!(Version::parse(pair[0]) < Version::parse(pair[1]), "{pair:?}");
        }
        assert!(matches!(Version::parse("1.2+"), Version::Invalid(_)));
    }
}
