//! `in`, and the operators with patterns (`eql-semantics.md` §6.2–§6.5).

use std::borrow::Cow;

use eqlc_diagnostics::codes::{lints, types};
use eqlc_diagnostics::{Applicability, Diagnostic, Edit, Fix, Node, Severity, Span};
use eqlc_eql::ast::{CompareOp, Expr, ExprKind, In, Literal as AstLiteral, Match, MatchOp};
use eqlc_ir::{Case, FieldType, Literal, Op, Pred, Scalar, SmolStr, TextPattern};

use super::digest::repeats;
use super::listed::Listed;
use super::types::{Typed, literal_noun, noun, shown};
use super::value::literal;
use super::{Lowering, every};

impl Lowering<'_> {
    /// `x in (…)`: exact, or verbatim without regard to letter case (§6.4).
    pub(super) fn one_of(&mut self, test: &In, span: Span) -> Option<Pred> {
        let subject = self.value(&test.subject);
        let mut others = Vec::new();
        for item in test.items.iter().filter(|item| !matches!(item.kind, ExprKind::Literal(_))) {
            others.push(self.value(item));
        }
        self.one_of_values(test, subject, others, span)
    }

    /// Apart from [`Self::one_of`], which nests as deep as the text does and needs a small frame. `others`: the items
    /// that are not written as constants, in order.
    fn one_of_values(
        &mut self,
        test: &In,
        subject: Option<Typed>,
        others: Vec<Option<Typed>>,
        span: Span,
    ) -> Option<Pred> {
        let In { subject: written, negated, insensitive, items } = test;
        let insensitive = *insensitive;
        let written = (written, items.as_slice());
        let comparable = subject.as_ref().filter(|subject| !insensitive || is_text(subject));
        let mut others = others.into_iter();
        let constants = every(items.iter().map(|item| {
            let constant = match &item.kind {
                ExprKind::Literal(constant) => Some(Node::new(literal(constant), item.span)),
                _ => self.worked_out(comparable.is_some(), others.next().flatten()),
            };
            self.item(comparable, constant)
        }));
        let subject = subject?;
        self.note_constant_subject(&subject, span);
        if insensitive && !is_text(&subject) {
            return self.refuse(not_text("in~", &subject, None).help("`in` compares values of any type"));
        }
        let constants = constants?;
        let case = if insensitive { Case::Insensitive } else { Case::Sensitive };
        self.note_duplicates(constants.iter().map(Listed::lowered), case);
        if self.linted
            && let Some(item) = constants.iter().find(|item| has_wildcard(&item.value))
        {
            let fix = as_pattern_list(written, insensitive, *negated).filter(|_| is_text(&subject));
            self.note_wildcard(&subject, &item.value, item.span, fix);
        }
        let items = constants.into_iter().map(|item| item.value).collect();
        Some(Pred::test(subject.scalar, Op::OneOf(items, case), span))
    }

    fn note_constant_subject(&mut self, subject: &Typed, span: Span) {
        if subject.is_constant() {
            let warning = Diagnostic::warning(
                lints::CONSTANT_CONDITION,
                "this condition is the same for every event".to_owned(),
            );
            self.report(
                warning
                    .at(span, "does not depend on the event")
                    .and_at(subject.span, "a constant, not a field"),
            );
        }
    }

    /// An item of a list. Without a subject that it could be compared with it is only looked at by itself.
    fn item(&mut self, subject: Option<&Typed>, item: Option<Node<Literal>>) -> Option<Node<Literal>> {
        let (item, subject) = (item?, subject?);
        if item.value == Literal::Null {
            self.report(
                Diagnostic::warning(lints::NULL_IN_LIST, "null in a list matches nothing")
                    .at(item.span, "never equal to anything")
                    .help("write `or … == null` for a missing value"),
            );
        }
        let constant = self.check_constant(subject, item.value, item.span, None)?;
        Some(Node::new(constant, item.span))
    }

    /// The constant that an item comes to.
    fn worked_out(&mut self, compared: bool, item: Option<Typed>) -> Option<Node<Literal>> {
        let item = item?;
        match item.scalar {
            Scalar::Literal(constant) => Some(Node::new(constant, item.span)),
            _ if compared => {
                let message = format!("{} in a list is no constant", item.name());
                self.refuse(
                    Diagnostic::error(types::LIST_ITEM_NOT_CONSTANT, message)
                        .at(item.span, "list items must be constants")
                        .help("write an alternative of its own with `or`"),
                )
            }
            _ => None,
        }
    }

    /// `x : "a*"`, `x like (…)`, `x regex "…"`.
    pub(super) fn matches(&mut self, test: &Match, span: Span) -> Option<Pred> {
        let Match { subject, op, patterns, .. } = test;
        let subject = self.value(subject)?;
        self.note_constant_subject(&subject, span);
        if !is_text(&subject) {
            return self.refuse(self.operator_on_other(op, &subject, patterns));
        }
        let case = match op.value {
            MatchOp::Colon | MatchOp::LikeInsensitive | MatchOp::RegexInsensitive => Case::Insensitive,
            MatchOp::Like | MatchOp::Regex => Case::Sensitive,
        };
        let written = patterns.iter().map(Listed::written);
        if matches!(op.value, MatchOp::Regex | MatchOp::RegexInsensitive) {
            let texts = every(patterns.iter().map(|pattern| self.pattern_text(&subject, op, pattern)))?;
            self.note_duplicates(written, Case::Sensitive);
            let of_function = matches!(subject.scalar, Scalar::Call { .. });
            let regex = self.regex((op, of_function), patterns, &texts, case)?;
            return Some(Pred::test(subject.scalar, Op::Regex(regex), span));
        }
        let texts = every(patterns.iter().map(|pattern| {
            self.pattern_text(&subject, op, pattern).map(|text| TextPattern::from_eql_text(&text.value))
        }))?;
        self.note_duplicates(written, case);
        self.note_plain_like(op, &texts);
        Some(Pred::test(subject.scalar, Op::Text(texts, case), span))
    }

    fn pattern_text<'p>(
        &mut self,
        subject: &Typed,
        op: &Node<MatchOp>,
        pattern: &'p Node<AstLiteral>,
    ) -> Option<Node<Cow<'p, SmolStr>>> {
        match &pattern.value {
            AstLiteral::Str { value, .. } => Some(Node::new(Cow::Borrowed(value), pattern.span)),
            // The number is taken as it is written, as Elasticsearch does (§6.2).
            AstLiteral::Int(number) => {
                let message = format!("{} is matched as text with a number", subject.name());
                self.report(
                    Diagnostic::warning(lints::NUMBER_FOR_TEXT, message)
                        .at(pattern.span, "taken as the text that is written here")
                        .fix(Applicability::Safe, "put it in quotes", pattern.span, format!("\"{number}\"")),
                );
                Some(Node::new(Cow::Owned(number.to_string().into()), pattern.span))
            }
            other => {
                let other = literal(other);
                let message = format!("the pattern of `{}` is {}", op.value.as_str(), literal_noun(&other));
                let error =
                    Diagnostic::error(types::PATTERN_NOT_TEXT, message).at(pattern.span, "must be text");
                self.refuse(match other {
                    Literal::Float(_) => error,
                    _ => error.help(format!("`== {}` compares with it", shown(&other))),
                })
            }
        }
    }

    fn operator_on_other(
        &self,
        op: &Node<MatchOp>,
        subject: &Typed,
        patterns: &[Node<AstLiteral>],
    ) -> Diagnostic {
        let error = not_text(op.value.as_str(), subject, Some(op.span));
        if subject.ty == FieldType::Ip {
            return error.help("`cidrMatch(field, \"10.0.0.0/8\")` tests for a range of addresses");
        }
        match patterns {
            [Node { value: AstLiteral::Int(_) | AstLiteral::Float(_) | AstLiteral::Bool(_), .. }] => {
                error.fix(Applicability::Safe, "replace with `==`", op.span, "==")
            }
            _ => error.help("compare with `==` or `in`, or make a text with `string(x)`"),
        }
    }

    /// One finding for a list, at the first repeated item.
    fn note_duplicates<'l>(&mut self, items: impl ExactSizeIterator<Item = Listed<'l>> + Clone, case: Case) {
        if items.len() < 2 || !self.linted {
            return;
        }
        let item = |at: usize| items.clone().nth(at);
        let same = |a: usize, b: usize| match (item(a), item(b)) {
            (Some(a), Some(b)) => a.same(&b, case),
            _ => false,
        };
        let repeated = repeats(items.clone().map(|item| item.digest(case)), same);
        let places = repeated.first().and_then(|(at, first)| Some((item(*at)?, item(*first)?)));
        let Some((item, first)) = places else { return };
        let message = format!("`{}` is in the list already", item.shown());
        let finding = Diagnostic::warning(lints::DUPLICATE_ALTERNATIVE, message)
            .at(item.place, "changes nothing")
            .and_at(first.place, "the first one");
        let more = repeated.len() - 1;
        self.report(if more > 0 { finding.note(format!("{more} more in this list")) } else { finding });
    }

    /// `*` and `?` under an operator that takes them as they are (§6.1, §6.4). Silent for a lone sign and for
    /// a question mark, which texts and addresses have, unless it stands for a drive letter.
    pub(super) fn note_wildcard(
        &mut self,
        subject: &Typed,
        literal: &Literal,
        place: Span,
        fix: Option<Fix>,
    ) {
        let Literal::Str(text) = literal else { return };
        if subject.is_constant() {
            return;
        }
        let mut finding = Diagnostic::warning(
            lints::WILDCARD_IN_EXACT,
            format!("`{}` is compared exactly, wildcards included", shown(&Literal::Str(text.clone()))),
        )
        .at(place, "only a value with this character in it matches")
        .help("`like` matches wildcards, `:` too and without regard to letter case");
        finding.fixes.extend(fix);
        self.report(finding);
    }

    /// §6.3: legal and common, so no more than a note.
    fn note_plain_like(&mut self, op: &Node<MatchOp>, texts: &[TextPattern]) {
        let (same, other) = match (op.value, texts.len()) {
            _ if !self.linted => return,
            (MatchOp::Like, 1) => ("==", "like"),
            (MatchOp::Like, _) => ("in", "like"),
            (MatchOp::LikeInsensitive, _) => (":", "like~"),
            _ => return,
        };
        if texts.iter().any(|text| text.as_exact().is_none()) {
            return;
        }
        let message = format!("`{other}` without a wildcard is the same as `{same}`");
        self.report(
            Diagnostic::new(Severity::Note, lints::LIKE_WITHOUT_WILDCARD, message)
                .at(op.span, "no `*` or `?` on its right")
                .fix(Applicability::Safe, format!("replace with `{same}`"), op.span, same),
        );
    }
}

/// `x == "a*"` as `x like "a*"`, and `!=` with a `not` in front, which binds above a whole comparison (§2).
pub(super) fn as_pattern(op: &Node<CompareOp>, subject: Span) -> Option<Fix> {
    let like = Edit { span: op.span, replacement: "like".to_owned() };
    let edits = match op.value {
        CompareOp::Eq => vec![like],
        CompareOp::Ne => vec![not_before(subject), like],
        _ => return None,
    };
    Some(Fix { title: "replace with `like`".to_owned(), edits, applicability: Applicability::Unsafe })
}

/// `x in ("a*")` as `x like ("a*")`; none where an item is no string, which patterns are.
fn as_pattern_list((subject, items): (&Expr, &[Expr]), insensitive: bool, negated: bool) -> Option<Fix> {
    let is_string = |item: &Expr| matches!(item.kind, ExprKind::Literal(AstLiteral::Str { .. }));
    let first = items.first().filter(|_| items.iter().all(is_string))?;
    let op = if insensitive { "like~" } else { "like" };
    let between = Span { start: subject.span.end, end: first.span.start, ..subject.span };
    let mut edits = vec![Edit { span: between, replacement: format!(" {op} (") }];
    if negated {
        edits.insert(0, not_before(subject.span));
    }
    Some(Fix { title: format!("replace with `{op}`"), edits, applicability: Applicability::Unsafe })
}

fn not_before(subject: Span) -> Edit {
    Edit { span: Span { end: subject.start, ..subject }, replacement: "not ".to_owned() }
}

fn is_text(value: &Typed) -> bool {
    matches!(value.ty, FieldType::Keyword | FieldType::Text | FieldType::Version | FieldType::Unknown)
}

pub(super) fn has_wildcard(literal: &Literal) -> bool {
    match literal {
        Literal::Str(text) => {
            text.starts_with(r"?:\")
                || (text.as_bytes().contains(&b'*') && text.chars().any(char::is_alphanumeric))
        }
        _ => false,
    }
}

fn not_text(op: &str, subject: &Typed, place: Option<Span>) -> Diagnostic {
    let message = format!("`{op}` compares text, and {} holds {}", subject.name(), noun(subject.ty));
    let error = Diagnostic::error(types::TEXT_OPERATOR_ON_OTHER, message);
    match place {
        Some(place) => error
            .at(place, "needs text on its left")
            .and_at(subject.span, format!("holds {}", noun(subject.ty))),
        None => error.at(subject.span, format!("holds {}", noun(subject.ty))),
    }
}
