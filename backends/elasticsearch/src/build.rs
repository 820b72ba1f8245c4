//! The EQL tree of a legal rule.

use eqlc_diagnostics::codes::targets;
use eqlc_diagnostics::{Diagnostic, Diagnostics, Node, Span};
use eqlc_eql::ast;
use eqlc_eql::ast::{ArithOp, CompareOp, EventFilter, Expr, ExprKind, MatchOp, Term};
use eqlc_ir::{
    Body, Case, Category, Comparison, EventQuery, FieldRef, Function, Key, Literal, Op, Part, Pipe, Pred,
    Rule, Sample, Scalar, Sequence, SmolStr, Test, TextPattern,
};

use crate::lucene;

/// The tree of a rule, or what EQL cannot write of its content.
pub(crate) fn query(rule: &Rule) -> Result<ast::Query, Diagnostics> {
    let mut builder = Builder::default();
    let body = match &rule.body {
        Body::Event(query) => ast::Body::Event(builder.filter(query)),
        Body::Sequence(sequence) => ast::Body::Sequence(builder.sequence(sequence)),
        Body::Sample(sample) => ast::Body::Sample(builder.sample(sample)),
        Body::Correlation(_) => {
            builder.refuse(Span::default(), "a correlation");
            ast::Body::Error
        }
    };
    let mut query = ast::Query::new(body);
    query.pipes = rule.pipes.iter().map(pipe).collect();
    if builder.refused.is_empty() { Ok(query) } else { Err(builder.refused) }
}

fn pipe(pipe: &Pipe) -> ast::Pipe {
    match pipe {
        Pipe::Head(count) => ast::Pipe::head(*count),
        Pipe::Tail(count) => ast::Pipe::tail(*count),
    }
}

#[derive(Default)]
struct Builder {
    refused: Diagnostics,
    /// The pattern at hand: room that is used again.
    text: String,
}

impl Builder {
    fn refuse(&mut self, span: Span, what: &str) -> Expr {
        let message = format!("Elasticsearch EQL cannot write {what}");
        self.refused.push(Diagnostic::error(targets::CONTENT_REFUSED, message).at(span, "needed here"));
        Expr::error(span)
    }

    fn filter(&mut self, query: &EventQuery) -> EventFilter {
        let condition = self.pred(&query.filter);
        match &query.category {
            Category::Any => EventFilter::any(condition),
            Category::OneOf(names) => match names.as_slice() {
                [one] => EventFilter::named(one.value.clone(), condition),
                // The category field has any of these: `any where event.category in (…) and …`.
                several => {
                    let items = several.iter().map(|name| Expr::string(name.value.clone())).collect();
                    let category = Expr::one_of(Expr::field("event.category"), items, false);
                    EventFilter::any(Expr::all(vec![category, condition]))
                }
            },
            Category::LogSource(_) => {
                self.refuse(Span::default(), "a log source");
                EventFilter::any(condition)
            }
        }
    }

    fn sequence(&mut self, sequence: &Sequence) -> ast::Sequence {
        let terms = sequence
            .steps
            .iter()
            .map(|step| {
                let mut term = Term::new(self.filter(&step.query)).by(keys(&step.by));
                if step.missing {
                    term = term.missing();
                }
                if step.runs == 1 { term } else { term.runs(step.runs) }
            })
            .collect();
        let until =
            sequence.until.as_ref().map(|until| Term::new(self.filter(&until.query)).by(keys(&until.by)));
        let maxspan = sequence.maxspan_ms.map(|ms| Node::new(ast::MaxSpan::from_millis(ms), Span::default()));
        ast::Sequence { by: keys(&sequence.by), maxspan, terms, until }
    }

    fn sample(&mut self, sample: &Sample) -> ast::Sample {
        let terms =
            sample.terms.iter().map(|term| Term::new(self.filter(&term.query)).by(keys(&term.by))).collect();
        ast::Sample { by: keys(&sample.by), terms }
    }

    fn pred(&mut self, pred: &Pred) -> Expr {
        match pred {
            Pred::All(list) => Expr::all(list.iter().map(|pred| self.pred(pred)).collect()),
            Pred::Any(list) => Expr::any(list.iter().map(|pred| self.pred(pred)).collect()),
            Pred::Not(inner) => self.not(inner),
            Pred::AtLeast(..) => self.refuse(Span::default(), "at least N of several conditions"),
            Pred::Const(value) => Expr::bool(*value),
            Pred::Test(test) => self.test(test),
            Pred::Element(element) => {
                self.refuse(element.array.span, "a condition on one element of an array")
            }
            Pred::Descendant(_) => self.refuse(Span::default(), "`descendant of`"),
            Pred::Anywhere(wanted) => self.refuse(wanted.span, "a search in any field"),
        }
    }

    /// A negation in the form people write: `!=`, `not in`, else `not`.
    fn not(&mut self, inner: &Pred) -> Expr {
        let positive = self.pred(inner);
        let span = positive.span;
        let kind = match positive.kind {
            ExprKind::Compare(mut test) if test.op.value == CompareOp::Eq => {
                test.op.value = CompareOp::Ne;
                ExprKind::Compare(test)
            }
            ExprKind::In(mut test) if !test.negated => {
                test.negated = true;
                ExprKind::In(test)
            }
            kind => return Expr::new(kind, span).negated(),
        };
        Expr::new(kind, span)
    }

    fn test(&mut self, test: &Test) -> Expr {
        let subject = self.scalar(&test.subject, test.span);
        match &test.op {
            Op::IsNull => Expr::compare(subject, CompareOp::Eq, Expr::null()),
            Op::IsTrue => match test.subject {
                Scalar::Call { .. } => subject,
                // A three-valued condition under a two-valued tree has no form of its own.
                _ => self.refuse(test.span, "a condition used as a value"),
            },
            Op::Compare(comparison, right) => {
                let Some(op) = compare_op(*comparison) else {
                    return self.refuse(test.span, "a comparison of fields without regard to letter case");
                };
                let right = self.scalar(right, test.span);
                Expr::compare(subject, op, right)
            }
            Op::OneOf(items, case) => {
                let items = items.iter().map(|item| self.literal(item, test.span)).collect();
                Expr::one_of(subject, items, *case == Case::Insensitive)
            }
            Op::Text(patterns, case) => self.text(subject, patterns, *case, test.span),
            Op::Regex(regex) => {
                let op =
                    if regex.case == Case::Sensitive { MatchOp::Regex } else { MatchOp::RegexInsensitive };
                Expr::matches(subject, op, vec![ast::Literal::string(lucene::print(&regex.root))])
            }
            Op::InNet(nets) => {
                let ranges = nets.iter().map(|net| Expr::string(net.to_string()));
                Expr::call("cidrMatch", std::iter::once(subject).chain(ranges).collect())
            }
            Op::Exists => self.refuse(test.span, "a test that tells null from a missing field"),
            Op::TimePart(..) => self.refuse(test.span, "a part of a time"),
        }
    }

    /// Patterns that wildcards can say go into one list; literal `*` and `?` need another form (§6.3: there
    /// is no escape).
    fn text(&mut self, subject: Expr, patterns: &[TextPattern], case: Case, span: Span) -> Expr {
        let mut listed = Vec::with_capacity(patterns.len());
        let mut exact = Vec::new();
        let mut others = Vec::new();
        for pattern in patterns {
            if !pattern.has_literal_wildcard() {
                listed.push(ast::Literal::string(self.written(pattern)));
            } else if let Some(text) = pattern.as_exact() {
                exact.push(Expr::string(text));
            } else {
                others.push(self.shape(&subject, pattern, case, span));
            }
        }
        let op = if case == Case::Sensitive { MatchOp::Like } else { MatchOp::Colon };
        if exact.is_empty() && others.is_empty() {
            return Expr::matches(subject, op, listed);
        }
        let mut any = Vec::new();
        if !listed.is_empty() {
            any.push(Expr::matches(subject.clone(), op, listed));
        }
        if !exact.is_empty() {
            any.push(Expr::one_of(subject, exact, case == Case::Insensitive));
        }
        any.extend(others);
        Expr::any(any)
    }

    fn written(&mut self, pattern: &TextPattern) -> SmolStr {
        if let [Part::Lit(text)] = pattern.parts() {
            return text.clone();
        }
        self.text.clear();
        self.text.extend(pattern.parts().iter().map(written_part));
        self.text.as_str().into()
    }

    fn shape(&mut self, subject: &Expr, pattern: &TextPattern, case: Case, span: Span) -> Expr {
        let (name, text) = match pattern.parts() {
            [Part::Lit(text), Part::AnyRun] => ("startsWith", text),
            [Part::AnyRun, Part::Lit(text)] => ("endsWith", text),
            [Part::AnyRun, Part::Lit(text), Part::AnyRun] => ("stringContains", text),
            _ => return self.refuse(span, "wildcards beside a literal `*` or `?`"),
        };
        let args = vec![subject.clone(), Expr::string(text.clone())];
        match case {
            Case::Sensitive => Expr::call(name, args),
            Case::Insensitive => Expr::call_insensitive(name, args),
        }
    }

    fn scalar(&mut self, scalar: &Scalar, span: Span) -> Expr {
        match scalar {
            Scalar::Field(reference) => field(reference),
            Scalar::Of(..) => self.refuse(span, "a value of something else than the event at hand"),
            Scalar::Literal(literal) => self.literal(literal, span),
            Scalar::Call { function, args, case } => {
                let args: Vec<Expr> = args.iter().map(|arg| self.scalar(arg, span)).collect();
                call(*function, args, *case)
            }
            Scalar::Logic(pred) => self.pred(pred),
        }
    }

    fn literal(&mut self, literal: &Literal, span: Span) -> Expr {
        match literal {
            Literal::Null => Expr::null(),
            Literal::Bool(value) => Expr::bool(*value),
            Literal::Int(value) => Expr::int(*value),
            Literal::Float(value) => {
                Expr::float(*value).unwrap_or_else(|| self.refuse(span, "a number that is not finite"))
            }
            Literal::Str(text) => Expr::string(text.clone()),
            Literal::Date(bound) => Expr::string(bound.text()),
        }
    }
}

fn keys(keys: &[Key]) -> Vec<Expr> {
    keys.iter().map(|key| field(&key.field)).collect()
}

fn field(field: &FieldRef) -> Expr {
    if field.optional { Expr::optional_field(&field.path) } else { Expr::field(&field.path) }
}

fn written_part(part: &Part) -> &str {
    match part {
        Part::Lit(text) => text,
        Part::AnyRun => "*",
        Part::AnyOne => "?",
    }
}

fn compare_op(comparison: Comparison) -> Option<CompareOp> {
    Some(match comparison {
        Comparison::Equal => CompareOp::Eq,
        Comparison::EqualInsensitive => return None,
        Comparison::Less => CompareOp::Lt,
        Comparison::LessOrEqual => CompareOp::Le,
        Comparison::Greater => CompareOp::Gt,
        Comparison::GreaterOrEqual => CompareOp::Ge,
    })
}

/// Arithmetic as operators, the rest by name.
fn call(function: Function, args: Vec<Expr>, case: Case) -> Expr {
    let op = match function {
        Function::Add => Some(ArithOp::Add),
        Function::Subtract => Some(ArithOp::Sub),
        Function::Multiply => Some(ArithOp::Mul),
        Function::Divide => Some(ArithOp::Div),
        Function::Modulo => Some(ArithOp::Mod),
        _ => None,
    };
    match (op, <[Expr; 2]>::try_from(args)) {
        (Some(op), Ok([left, right])) => Expr::arith(left, op, right),
        (_, Ok(args)) => named(function, args.into(), case),
        (_, Err(mut args)) if function == Function::Negate && args.len() == 1 => {
            ExprKind::Neg(Box::new(args.remove(0))).into()
        }
        (_, Err(args)) => named(function, args, case),
    }
}

fn named(function: Function, args: Vec<Expr>, case: Case) -> Expr {
    match case {
        Case::Sensitive => Expr::call(function.name(), args),
        Case::Insensitive => Expr::call_insensitive(function.name(), args),
    }
}
