//! Expressions on one line, as far as there is room.

use super::category;
use super::text::{quote_into, segment};
use crate::ast::{Expr, ExprKind, FieldPath, Literal, Match};
use crate::lex::can_be_raw;
use crate::runs::is_plain;

/// How tight an expression binds, loosest first (`eql-semantics.md` §2).
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Level {
    Or,
    And,
    Not,
    Compare,
    Sum,
    Product,
    Sign,
    Predicate,
    Primary,
}

pub(super) fn level(expr: &Expr) -> Level {
    match &expr.kind {
        ExprKind::Or(_) => Level::Or,
        ExprKind::And(_) => Level::And,
        ExprKind::Not(_) => Level::Not,
        ExprKind::Compare(_) => Level::Compare,
        ExprKind::Arith { rest, .. } if rest.iter().all(|(op, _)| op.is_product()) => Level::Product,
        ExprKind::Arith { .. } => Level::Sum,
        ExprKind::Neg(_) | ExprKind::Pos(_) => Level::Sign,
        ExprKind::In(_) | ExprKind::Match(_) => Level::Predicate,
        // Where a relation stands the grammar wants a whole operand.
        ExprKind::Lineage { .. } => Level::Compare,
        _ => Level::Primary,
    }
}

/// The level that operands of `and` and `or` need. An `and` in an `or` gets parentheses though it binds tighter:
/// nobody should have to know.
pub(super) const OPERAND: Level = Level::Not;

/// There is no more room on the line.
#[derive(Debug)]
pub(super) struct Full;

/// Text put behind what stands on a line, up to a number of columns.
pub(super) struct Flat<'o> {
    out: &'o mut String,
    /// Where the line starts in `out`.
    start: usize,
    /// The columns of the line.
    room: usize,
}

impl<'o> Flat<'o> {
    /// Writes behind `out` as long as the line that starts at `start` takes no more than `room` columns. Where it takes
    /// more a part is written.
    pub(super) fn new(out: &'o mut String, start: usize, room: usize) -> Self {
        Self { out, start, room }
    }

    #[inline]
    pub(super) fn push(&mut self, text: &str) -> Result<(), Full> {
        if self.bytes() + text.len() > self.room {
            return self.push_columns(text);
        }
        self.out.push_str(text);
        Ok(())
    }

    /// Where there are more bytes than room, there may be fewer columns.
    #[cold]
    fn push_columns(&mut self, text: &str) -> Result<(), Full> {
        self.may_fit(text)?;
        self.out.push_str(text);
        self.check()
    }

    fn bytes(&self) -> usize {
        self.out.len() - self.start
    }

    fn quoted(&mut self, text: &str) -> Result<(), Full> {
        // As nearly every text is: with room, and without an escape.
        if text.len() + 2 <= self.room.saturating_sub(self.bytes()) && is_plain(text.as_bytes()) {
            self.out.push('"');
            self.out.push_str(text);
            self.out.push('"');
            return Ok(());
        }
        self.may_fit(text)?;
        quote_into(self.out, text);
        self.check()
    }

    /// What cannot fit is not written at all; quoting makes no text narrower.
    #[inline]
    fn may_fit(&self, text: &str) -> Result<(), Full> {
        let fits = text.len() <= self.room.saturating_sub(self.bytes())
            || columns(text) <= self.room.saturating_sub(self.written());
        if fits { Ok(()) } else { Err(Full) }
    }

    /// Whether what was written fits. A line never has more columns than bytes, so that columns need not be counted for
    /// nearly all of what is written.
    fn check(&self) -> Result<(), Full> {
        let fits = self.bytes() <= self.room || self.written() <= self.room;
        if fits { Ok(()) } else { Err(Full) }
    }

    /// The columns of the line so far.
    fn written(&self) -> usize {
        self.out.get(self.start..).map_or(0, columns)
    }

    /// Segments with `.` between.
    fn path(&mut self, path: &FieldPath) -> Result<(), Full> {
        if let Some(text) = path.as_plain() {
            return self.push(text);
        }
        for (at, name) in path.segments().enumerate() {
            if at > 0 {
                self.push(".")?;
            }
            self.push(&segment(name.value))?;
        }
        Ok(())
    }

    fn join<T>(
        &mut self,
        items: &[T],
        between: &str,
        mut write: impl FnMut(&mut Self, &T) -> Result<(), Full>,
    ) -> Result<(), Full> {
        for (at, item) in items.iter().enumerate() {
            if at > 0 {
                self.push(between)?;
            }
            write(self, item)?;
        }
        Ok(())
    }
}

/// Columns that a text takes.
pub(super) fn columns(text: &str) -> usize {
    if text.is_ascii() { text.len() } else { text.chars().count() }
}

/// Writes behind `out` without a limit.
pub(super) fn unlimited(out: &mut String, write: impl FnOnce(&mut Flat<'_>) -> Result<(), Full>) {
    // No text has so many columns that the room ends.
    let _ = write(&mut Flat::new(out, 0, usize::MAX));
}

/// The expression on one line.
pub(super) fn flat(expr: &Expr) -> String {
    let mut out = String::new();
    unlimited(&mut out, |out| write(out, expr));
    out
}

/// Writes an expression, unless a look at its texts tells that there is no room: most of what is broken over lines is
/// far too long for one, and need not be begun on it.
pub(super) fn try_write(out: &mut Flat<'_>, expr: &Expr) -> Result<(), Full> {
    let room = out.room.saturating_sub(out.written());
    left_behind(room, expr).ok_or(Full)?;
    write(out, expr)
}

/// How much of some room is left behind an expression at most; none where there is too little.
fn left_behind(room: usize, expr: &Expr) -> Option<usize> {
    match &expr.kind {
        ExprKind::And(operands) | ExprKind::Or(operands) => {
            left_behind_all(room, " or ", operands, left_behind)
        }
        ExprKind::Not(inner) => left_behind(room.checked_sub("not ".len())?, inner),
        ExprKind::Compare(test) => {
            let room = left_behind(room, &test.left)?.checked_sub(test.op.value.between().len())?;
            left_behind(room, &test.right)
        }
        ExprKind::In(test) => {
            let room = left_behind(room, &test.subject)?.checked_sub(" in ()".len())?;
            left_behind_all(room, ", ", &test.items, left_behind)
        }
        ExprKind::Match(test) => {
            let room = left_behind(room, &test.subject)?.checked_sub(test.op.value.between().len())?;
            left_behind_all(room, ", ", &test.patterns, |room, item| left_behind_literal(room, &item.value))
        }
        ExprKind::Field { path, .. } => room.checked_sub(path.as_plain().map_or(0, str::len)),
        ExprKind::Literal(literal) => left_behind_literal(room, literal),
        _ => Some(room),
    }
}

fn left_behind_all<T>(
    room: usize,
    between: &str,
    items: &[T],
    left: impl Fn(usize, &T) -> Option<usize>,
) -> Option<usize> {
    let Some((first, behind)) = items.split_first() else { return Some(room) };
    behind.iter().try_fold(left(room, first)?, |room, item| left(room.checked_sub(between.len())?, item))
}

fn left_behind_literal(room: usize, literal: &Literal) -> Option<usize> {
    match literal {
        Literal::Str { value, .. } => room.checked_sub(columns(value) + 2),
        _ => Some(room),
    }
}

/// Writes an operand that must bind at least as tight as `least`.
fn operand(out: &mut Flat<'_>, expr: &Expr, least: Level) -> Result<(), Full> {
    if level(expr) >= least {
        return write(out, expr);
    }
    out.push("(")?;
    write(out, expr)?;
    out.push(")")
}

/// Writes an expression.
pub(super) fn write(out: &mut Flat<'_>, expr: &Expr) -> Result<(), Full> {
    match &expr.kind {
        ExprKind::Or(operands) => out.join(operands, " or ", |out, item| operand(out, item, OPERAND)),
        ExprKind::And(operands) => out.join(operands, " and ", |out, item| operand(out, item, OPERAND)),
        ExprKind::Not(inner) => {
            out.push("not ")?;
            operand(out, inner, Level::Not)
        }
        ExprKind::Compare(test) => {
            operand(out, &test.left, Level::Sum)?;
            out.push(test.op.value.between())?;
            operand(out, &test.right, Level::Sum)
        }
        ExprKind::Arith { first, rest } => {
            let own = level(expr);
            let tighter = if own == Level::Sum { Level::Product } else { Level::Sign };
            operand(out, first, tighter)?;
            rest.iter().try_for_each(|(op, right)| {
                out.push(op.between())?;
                operand(out, right, tighter)
            })
        }
        ExprKind::Neg(inner) => {
            out.push("-")?;
            operand(out, inner, Level::Sign)
        }
        ExprKind::Pos(inner) => {
            out.push("+")?;
            operand(out, inner, Level::Sign)
        }
        _ => write_tight(out, expr),
    }
}

/// Predicates and what binds tighter.
fn write_tight(out: &mut Flat<'_>, expr: &Expr) -> Result<(), Full> {
    match &expr.kind {
        ExprKind::Literal(value) => literal(out, value),
        ExprKind::Field { path, optional } => {
            out.push(if *optional { "?" } else { "" })?;
            out.path(path)
        }
        ExprKind::Variable(variable) => {
            out.push("$")?;
            out.push(&variable.name.value)?;
            match &variable.path {
                None => Ok(()),
                Some(path) => {
                    out.push(".")?;
                    out.path(path)
                }
            }
        }
        ExprKind::Lineage { relation, filter } => {
            out.push(relation.value.as_str())?;
            out.push(" of [")?;
            out.push(&category(&filter.category.value))?;
            out.push(" where ")?;
            write(out, &filter.condition)?;
            out.push("]")
        }
        ExprKind::Call(call) => {
            list_head(out, expr)?;
            out.join(&call.args, ", ", write)?;
            out.push(")")
        }
        ExprKind::In(test) => {
            list_head(out, expr)?;
            out.join(&test.items, ", ", write)?;
            out.push(")")
        }
        ExprKind::Match(test) => {
            list_head(out, expr)?;
            out.join(&test.patterns, ", ", |out, item| literal(out, &item.value))?;
            out.push(if is_list(test) { ")" } else { "" })
        }
        _ => out.push("<error>"),
    }
}

/// Writes a constant.
pub(super) fn literal(out: &mut Flat<'_>, literal: &Literal) -> Result<(), Full> {
    match literal {
        Literal::Null => out.push("null"),
        Literal::Bool(value) => out.push(if *value { "true" } else { "false" }),
        Literal::Int(value) => out.push(&value.to_string()),
        Literal::Float(value) => out.push(&format!("{value:?}")),
        Literal::Str { value, raw: true } if can_be_raw(value) => {
            out.push("\"\"\"")?;
            out.push(value)?;
            out.push("\"\"\"")
        }
        Literal::Str { value, .. } => out.quoted(value),
    }
}

/// Whether a match is written with parentheses.
pub(super) fn is_list(test: &Match) -> bool {
    test.list || test.patterns.len() != 1
}

/// Writes a list up to and with its opening parenthesis; a match of one pattern up to the blank before it.
pub(super) fn list_head(out: &mut Flat<'_>, expr: &Expr) -> Result<(), Full> {
    match &expr.kind {
        ExprKind::Call(call) => {
            out.push(&call.name.value)?;
            out.push(if call.insensitive { "~(" } else { "(" })
        }
        ExprKind::In(test) => {
            operand(out, &test.subject, Level::Primary)?;
            out.push(if test.negated { " not in" } else { " in" })?;
            out.push(if test.insensitive { "~ (" } else { " (" })
        }
        ExprKind::Match(test) => {
            operand(out, &test.subject, Level::Primary)?;
            out.push(test.op.value.between())?;
            out.push(if is_list(test) { "(" } else { "" })
        }
        _ => Ok(()),
    }
}
