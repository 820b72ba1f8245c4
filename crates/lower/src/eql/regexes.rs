//! `regex`: patterns read, and what is wrong with them said at its place in the string.

use std::borrow::Cow;
use std::ops::Range;

use eqlc_diagnostics::codes::{lints, types};
use eqlc_diagnostics::{Applicability, Diagnostic, Edit, Fix, Node, Span};
use eqlc_eql::ast::{Literal, MatchOp};
use eqlc_ir::regex::{Automaton, Regex, RegexNode, TooLarge};
use eqlc_ir::{Case, SmolStr};

use super::Lowering;
use super::lucene::{self, Habit};

/// The most characters of an expression with its repetitions written out. Lucene's limit on the work for one
/// expression is used up by less.
const MAX_SIZE: u64 = 100_000;

impl Lowering<'_> {
    /// The patterns as one expression; a list is joined with `|` (`eql-semantics.md` §6.5).
    /// `of_function`: what must match is the result of a function, which Elasticsearch asks Java's engine, so that
    /// only what both flavours mean alike has a meaning.
    pub(super) fn regex(
        &mut self,
        (op, of_function): (&Node<MatchOp>, bool),
        patterns: &[Node<Literal>],
        texts: &[Node<Cow<'_, SmolStr>>],
        case: Case,
    ) -> Option<Regex> {
        let mut folding = as_folding(op, patterns, texts);
        let mut nodes: Vec<Option<RegexNode>> = Vec::with_capacity(texts.len());
        for (pattern, text) in patterns.iter().zip(texts) {
            let places = Places::new(pattern, &text.value);
            match lucene::parse(&text.value) {
                Ok(parsed) => {
                    let other = parsed.habits.iter().find(|(_, habit)| habit.means_other_in_java(case));
                    if let Some((at, _)) = other.filter(|_| of_function) {
                        nodes.push(self.refuse(flavours_differ(places.span(at))));
                        continue;
                    }
                    for (at, habit) in &parsed.habits {
                        self.note_habit(habit, &places, at, case);
                    }
                    nodes.push(Some(parsed.node));
                }
                Err(problem) => {
                    let error = Diagnostic::error(
                        types::BAD_REGEX,
                        format!("invalid regular expression: {}", problem.message),
                    )
                    .at(places.span(&problem.at), "here");
                    let mut error = match problem.help {
                        Some(help) => error.help(help),
                        None => error,
                    };
                    if problem.at.start == 0 {
                        error.fixes.extend(folding.take());
                    }
                    nodes.push(self.refuse(error));
                }
            }
        }
        let root = RegexNode::one_of(nodes.into_iter().collect::<Option<_>>()?);
        let regex = Regex { root, case };
        let places = patterns.iter().map(|pattern| pattern.span);
        let whole = places.reduce(Span::to).unwrap_or_default();
        self.check_size(&regex, whole)?;
        Some(regex)
    }

    /// What no engine can hold is refused, and what can match nothing is said.
    fn check_size(&mut self, regex: &Regex, place: Span) -> Option<()> {
        let automaton = match regex.root.size() {
            ..=MAX_SIZE if regex.root.has_algebra() => Automaton::new(regex).map(Some),
            ..=MAX_SIZE => Ok(None),
            _ => Err(TooLarge),
        };
        match automaton {
            Ok(Some(automaton)) if automaton.is_empty() => self.report(
                Diagnostic::warning(lints::CONSTANT_CONDITION, "this regular expression matches nothing")
                    .at(place, "no text is left"),
            ),
            Ok(_) => {}
            Err(TooLarge) => {
                let error = Diagnostic::error(types::REGEX_TOO_LARGE, "the regular expression is too large")
                    .at(place, "takes too much to match");
                return self.refuse(error.help(match regex.root.has_algebra() {
                    true => "split the test in several, joined with `and`, `or` and `not`",
                    false => "make the repetitions smaller",
                }));
            }
        }
        Some(())
    }

    fn note_habit(&mut self, habit: &Habit, places: &Places, at: &Range<usize>, case: Case) {
        let span = places.span(at);
        let finding = match habit {
            Habit::Anchor(sign) => {
                let finding = Diagnostic::warning(
                    lints::REGEX_ANCHOR,
                    format!("`{sign}` is an ordinary character in a regular expression"),
                )
                .at(span, "no anchor")
                .help("the whole value must match anyway; `.*` lets text stand before or behind");
                if places.exact.is_some() {
                    finding.fix(Applicability::Unsafe, format!("remove `{sign}`"), span, "")
                } else {
                    finding
                }
            }
            Habit::Operator(sign) => Diagnostic::warning(
                lints::REGEX_OPERATOR,
                format!("`{sign}` is an operator in a regular expression"),
            )
            .at(span, operator(*sign))
            .help("a backslash before it gives the character"),
            Habit::OneCase(low, high) => {
                if case == Case::Sensitive {
                    return;
                }
                let both = format!("{low}-{high}{}-{}", swapped(*low), swapped(*high));
                let finding = Diagnostic::warning(
                    lints::REGEX_RANGE_CASE,
                    format!("the range `{low}-{high}` keeps its letter case under `regex~`"),
                )
                .at(span, "matches letters of this case only")
                .help(format!("name both cases: `{both}`"));
                match places.exact {
                    Some(_) => {
                        finding.fix(Applicability::Unsafe, format!("replace with `{both}`"), span, both)
                    }
                    None => finding,
                }
            }
        };
        self.report(finding);
    }
}

/// How other flavours say that letter case is ignored.
const FOLDING: &str = "(?i)";

/// The operator that ignores letter case, where every pattern says so by a flag in front. Not the same for ranges of
/// one case, which `regex~` keeps (§6.5).
fn as_folding(
    op: &Node<MatchOp>,
    patterns: &[Node<Literal>],
    texts: &[Node<Cow<'_, SmolStr>>],
) -> Option<Fix> {
    let mut edits = Vec::new();
    let mut applicability = Applicability::Safe;
    for (pattern, text) in patterns.iter().zip(texts) {
        let read = lucene::parse(text.value.strip_prefix(FOLDING)?).ok()?;
        if !read.habits.is_empty() {
            applicability = Applicability::Unsafe;
        }
        let places = Places::new(pattern, &text.value);
        places.exact.as_ref()?;
        edits.push(Edit { span: places.span(&(0..FOLDING.len())), replacement: String::new() });
    }
    if op.value == MatchOp::Regex {
        edits.insert(0, Edit { span: op.span, replacement: MatchOp::RegexInsensitive.as_str().to_owned() });
    }
    Some(Fix { title: "write `regex~` without the flag".to_owned(), edits, applicability })
}

fn flavours_differ(place: Span) -> Diagnostic {
    Diagnostic::error(types::REGEX_FLAVOURS_DIFFER, "this means something else for the result of a function")
        .at(place, "Lucene and Java read it differently")
        .help("Elasticsearch matches fields with Lucene's expressions, and results of functions with Java's")
        .help("a backslash before a sign gives the character in both; ranges of both cases are the same in both")
}

fn operator(sign: char) -> &'static str {
    match sign {
        '@' => "stands for any text",
        '#' => "stands for no text at all",
        '"' => "takes what follows up to the next one as it is",
        '&' => "both sides must match",
        '<' => "stands for a number between two bounds",
        _ => "stands for texts that the next element does not match",
    }
}

fn swapped(c: char) -> char {
    if c.is_ascii_lowercase() { c.to_ascii_uppercase() } else { c.to_ascii_lowercase() }
}

/// Where the characters of a string stand in the file.
struct Places {
    whole: Span,
    /// The offset in the file of every byte offset of the text where a character starts, and of its end;
    /// none where the string is written in a way that cannot be told from the tree.
    exact: Option<Vec<(usize, usize)>>,
}

impl Places {
    fn new(literal: &Node<Literal>, text: &str) -> Self {
        let raw = matches!(literal.value, Literal::Str { raw: true, .. });
        let quotes = if raw { 3 } else { 1 };
        let mut exact = Vec::new();
        let mut outer = literal.span.range().start + quotes;
        for (inner, c) in text.char_indices() {
            exact.push((inner, outer));
            let escaped = !raw && matches!(c, '\\' | '"' | '\n' | '\r' | '\t' | '\u{8}' | '\u{c}');
            outer += if escaped { 2 } else { c.len_utf8() };
        }
        exact.push((text.len(), outer));
        // The guess that only those characters are escaped, and each with one sign, is right if the lengths
        // agree.
        let agrees = outer + quotes == literal.span.range().end;
        Self { whole: literal.span, exact: Some(exact).filter(|_| agrees) }
    }

    fn span(&self, at: &Range<usize>) -> Span {
        let place = |offset: usize| {
            let exact = self.exact.as_ref()?;
            let found = exact.binary_search_by_key(&offset, |(inner, _)| *inner).ok()?;
            exact.get(found).map(|(_, outer)| *outer)
        };
        match (place(at.start), place(at.end)) {
            (Some(start), Some(end)) => Span::new(self.whole.source, start..end),
            _ => self.whole,
        }
    }
}
