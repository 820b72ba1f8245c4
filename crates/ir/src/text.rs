//! The text form of the IR: what `--emit ir` prints. One node a line, children indented; for people and for
//! snapshots, stable, without places.

use std::fmt::Write;

use crate::regex::{ClassItem, RegexNode, repetition};
use crate::{
    Aggregate, Body, Case, Category, Correlation, CorrelationCondition, EventQuery, FieldRef, Key, Literal,
    Op, Owner, Part, Pipe, Pred, Rule, RuleCondition, Sample, Scalar, Sequence, Source, Taxonomy, Test,
    TextPattern,
};

/// The text of a rule.
#[must_use]
pub fn rule(rule: &Rule) -> String {
    let mut out = Printer::default();
    out.line(0, &format!("rule {}", quote(&rule.id)));
    match &rule.body {
        Body::Event(query) => out.query(1, "event", query),
        Body::Sequence(sequence) => out.sequence(sequence),
        Body::Sample(sample) => out.sample(sample),
        Body::Correlation(correlation) => out.correlation(1, "correlation", correlation),
    }
    for pipe in &rule.pipes {
        match pipe {
            Pipe::Head(count) => out.line(1, &format!("head {count}")),
            Pipe::Tail(count) => out.line(1, &format!("tail {count}")),
        }
    }
    out.text
}

/// The text of a condition, on lines of its own.
#[must_use]
pub fn pred(pred: &Pred) -> String {
    let mut out = Printer::default();
    out.pred(0, pred);
    out.text
}

/// The text of a test, on one line.
#[must_use]
pub fn test(test: &Test) -> String {
    operation(&scalar(&test.subject), &test.op)
}

fn operation(subject: &str, op: &Op) -> String {
    match op {
        Op::IsNull => format!("{subject} is-null"),
        Op::IsTrue => format!("{subject} is-true"),
        Op::Compare(comparison, right) => format!("{subject} {comparison} {}", scalar(right)),
        Op::OneOf(items, case) => {
            format!("{subject} {} ({})", cased("one-of", *case), join(items.iter().map(literal)))
        }
        Op::Text(patterns, case) => {
            format!("{subject} {} ({})", cased("text", *case), join(patterns.iter().map(pattern)))
        }
        Op::Regex(regex) => format!("{subject} {} /{}/", cased("regex", regex.case), regex_node(&regex.root)),
        Op::InNet(nets) => format!("{subject} in-net ({})", join(nets.iter().map(ToString::to_string))),
        Op::Exists => format!("{subject} exists"),
        Op::TimePart(part, comparison, number) => {
            format!("{}-of {subject} {comparison} {number}", part.name())
        }
    }
}

#[derive(Default)]
struct Printer {
    text: String,
}

impl Printer {
    fn line(&mut self, depth: usize, text: &str) {
        // Writing to a `String` cannot fail.
        let _ = writeln!(self.text, "{:indent$}{text}", "", indent = depth * 2);
    }

    fn query(&mut self, depth: usize, head: &str, query: &EventQuery) {
        self.line(depth, &format!("{head} {}", category(&query.category)));
        self.pred(depth + 1, &query.filter);
    }

    fn pred(&mut self, depth: usize, pred: &Pred) {
        match pred {
            Pred::All(list) => self.list(depth, "all", list),
            Pred::Any(list) => self.list(depth, "any", list),
            Pred::AtLeast(count, list) => self.list(depth, &format!("at-least {count}"), list),
            Pred::Not(inner) => self.list(depth, "not", std::slice::from_ref(inner)),
            Pred::Const(value) => self.line(depth, if *value { "true" } else { "false" }),
            Pred::Test(leaf) => self.line(depth, &test(leaf)),
            Pred::Element(element) => {
                self.line(depth, &format!("element ${} of {}", element.variable, field(&element.array)));
                self.pred(depth + 1, &element.pred);
            }
            Pred::Descendant(query) => self.query(depth, "descendant-of", query),
            Pred::Anywhere(wanted) => self.line(depth, &operation("anywhere", &wanted.op)),
        }
    }

    fn list(&mut self, depth: usize, head: &str, list: &[Pred]) {
        self.line(depth, head);
        list.iter().for_each(|pred| self.pred(depth + 1, pred));
    }

    fn sequence(&mut self, sequence: &Sequence) {
        let span = sequence.maxspan_ms.map_or(String::new(), |ms| format!(" maxspan {ms}ms"));
        self.line(1, &format!("sequence{}{span}", keys(" by ", &sequence.by)));
        for step in &sequence.steps {
            let mut head = String::from(if step.missing { "missing-step" } else { "step" });
            head.push_str(&keys(" by ", &step.by));
            if step.runs != 1 {
                let _ = write!(head, " runs {}", step.runs);
            }
            if let Some(alias) = &step.alias {
                let _ = write!(head, " as {alias}");
            }
            self.query(2, &head, &step.query);
        }
        if let Some(until) = &sequence.until {
            self.query(2, &format!("until{}", keys(" by ", &until.by)), &until.query);
        }
    }

    fn sample(&mut self, sample: &Sample) {
        self.line(1, &format!("sample{}", keys(" by ", &sample.by)));
        for term in &sample.terms {
            self.query(2, &format!("term{}", keys(" by ", &term.by)), &term.query);
        }
    }

    fn correlation(&mut self, depth: usize, head: &str, correlation: &Correlation) {
        let kind = format!("{:?}", correlation.kind);
        self.line(depth, &format!("{head} {kind} timespan {}ms", correlation.timespan_ms));
        for group in &correlation.group_by {
            let fields = join(group.fields.iter().map(field));
            self.line(depth + 1, &format!("group-by {} ({fields})", group.name));
        }
        match &correlation.condition {
            None => {}
            Some(CorrelationCondition::Number(wanted)) => self.line(depth + 1, &aggregate(wanted)),
            Some(CorrelationCondition::Rules(wanted)) => {
                self.line(depth + 1, &format!("condition {}", which_rules(wanted)));
            }
        }
        for rule in &correlation.rules {
            let name = quote(&rule.name);
            match &rule.source {
                Source::Events(query) => self.query(depth + 1, &format!("rule {name}"), query),
                Source::Correlation(inner) => {
                    self.correlation(depth + 1, &format!("rule {name} correlation"), inner);
                }
            }
        }
    }
}

fn aggregate(wanted: &Aggregate) -> String {
    let bounds = join(
        wanted.bounds.iter().map(|bound| format!("{} {}", bound.relation.name(), literal(&bound.value))),
    );
    let fields: String = wanted
        .fields
        .iter()
        .map(|key| format!(" of {} ({})", key.name, join(key.fields.iter().map(field))))
        .collect();
    let percentile =
        wanted.percentile.as_ref().map_or(String::new(), |at| format!(" percentile {}", literal(at)));
    format!("condition {bounds}{fields}{percentile}")
}

fn which_rules(wanted: &RuleCondition) -> String {
    match wanted {
        RuleCondition::Rule(at) => (at + 1).to_string(),
        RuleCondition::All(list) => format!("all({})", join(list.iter().map(which_rules))),
        RuleCondition::Any(list) => format!("any({})", join(list.iter().map(which_rules))),
        RuleCondition::Not(inner) => format!("not({})", which_rules(inner)),
    }
}

fn keys(head: &str, keys: &[Key]) -> String {
    if keys.is_empty() {
        return String::new();
    }
    format!("{head}{}", join(keys.iter().map(|key| field(&key.field))))
}

fn category(category: &Category) -> String {
    match category {
        Category::Any => "any".to_owned(),
        Category::OneOf(names) => join(names.iter().map(|name| name.value.clone())),
        Category::LogSource(source) => format!("logsource {source}"),
    }
}

fn scalar(value: &Scalar) -> String {
    match value {
        Scalar::Field(reference) => field(reference),
        Scalar::Of(Owner::Element(name), reference) => format!("${name}->{}", field(reference)),
        Scalar::Of(Owner::Step(name), reference) => format!("{name}->{}", field(reference)),
        Scalar::Literal(value) => literal(value),
        Scalar::Call { function, args, case } => {
            format!("{}({})", cased(function.name(), *case), join(args.iter().map(scalar)))
        }
        Scalar::Logic(inner) => {
            let text = pred(inner);
            format!("logic[{}]", text.split_whitespace().collect::<Vec<_>>().join(" "))
        }
    }
}

fn field(field: &FieldRef) -> String {
    let mark = if field.optional { "?" } else { "" };
    let taxonomy = match &field.taxonomy {
        Taxonomy::Ecs => "",
        Taxonomy::Sigma => "sigma:",
        Taxonomy::Target(name) => &format!("{name}:"),
    };
    format!("{mark}{taxonomy}{}:{}", field.path, field.ty.name())
}

fn literal(value: &Literal) -> String {
    match value {
        Literal::Null => "null".to_owned(),
        Literal::Bool(value) => value.to_string(),
        Literal::Int(value) => value.to_string(),
        Literal::Float(value) => format!("{value:?}"),
        Literal::Str(text) => quote(text),
        Literal::Date(bound) => format!("date {}", quote(bound.text())),
    }
}

/// A pattern with `*` and `?` outside quotes: `"a"*`.
fn pattern(pattern: &TextPattern) -> String {
    if pattern.parts().is_empty() {
        return quote("");
    }
    let parts = pattern.parts().iter().map(|part| match part {
        Part::Lit(text) => quote(text),
        Part::AnyRun => "*".to_owned(),
        Part::AnyOne => "?".to_owned(),
    });
    parts.collect()
}

fn regex_node(node: &RegexNode) -> String {
    match node {
        RegexNode::Empty => "()".to_owned(),
        RegexNode::Nothing => "#".to_owned(),
        RegexNode::Any => ".".to_owned(),
        RegexNode::Literal(text) => quote(text),
        RegexNode::Class { negated, items } => {
            let items: String = items.iter().map(class_item).collect();
            format!("[{}{items}]", if *negated { "^" } else { "" })
        }
        RegexNode::Concat(list) => list.iter().map(regex_node).collect(),
        RegexNode::Alternatives(list) => {
            format!("({})", list.iter().map(regex_node).collect::<Vec<_>>().join("|"))
        }
        RegexNode::Repeat { node, min, max } => format!("({}){}", regex_node(node), repetition(*min, *max)),
        RegexNode::Complement(node) => format!("~({})", regex_node(node)),
        RegexNode::Intersection(list) => {
            format!("({})", list.iter().map(regex_node).collect::<Vec<_>>().join("&"))
        }
        RegexNode::Interval { low, high, width } => format!("<{low}-{high}:{width}>"),
    }
}

fn class_item(item: &ClassItem) -> String {
    match item {
        ClassItem::Char(c) => c.escape_debug().to_string(),
        ClassItem::Range(low, high) => format!("{}-{}", low.escape_debug(), high.escape_debug()),
        set => set.shorthand().unwrap_or_default().to_owned(),
    }
}

fn cased(name: &str, case: Case) -> String {
    match case {
        Case::Sensitive => name.to_owned(),
        Case::Insensitive => format!("{name}~"),
    }
}

fn join(parts: impl Iterator<Item = String>) -> String {
    parts.collect::<Vec<_>>().join(", ")
}

/// Quoted with `"` and `\` escaped; control characters as `\u{…}`.
fn quote(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 2);
    out.push('"');
    for c in text.chars() {
        match c {
            '"' | '\\' => {
                out.push('\\');
                out.push(c);
            }
            c if c.is_control() => {
                let _ = write!(out, "\\u{{{:x}}}", u32::from(c));
            }
            c => out.push(c),
        }
    }
    out.push('"');
    out
}
