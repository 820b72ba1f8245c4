//! Fields that indices behind the rule's patterns do not map.

use std::collections::{BTreeMap, BTreeSet};

use eqlc_diagnostics::codes::lints;
use eqlc_diagnostics::{Applicability, Diagnostic, Diagnostics, Edit, Fix, Span};
use eqlc_ir::{Body, EventQuery, FieldRef, Key};
use eqlc_schema::{Mapped, Origin, Schema, mapped, mapping_patterns};

use super::missing::demands;

/// Each field that is not marked with `?` and that some or all of the patterns lack: Elasticsearch refuses the query
/// where no index at hand maps it (`eql-semantics.md` §4.4).
///
/// A term of a sequence or sample that asks for a value of the field can hold for no event of the other patterns
/// anyway; they are there for the other terms.
#[must_use]
pub fn outside_patterns(body: &Body, patterns: &[String], schema: &Schema) -> Diagnostics {
    let patterns: Vec<&str> =
        patterns.iter().map(String::as_str).filter(|pattern| !pattern.starts_with('-')).collect();
    if patterns.is_empty() {
        return Vec::new();
    }
    let mut uses = Uses { fields: BTreeMap::new(), terms: false };
    uses.body(body);
    let of_user = |path: &str| schema.field(path).is_some_and(|info| info.origin == Origin::User);
    uses.fields
        .iter()
        .filter(|(path, _)| !of_user(path))
        .filter_map(|(path, uses)| finding(path, uses, &patterns))
        .collect()
}

/// Where a field is used without the mark.
#[derive(Default)]
struct Use {
    places: BTreeSet<Span>,
    /// Whether it is a join key somewhere.
    key: bool,
    /// Whether some term of a sequence or sample, or the event, can hold for an event without it.
    needless: bool,
}

struct Uses {
    fields: BTreeMap<String, Use>,
    /// Whether the queries are terms.
    terms: bool,
}

impl Uses {
    fn body(&mut self, body: &Body) {
        match body {
            Body::Event(event) => self.query(event, &[]),
            Body::Sequence(sequence) => {
                self.terms = true;
                self.keys(&sequence.by);
                sequence.steps.iter().for_each(|step| self.query(&step.query, &step.by));
                sequence.until.iter().for_each(|until| self.query(&until.query, &until.by));
            }
            Body::Sample(sample) => {
                self.terms = true;
                self.keys(&sample.by);
                sample.terms.iter().for_each(|term| self.query(&term.query, &term.by));
            }
            Body::Correlation(_) => {}
        }
    }

    fn query(&mut self, query: &EventQuery, keys: &[Key]) {
        let demanded = if self.terms { demands(&query.filter) } else { BTreeSet::new() };
        for field in query.filter.fields() {
            let needless = !demanded.contains(field.path.as_str());
            self.field(field, false, needless);
        }
        self.keys(keys);
    }

    fn keys(&mut self, keys: &[Key]) {
        keys.iter().for_each(|key| self.field(&key.field, true, false));
    }

    fn field(&mut self, field: &FieldRef, key: bool, needless: bool) {
        if field.optional || field.span.is_empty() {
            return;
        }
        let uses = self.fields.entry(field.path.to_string()).or_default();
        uses.places.insert(field.span);
        uses.key |= key;
        uses.needless |= needless;
    }
}

fn finding(path: &str, uses: &Use, patterns: &[&str]) -> Option<Diagnostic> {
    let lacking: Vec<&str> =
        patterns.iter().copied().filter(|pattern| mapped(path, pattern) == Mapped::Nowhere).collect();
    let none = lacking.len() == patterns.len();
    if lacking.is_empty() || (!none && !uses.needless) {
        return None;
    }
    let message = match lacking.as_slice() {
        [one] if none => format!("the rule's index pattern `{one}` does not map `{path}`"),
        _ if none => format!("none of the rule's index patterns maps `{path}`"),
        [one] => format!("the index pattern `{one}` of the rule does not map `{path}`"),
        several => {
            format!("{} of the rule's {} index patterns do not map `{path}`", several.len(), patterns.len())
        }
    };
    let label = if none { "refused as an unknown field" } else { "refused where no other index is there" };
    let mut finding =
        Diagnostic::warning(lints::FIELD_OUTSIDE_PATTERNS, message).at(*uses.places.first()?, label);
    if !none && lacking.len() > 1 {
        finding = finding.note(format!("without it: {}", quoted(&lacking)));
    }
    let owners = mapping_patterns(path);
    if none && !owners.is_empty() {
        let owners: Vec<&str> = owners.iter().map(String::as_str).collect();
        finding = finding.help(format!("mapped by {}", quoted(&owners)));
    }
    // The mark changes nothing where the field is mapped, but of join keys, of which those without a value are equal
    // then; and where no pattern maps the field another pattern is missing as likely.
    let safe = !none && !uses.key;
    let applicability = if safe { Applicability::Safe } else { Applicability::Unsafe };
    let front =
        |place: &Span| Edit { span: Span { end: place.start, ..*place }, replacement: "?".to_owned() };
    let edits = uses.places.iter().map(front).collect();
    finding.fixes.push(Fix { title: "mark it with `?`".to_owned(), edits, applicability });
    Some(finding)
}

fn quoted(names: &[&str]) -> String {
    names.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ")
}
