//! Words and signs of other languages, and misspelt keywords, that are read as what was meant.

use chumsky::prelude::*;
use eqlc_diagnostics::codes::eql_syntax as codes;
use eqlc_diagnostics::{Applicability, Diagnostic, Span, nearest};

use super::context::{Context, Rule, Tokens, emit, index};
use super::failure::{Failure, Want};
use super::reader::Reader;
use crate::token::{Kind, Kinds, Token, keyword_text};

/// A keyword in the wrong letter case.
pub(super) fn wrong_case(cx: Context<'_>, token: &Token<'_>, meant: &str) -> Diagnostic {
    let written = cx.text_of(token);
    Diagnostic::error(codes::KEYWORD_CASE, format!("keywords are lower case: `{written}`"))
        .at(token.span, format!("write `{meant}`"))
        .fix(Applicability::Safe, format!("replace `{written}` with `{meant}`"), token.span, meant)
}

/// A misspelt keyword.
pub(super) fn misspelt(cx: Context<'_>, token: &Token<'_>, meant: &str) -> Diagnostic {
    let written = cx.text_of(token);
    if written.eq_ignore_ascii_case(meant) {
        return wrong_case(cx, token, meant);
    }
    Diagnostic::error(codes::MISSPELT_KEYWORD, format!("expected `{meant}`, found `{written}`"))
        .at(token.span, format!("did you mean `{meant}`?"))
        .fix(Applicability::Unsafe, format!("replace `{written}` with `{meant}`"), token.span, meant)
}

/// Whether an identifier is near enough to a keyword to be a slip of the pen.
pub(super) fn resembles(token: &Token<'_>, keyword: &str) -> bool {
    token.kind == Kind::Ident && (token.is_word(keyword) || !nearest(token.name(), [keyword]).is_empty())
}

/// An operator of another language.
pub(super) fn foreign(cx: Context<'_>, token: &Token<'_>, meant: &str) -> Diagnostic {
    let written = cx.text_of(token);
    // `a&&b` needs blanks around the word.
    let word = meant.starts_with(|c: char| c.is_ascii_alphabetic());
    let name_before =
        cx.text.get(..token.range().start).is_some_and(|text| !text.ends_with([' ', '\t', '\n', '\r', '(']));
    let name_after =
        cx.text.get(token.range().end..).is_some_and(|text| !text.starts_with([' ', '\t', '\n', '\r']));
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

impl Reader<'_> {
    /// Takes the word between operands of a chain, `and` or `or`, or what stands for it elsewhere.
    pub(super) fn connective(&mut self, kind: Kind) -> bool {
        if self.eat(kind) {
            return true;
        }
        self.foreign_connective(kind)
    }

    fn foreign_connective(&mut self, kind: Kind) -> bool {
        const OTHERS: Kinds = Kinds::of(&[Kind::AmpAmp, Kind::PipePipe, Kind::Ident]);
        let Some(token) = self.token().filter(|token| OTHERS.has(token.kind)) else { return false };
        let (word, sign) = if kind == Kind::And { ("and", Kind::AmpAmp) } else { ("or", Kind::PipePipe) };
        let slip = if token.kind == sign {
            foreign(self.cx, token, word)
        } else if token.is_word(word) {
            wrong_case(self.cx, token, word)
        } else {
            return false;
        };
        self.emit(slip);
        self.take(1);
        true
    }

    /// Takes `not`, or what stands for it elsewhere.
    pub(super) fn negation(&mut self) -> bool {
        let Some(token) = self.token() else { return false };
        match token.kind {
            Kind::Not => {}
            Kind::Bang => self.emit(foreign(self.cx, token, "not")),
            Kind::Ident if token.is_word("not") && self.kind_after(1).is_some_and(starts_operand) => {
                self.emit(wrong_case(self.cx, token, "not"));
            }
            _ => return false,
        }
        self.take(1);
        true
    }
}

/// Whether a value can start with such a token.
pub(super) fn starts_operand(kind: Kind) -> bool {
    matches!(
        kind,
        Kind::Ident
            | Kind::Path
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
