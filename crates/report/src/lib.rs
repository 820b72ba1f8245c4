//! Renderers of diagnostics, siblings in one folder: [`Format::Rich`] for people at a terminal,
//! [`Format::Short`] for editors and logs, [`Format::Json`] for programs.
//!
//! Every renderer is a function of the same signature and sees places only as `place::Place`, which is
//! clamped, so that no span however wrong can make a renderer fail. A new format is a new file, a variant of
//! [`Format`] and a line in its table.

mod excerpt;
mod fixes;
mod github;
mod json;
mod junit;
mod place;
mod rich;
mod sarif;
mod short;
mod summary;
mod text;

use std::fmt;
use std::io;
use std::str::FromStr;

use eqlc_diagnostics::{Diagnostic, SourceMap};

pub use github::github;
pub use junit::{JunitCase, JunitOutcome, JunitReason, JunitSuite, junit};
pub use sarif::SarifLog;
pub use summary::Summary;

/// How diagnostics are written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Format {
    /// The text of the rule with underlines and arrows, notes, help and what fixes would give.
    #[default]
    Rich,
    /// One line a diagnostic: `file:line:column: error[E0001]: message`.
    Short,
    /// One JSON object a line; bytes from 0, lines and columns (in characters) from 1.
    Json,
}

type Renderer = fn(&SourceMap, &[Diagnostic], bool, &mut dyn io::Write) -> io::Result<()>;

impl Format {
    /// Every format, in the order they are listed to people.
    pub const ALL: [Self; 3] = [Self::Rich, Self::Short, Self::Json];

    /// The name on the command line.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Rich => "rich",
            Self::Short => "short",
            Self::Json => "json",
        }
    }

    fn renderer(self) -> Renderer {
        match self {
            Self::Rich => rich::render,
            Self::Short => short::render,
            Self::Json => json::render,
        }
    }
}

impl fmt::Display for Format {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A name that is no [`Format`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct UnknownFormat;

impl fmt::Display for UnknownFormat {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names: Vec<&str> = Format::ALL.into_iter().map(Format::as_str).collect();
        write!(f, "unknown format, expected one of {}", names.join(", "))
    }
}

impl std::error::Error for UnknownFormat {}

impl FromStr for Format {
    type Err = UnknownFormat;

    fn from_str(name: &str) -> Result<Self, Self::Err> {
        Self::ALL.into_iter().find(|format| format.as_str() == name).ok_or(UnknownFormat)
    }
}

/// Writes diagnostics in the order given. `color` asks for ANSI escapes; formats for programs ignore it.
///
/// Spans may be anything: outside the text, inverted, inside a character, of a source that is not in the map
/// (such a place is left out).
///
/// # Errors
///
/// Only those of `out`.
pub fn render(
    format: Format,
    sources: &SourceMap,
    diagnostics: &[Diagnostic],
    color: bool,
    out: &mut dyn io::Write,
) -> io::Result<()> {
    format.renderer()(sources, diagnostics, color, out)
}

/// [`render`] into a string.
#[must_use]
pub fn render_to_string(
    format: Format,
    sources: &SourceMap,
    diagnostics: &[Diagnostic],
    color: bool,
) -> String {
    let mut out = Vec::new();
    // Writing to memory cannot fail.
    let _ = render(format, sources, diagnostics, color, &mut out);
    String::from_utf8_lossy(&out).into_owned()
}

#[cfg(test)]
mod tests;
