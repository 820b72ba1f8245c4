//! `in`, `:`, `like` and `regex`, which bind tighter than arithmetic (`eql-semantics.md` §2.2–§2.5).

use eqlc_diagnostics::codes::eql_syntax as codes;
use eqlc_diagnostics::{Applicability, Diagnostic, Edit, Fix, Node, Span};

use super::failure::Want;
use super::list::List;
use super::reader::{Read, Reader};
use super::slips::wrong_case;
use crate::ast::{Expr, ExprKind, In, Literal, Match, MatchOp};
use crate::token::{Kind, Token};

#[derive(Clone, Copy)]
enum Op {
    In { insensitive: bool },
    Match(MatchOp),
}

/// The operator of a predicate and where it stands.
#[derive(Clone, Copy)]
struct Head {
    op: Op,
    span: Span,
    /// A `not` in front of the operator.
    negated: Option<Span>,
}

/// What may stand for a pattern in a list.
const ONE: &[Want] = &[Want::Pattern];
/// What may stand after the operator.
const ONE_OR_LIST: &[Want] = &[Want::Pattern, Want::OpenParen];

impl Reader<'_> {
    pub(super) fn predicated(&mut self) -> Read<Expr> {
        let start = self.at();
        let subject = self.primary()?;
        match self.predicate_head() {
            None => Ok(subject),
            Some(head) => self.predicate(start, subject, head),
        }
    }

    /// What stands behind the operator. Apart from [`Self::predicated`], through which every operand goes.
    fn predicate(&mut self, start: usize, subject: Expr, head: Head) -> Read<Expr> {
        match head.op {
            Op::In { insensitive } => {
                let items = self.expressions()?;
                let span = self.since(start);
                if items.is_empty() {
                    self.emit(empty(head.span, span));
                    return Ok(Expr::error(span));
                }
                let negated = head.negated.is_some();
                let test = In { subject, negated, insensitive, items };
                Ok(Expr::new(ExprKind::In(Box::new(test)), span))
            }
            Op::Match(op) => {
                let list = self.kind() == Some(Kind::LParen);
                let List { items: patterns, refused } = if list {
                    self.list(&[Want::Comma, Want::Closer], |text| text, |reader| reader.pattern(ONE))?
                } else {
                    let pattern = self.pattern(ONE_OR_LIST)?;
                    List { refused: pattern.is_none(), items: pattern.into_iter().collect() }
                };
                let span = self.since(start);
                if patterns.is_empty() && !refused {
                    self.emit(empty(head.span, span));
                }
                if let Some(not) = head.negated {
                    self.emit(infix_not(&subject, op, not, head.span));
                }
                if patterns.is_empty() {
                    return Ok(Expr::error(span));
                }
                let test = Match { subject, op: Node::new(op, head.span), patterns, list };
                let matched = Expr::new(ExprKind::Match(Box::new(test)), span);
                Ok(if head.negated.is_some() { Expr { span, ..matched.negated() } } else { matched })
            }
        }
    }

    /// `(a, b)`, any expressions.
    pub(super) fn expressions(&mut self) -> Read<Vec<Expr>> {
        let after = &[Want::And, Want::Or, Want::Operator, Want::Comma, Want::Closer];
        Ok(self.list(after, constant, |reader| Ok(Some(reader.item())))?.items)
    }

    /// An expression in a list: mostly a constant alone, which needs no look at all the operators there are.
    fn item(&mut self) -> Expr {
        if matches!(self.kind_after(1), Some(Kind::Comma | Kind::RParen))
            && let Some(literal) = self.constant()
        {
            return constant(literal);
        }
        self.expression()
    }

    /// A constant; anything else is reported.
    fn pattern(&mut self, wants: &[Want]) -> Read<Option<Node<Literal>>> {
        let start = self.at();
        if let Some(literal) = self.constant() {
            return Ok(Some(literal));
        }
        self.signs();
        if let Err(failure) = self.primary() {
            return Err(if failure.at == start { self.expected(wants) } else { failure });
        }
        let found = Diagnostic::error(codes::PATTERN_NOT_CONSTANT, "the right side is not a constant")
            .at(self.since(start), "a string, number, `true`, `false` or `null` is expected");
        self.emit(found);
        Ok(None)
    }

    fn predicate_head(&mut self) -> Option<Head> {
        let at = self.at();
        let first = self.token()?;
        let operator_at = |at| self.cx.get(at).and_then(operator);
        let negated = first.kind == Kind::Not || (first.is_word("not") && operator_at(at + 1).is_some());
        let place = at + usize::from(negated);
        let token = self.cx.get(place)?;
        let (op, text) = operator(token)?;
        // A name spelt like an operator is one only where a value follows.
        let is_name = matches!(token.kind, Kind::Ident | Kind::FoldIdent);
        if is_name && !matches!(self.cx.kind(place + 1), Some(Kind::LParen | Kind::Str)) {
            return None;
        }
        if negated && first.kind != Kind::Not {
            self.emit(wrong_case(self.cx, first, "not"));
        }
        if is_name {
            self.emit(wrong_case(self.cx, token, text));
        }
        self.take(place + 1 - at);
        Some(Head { op, span: token.span, negated: negated.then_some(first.span) })
    }
}

fn constant(literal: Node<Literal>) -> Expr {
    Expr::new(ExprKind::Literal(literal.value), literal.span)
}

fn empty(op: Span, whole: Span) -> Diagnostic {
    let list = Span { start: op.end, ..whole };
    Diagnostic::error(codes::EMPTY_LIST, "the list is empty")
        .at(list, "at least one value is expected")
        .help("a condition over no values never holds; write `false` if that is meant")
}

fn infix_not(subject: &Expr, op: MatchOp, not: Span, op_span: Span) -> Diagnostic {
    let op = op.as_str();
    let front = Span { end: subject.span.start, ..subject.span };
    let gone = Span { end: op_span.start, ..not };
    let mut found = Diagnostic::error(codes::INFIX_NOT, format!("`not` cannot stand before `{op}`"))
        .at(not, "only `in` takes a `not` in front of it")
        .help(format!("negate the whole condition: `not field {op} …`"));
    found.fixes.push(Fix {
        title: "move the `not` in front of the condition".to_owned(),
        edits: vec![
            Edit { span: front, replacement: "not ".to_owned() },
            Edit { span: gone, replacement: String::new() },
        ],
        applicability: Applicability::Safe,
    });
    found
}

/// The operator that a token is or, in another letter case, was meant to be.
fn operator(token: &Token<'_>) -> Option<(Op, &'static str)> {
    const WORDS: [(&str, bool, Kind, Op); 6] = [
        ("in", false, Kind::In, Op::In { insensitive: false }),
        ("in", true, Kind::InFold, Op::In { insensitive: true }),
        ("like", false, Kind::Like, Op::Match(MatchOp::Like)),
        ("like", true, Kind::LikeFold, Op::Match(MatchOp::LikeInsensitive)),
        ("regex", false, Kind::Regex, Op::Match(MatchOp::Regex)),
        ("regex", true, Kind::RegexFold, Op::Match(MatchOp::RegexInsensitive)),
    ];
    match token.kind {
        Kind::Colon => return Some((Op::Match(MatchOp::Colon), ":")),
        Kind::In | Kind::InFold | Kind::Like | Kind::LikeFold | Kind::Regex | Kind::RegexFold => {}
        Kind::Ident | Kind::FoldIdent => {}
        _ => return None,
    }
    let fold = token.kind == Kind::FoldIdent;
    let found = WORDS.iter().find(|(word, insensitive, kind, _)| {
        let named = fold == *insensitive
            && matches!(token.kind, Kind::Ident | Kind::FoldIdent)
            && token.name().eq_ignore_ascii_case(word);
        token.kind == *kind || named
    });
    found.map(|(word, insensitive, _, op)| {
        let text = match (*word, *insensitive) {
            ("in", true) => "in~",
            ("like", true) => "like~",
            ("regex", true) => "regex~",
            (word, _) => word,
        };
        (*op, text)
    })
}
