//! One walk over the conditions of a query for all lints of the syntax tree.

use eqlc_diagnostics::Diagnostics;
use eqlc_eql::ast::{Category, Comment, Expr, ExprKind, FieldPath, Literal, Match};

use super::super::digest::Digest;
use super::{constant, covered, duplicate, escaped};

/// The walk: findings of outer expressions come first.
pub(super) struct Walk<'q, 'f> {
    pub(super) comments: &'q [Comment],
    pub(super) found: &'f mut Diagnostics,
}

impl Walk<'_, '_> {
    /// Visits an expression and all in it. Gives a digest of what it says: equal expressions have equal ones.
    pub(super) fn expr(&mut self, expr: &Expr) -> Digest {
        match &expr.kind {
            ExprKind::Literal(value) => literal(Digest::of(1), value),
            ExprKind::Field { path, optional } => texts(Digest::of(2).number((*optional).into()), path),
            ExprKind::Call(call) => {
                let head = Digest::of(3).text(&call.name.value).number(call.insensitive.into());
                self.all(head, &call.args)
            }
            ExprKind::Not(inner) => Digest::of(4).digest(self.expr(inner)),
            ExprKind::And(operands) => self.operands(Digest::of(5), operands, "and"),
            ExprKind::Or(operands) => self.operands(Digest::of(6), operands, "or"),
            ExprKind::Compare(test) => {
                let head = Digest::of(7).number(test.op.value as u64);
                let left = head.digest(self.expr(&test.left));
                left.digest(self.expr(&test.right))
            }
            ExprKind::Arith { first, rest } => {
                let first = Digest::of(8).digest(self.expr(first));
                rest.iter()
                    .fold(first, |sum, (op, operand)| sum.number(*op as u64).digest(self.expr(operand)))
            }
            ExprKind::Neg(inner) => Digest::of(9).digest(self.expr(inner)),
            ExprKind::Pos(inner) => Digest::of(10).digest(self.expr(inner)),
            ExprKind::In(test) => {
                let head = Digest::of(11).number(test.negated.into()).number(test.insensitive.into());
                let head = head.digest(self.expr(&test.subject));
                self.all(head, &test.items)
            }
            ExprKind::Match(test) => {
                let Match { subject, op, patterns, list } = &**test;
                covered::check(op.value, patterns, self.comments, self.found);
                escaped::check(op.value, patterns, self.found);
                let head = Digest::of(12).number(op.value as u64).number((*list).into());
                let head = head.digest(self.expr(subject));
                patterns.iter().fold(head, |sum, pattern| literal(sum, &pattern.value))
            }
            ExprKind::Lineage { relation, filter } => {
                let head = Digest::of(13).number(relation.value as u64);
                let head = match &filter.category.value {
                    Category::Any => head,
                    Category::Named { name, .. } => head.text(name),
                };
                head.digest(self.expr(&filter.condition))
            }
            ExprKind::Variable(variable) => {
                let head = Digest::of(14).text(&variable.name.value);
                variable.path.iter().fold(head, texts)
            }
            ExprKind::Error => Digest::of(15),
        }
    }

    fn all(&mut self, head: Digest, list: &[Expr]) -> Digest {
        list.iter().fold(head, |sum, expr| sum.digest(self.expr(expr)))
    }

    /// The operands of `and` or `or`.
    fn operands(&mut self, head: Digest, operands: &[Expr], word: &str) -> Digest {
        constant::check(operands, word, self.found);
        let outer = self.found.len();
        let digests: Vec<Digest> = operands.iter().map(|operand| self.expr(operand)).collect();
        let repeated = duplicate::check(operands, &digests, word);
        self.found.splice(outer..outer, repeated);
        digests.into_iter().fold(head, Digest::digest)
    }
}

fn texts(head: Digest, path: &FieldPath) -> Digest {
    head.text(&path.text())
}

fn literal(head: Digest, value: &Literal) -> Digest {
    match value {
        Literal::Null => head.number(1),
        Literal::Bool(value) => head.number(2).number((*value).into()),
        Literal::Int(value) => head.number(3).number(*value),
        Literal::Float(value) => head.number(4).number(value.to_bits()),
        Literal::Str { value, raw } => head.number(5).text(value).number((*raw).into()),
    }
}
