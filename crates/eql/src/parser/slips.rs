//! Words and signs of other languages, and misspelt keywords, that are read as what was meant.

use chumsky::prelude::*;
use eqlc_diagnostics::codes::eql_syntax as codes;
use eqlc_diagnostics::{Applicability, Diagnostic, Span, nearest};

use super::context::{Context, Rule, Tokens, emit, index};
use super::failure::{Failure, Want};
use crate::token::{Kind, Token, keyword_text};

/// A keyword in the wrong letter case.
pub(super) fn wrong_case(cx: Context<'_>, token: &Token, meant: &str) -> Diagnostic {
    let written = cx.text_of(token);
    Diagnostic::error(codes::KEYWORD_CASE, format!("keywords are lower case: `{written}`"))
        .at(token.span, format!("write `{meant}`"))
        .fix(Applicability::Safe, format!("replace `{written}` with `{meant}`"), token.span, meant)
}

/// A misspelt keyword.
pub(super) fn misspelt(cx: Context<'_>, token: &Token, meant: &str) -> Diagnostic {
    let written = cx.text_of(token);
    if written.eq_ignore_ascii_case(meant) {
        return wrong_case(cx, token, meant);
    }
    Diagnostic::error(codes::MISSPELT_KEYWORD, format!("expected `{meant}`, found `{written}`"))
        .at(token.span, format!("did you mean `{meant}`?"))
        .fix(Applicability::Unsafe, format!("replace `{written}` with `{meant}`"), token.span, meant)
}

/// Whether an identifier is near enough to a keyword to be a slip of the pen.
pub(super) fn resembles(token: &Token, keyword: &str) -> bool {
    token.kind == Kind::Ident && (token.is_word(keyword) || !nearest(token.name(), [keyword]).is_empty())
}

/// An operator of another language.
pub(super) fn foreign(cx: Context<'_>, token: &Token, meant: &str) -> Diagnostic {
    let written = cx.text_of(token);
    // `a&&b` needs blanks around the word.
    let word = meant.starts_with(|c: char| c.is_ascii_alphabetic());
    let name_before =
        cx.text.get(..token.start).is_some_and(|text| !text.ends_with([' ', '\t', '\n', '\r', '(']));
    let name_after = cx.text.get(token.end..).is_some_and(|text| !text.starts_with([' ', '\t', '\n', '\r']));
    let before = if word && name_before { " " } else { "" };
    let after = if word && name_after { " " } else { "" };
    Diagnostic::error(codes::FOREIGN_OPERATOR, format!("`{written}` is not an operator of EQL"))
        .at(token.span, format!("write `{meant}`"))
        .fix(
            Applicability::Safe,
            format!("replace `{written}` with `{meant}`"),
            token.span,
            format!("{before}{meant}{after}"),
        )
}

/// The word between operands of a chain: `and` or `or`.
pub(super) fn connective<'t>(cx: Context<'t>, kind: Kind) -> Rule<'t, ()> {
    let (word, sign, want) = match kind {
        Kind::And => ("and", Kind::AmpAmp, Want::And),
        _ => ("or", Kind::PipePipe, Want::Or),
    };
    custom(move |input: &mut Tokens<'t, '_>| {
        let at = index(input);
        let Some(token) = cx.get(at) else { return Err(Failure::expected(at, &[want])) };
        if token.kind != kind {
            let slip = if token.kind == sign {
                foreign(cx, token, word)
            } else if token.is_word(word) {
                wrong_case(cx, token, word)
            } else {
                return Err(Failure::expected(at, &[want]));
            };
            emit(input, slip);
        }
        input.skip();
        Ok(())
    })
    .boxed()
}

/// `not`, and what stands for it elsewhere; gives its index.
pub(super) fn negation<'t>(cx: Context<'t>) -> Rule<'t, usize> {
    custom(move |input: &mut Tokens<'t, '_>| {
        let at = index(input);
        let failure = || Failure::expected(at, &[Want::Value]);
        let token = cx.get(at).ok_or_else(failure)?;
        match token.kind {
            Kind::Not => {}
            Kind::Bang => emit(input, foreign(cx, token, "not")),
            Kind::Ident if token.is_word("not") && cx.kind(at + 1).is_some_and(starts_operand) => {
                emit(input, wrong_case(cx, token, "not"));
            }
            _ => return Err(failure()),
        }
        input.skip();
        Ok(at)
    })
    .boxed()
}

/// Whether a value can start with such a token.
pub(super) fn starts_operand(kind: Kind) -> bool {
    matches!(
        kind,
        Kind::Ident
            | Kind::Quoted
            | Kind::FoldIdent
            | Kind::Question
            | Kind::LParen
            | Kind::Not
            | Kind::Str
            | Kind::Int
            | Kind::Float
            | Kind::True
            | Kind::False
            | Kind::Null
    )
}

/// A keyword that nothing else can stand for, in any spelling near it; gives its place.
pub(super) fn keyword<'t>(cx: Context<'t>, kind: Kind) -> Rule<'t, Span> {
    let word = keyword_text(kind).unwrap_or("");
    custom(move |input: &mut Tokens<'t, '_>| {
        let at = index(input);
        let Some(token) = cx.get(at) else { return Err(Failure::expected(at, &[Want::of(kind)])) };
        if token.kind != kind {
            let close = if word.len() > 3 { resembles(token, word) } else { token.is_word(word) };
            if !close {
                return Err(Failure::expected(at, &[Want::of(kind)]));
            }
            emit(input, misspelt(cx, token, word));
        }
        input.skip();
        Ok(token.span)
    })
    .boxed()
}
