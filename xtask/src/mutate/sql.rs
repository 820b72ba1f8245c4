//! Mutations of osquery SQL, on the tree of `sqlparser`.
//!
//! What is mutated are the conditions of every `SELECT`, those of common table expressions and of `EXISTS` too, the keys
//! that windows are partitioned by, and the steps of a sequence. What reads a column out of a row (`json_extract(…)`,
//! a scalar subquery on `file` or `authenticode`) is data of the target and no operator of a rule; it is left alone, as
//! are the columns that are shown and the order of the result.

use sqlparser::ast::{
    BinaryOperator, Expr, NamedWindowExpr, Query, SetExpr, Statement, TableFactor, UnaryOperator, Value,
};
use sqlparser::dialect::SQLiteDialect;
use sqlparser::parser::{Parser, ParserOptions};

use super::operator::{Operator, Sites, Tree, Walk};
use super::text::{LIKE, STARS, numbers, other_text, patterns};

/// How deep the parser may go: what the target emits stands no deeper.
const DEPTH: usize = 4_000;

/// A query; equal by its text.
#[derive(Clone, Debug)]
pub(crate) struct Sql(Box<Query>);

/// The tree of a query; none where the text is not one query.
pub(crate) fn read(text: &str) -> Option<Sql> {
    let statements = Parser::new(&SQLiteDialect {})
        .with_options(ParserOptions::new().with_unescape(false))
        .with_recursion_limit(DEPTH)
        .try_with_sql(text)
        .and_then(|mut parser| parser.parse_statements())
        .ok()?;
    match <[Statement; 1]>::try_from(statements) {
        Ok([Statement::Query(query)]) => Some(Sql(query)),
        _ => None,
    }
}

impl Sql {
    /// The query as text, on one line.
    pub(crate) fn print(&self) -> String {
        self.0.to_string()
    }
}

impl Tree for Sql {
    fn walk(&mut self, sites: &mut Sites) -> Walk {
        query(&mut self.0, sites)
    }
}

fn query(query: &mut Query, sites: &mut Sites) -> Walk {
    if let Some(with) = &mut query.with {
        let steps: Vec<usize> = with
            .cte_tables
            .iter()
            .enumerate()
            .filter(|(_, cte)| cte.alias.name.value.starts_with('s'))
            .map(|(at, _)| at)
            .collect();
        for pair in steps.windows(2) {
            let &[one, other] = pair else { continue };
            if sites.offer(Operator::Steps) {
                with.cte_tables.swap(one, other);
                let names = with.cte_tables.get(one).zip(with.cte_tables.get(other));
                let names = names.map(|(one, other)| (one.alias.clone(), other.alias.clone()));
                if let Some((first, second)) = names {
                    let aliases = with.cte_tables.iter_mut().enumerate();
                    for (at, cte) in aliases.filter(|(at, _)| *at == one || *at == other) {
                        cte.alias = if at == one { second.clone() } else { first.clone() };
                    }
                }
                return Walk::Break(());
            }
        }
        with.cte_tables.iter_mut().try_for_each(|cte| self::query(&mut cte.query, sites))?;
    }
    body(&mut query.body, sites)
}

fn body(body: &mut SetExpr, sites: &mut Sites) -> Walk {
    match body {
        SetExpr::Select(select) => {
            for window in &mut select.named_window {
                if let NamedWindowExpr::WindowSpec(spec) = &mut window.1 {
                    sites.drop_any(Operator::DropKey, &mut spec.partition_by)?;
                }
            }
            for from in &mut select.from {
                if let TableFactor::Derived { subquery, .. } = &mut from.relation {
                    query(subquery, sites)?;
                }
            }
            match &mut select.selection {
                Some(selection) => condition(selection, sites),
                None => Walk::Continue(()),
            }
        }
        SetExpr::SetOperation { left, right, .. } => {
            self::body(left, sites)?;
            self::body(right, sites)
        }
        SetExpr::Query(inner) => query(inner, sites),
        _ => Walk::Continue(()),
    }
}

fn nested(expr: Expr) -> Expr {
    match expr {
        Expr::Nested(_) => expr,
        other => Expr::Nested(Box::new(other)),
    }
}

/// What is true where the condition is false or null.
fn not_true(expr: &Expr) -> Expr {
    Expr::IsNotTrue(Box::new(nested(expr.clone())))
}

fn is_chain(expr: &Expr, op: &BinaryOperator) -> bool {
    matches!(expr, Expr::BinaryOp { op: own, .. } if own == op)
}

fn condition(expr: &mut Expr, sites: &mut Sites) -> Walk {
    match expr {
        Expr::Nested(inner) => return condition(inner, sites),
        Expr::IsNotTrue(inner) => {
            let plain = (**inner).clone();
            below_negation(inner, sites)?;
            let two_valued = Expr::UnaryOp { op: UnaryOperator::Not, expr: Box::new(nested(plain.clone())) };
            sites.put(Operator::NullLogic, expr, |_| two_valued)?;
            return sites.put(Operator::Negate, expr, |_| nested(plain));
        }
        Expr::BinaryOp { left, op: op @ (BinaryOperator::And | BinaryOperator::Or), right } => {
            let op = op.clone();
            condition(left, sites)?;
            condition(right, sites)?;
            let (first, last) = ((**left).clone(), (**right).clone());
            if !is_chain(&first, &op) {
                let kept = last.clone();
                sites.put(Operator::DropOperand, expr, |_| kept)?;
            }
            let kept = first.clone();
            sites.put(Operator::DropOperand, expr, |_| kept)?;
            let other = if op == BinaryOperator::And { BinaryOperator::Or } else { BinaryOperator::And };
            return sites.put(Operator::SwapAndOr, expr, |_| {
                let (left, right) = (Box::new(nested(first)), Box::new(nested(last)));
                nested(Expr::BinaryOp { left, op: other, right })
            });
        }
        _ => {}
    }
    sites.put(Operator::Negate, expr, not_true)?;
    test(expr, sites)
}

/// A condition whose negation would take away the one around it.
fn below_negation(expr: &mut Expr, sites: &mut Sites) -> Walk {
    match expr {
        Expr::Nested(inner) => below_negation(inner, sites),
        Expr::BinaryOp { op: BinaryOperator::And | BinaryOperator::Or, .. } => condition(expr, sites),
        other => test(other, sites),
    }
}

fn test(expr: &mut Expr, sites: &mut Sites) -> Walk {
    let flipped = cased(expr);
    match expr {
        Expr::BinaryOp { left, op, right } => {
            for other in other_comparisons(op) {
                sites.put(Operator::Comparison, op, |_| other.clone())?;
            }
            let pattern = (*op == BinaryOperator::Glob).then_some(STARS);
            operand(left, None, sites)?;
            operand(right, pattern, sites)?;
        }
        Expr::Like { pattern, .. } => operand(pattern, Some(LIKE), sites)?,
        Expr::InList { list, .. } => {
            list.iter_mut().try_for_each(|item| operand(item, None, sites))?;
            sites.drop_one(Operator::DropItem, list)?;
        }
        Expr::Exists { subquery, .. } => query(subquery, sites)?,
        _ => {}
    }
    match flipped {
        Some(other) => sites.put(Operator::LetterCase, expr, |_| other),
        None => Walk::Continue(()),
    }
}

fn other_comparisons(op: &BinaryOperator) -> &'static [BinaryOperator] {
    match op {
        BinaryOperator::Eq => &[BinaryOperator::NotEq, BinaryOperator::LtEq],
        BinaryOperator::NotEq => &[BinaryOperator::Eq],
        BinaryOperator::Lt => &[BinaryOperator::LtEq, BinaryOperator::Gt],
        BinaryOperator::LtEq => &[BinaryOperator::Lt, BinaryOperator::GtEq],
        BinaryOperator::Gt => &[BinaryOperator::GtEq, BinaryOperator::Lt],
        BinaryOperator::GtEq => &[BinaryOperator::Gt, BinaryOperator::LtEq],
        _ => &[],
    }
}

fn text_of(expr: &Expr) -> Option<&str> {
    match expr {
        Expr::Value(value) => match &value.value {
            Value::SingleQuotedString(text) => Some(text),
            _ => None,
        },
        _ => None,
    }
}

fn text(text: String) -> Expr {
    Expr::Value(Value::SingleQuotedString(text).into())
}

/// The same test with regard to letter case where there was none, or the other way round; none of a test that letter
/// case is no matter of, or whose wildcards have no counterpart.
fn cased(expr: &Expr) -> Option<Expr> {
    let like = |expr: &Expr, pattern: String| Expr::Like {
        negated: false,
        any: false,
        expr: Box::new(expr.clone()),
        pattern: Box::new(text(pattern)),
        escape_char: None,
    };
    match expr {
        Expr::Like { negated: false, expr, pattern, escape_char: None, .. } => {
            let pattern = text_of(pattern).filter(|pattern| !pattern.contains(['*', '?', '[']))?;
            Some(Expr::BinaryOp {
                left: expr.clone(),
                op: BinaryOperator::Glob,
                right: Box::new(text(pattern.replace('%', "*").replace('_', "?"))),
            })
        }
        Expr::BinaryOp { left, op: BinaryOperator::Glob, right } => {
            let pattern = text_of(right).filter(|pattern| !pattern.contains(['%', '_', '[']))?;
            Some(like(left, pattern.replace('*', "%").replace('?', "_")))
        }
        Expr::BinaryOp { left, op: BinaryOperator::Eq, right } => {
            let exact = text_of(right).filter(|exact| !exact.contains(['%', '_']))?;
            exact.contains(|c: char| c.is_ascii_alphabetic()).then(|| like(left, exact.to_owned()))
        }
        _ => None,
    }
}

/// A side of a test; `pattern`: its wildcards, where it is one.
fn operand(expr: &mut Expr, pattern: Option<super::text::Wildcards>, sites: &mut Sites) -> Walk {
    match expr {
        Expr::Nested(inner) => return operand(inner, pattern, sites),
        // The number of conditions that hold.
        Expr::IsTrue(inner) => return condition(inner, sites),
        Expr::BinaryOp { left, right, .. } => {
            operand(left, None, sites)?;
            return operand(right, None, sites);
        }
        _ => {}
    }
    let Expr::Value(value) = expr else { return Walk::Continue(()) };
    let changes: Vec<(Operator, Value)> = match (&value.value, pattern) {
        (Value::SingleQuotedString(text), Some(wildcards)) => patterns(text, wildcards)
            .into_iter()
            .map(|(operator, text)| (operator, Value::SingleQuotedString(text)))
            .collect(),
        (Value::SingleQuotedString(text), None) => {
            vec![(Operator::Constant, Value::SingleQuotedString(other_text(text)))]
        }
        (Value::Number(number, long), _) => number.parse().map_or_else(
            |_| Vec::new(),
            |number| {
                let other = numbers(number).into_iter();
                other.map(|(operator, new)| (operator, Value::Number(new.to_string(), *long))).collect()
            },
        ),
        _ => Vec::new(),
    };
    sites.put_one(&mut value.value, changes)
}

/// A test of a query, for whoever makes rows about it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Asked {
    /// What is read out of the row, as SQL.
    pub(crate) column: String,
    /// The texts, patterns with the wildcards of `LIKE`, or numbers that it is compared with.
    pub(crate) constants: Vec<String>,
}

impl Sql {
    /// Every test with a constant, in order of writing.
    pub(crate) fn asked(&self) -> Vec<Asked> {
        let mut found = Vec::new();
        of_query(&self.0, &mut found);
        found
    }
}

fn of_query(query: &Query, found: &mut Vec<Asked>) {
    for cte in query.with.iter().flat_map(|with| &with.cte_tables) {
        of_query(&cte.query, found);
    }
    of_body(&query.body, found);
}

fn of_body(body: &SetExpr, found: &mut Vec<Asked>) {
    match body {
        SetExpr::Select(select) => select.selection.iter().for_each(|selection| of_expr(selection, found)),
        SetExpr::SetOperation { left, right, .. } => {
            of_body(left, found);
            of_body(right, found);
        }
        SetExpr::Query(inner) => of_query(inner, found),
        _ => {}
    }
}

fn of_expr(expr: &Expr, found: &mut Vec<Asked>) {
    let mut add = |column: &Expr, constants: Vec<String>| {
        if !constants.is_empty() {
            found.push(Asked { column: column.to_string(), constants });
        }
    };
    match expr {
        Expr::Nested(inner) | Expr::IsTrue(inner) | Expr::IsNotTrue(inner) => of_expr(inner, found),
        Expr::UnaryOp { expr, .. } => of_expr(expr, found),
        Expr::Like { expr, pattern, .. } => {
            add(expr, text_of(pattern).map(|text| text.replace("''", "'")).into_iter().collect());
        }
        Expr::InList { expr, list, .. } => add(expr, list.iter().filter_map(constant_of).collect()),
        Expr::BinaryOp { left, op, right } => match constant_of(right) {
            Some(constant) if *op == BinaryOperator::Glob => {
                add(left, vec![constant.replace('*', "%").replace('?', "_")]);
            }
            Some(constant) => add(left, vec![constant]),
            None => {
                of_expr(left, found);
                of_expr(right, found);
            }
        },
        Expr::Exists { subquery, .. } => of_query(subquery, found),
        _ => {}
    }
}

fn constant_of(expr: &Expr) -> Option<String> {
    match expr {
        Expr::Value(value) => match &value.value {
            Value::SingleQuotedString(text) => Some(text.replace("''", "'")),
            Value::Number(number, _) => Some(number.clone()),
            _ => None,
        },
        _ => None,
    }
}
