//! Numbers, `eql-semantics.md` §1.7, and names that start with a digit.

use eqlc_diagnostics::codes::eql_syntax as codes;
use eqlc_diagnostics::{Applicability, Diagnostic};

use super::{Lexer, shorten};
use crate::token::{Kind, is_name_byte};

impl Lexer<'_> {
    pub(super) fn number(&mut self) {
        let start = self.at;
        let mut end = self.digits(start);
        let mut decimal = false;
        if self.at_char(end) == Some('.') {
            decimal = true;
            end = self.digits(end + 1);
        }
        self.finish_number(start, end, decimal);
    }

    /// `.5`, or a path segment such as the last of `a.6x`.
    pub(super) fn dot_digit(&mut self) {
        let start = self.at;
        let glued = self.out.tokens.last().is_some_and(|token| {
            token.range().end == start && matches!(token.kind, Kind::Ident | Kind::Quoted)
        });
        if !glued {
            let end = self.digits(start + 1);
            return self.finish_number(start, end, true);
        }
        self.push(Kind::Dot, "", start, start + 1);
        let begin = start + 1;
        let rest = self.rest();
        let end = begin + rest.bytes().position(|byte| !is_name_byte(byte)).unwrap_or(rest.len());
        let name = self.slice(begin, end);
        let span = self.span(begin, end);
        self.report(
            Diagnostic::error(
                codes::NAME_NEEDS_QUOTES,
                format!("`{}` is not a name without quotes", shorten(name)),
            )
            .at(span, "a name cannot start with a digit")
            .fix(Applicability::Safe, "put the name in back-ticks", span, format!("`{name}`")),
        );
        // As with the quotes.
        self.push(Kind::Quoted, name, begin, end);
    }

    fn at_char(&self, at: usize) -> Option<char> {
        self.text.get(at..).and_then(|rest| rest.chars().next())
    }

    fn digits(&self, from: usize) -> usize {
        let rest = self.text.get(from..).unwrap_or("");
        from + rest.find(|c: char| !c.is_ascii_digit()).unwrap_or(rest.len())
    }

    fn finish_number(&mut self, start: usize, end: usize, decimal: bool) {
        let (mut end, mut decimal) = (end, decimal);
        if matches!(self.at_char(end), Some('e' | 'E')) {
            let sign = usize::from(matches!(self.at_char(end + 1), Some('+' | '-')));
            let last = self.digits(end + 1 + sign);
            if last > end + 1 + sign {
                end = last;
                decimal = true;
            }
        }
        let text = self.slice(start, end);
        if !decimal && text.parse::<u64>().is_ok() {
            return self.push(Kind::Int, text, start, end);
        }
        if !text.parse::<f64>().is_ok_and(f64::is_finite) {
            let span = self.span(start, end);
            self.report(
                Diagnostic::error(
                    codes::NUMBER_TOO_LARGE,
                    format!("the number `{}` is too large", shorten(text)),
                )
                .at(span, "more than 1.8e308"),
            );
        }
        self.push(Kind::Float, text, start, end);
    }
}
