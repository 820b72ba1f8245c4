//! Regular expressions made ready to be matched, in time linear in the text.

use std::sync::OnceLock;

use eqlc_ir::regex::{Automaton, Regex};

/// The most bytes that one compiled regular expression may take.
const BYTES: usize = 10 * 1024 * 1024;

/// What matches one expression.
#[derive(Default)]
pub(super) struct Engine(OnceLock<Built>);

enum Built {
    /// For expressions without complements and intersections.
    Rust(regex::Regex),
    /// For those with them, which Rust's engine has no form for.
    Automaton(Automaton),
    /// Of an expression that no rule may have: it matches nothing.
    Nothing,
}

impl Engine {
    /// # Errors
    /// Why the expression cannot be matched, as the end of a sentence.
    pub(super) fn new(regex: &Regex) -> Result<Self, String> {
        Ok(Self(OnceLock::from(Built::new(regex)?)))
    }

    /// One that is built when it is first asked, of an expression for which [`Self::new`] was asked before.
    pub(super) fn later() -> Self {
        Self::default()
    }

    /// Whether the whole of a text matches the expression that it is of.
    pub(super) fn is_match(&self, regex: &Regex, text: &str) -> bool {
        match self.0.get_or_init(|| Built::new(regex).unwrap_or(Built::Nothing)) {
            Built::Rust(regex) => regex.is_match(text),
            Built::Automaton(automaton) => automaton.is_match(text),
            Built::Nothing => false,
        }
    }
}

impl Built {
    fn new(regex: &Regex) -> Result<Self, String> {
        let Ok(source) = regex.to_rust() else {
            return Automaton::new(regex).map(Self::Automaton).map_err(|error| error.to_string());
        };
        let built = regex::RegexBuilder::new(&source).size_limit(BYTES).dfa_size_limit(BYTES).build();
        built.map(Self::Rust).map_err(|error| match error {
            regex::Error::CompiledTooBig(_) => "it is too large".to_owned(),
            _ => "it is not well formed".to_owned(),
        })
    }
}
