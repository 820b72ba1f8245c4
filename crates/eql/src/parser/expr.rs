//! Expressions, loosest first, `eql-semantics.md` §2.

use eqlc_diagnostics::codes::eql_syntax as codes;
use eqlc_diagnostics::{Applicability, Diagnostic, Node};

use super::context::Stop;
use super::failure::Want;
use super::reader::{Read, Reader};
use super::slips::foreign;
use crate::Dialect;
use crate::ast::{ArithOp, Compare, CompareOp, Expr, ExprKind, Lineage};
use crate::token::{Kind, Token};

/// Bytes of stack that reading one level of nesting surely does with, without optimisation.
const STACK_OF_A_LEVEL: usize = 64 * 1024;
/// Bytes of stack to go on with where less is left.
const STACK_TO_ADD: usize = 1024 * 1024;

/// What may stand after an operand.
const AFTER_OPERAND: &[Want] = &[Want::And, Want::Or, Want::Operator, Want::Closer];

impl Reader<'_> {
    /// A condition or a value. Never fails: what cannot be read becomes an error node.
    pub(super) fn expression(&mut self) -> Expr {
        // Depth is limited (`limits`), the stack of the thread is not ours.
        stacker::maybe_grow(STACK_OF_A_LEVEL, STACK_TO_ADD, || {
            self.chain(Kind::Or, Expr::any, |reader| reader.chain(Kind::And, Expr::all, Self::negated))
        })
    }

    /// `a and b and c`, or the same with `or`.
    fn chain(
        &mut self,
        connective: Kind,
        join: fn(Vec<Expr>) -> Expr,
        mut operand: impl FnMut(&mut Self) -> Expr,
    ) -> Expr {
        let start = self.at();
        let first = operand(self);
        if !self.connective(connective) {
            return first;
        }
        // Few chains are longer, and operands are large.
        let mut operands = Vec::with_capacity(4);
        operands.push(first);
        operands.push(operand(self));
        while self.connective(connective) {
            operands.push(operand(self));
        }
        Expr { span: self.since(start), ..join(operands) }
    }

    fn negated(&mut self) -> Expr {
        let start = self.at();
        if !self.negation() {
            return self.operand();
        }
        while self.negation() {}
        let signs = start..self.at();
        let operand = self.operand();
        signs.rev().fold(operand, |inner, sign| {
            let span = self.cx.at(sign).to(inner.span);
            Expr::new(ExprKind::Not(Box::new(inner)), span)
        })
    }

    fn operand(&mut self) -> Expr {
        let operand = self.or_skip(Stop::Operand, Self::comparison, Expr::error);
        self.follow(Stop::Operand, AFTER_OPERAND);
        operand
    }

    fn comparison(&mut self) -> Read<Expr> {
        if self.kind() == Some(Kind::Ident) && self.kind_after(1) == Some(Kind::Of) {
            return self.lineage();
        }
        let start = self.at();
        let left = self.sum()?;
        let Some(op) = self.comparator() else { return Ok(left) };
        let right = self.sum()?;
        let mut second = None;
        while let Some(op) = self.comparator() {
            self.sum()?;
            second.get_or_insert(op);
        }
        let span = self.since(start);
        if let Some(second) = second {
            self.emit(chained(&op, &second));
            return Ok(Expr::error(span));
        }
        Ok(Expr::new(ExprKind::Compare(Box::new(Compare { op, left, right })), span))
    }

    /// `descendant of [process where …]`
    fn lineage(&mut self) -> Read<Expr> {
        let at = self.at();
        let relation = self.token().and_then(|token| Lineage::find(token.name()));
        self.take(2);
        self.expect(Kind::LBracket)?;
        let filter = self.filter();
        self.close(Kind::RBracket, &[Want::CloseBracket])?;
        let span = self.since(at);
        let name = self.cx.at(at).to(self.cx.at(at + 1));
        match (self.cx.dialect, relation) {
            (Dialect::Endpoint, Some(relation)) => {
                let relation = Node::new(relation, self.cx.at(at));
                return Ok(Expr::new(ExprKind::Lineage { relation, filter: Box::new(filter) }, span));
            }
            (Dialect::Elasticsearch, Some(relation)) => self.emit(refused(relation, name)),
            (_, None) => {
                let message = format!("`{}` is no relation between processes", self.cx.text_of_at(at));
                self.emit(Diagnostic::error(codes::LINEAGE, message).at(name, "an unknown relation"));
            }
        }
        Ok(Expr::error(span))
    }

    fn comparator(&mut self) -> Option<Node<CompareOp>> {
        let token = self.token()?;
        let op = match token.kind {
            Kind::Eq | Kind::Assign => CompareOp::Eq,
            Kind::Ne | Kind::LtGt => CompareOp::Ne,
            Kind::Lt => CompareOp::Lt,
            Kind::Le => CompareOp::Le,
            Kind::Gt => CompareOp::Gt,
            Kind::Ge => CompareOp::Ge,
            _ => return None,
        };
        match token.kind {
            Kind::Assign => self.emit(single_equals(token)),
            Kind::LtGt => self.emit(foreign(self.cx, token, "!=")),
            _ => {}
        }
        self.take(1);
        Some(Node::new(op, token.span))
    }

    #[inline]
    fn sum(&mut self) -> Read<Expr> {
        let first = self.signed()?;
        // Nearly every value stands alone.
        if self.arithmetic().is_none() { Ok(first) } else { self.summed(first) }
    }

    /// The sum that starts with a value that was read.
    #[inline(never)]
    fn summed(&mut self, first: Expr) -> Read<Expr> {
        let mut left = self.product(first)?;
        while let Some(op @ (ArithOp::Add | ArithOp::Sub)) = self.arithmetic() {
            self.take(1);
            let right = self.signed()?;
            left = arith(left, op, self.product(right)?);
        }
        Ok(left)
    }

    /// The products that start with a value that was read.
    fn product(&mut self, mut left: Expr) -> Read<Expr> {
        while let Some(op) = self.arithmetic().filter(|op| op.is_product()) {
            self.take(1);
            left = arith(left, op, self.signed()?);
        }
        Ok(left)
    }

    fn arithmetic(&self) -> Option<ArithOp> {
        Some(match self.kind()? {
            Kind::Plus => ArithOp::Add,
            Kind::Minus => ArithOp::Sub,
            Kind::Star => ArithOp::Mul,
            Kind::Slash => ArithOp::Div,
            Kind::Percent => ArithOp::Mod,
            _ => return None,
        })
    }

    /// `-a`, `+a`
    #[inline]
    fn signed(&mut self) -> Read<Expr> {
        let signed = matches!(self.kind(), Some(Kind::Minus | Kind::Plus));
        if signed { self.behind_signs() } else { self.predicated() }
    }

    #[inline(never)]
    fn behind_signs(&mut self) -> Read<Expr> {
        let start = self.at();
        self.signs();
        let signs = start..self.at();
        let operand = self.predicated()?;
        Ok(signs.rev().fold(operand, |inner, sign| {
            let span = self.cx.at(sign).to(inner.span);
            let make = if self.cx.kind(sign) == Some(Kind::Minus) { ExprKind::Neg } else { ExprKind::Pos };
            Expr::new(make(Box::new(inner)), span)
        }))
    }

    pub(super) fn signs(&mut self) {
        while matches!(self.kind(), Some(Kind::Minus | Kind::Plus)) {
            self.take(1);
        }
    }
}

fn arith(left: Expr, op: ArithOp, right: Expr) -> Expr {
    let span = left.span.to(right.span);
    Expr { span, ..Expr::arith(left, op, right) }
}

fn refused(relation: Lineage, name: eqlc_diagnostics::Span) -> Diagnostic {
    let advice = match relation {
        Lineage::Child => {
            "use a `sequence` joined on the process and its parent, or the fields of `process.parent`"
        }
        Lineage::Descendant => "use a `sequence` for a known number of generations, or the Endpoint dialect",
        Lineage::Event => "use a `sequence` joined on the process",
    };
    Diagnostic::error(codes::LINEAGE, format!("`{} of` is not supported", relation.as_str()))
        .at(name, "relations between processes are not part of Elasticsearch EQL")
        .help(advice)
}

fn chained(first: &Node<CompareOp>, second: &Node<CompareOp>) -> Diagnostic {
    let (one, two) = (first.value.as_str(), second.value.as_str());
    let found = Diagnostic::error(codes::CHAINED_COMPARISON, "comparisons cannot be chained")
        .at(second.span, format!("a second comparison after `{one}`"))
        .and_at(first.span, "the first comparison");
    if matches!(first.value, CompareOp::Eq | CompareOp::Ne) {
        return found.help(format!("write `a {one} b and b {two} c`, or put one comparison in parentheses"));
    }
    found.help(format!("write `a {one} b and b {two} c`"))
}

fn single_equals(token: &Token<'_>) -> Diagnostic {
    Diagnostic::error(codes::SINGLE_EQUALS, "`=` does not compare")
        .at(token.span, "equality is written `==`")
        .fix(Applicability::Safe, "replace `=` with `==`", token.span, "==")
}
