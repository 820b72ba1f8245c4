//! Expressions over conditions: names, `not`, `and`, `or` and parentheses.

use std::ops::Range;

use eqlc_diagnostics::codes::sigma as codes;
use eqlc_diagnostics::{Node, Span};
use eqlc_sigma::yaml::Yaml;

use super::Reader;
use crate::model::Expr;

/// Parentheses and `not`s that may be open at one point.
const MAX_DEPTH: usize = 64;

impl Reader<'_> {
    /// An expression over the conditions of these names, each of which it must use.
    pub(super) fn expression(&mut self, node: &Yaml, names: Option<&[Node<String>]>) -> Option<Expr> {
        let text = self.text("an expression", node)?;
        let Some(names) = names else {
            let message = "conditions in an expression need names";
            self.error(codes::PIPELINE_EXPRESSION, message, text.span, "the conditions are no map");
            return None;
        };
        let known: Vec<&str> = names.iter().map(|name| name.value.as_str()).collect();
        let mut parser =
            Parser { tokens: tokens(&text.value), at: 0, used: vec![false; names.len()], known: &known };
        let parsed = parser.or(0).and_then(|expr| match parser.peek() {
            None => Ok(expr),
            Some((_, range)) => Err(Problem::Syntax("expected `and`, `or` or the end", range)),
        });
        let used = parser.used;
        let place = |range: Range<usize>| -> Span {
            node.as_scalar().map_or(text.span, |scalar| self.place(node, scalar).span(range))
        };
        match parsed {
            Ok(expr) => {
                for (name, _) in names.iter().zip(used).filter(|(_, used)| !used) {
                    let message = format!("the expression does not use the condition `{}`", name.value);
                    self.error(codes::PIPELINE_EXPRESSION, message, name.span, "left aside");
                }
                Some(expr)
            }
            Err(Problem::Syntax(label, range)) => {
                let span = place(range);
                self.error(codes::PIPELINE_EXPRESSION, "the expression is not well formed", span, label);
                None
            }
            Err(Problem::Unknown(name, range)) => {
                let span = place(range);
                let message = format!("no condition is called `{name}`");
                self.unknown(codes::PIPELINE_EXPRESSION, message, &name, span, &known);
                None
            }
        }
    }
}

enum Problem {
    Syntax(&'static str, Range<usize>),
    Unknown(String, Range<usize>),
}

type Token<'t> = (&'t str, Range<usize>);

/// Words of letters, digits, `_` and `-`; any other character is a token of its own.
fn tokens(text: &str) -> Vec<Token<'_>> {
    let is_word = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-');
    let mut tokens = Vec::new();
    let mut rest = text;
    let mut at = 0;
    while let Some(c) = rest.chars().next() {
        let len = if is_word(c) { rest.find(|c| !is_word(c)).unwrap_or(rest.len()) } else { c.len_utf8() };
        let (token, behind) = rest.split_at_checked(len).unwrap_or((rest, ""));
        if !c.is_whitespace() {
            tokens.push((token, at..at + len));
        }
        at += len;
        rest = behind;
    }
    tokens
}

struct Parser<'t> {
    tokens: Vec<Token<'t>>,
    at: usize,
    used: Vec<bool>,
    known: &'t [&'t str],
}

impl<'t> Parser<'t> {
    fn peek(&self) -> Option<Token<'t>> {
        self.tokens.get(self.at).cloned()
    }

    fn take(&mut self, word: &str) -> bool {
        let found = self.peek().is_some_and(|(token, _)| token == word);
        self.at += usize::from(found);
        found
    }

    fn or(&mut self, depth: usize) -> Result<Expr, Problem> {
        let first = self.and(depth)?;
        let mut list = vec![first];
        while self.take("or") {
            list.push(self.and(depth)?);
        }
        Ok(joined(list, Expr::Or))
    }

    fn and(&mut self, depth: usize) -> Result<Expr, Problem> {
        let first = self.not(depth)?;
        let mut list = vec![first];
        while self.take("and") {
            list.push(self.not(depth)?);
        }
        Ok(joined(list, Expr::And))
    }

    fn not(&mut self, depth: usize) -> Result<Expr, Problem> {
        let end = self.tokens.last().map_or(0, |(_, range)| range.end);
        let Some((token, range)) = self.peek() else {
            return Err(Problem::Syntax("expected the name of a condition", end..end));
        };
        if depth > MAX_DEPTH {
            return Err(Problem::Syntax("nested too deeply", range));
        }
        self.at += 1;
        match token {
            "not" => Ok(Expr::Not(Box::new(self.not(depth + 1)?))),
            "(" => {
                let inner = self.or(depth + 1)?;
                if self.take(")") { Ok(inner) } else { Err(Problem::Syntax("not closed", range)) }
            }
            "and" | "or" => Err(Problem::Syntax("expected the name of a condition", range)),
            name if name.starts_with(|c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-')) => {
                let found = self.known.iter().position(|known| *known == name);
                match found {
                    Some(at) => {
                        self.used.get_mut(at).into_iter().for_each(|used| *used = true);
                        Ok(Expr::Ref(at))
                    }
                    None => Err(Problem::Unknown(name.to_owned(), range)),
                }
            }
            _ => Err(Problem::Syntax("expected the name of a condition", range)),
        }
    }
}

fn joined(mut list: Vec<Expr>, join: fn(Vec<Expr>) -> Expr) -> Expr {
    match list.pop() {
        Some(only) if list.is_empty() => only,
        last => {
            list.extend(last);
            join(list)
        }
    }
}
