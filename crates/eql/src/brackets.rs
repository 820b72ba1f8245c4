//! Balances brackets before parsing, so that one forgotten bracket gives one error and a tree of nearly everything.
//!
//! Missing closing brackets are put in as tokens without text where they must have stood at the latest: before a
//! bracket that closes an outer one, before the next term of a sequence, before `by`, `with`, `until` and `|`, at the
//! end. Closing brackets without an opening one are left out.

use eqlc_diagnostics::codes::eql_syntax as codes;
use eqlc_diagnostics::{Applicability, Diagnostic, Span};

use crate::token::{Kind, Token, Value};

struct Balance {
    out: Vec<Token>,
    open: Vec<(Kind, Span)>,
    diagnostics: Vec<Diagnostic>,
    quiet: bool,
}

/// Balances the tokens. `quiet` where a string did not end and may hide brackets: the repair is made, not reported.
pub(crate) fn balance(tokens: Vec<Token>, quiet: bool) -> (Vec<Token>, Vec<Diagnostic>) {
    let out = Vec::with_capacity(tokens.len());
    let mut balance = Balance { out, open: Vec::new(), diagnostics: Vec::new(), quiet };
    let mut rest = tokens.into_iter().peekable();
    while let Some(token) = rest.next() {
        let index = rest.peek().is_some_and(|next| next.kind == Kind::Int);
        balance.step(token, index);
    }
    balance.close_above(0);
    (balance.out, balance.diagnostics)
}

impl Balance {
    fn step(&mut self, token: Token, before_integer: bool) {
        match token.kind {
            Kind::LParen => self.open.push((Kind::LParen, token.span)),
            Kind::LBracket | Kind::MissingOpen => {
                let nests = match self.out.last().map(|last| last.kind) {
                    Some(Kind::Of) => true,
                    Some(Kind::Ident | Kind::Quoted | Kind::RBracket) => before_integer,
                    _ => false,
                };
                if !nests {
                    self.close_square();
                }
                self.open.push((Kind::LBracket, token.span));
            }
            Kind::By | Kind::With => self.close_square(),
            Kind::Until | Kind::Pipe => self.close_above(0),
            Kind::RParen | Kind::RBracket => {
                let opener = if token.kind == Kind::RParen { Kind::LParen } else { Kind::LBracket };
                let Some(at) = self.open.iter().rposition(|(kind, _)| *kind == opener) else {
                    return self.unmatched(&token);
                };
                // A `)` does not reach over a `[` that is still open: it is the `)` that is too many.
                if token.kind == Kind::RParen && at + 1 < self.open.len() {
                    return self.unmatched(&token);
                }
                self.close_above(at + 1);
                self.open.pop();
            }
            _ => {}
        }
        self.out.push(token);
    }

    fn unmatched(&mut self, token: &Token) {
        if self.quiet {
            return;
        }
        let (text, opener) = if token.kind == Kind::RParen { (")", "(") } else { ("]", "[") };
        self.diagnostics.push(
            Diagnostic::error(codes::UNMATCHED_BRACKET, format!("`{text}` closes nothing"))
                .at(token.span, format!("no `{opener}` is open here"))
                .fix(Applicability::Unsafe, format!("remove the `{text}`"), token.span, ""),
        );
    }

    /// Closes what is open down to the innermost `[`, which is closed too.
    fn close_square(&mut self) {
        if let Some(at) = self.open.iter().rposition(|(kind, _)| *kind == Kind::LBracket) {
            self.close_above(at);
        }
    }

    /// Closes brackets until `keep` are open.
    fn close_above(&mut self, keep: usize) {
        while self.open.len() > keep {
            let Some((kind, opened)) = self.open.pop() else { return };
            let (closer, text, open_text) = match kind {
                Kind::LParen => (Kind::RParen, ")", "("),
                _ => (Kind::RBracket, "]", "["),
            };
            let (end, span) = self.out.last().map_or((0, opened), |last| (last.end, last.span));
            let place = span.at_end();
            if !self.quiet {
                self.diagnostics.push(
                    Diagnostic::error(codes::UNCLOSED_BRACKET, format!("`{open_text}` is never closed"))
                        .at(place, format!("`{text}` is expected here at the latest"))
                        .and_at(opened, "opened here")
                        .fix(Applicability::Unsafe, format!("insert `{text}`"), place, text),
                );
            }
            self.out.push(Token { kind: closer, value: Value::None, start: end, end, span: place });
        }
    }
}
