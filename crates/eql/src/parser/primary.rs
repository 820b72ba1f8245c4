//! Constants, fields, calls and groups.

use eqlc_diagnostics::codes::eql_syntax as codes;
use eqlc_diagnostics::{Applicability, Diagnostic, Node};
use smol_str::SmolStr;

use super::failure::Want;
use super::reader::{Read, Reader};
use super::slips::wrong_case;
use crate::ast::{Call, Expr, ExprKind, FieldPath, Literal, Variable};
use crate::token::{Kind, Token, keyword_text};

impl Reader<'_> {
    pub(super) fn primary(&mut self) -> Read<Expr> {
        match self.kind() {
            Some(Kind::Ident) if self.kind_after(1) != Some(Kind::LParen) => self.field(),
            Some(Kind::Ident | Kind::FoldIdent) => self.call(),
            Some(Kind::Path | Kind::Quoted | Kind::Question) => self.field(),
            Some(Kind::LParen) => self.group(),
            _ => match self.constant() {
                Some(literal) => Ok(Expr::new(ExprKind::Literal(literal.value), literal.span)),
                None => Err(self.expected(&[Want::Value])),
            },
        }
    }

    /// A constant, which is all that may stand on the right of `:`.
    pub(super) fn constant(&mut self) -> Option<Node<Literal>> {
        let constant = self.token().and_then(constant_of);
        self.take(usize::from(constant.is_some()));
        constant
    }

    fn group(&mut self) -> Read<Expr> {
        let start = self.at();
        self.take(1);
        let inner = self.expression();
        self.close(Kind::RParen, &[Want::And, Want::Or, Want::Operator, Want::CloseParen])?;
        Ok(Expr { span: self.since(start), ..inner })
    }

    fn call(&mut self) -> Read<Expr> {
        let start = self.at();
        let token = self.token().ok_or_else(|| self.expected(&[Want::Value]))?;
        let insensitive = token.kind == Kind::FoldIdent;
        let name = Node::new(token.name().into(), token.span);
        self.take(1);
        let args = self.expressions()?;
        Ok(Expr::new(ExprKind::Call(Box::new(Call { name, insensitive, args })), self.since(start)))
    }

    fn field(&mut self) -> Read<Expr> {
        let start = self.at();
        let optional = self.eat(Kind::Question);
        if let Some(path) = self.plain_path() {
            return Ok(Expr::new(ExprKind::Field { path, optional }, self.since(start)));
        }
        let first =
            self.token().filter(|token| matches!(token.kind, Kind::Ident | Kind::Path | Kind::Quoted));
        let first = first.ok_or_else(|| self.expected(&[Want::FieldName]))?;
        self.take(1);
        let mut segments = Vec::with_capacity(3);
        match first.kind {
            Kind::Path => {
                let path = FieldPath::plain(first.text, first.span);
                segments.extend(path.segments().map(|segment| segment.map(SmolStr::from)));
            }
            _ => segments.push(Node::new(first.name().into(), first.span)),
        }
        let mut indexed = false;
        loop {
            if self.kind() == Some(Kind::Dot) {
                segments.push(self.segment()?);
            } else if self.subscript() {
                indexed = true;
            } else {
                break;
            }
        }
        let span = self.since(start);
        if indexed {
            return Ok(Expr::error(span));
        }
        if let (Some((word, literal)), 1) = (constant_word(first), self.at() - start) {
            let found =
                wrong_case(self.cx, first, word).help("a field of that name is written in back-ticks");
            self.emit(found);
            return Ok(Expr::new(ExprKind::Literal(literal), span));
        }
        Ok(named(segments, optional, span))
    }

    /// `a.b.c` in plain names without a blank between, as nearly every path is written.
    fn plain_path(&mut self) -> Option<FieldPath> {
        let (cx, at) = (self.cx, self.at());
        let name = cx.get(at).filter(|token| matches!(token.kind, Kind::Ident | Kind::Path))?;
        let ends = match cx.kind(at + 1) {
            Some(Kind::Dot) => false,
            Some(Kind::LBracket) => cx.kind(at + 2) != Some(Kind::Int),
            _ => true,
        };
        let plain = ends && name.span.range().len() == name.text.len() && !name.text.starts_with('$');
        if !plain || constant_word(name).is_some() {
            return None;
        }
        self.take(1);
        Some(FieldPath::plain(name.text, name.span))
    }

    /// `.name`
    fn segment(&mut self) -> Read<Node<SmolStr>> {
        self.take(1);
        let token = self.token().ok_or_else(|| self.expected(&[Want::FieldName]))?;
        let name = match (token.kind, keyword_text(token.kind)) {
            (Kind::Ident | Kind::Quoted, _) => token.name(),
            (_, Some(word)) => {
                let found = Diagnostic::error(codes::NAME_NEEDS_QUOTES, format!("`{word}` is a keyword"))
                    .at(token.span, "a field of that name is written in back-ticks")
                    .fix(Applicability::Safe, "put the name in back-ticks", token.span, format!("`{word}`"));
                self.emit(found);
                word
            }
            _ => return Err(self.expected(&[Want::FieldName])),
        };
        self.take(1);
        Ok(Node::new(name.into(), token.span))
    }

    /// `[0]`, which is refused.
    fn subscript(&mut self) -> bool {
        if self.kind() != Some(Kind::LBracket)
            || self.kind_after(1) != Some(Kind::Int)
            || self.kind_after(2) != Some(Kind::RBracket)
        {
            return false;
        }
        let at = self.at();
        let found = Diagnostic::error(codes::ARRAY_INDEX, "elements of arrays cannot be picked by index")
            .at(self.cx.at(at).to(self.cx.at(at + 2)), "array indexes are not supported")
            .help("a condition on a field with several values holds when it holds for one of them");
        self.emit(found);
        self.take(3);
        true
    }
}

/// The constant that a token is.
pub(super) fn constant_of(token: &Token<'_>) -> Option<Node<Literal>> {
    let literal = match token.kind {
        Kind::Str => Literal::Str { value: token.text.into(), raw: token.raw },
        Kind::Null => Literal::Null,
        Kind::True => Literal::Bool(true),
        Kind::False => Literal::Bool(false),
        Kind::Int => Literal::Int(token.integer()?),
        // One too large has been reported.
        Kind::Float => Literal::Float(token.text.parse::<f64>().unwrap_or(0.0).min(f64::MAX)),
        _ => return None,
    };
    Some(Node::new(literal, token.span))
}

/// The tree for a path: a variable of the Endpoint dialect starts with `$`, which no other name does unquoted.
fn named(mut segments: Vec<Node<SmolStr>>, optional: bool, span: eqlc_diagnostics::Span) -> Expr {
    let variable = segments.first().and_then(|first| {
        let unquoted = usize::try_from(first.span.end - first.span.start).ok()? == first.value.len();
        let name = first.value.strip_prefix('$').filter(|_| unquoted)?;
        Some(Node::new(name.into(), first.span))
    });
    match variable {
        Some(name) if !optional => {
            segments.remove(0);
            let path = (!segments.is_empty()).then(|| FieldPath::of(segments));
            Expr::new(ExprKind::Variable(Box::new(Variable { name, path })), span)
        }
        _ => Expr::new(ExprKind::Field { path: FieldPath::of(segments), optional }, span),
    }
}

/// `NULL`, `True` and the like.
fn constant_word(token: &Token<'_>) -> Option<(&'static str, Literal)> {
    if token.kind != Kind::Ident {
        return None;
    }
    let words = [("null", Literal::Null), ("true", Literal::Bool(true)), ("false", Literal::Bool(false))];
    words.into_iter().find(|(word, _)| token.is_word(word))
}
