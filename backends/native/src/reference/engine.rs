//! Regular expressions made ready to be matched, in time linear in the text.

use eqlc_ir::regex::{Automaton, Regex};

/// The most bytes that one compiled regular expression may take.
const BYTES: usize = 10 * 1024 * 1024;

/// What matches one expression.
pub(super) enum Engine {
    /// For expressions without complements and intersections.
    Rust(regex::Regex),
    /// For those with them, which Rust's engine has no form for.
    Automaton(Automaton),
}

impl Engine {
    /// # Errors
    /// Why the expression cannot be matched, as the end of a sentence.
    pub(super) fn new(regex: &Regex) -> Result<Self, String> {
        let Ok(source) = regex.to_rust() else {
            return Automaton::new(regex).map(Self::Automaton).map_err(|error| error.to_string());
        };
        let built = regex::RegexBuilder::new(&source).size_limit(BYTES).dfa_size_limit(BYTES).build();
        built.map(Self::Rust).map_err(|error| match error {
            regex::Error::CompiledTooBig(_) => "it is too large".to_owned(),
            _ => "it is not well formed".to_owned(),
        })
    }

    /// Whether the whole of a text matches.
    pub(super) fn is_match(&self, text: &str) -> bool {
        match self {
            Self::Rust(regex) => regex.is_match(text),
            Self::Automaton(automaton) => automaton.is_match(text),
        }
    }
}
