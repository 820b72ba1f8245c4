//! Nodes of the SQL tree, and what must hold of all of them.

use sqlparser::ast::helpers::attached_token::AttachedToken;
use sqlparser::ast::{
    BinaryOperator, CaseWhen, Expr, Function, FunctionArg, FunctionArgExpr, FunctionArgumentList,
    FunctionArguments, Ident, ObjectName, Query, SetExpr, Statement, Value,
};
use sqlparser::dialect::SQLiteDialect;
use sqlparser::parser::{Parser, ParserOptions};

/// How deep sqlparser may go: more than any tree that [`crate::limits`] lets pass.
const PARSER_DEPTH: usize = 4_000;

/// How many operands stand side by side before they are grouped: SQLite takes a chain as a tree of that depth
/// and accepts no tree deeper than 1,000.
const CHAIN: usize = 32;

/// An expression of trusted text (data files).
pub(crate) fn expression(text: &str) -> Result<Expr, String> {
    let explain = |error: sqlparser::parser::ParserError| format!("`{text}`: {error}");
    let mut parser = Parser::new(&SQLiteDialect {})
        .with_options(ParserOptions::new().with_unescape(false))
        .try_with_sql(text)
        .map_err(explain)?;
    let expr = parser.parse_expr().map_err(explain)?;
    parser.expect_token(&sqlparser::tokenizer::Token::EOF).map_err(explain)?;
    Ok(expr)
}

/// The one query that a text holds. Quotes in literals stay doubled, as [`crate::literal`] puts them into the
/// tree, so that it prints what was read.
pub(crate) fn query(text: &str) -> Result<Query, String> {
    let statements = Parser::new(&SQLiteDialect {})
        .with_options(ParserOptions::new().with_unescape(false))
        .with_recursion_limit(PARSER_DEPTH)
        .try_with_sql(text)
        .and_then(|mut parser| parser.parse_statements())
        .map_err(|error| error.to_string())?;
    match <[Statement; 1]>::try_from(statements) {
        Ok([Statement::Query(query)]) => Ok(*query),
        _ => Err("not one query".to_owned()),
    }
}

/// Puts conditions in the places of those of a skeleton: of its one `SELECT`, or of those that `UNION ALL` joins, in
/// their order.
pub(crate) fn set_conditions(query: &mut Query, conditions: Vec<Expr>) {
    let mut conditions = conditions.into_iter();
    // The first stands innermost on the left.
    let mut open = vec![query.body.as_mut()];
    while let Some(body) = open.pop() {
        match body {
            SetExpr::SetOperation { left, right, .. } => open.extend([right.as_mut(), left.as_mut()]),
            SetExpr::Select(select) => select.selection = conditions.next(),
            _ => {}
        }
    }
}

/// Adds a condition to those of a `SELECT`.
pub(crate) fn add_condition(query: &mut Query, condition: Expr) {
    if let SetExpr::Select(select) = query.body.as_mut() {
        let mut all: Vec<Expr> = select.selection.take().into_iter().collect();
        all.push(condition);
        select.selection = Some(self::all(all));
    }
}

/// `expr` such that every operator around it binds looser.
pub(crate) fn atom(expr: Expr) -> Expr {
    match expr {
        simple @ (Expr::Identifier(_)
        | Expr::CompoundIdentifier(_)
        | Expr::Function(_)
        | Expr::Cast { .. }
        | Expr::Subquery(_)
        | Expr::Nested(_)
        | Expr::Collate { .. }
        | Expr::Case { .. }) => simple,
        other => nested(other),
    }
}

/// In parentheses.
pub(crate) fn nested(expr: Expr) -> Expr {
    match expr {
        Expr::Nested(_) => expr,
        other => Expr::Nested(Box::new(other)),
    }
}

/// A literal.
pub(crate) fn value(value: Value) -> Expr {
    Expr::Value(value.into())
}

/// `TRUE` or `FALSE`.
pub(crate) fn constant(holds: bool) -> Expr {
    value(Value::Boolean(holds))
}

/// The truth of a constant condition.
pub(crate) fn as_constant(expr: &Expr) -> Option<bool> {
    match expr {
        Expr::Value(value) => match value.value {
            Value::Boolean(holds) => Some(holds),
            _ => None,
        },
        _ => None,
    }
}

/// `left op right`.
pub(crate) fn binary(left: Expr, op: BinaryOperator, right: Expr) -> Expr {
    Expr::BinaryOp { left: Box::new(left), op, right: Box::new(right) }
}

/// A call of a function.
pub(crate) fn call(name: &str, args: Vec<Expr>) -> Expr {
    let args = args.into_iter().map(|arg| FunctionArg::Unnamed(FunctionArgExpr::Expr(arg))).collect();
    let args = FunctionArgumentList { duplicate_treatment: None, args, clauses: Vec::new() };
    Expr::Function(Function {
        name: ObjectName::from(vec![Ident::new(name)]),
        uses_odbc_syntax: false,
        parameters: FunctionArguments::None,
        args: FunctionArguments::List(args),
        within_group: Vec::new(),
        filter: None,
        null_treatment: None,
        over: None,
    })
}

/// `(CASE WHEN condition THEN result … ELSE otherwise END)`, null where no condition holds and nothing is otherwise.
pub(crate) fn case(branches: Vec<(Expr, Expr)>, otherwise: Option<Expr>) -> Expr {
    let conditions = branches.into_iter().map(|(condition, result)| CaseWhen { condition, result }).collect();
    nested(Expr::Case {
        case_token: AttachedToken::empty(),
        end_token: AttachedToken::empty(),
        operand: None,
        conditions,
        else_result: otherwise.map(Box::new),
    })
}

/// Every one holds.
pub(crate) fn all(list: Vec<Expr>) -> Expr {
    join(list, true)
}

/// Some one holds.
pub(crate) fn any(list: Vec<Expr>) -> Expr {
    join(list, false)
}

/// `IS NOT TRUE`: holds where the condition is false or null.
pub(crate) fn not(condition: Expr) -> Expr {
    match as_constant(&condition) {
        Some(holds) => constant(!holds),
        None => Expr::IsNotTrue(Box::new(nested(condition))),
    }
}

fn join(list: Vec<Expr>, conjunction: bool) -> Expr {
    let mut kept: Vec<Expr> = Vec::with_capacity(list.len());
    for expr in list {
        match as_constant(&expr) {
            Some(holds) if holds == conjunction => {}
            Some(holds) => return constant(holds),
            None => kept.push(expr),
        }
    }
    if kept.len() < 2 {
        return kept.pop().unwrap_or_else(|| constant(conjunction));
    }
    let op = if conjunction { BinaryOperator::And } else { BinaryOperator::Or };
    let operands = kept.into_iter().map(operand).collect();
    chain(operands, &op)
}

/// Operators of another kind inside a chain stand in parentheses.
pub(crate) fn operand(expr: Expr) -> Expr {
    match expr {
        Expr::BinaryOp { op: BinaryOperator::And | BinaryOperator::Or, .. } => nested(expr),
        other => other,
    }
}

/// `a op b op …`, in groups once there are many.
pub(crate) fn chain(mut operands: Vec<Expr>, op: &BinaryOperator) -> Expr {
    while operands.len() > CHAIN {
        let mut groups: Vec<Expr> = Vec::with_capacity(operands.len() / CHAIN + 1);
        let mut rest = operands.into_iter().peekable();
        while rest.peek().is_some() {
            let group: Vec<Expr> = rest.by_ref().take(CHAIN).collect();
            let several = group.len() > 1;
            let joined = plain_chain(group, op);
            groups.push(if several { nested(joined) } else { joined });
        }
        operands = groups;
    }
    plain_chain(operands, op)
}

fn plain_chain(operands: Vec<Expr>, op: &BinaryOperator) -> Expr {
    let joined = operands.into_iter().reduce(|left, right| binary(left, op.clone(), right));
    joined.unwrap_or_else(|| constant(true))
}
