//! Balances brackets before parsing, so that one forgotten bracket gives one error and a tree of nearly everything.
//!
//! Missing closing brackets are put in as tokens without text where they must have stood at the latest: before a
//! bracket that closes an outer one, before the next term of a sequence, before `by`, `with`, `until` and `|`, at the
//! end. Closing brackets without an opening one are left out.

use eqlc_diagnostics::codes::eql_syntax as codes;
use eqlc_diagnostics::{Applicability, Diagnostic, Span};

use crate::token::{Kind, Kinds, Token};

struct Balance<'t> {
    out: Vec<Token<'t>>,
    open: Vec<(Kind, Span)>,
    /// How many of the open brackets are square, so that nobody looks for one in vain.
    squares: usize,
    diagnostics: Vec<Diagnostic>,
    quiet: bool,
}

/// Balances the tokens. `quiet` where a string did not end and may hide brackets: the repair is made, not reported.
pub(crate) fn balance(tokens: Vec<Token<'_>>, quiet: bool) -> (Vec<Token<'_>>, Vec<Diagnostic>) {
    if is_balanced(&tokens) {
        return (tokens, Vec::new());
    }
    let out = Vec::with_capacity(tokens.len());
    let mut balance = Balance { out, open: Vec::new(), squares: 0, diagnostics: Vec::new(), quiet };
    let mut rest = tokens.into_iter().peekable();
    while let Some(token) = rest.next() {
        let index = rest.peek().is_some_and(|next| next.kind == Kind::Int);
        balance.step(token, index);
    }
    balance.close_above(0);
    (balance.out, balance.diagnostics)
}

/// Brackets, and what may not stand in them.
const STRUCTURE: Kinds = Kinds::of(&[
    Kind::LParen,
    Kind::RParen,
    Kind::LBracket,
    Kind::MissingOpen,
    Kind::RBracket,
    Kind::By,
    Kind::With,
    Kind::Until,
    Kind::Pipe,
]);

/// Whether there is nothing to repair, as for nearly every query.
fn is_balanced(tokens: &[Token<'_>]) -> bool {
    let mut open: Vec<Kind> = Vec::new();
    let mut squares = 0usize;
    for (at, token) in tokens.iter().enumerate() {
        let kind = token.kind;
        if !STRUCTURE.has(kind) {
            continue;
        }
        match kind {
            Kind::LParen => open.push(kind),
            Kind::LBracket | Kind::MissingOpen => {
                let kind_at = |at: usize| tokens.get(at).map(|token| token.kind);
                let index = kind_at(at + 1) == Some(Kind::Int);
                if squares > 0 && !nests(kind_at(at.wrapping_sub(1)), index) {
                    return false;
                }
                squares += 1;
                open.push(Kind::LBracket);
            }
            Kind::By | Kind::With if squares > 0 => return false,
            Kind::Until | Kind::Pipe if !open.is_empty() => return false,
            Kind::RParen if open.pop() != Some(Kind::LParen) => return false,
            Kind::RBracket if open.pop() != Some(Kind::LBracket) => return false,
            Kind::RBracket => squares -= 1,
            _ => {}
        }
    }
    open.is_empty()
}

/// Whether a `[` opens an index or a filter inside an expression, not a term of a sequence.
fn nests(before: Option<Kind>, index: bool) -> bool {
    match before {
        Some(Kind::Of) => true,
        Some(Kind::Ident | Kind::Path | Kind::Quoted | Kind::RBracket) => index,
        _ => false,
    }
}

impl<'t> Balance<'t> {
    fn step(&mut self, token: Token<'t>, before_integer: bool) {
        match token.kind {
            Kind::LParen => self.open.push((Kind::LParen, token.span)),
            Kind::LBracket | Kind::MissingOpen => {
                if !nests(self.out.last().map(|last| last.kind), before_integer) {
                    self.close_square();
                }
                self.open.push((Kind::LBracket, token.span));
                self.squares += 1;
            }
            Kind::By | Kind::With => self.close_square(),
            Kind::Until | Kind::Pipe => self.close_above(0),
            // A `)` does not reach over a `[` that is still open: it is the `)` that is too many.
            Kind::RParen if !matches!(self.open.last(), Some((Kind::LParen, _))) => {
                return self.unmatched(&token);
            }
            Kind::RBracket if self.squares == 0 => return self.unmatched(&token),
            Kind::RParen => drop(self.open.pop()),
            Kind::RBracket => {
                if let Some(at) = self.innermost_square() {
                    self.close_above(at + 1);
                }
                self.open.pop();
                self.squares -= 1;
            }
            _ => {}
        }
        self.out.push(token);
    }

    fn unmatched(&mut self, token: &Token<'_>) {
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
        if let Some(at) = self.innermost_square() {
            self.close_above(at);
        }
    }

    fn innermost_square(&self) -> Option<usize> {
        if self.squares == 0 {
            return None;
        }
        self.open.iter().rposition(|(kind, _)| *kind == Kind::LBracket)
    }

    /// Closes brackets until `keep` are open.
    fn close_above(&mut self, keep: usize) {
        while self.open.len() > keep {
            let Some((kind, opened)) = self.open.pop() else { return };
            let (closer, text, open_text) = match kind {
                Kind::LParen => (Kind::RParen, ")", "("),
                _ => {
                    self.squares -= 1;
                    (Kind::RBracket, "]", "[")
                }
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
            self.out.push(Token { kind: closer, raw: false, text: "", start: end, end, span: place });
        }
    }
}
