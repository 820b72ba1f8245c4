//! Lists in parentheses.

use chumsky::prelude::*;
use eqlc_diagnostics::codes::eql_syntax as codes;
use eqlc_diagnostics::{Applicability, Diagnostic};

use super::context::{Context, Rule, Stop, Tokens, close, follow, index, token};
use super::failure::{Failure, Want};
use crate::token::Kind;

enum Slot<T> {
    Item(T),
    /// Nothing before a `,` or the closing bracket; the index of that token.
    Hole(usize),
}

/// `(a, b, c)`; places where an item is missing are reported and left out. Empty parentheses give no item and no
/// error.
pub(super) fn list<'t, T: 't>(cx: Context<'t>, item: Rule<'t, T>) -> Rule<'t, Vec<T>> {
    let hole = custom(move |input: &mut Tokens<'t, '_>| {
        let at = index(input);
        match cx.kind(at) {
            Some(Kind::Comma | Kind::RParen) => Ok(Slot::Hole(at)),
            _ => Err(Failure::expected(at, &[])),
        }
    });
    let item = item.then_ignore(follow(cx, Stop::Item, &[Want::Comma, Want::Closer])).map(Slot::Item);
    token(cx, Kind::LParen)
        .ignore_then(choice((hole, item)).separated_by(token(cx, Kind::Comma)).collect::<Vec<_>>())
        .then_ignore(close(cx, Kind::RParen))
        .validate(move |slots, _, emitter| {
            let only = slots.len() == 1;
            let mut items = Vec::with_capacity(slots.len());
            let mut in_hole = false;
            for slot in slots {
                match slot {
                    Slot::Item(item) => {
                        items.push(item);
                        in_hole = false;
                    }
                    Slot::Hole(_) if only => {}
                    Slot::Hole(at) => {
                        if !in_hole {
                            emitter.emit(Failure::said(extra_comma(cx, at)));
                        }
                        in_hole = true;
                    }
                }
            }
            items
        })
        .boxed()
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
