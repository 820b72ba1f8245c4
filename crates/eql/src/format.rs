//! Text → the same query in the canonical layout.

use bumpalo::Bump;
use eqlc_diagnostics::{Fragment, Parsed, SourceMap, Span, has_errors};

use crate::ast::Query;
use crate::lex::lex;
use crate::{Options, parse_with, print};

/// Lays a query out in the one layout: as [`print()`] does, and blank lines that part operands, values, terms, pipes
/// or comments stay, one at most. The text ends with a line end.
///
/// None where the text has errors. The answer reads as the same tree with the same comments in the same order;
/// formatting it again gives it again.
#[must_use]
pub fn format(text: &str, options: Options) -> Option<String> {
    let fragment = verbatim(text);
    let parsed = parse_with(&fragment, options);
    if has_errors(&parsed.diagnostics) {
        return None;
    }
    let formatted = print::print_parted(&parsed.tree, &blanks(&fragment, options));
    let again = parse_with(&verbatim(&formatted), options);
    // A rule is never exchanged for another, whatever mistake the layout makes.
    Some(if same(&parsed, &again) { formatted } else { text.to_owned() })
}

/// The text as a file of its own, so that places in it are bytes of it.
fn verbatim(text: &str) -> Fragment {
    Fragment::verbatim(SourceMap::new().add("query", ""), 0, text)
}

fn same(before: &Parsed<Query>, after: &Parsed<Query>) -> bool {
    let texts = |parsed: &Parsed<Query>| -> Vec<String> {
        parsed.tree.comments.iter().map(|comment| comment.text.clone()).collect()
    };
    !has_errors(&after.diagnostics) && before.tree == after.tree && texts(before) == texts(after)
}

/// The places of the tokens and comments of a text, in order. What lies between is blank, or is no part of the language
/// and [`parse_with`] says so.
#[must_use]
pub fn places(fragment: &Fragment, options: Options) -> Vec<Span> {
    let kept = Bump::new();
    let lexed = lex(fragment, options.dialect, &kept);
    let tokens = lexed.tokens.iter().map(|token| token.span);
    let comments = lexed.comments.iter().map(|comment| comment.span);
    let mut places: Vec<_> = tokens.chain(comments).collect();
    places.sort_by_key(|span| span.start);
    places
}

/// Where what follows a blank line starts.
fn blanks(fragment: &Fragment, options: Options) -> Vec<u32> {
    let places = places(fragment, options);
    let follows_blank = |end: u32, start: u32| {
        let between = fragment.text().get(end as usize..start as usize).unwrap_or_default();
        between.bytes().filter(|byte| *byte == b'\n').count() > 1
    };
    let pairs = places.iter().zip(places.iter().skip(1));
    pairs.filter(|(left, right)| follows_blank(left.end, right.start)).map(|(_, right)| right.start).collect()
}
