//! Searches in every field (Sigma's keywords): a look at the whole text of an event says of nearly all events that no
//! keyword is in them.

use aho_corasick::AhoCorasick;
use aho_corasick::packed::Searcher;
use eqlc_ir::{Op, Part, fold_text};

use super::atoms::AtomId;
use super::index::of_regex;

/// Keywords that are looked for together.
#[derive(Debug)]
pub(super) struct Keywords {
    atoms: Vec<AtomId>,
    needles: Needles,
}

#[derive(Debug)]
enum Needles {
    /// Some keyword has none: every event must be read.
    None,
    Vector(Searcher),
    Automaton(AhoCorasick),
}

impl Keywords {
    /// The keywords of these atoms.
    pub(super) fn new<'a>(wanted: impl IntoIterator<Item = (AtomId, &'a Op)>) -> Self {
        let (mut atoms, mut all) = (Vec::new(), Some(Vec::new()));
        for (atom, op) in wanted {
            atoms.push(atom);
            all = all.zip(needles(op)).map(|(mut all, found)| {
                all.extend(found);
                all
            });
        }
        let needles = match all {
            None => Needles::None,
            Some(mut list) => {
                list.sort();
                list.dedup();
                search(&list)
            }
        };
        Self { atoms, needles }
    }

    /// The atoms that a keyword may satisfy.
    pub(super) fn atoms(&self) -> &[AtomId] {
        &self.atoms
    }

    /// Whether the text of an event may hold a keyword in some value. `hides` says that letters may be written as
    /// escapes; `folded` is used as scratch space.
    pub(super) fn may_be_in(&self, text: &[u8], hides: bool, folded: &mut Vec<u8>) -> bool {
        if hides || matches!(self.needles, Needles::None) {
            return true;
        }
        folded.clear();
        folded.extend_from_slice(text);
        folded.make_ascii_lowercase();
        let found = match &self.needles {
            Needles::None => true,
            Needles::Vector(searcher) => searcher.find(folded.as_slice()).is_some(),
            Needles::Automaton(automaton) => automaton.is_match(folded.as_slice()),
        };
        found || holds_odd_letter(text)
    }
}

/// Whether a text holds one of the two letters beyond ASCII that fold to a letter of ASCII: the Kelvin sign and the
/// long s.
fn holds_odd_letter(text: &[u8]) -> bool {
    !text.is_ascii()
        && (memchr::memmem::find(text, "\u{212a}".as_bytes()).is_some()
            || memchr::memmem::find(text, "\u{17f}".as_bytes()).is_some())
}

fn search(list: &[String]) -> Needles {
    if let Some(searcher) = Searcher::new(list) {
        return Needles::Vector(searcher);
    }
    AhoCorasick::new(list).map_or(Needles::None, Needles::Automaton)
}

/// Texts one of which stands in the JSON of every event with a value that satisfies the test; none if there are no
/// such texts.
fn needles(op: &Op) -> Option<Vec<String>> {
    match op {
        Op::Text(patterns, _) => patterns
            .iter()
            .map(|pattern| {
                let literals = pattern.parts().iter().filter_map(|part| match part {
                    Part::Lit(text) => plain_run(&fold_text(text)),
                    Part::AnyRun | Part::AnyOne => None,
                });
                literals.max_by_key(String::len)
            })
            .collect(),
        Op::Regex(regex) => of_regex(regex)?.iter().map(|literal| plain_run(literal)).collect(),
        // Never holds of a text.
        _ => Some(Vec::new()),
    }
}

/// The longest part of a text that JSON has no other way to write than with escapes by number, and that is not a part
/// of a number, which JSON may write in other ways.
fn plain_run(text: &str) -> Option<String> {
    let runs = text.split(|c: char| !c.is_ascii() || c.is_ascii_control() || matches!(c, '"' | '\\' | '/'));
    let numeric = |run: &str| run.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'.' | b'e' | b'+' | b'-'));
    let usable = runs.filter(|run| run.len() >= 2 && !numeric(run));
    usable.max_by_key(|run| run.len()).map(str::to_owned)
}
