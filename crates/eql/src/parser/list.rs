//! Lists in parentheses.

use eqlc_diagnostics::codes::eql_syntax as codes;
use eqlc_diagnostics::{Applicability, Diagnostic, Node};

use super::context::{Context, Stop};
use super::failure::Want;
use super::primary::constant_of;
use super::reader::{Read, Reader};
use crate::ast::Literal;
use crate::token::{Kind, Token};

/// What stands in parentheses.
pub(super) struct List<T> {
    pub(super) items: Vec<T>,
    /// Whether there were items that are not in the list.
    pub(super) refused: bool,
}

impl<'t> Reader<'t> {
    /// `(a, b, c)`; places where an item is missing are reported and left out. Empty parentheses give no item and
    /// no error. `item` may give none for what it refused; of a constant with a comma behind it gives what `constant`
    /// makes of that.
    pub(super) fn list<T>(
        &mut self,
        after_item: &[Want],
        constant: impl Fn(Node<Literal>) -> T,
        mut item: impl FnMut(&mut Self) -> Read<Option<T>>,
    ) -> Read<List<T>> {
        self.expect(Kind::LParen)?;
        let texts = self.texts_ahead();
        let mut list = List { items: Vec::with_capacity(texts.len() / 2 + 1), refused: false };
        list.items.extend(texts.chunks_exact(2).filter_map(|pair| constant_of(pair.first()?).map(&constant)));
        self.take(texts.len());
        // Of several commas in a row the first is reported; a lone hole is an empty list.
        let (mut in_hole, mut only) = (false, texts.is_empty());
        loop {
            let at = self.at();
            if matches!(self.kind(), Some(Kind::Comma | Kind::RParen)) {
                only = only && self.kind() == Some(Kind::RParen);
                if !only && !in_hole {
                    self.emit(extra_comma(self.cx, at));
                }
                in_hole = true;
            } else {
                match item(self) {
                    Ok(Some(read)) => list.items.push(read),
                    Ok(None) => list.refused = true,
                    Err(failure) => {
                        self.fail(failure);
                        self.skip(Stop::Bracket);
                        break;
                    }
                }
                in_hole = false;
                self.follow(Stop::Item, after_item);
            }
            only = false;
            if !self.eat(Kind::Comma) {
                break;
            }
        }
        self.close(Kind::RParen, &[Want::Comma, Want::CloseParen])?;
        Ok(list)
    }

    /// The texts that follow, each with a comma behind it: lists of rules hold little else.
    fn texts_ahead(&self) -> &'t [Token<'t>] {
        let is_text = |pair: &&[Token<'_>]| matches!(pair, [text, comma] if text.kind == Kind::Str && comma.kind == Kind::Comma);
        let tokens = self.cx.tokens.get(self.at()..).unwrap_or_default();
        let count = tokens.chunks_exact(2).take_while(is_text).count();
        tokens.get(..2 * count).unwrap_or_default()
    }
}

fn extra_comma(cx: Context<'_>, at: usize) -> Diagnostic {
    // Before the closing bracket it is the comma in front of it that is too many.
    let trailing = cx.kind(at) == Some(Kind::RParen);
    let comma = if trailing { at.saturating_sub(1) } else { at };
    let label = if trailing {
        "no value after it"
    } else if cx.kind(at.wrapping_sub(1)) == Some(Kind::LParen) {
        "no value before it"
    } else {
        "no value between the commas"
    };
    Diagnostic::error(codes::EXTRA_COMMA, "a comma too many").at(cx.at(comma), label).fix(
        Applicability::Safe,
        "remove the comma",
        cx.at(comma),
        "",
    )
}
