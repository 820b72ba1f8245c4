//! Limits that keep parsing in bounds; checked on tokens, before anything recursive runs.

use eqlc_diagnostics::codes::eql_syntax as codes;
use eqlc_diagnostics::{Diagnostic, Fragment};

use crate::token::{Kind, Token};

/// The longest query, in bytes.
pub(crate) const MAX_BYTES: usize = 1 << 20;
/// How deep brackets, `not` and signs may nest, taken together.
pub(crate) const MAX_DEPTH: usize = 200;
/// How many arithmetic operators one value may have at one level.
pub(crate) const MAX_ARITHMETIC: usize = MAX_DEPTH;

/// What is wrong with the length of the text.
pub(crate) fn check_length(fragment: &Fragment) -> Option<Diagnostic> {
    let length = fragment.text().len();
    if length <= MAX_BYTES {
        return None;
    }
    Some(
        Diagnostic::error(
            codes::QUERY_TOO_LONG,
            format!("the query has {length} bytes, more than {MAX_BYTES}"),
        )
        .at(fragment.span(0, 0), "starts here")
        .help("long lists of values belong in several rules"),
    )
}

/// What is open around a token.
#[derive(Default)]
struct Level {
    /// Prefix operators before the bracket.
    prefixes: usize,
    /// Arithmetic operators since the last operand boundary at this level.
    arithmetic: usize,
}

/// What is wrong with the nesting of brackets and prefixes or the length of arithmetic. The brackets must be balanced.
pub(crate) fn check_depth(tokens: &[Token<'_>]) -> Option<Diagnostic> {
    // Most queries hold too few of them to reach a limit, however they stand.
    if tokens.iter().filter(|token| nests(token)).count() <= MAX_DEPTH {
        return None;
    }
    let mut levels = vec![Level::default()];
    let mut outer_prefixes = 0usize;
    let mut run = 0usize;
    for token in tokens {
        let prefix =
            matches!(token.kind, Kind::Not | Kind::Bang | Kind::Plus | Kind::Minus) || token.is_word("not");
        match token.kind {
            Kind::LParen | Kind::LBracket | Kind::MissingOpen => {
                outer_prefixes += run;
                levels.push(Level { prefixes: run, arithmetic: 0 });
            }
            Kind::RParen | Kind::RBracket => {
                if let Some(level) = levels.pop() {
                    outer_prefixes -= level.prefixes;
                }
            }
            Kind::Plus | Kind::Minus | Kind::Star | Kind::Slash | Kind::Percent => {
                let count = levels.last_mut().map_or(0, |level| {
                    level.arithmetic += 1;
                    level.arithmetic
                });
                if count > MAX_ARITHMETIC && !prefix_run(run) {
                    return Some(too_many(
                        codes::ARITHMETIC_TOO_LONG,
                        format!("more than {MAX_ARITHMETIC} arithmetic operators in a row"),
                        token,
                    ));
                }
            }
            Kind::Ident | Kind::Quoted | Kind::Int | Kind::Float | Kind::Str | Kind::Dot | Kind::Question => {
            }
            _ => {
                if let Some(level) = levels.last_mut() {
                    level.arithmetic = 0;
                }
            }
        }
        run = if prefix { run + 1 } else { 0 };
        if levels.len() - 1 + outer_prefixes + run > MAX_DEPTH {
            return Some(too_many(
                codes::NESTED_TOO_DEEP,
                format!("brackets, `not` and signs nest more than {MAX_DEPTH} deep"),
                token,
            ));
        }
    }
    None
}

/// Whether a token opens a level, is a prefix or an arithmetic operator.
fn nests(token: &Token<'_>) -> bool {
    match token.kind {
        Kind::LParen | Kind::LBracket | Kind::MissingOpen | Kind::Not | Kind::Bang => true,
        Kind::Plus | Kind::Minus | Kind::Star | Kind::Slash | Kind::Percent => true,
        Kind::Ident => token.is_word("not"),
        _ => false,
    }
}

/// Whether so many prefixes stand in a row that depth, not arithmetic, is what to report.
fn prefix_run(run: usize) -> bool {
    run > 1
}

fn too_many(code: eqlc_diagnostics::Code, message: String, token: &Token<'_>) -> Diagnostic {
    Diagnostic::error(code, message).at(token.span, "the limit is reached here").help("split the rule")
}
