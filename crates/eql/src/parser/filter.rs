//! `category where condition`.

use eqlc_diagnostics::codes::eql_syntax as codes;
use eqlc_diagnostics::{Applicability, Diagnostic, Node, Span};

use super::context::{Context, Stop};
use super::failure::Want;
use super::reader::{Read, Reader};
use super::slips::{misspelt, resembles, starts_operand};
use crate::ast::{Category, EventFilter, Expr};
use crate::token::{Kind, Token};

impl Reader<'_> {
    /// An event filter. Never fails: a filter without a readable head has an error as condition.
    pub(super) fn filter(&mut self) -> EventFilter {
        let read = |reader: &mut Self| {
            let category = reader.filter_head()?;
            Ok(EventFilter { category, condition: reader.expression() })
        };
        self.or_skip(Stop::Pipe, read, |span| EventFilter {
            category: Node::new(Category::Any, span),
            condition: Expr::error(span),
        })
    }

    /// The category and `where`.
    fn filter_head(&mut self) -> Read<Node<Category>> {
        let at = self.at();
        // What starts a query may start a sequence as well.
        let wants: &[Want] = if at == 0 { &[Want::Query, Want::Category] } else { &[Want::Category] };
        let token = self.token().ok_or_else(|| self.expected(wants))?;
        if token.kind == Kind::Where {
            self.emit(no_category(token.span, "any "));
            self.take(1);
            return Ok(Node::new(Category::Any, token.span));
        }
        if is_condition(self.cx, at) {
            let front = Span { end: token.span.start, ..token.span };
            self.emit(no_category(front, "any where "));
            return Ok(Node::new(Category::Any, front));
        }
        let category = self.category().ok_or_else(|| self.expected(wants))?;
        self.where_word();
        Ok(category)
    }
}

fn no_category(place: Span, text: &str) -> Diagnostic {
    let front = Span { end: place.start, ..place };
    Diagnostic::error(codes::NO_CATEGORY, "the event category is missing")
        .at(place, "expected `category where` and the condition")
        .fix(Applicability::Unsafe, format!("insert `{}`", text.trim_end()), front, text)
}

/// Whether a condition starts here without a category, as in other query languages.
fn is_condition(cx: Context<'_>, at: usize) -> bool {
    let next = cx.kind(at + 1);
    match cx.kind(at) {
        Some(Kind::LParen | Kind::Not | Kind::Question | Kind::Bang) => true,
        Some(Kind::Path) => true,
        Some(Kind::Ident | Kind::Quoted | Kind::FoldIdent) => matches!(
            next,
            Some(
                Kind::Dot
                    | Kind::LParen
                    | Kind::Colon
                    | Kind::Eq
                    | Kind::Ne
                    | Kind::Assign
                    | Kind::Lt
                    | Kind::Le
                    | Kind::Gt
                    | Kind::Ge
                    | Kind::In
                    | Kind::InFold
                    | Kind::Like
                    | Kind::LikeFold
                    | Kind::Regex
                    | Kind::RegexFold
            )
        ),
        _ => false,
    }
}

impl Reader<'_> {
    fn category(&mut self) -> Option<Node<Category>> {
        let (cx, at) = (self.cx, self.at());
        let token = cx.get(at)?;
        let (name, quoted) = match token.kind {
            Kind::Any => {
                self.take(1);
                return Some(Node::new(Category::Any, token.span));
            }
            Kind::Str => (token.text, true),
            Kind::Ident => (token.name(), false),
            Kind::Quoted => {
                self.emit(quoted_category(token, token.name(), "names in back-ticks are fields"));
                (token.name(), true)
            }
            _ => return None,
        };
        if let Some(last) = hyphenated(cx, at) {
            let text = cx.text.get(token.range().start..cx.get(last)?.range().end).unwrap_or("").to_owned();
            let span = token.span.to(cx.at(last));
            self.emit(quoted_category(&Token { span, ..*token }, &text, "not a plain name"));
            self.take(last + 1 - at);
            return Some(Node::new(Category::Named { name: text.into(), quoted: true }, span));
        }
        self.take(1);
        Some(Node::new(Category::Named { name: name.into(), quoted }, token.span))
    }

    /// Takes `where`, or what was written for it.
    fn where_word(&mut self) {
        let Some(token) = self.token() else { return self.fail(self.expected(&[Want::Where])) };
        if token.kind == Kind::Where {
            return self.take(1);
        }
        let before_operand = self.kind_after(1).is_some_and(starts_operand);
        if resembles(token, "where") || (token.kind == Kind::Ident && before_operand) {
            self.emit(misspelt(self.cx, token, "where"));
            return self.take(1);
        }
        let place = Span { end: token.span.start, ..token.span };
        if starts_operand(token.kind) {
            let found = Diagnostic::error(codes::NO_WHERE, "`where` is missing after the event category")
                .at(token.span, "expected `where` before the condition")
                .fix(Applicability::Safe, "insert `where`", place, "where ");
            return self.emit(found);
        }
        self.fail(self.expected(&[Want::Where]));
    }
}

fn quoted_category(token: &Token<'_>, name: &str, label: &str) -> Diagnostic {
    let replacement = crate::print::quote(name);
    Diagnostic::error(codes::CATEGORY_NEEDS_QUOTES, format!("the category `{name}` needs quotes"))
        .at(token.span, label)
        .fix(Applicability::Safe, format!("write `{replacement}`"), token.span, replacement)
}

/// The last token of a name such as `my-category` before `where`.
fn hyphenated(cx: Context<'_>, at: usize) -> Option<usize> {
    let mut last = at;
    while cx.kind(last + 1) == Some(Kind::Minus) && cx.kind(last + 2) == Some(Kind::Ident) {
        last += 2;
    }
    (last > at && cx.kind(last + 1) == Some(Kind::Where)).then_some(last)
}
