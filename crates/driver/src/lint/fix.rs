//! Applying fixes to rule files.

use eqlc_diagnostics::{Applicability, Diagnostic, Edit, Fix, Severity, SourceMap, Span};
use eqlc_rules::{QueryLanguage, RuleFile};

use super::meaning;
use crate::load::{LoadOptions, Unit, load_bytes};

/// A fix can make room for others; so often the file is looked at again.
const ROUNDS: usize = 10;

/// A file after its fixes.
#[derive(Debug)]
pub struct Fixed {
    /// The file as it is now, with what is still found in it.
    pub unit: Unit,
    /// Its new text; none where nothing was fixed.
    pub text: Option<String>,
    /// How many findings were fixed.
    pub applied: usize,
    /// How many findings have a fix that could not be applied: its text cannot be written in this place, or the
    /// file would have had more errors with it.
    pub left: usize,
}

/// Applies the fixes of a unit that do not overlap, the unsafe ones too if asked, as long as there are any. Only
/// queries in `.eql` files and in exports of Kibana, and what stands in TOML documents and in Sigma's YAML, are changed,
/// and of a string no more than what the edits are about. Nothing is written.
#[must_use]
pub fn fix(unit: Unit, unsafe_too: bool, options: &LoadOptions) -> Fixed {
    let mut fixed = Fixed { unit, text: None, applied: 0, left: 0 };
    if !is_fixable(&fixed.unit) {
        return fixed;
    }
    for _ in 0..ROUNDS {
        let Some((source, text)) = whole(&fixed.unit) else { return fixed };
        let file = read_again(&fixed.unit, &text);
        let (chosen, left) = choose(&fixed.unit, &file, &text, unsafe_too);
        fixed.left = left;
        if chosen.is_empty() {
            return fixed;
        }
        let attempt = |fixes: &[Vec<Edit>]| {
            let text = rewritten(&text, source, fixes.concat())?;
            let after = load_bytes(fixed.unit.input.clone(), text.as_bytes(), options.clone());
            is_better(&fixed.unit, &after, unsafe_too).then_some((after, text))
        };
        // One of them may be in the way of the others.
        let single = |fix: &Vec<Edit>| Some((attempt(std::slice::from_ref(fix))?, 1));
        let done = match attempt(&chosen) {
            Some(done) => Some((done, chosen.len())),
            None if chosen.len() > 1 => chosen.iter().find_map(single),
            None => None,
        };
        let Some(((unit, text), applied)) = done else {
            fixed.left += chosen.len();
            return fixed;
        };
        fixed = Fixed { unit, text: Some(text), applied: fixed.applied + applied, left };
    }
    fixed
}

/// Whether a file may take the place of another one: without more errors or fewer rules and, if only safe fixes were
/// made, with the same meaning.
fn is_better(before: &Unit, after: &Unit, unsafe_too: bool) -> bool {
    let worse = errors(after) > errors(before) || after.rules.len() < before.rules.len();
    !worse && (unsafe_too || !is_sigma(before) || keeps_meaning(before, after))
}

fn extension(unit: &Unit) -> Option<&str> {
    let path = unit.input.path.as_deref();
    path.and_then(|path| path.extension()).and_then(|extension| extension.to_str())
}

fn is_fixable(unit: &Unit) -> bool {
    is_sigma(unit) || matches!(extension(unit), Some("eql" | "toml" | "json" | "ndjson"))
}

fn is_sigma(unit: &Unit) -> bool {
    matches!(extension(unit), Some("yml" | "yaml"))
}

/// Whether every rule finds what it did. Where a file had errors nobody can say.
fn keeps_meaning(before: &Unit, after: &Unit) -> bool {
    let mut pairs = before.rules.iter().zip(&after.rules);
    errors(before) > 0
        || (before.rules.len() == after.rules.len()
            && pairs.all(|(before, after)| meaning::is_same(&before.rule, &after.rule)))
}

fn errors(unit: &Unit) -> usize {
    unit.diagnostics.iter().filter(|diagnostic| diagnostic.severity == Severity::Error).count()
}

fn whole(unit: &Unit) -> Option<(eqlc_diagnostics::SourceId, String)> {
    let source = unit.sources.ids().next()?;
    Some((source, unit.sources.text(source).to_owned()))
}

/// The documents of the file. The sources are new and hold the same file under the same id.
fn read_again(unit: &Unit, text: &str) -> RuleFile {
    eqlc_rules::read(&unit.input.name(), text.as_bytes(), &mut SourceMap::new()).tree
}

/// The edits to make, for each finding that they fix, and how many fixes cannot be written.
fn choose(unit: &Unit, file: &RuleFile, text: &str, unsafe_too: bool) -> (Vec<Vec<Edit>>, usize) {
    let mut chosen: Vec<Vec<Edit>> = Vec::new();
    let mut left = 0;
    let json = matches!(extension(unit), Some("json" | "ndjson"));
    for diagnostic in &unit.diagnostics {
        let Some(fix) = best(diagnostic, unsafe_too) else { continue };
        let Some(edits) = written(fix, file, text, json) else {
            left += 1;
            continue;
        };
        if edits.iter().any(|edit| chosen.iter().flatten().any(|other| touches(edit.span, other.span))) {
            continue;
        }
        chosen.push(edits);
    }
    (chosen, left)
}

fn best(diagnostic: &Diagnostic, unsafe_too: bool) -> Option<&Fix> {
    let of = |wanted| diagnostic.fixes.iter().find(|fix| fix.applicability == wanted);
    of(Applicability::Safe).or_else(|| of(Applicability::Unsafe).filter(|_| unsafe_too))
}

/// Edits side by side are taken one a round: their order would matter.
fn touches(a: Span, b: Span) -> bool {
    a.start <= b.end && b.start <= a.end
}

/// The edits of a fix as the file must have them: inside a string of TOML or JSON the text is escaped.
fn written(fix: &Fix, file: &RuleFile, text: &str, json: bool) -> Option<Vec<Edit>> {
    let edit = |edit: &Edit| {
        let query = file.documents.iter().find(|document| {
            let whole = document.query.fragment.whole();
            document.query.language == QueryLanguage::Eql
                && whole.start <= edit.span.start
                && edit.span.end <= whole.end
        });
        let quotes = match query {
            Some(_) if json => Quotes::Json,
            Some(document) => Quotes::before(text, document.query.fragment.whole().start as usize),
            // Elsewhere JSON is not changed.
            None if json => return None,
            None => Quotes::None,
        };
        Some(Edit { span: edit.span, replacement: quotes.escape(&edit.replacement)? })
    };
    fix.edits.iter().map(edit).collect()
}

fn rewritten(text: &str, source: eqlc_diagnostics::SourceId, mut edits: Vec<Edit>) -> Option<String> {
    edits.sort_by_key(|edit| edit.span.start);
    let mut out = String::with_capacity(text.len());
    let mut at = 0;
    for edit in edits.iter().filter(|edit| edit.span.source == source) {
        let range = edit.span.range();
        out.push_str(text.get(at..range.start)?);
        out.push_str(&edit.replacement);
        at = range.end;
    }
    out.push_str(text.get(at..)?);
    Some(out)
}

/// How the string is written that a query stands in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Quotes {
    /// No string: the query is the file.
    None,
    Basic,
    MultilineBasic,
    Literal,
    MultilineLiteral,
    Json,
}

impl Quotes {
    /// The quotes that end where the text of a string starts, a line break aside.
    fn before(text: &str, start: usize) -> Self {
        let before = text.get(..start).unwrap_or_default();
        let multiline = before.strip_suffix("\r\n").or_else(|| before.strip_suffix('\n')).unwrap_or(before);
        if multiline.ends_with("'''") {
            Self::MultilineLiteral
        } else if multiline.ends_with("\"\"\"") {
            Self::MultilineBasic
        } else if before.ends_with('\'') {
            Self::Literal
        } else if before.ends_with('"') {
            Self::Basic
        } else {
            Self::None
        }
    }

    /// The text inside such a string; none where it cannot be written.
    fn escape(self, text: &str) -> Option<String> {
        let control = |c: char| c.is_control() && c != '\t';
        match self {
            Self::None => Some(text.to_owned()),
            Self::Literal => (!text.contains('\'') && !text.contains(control)).then(|| text.to_owned()),
            Self::MultilineLiteral => {
                let plain = !text.contains("'''") && !text.contains(|c| control(c) && c != '\n');
                plain.then(|| text.to_owned())
            }
            Self::Json => Some(escaped(text, true).replace('\t', "\\t")),
            Self::Basic => Some(escaped(text, true)),
            Self::MultilineBasic => Some(escaped(text, text.contains("\"\""))),
        }
    }
}

fn escaped(text: &str, quotes: bool) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '\\' => out.push_str("\\\\"),
            '"' if quotes => out.push_str("\\\""),
            '\n' if !quotes => out.push('\n'),
            '\t' => out.push('\t'),
            c if c.is_control() => out.push_str(&format!("\\u{:04X}", u32::from(c))),
            c => out.push(c),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_are_escaped_for_the_string_they_stand_in() {
        let case = |before: &str, text: &str| Quotes::before(before, before.len()).escape(text);
        assert_eq!(case("", "a\"\\"), Some("a\"\\".to_owned()));
        assert_eq!(case("query = \"", "a\"\\"), Some("a\\\"\\\\".to_owned()));
        assert_eq!(case("query = \"\"\"\n", "\"a\\\""), Some("\"a\\\\\"".to_owned()));
        assert_eq!(case("query = \"\"\"", "\"\"\"a"), Some("\\\"\\\"\\\"a".to_owned()));
        assert_eq!(case("query = '", "it's"), None);
        assert_eq!(case("query = '''\n", "it's \\"), Some("it's \\".to_owned()));
        assert_eq!(case("query = '''", "'''"), None);
        assert_eq!(Quotes::Json.escape("\t\"\\\n"), Some("\\t\\\"\\\\\\u000A".to_owned()));
    }
}
