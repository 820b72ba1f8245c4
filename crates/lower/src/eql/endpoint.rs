//! What only rules of Elastic Endpoint say (`eql-semantics.md` §14): elements of arrays, processes above,
//! events of earlier terms.

use eqlc_diagnostics::codes::types;
use eqlc_diagnostics::{Applicability, Diagnostic, Node, Span, did_you_mean, nearest};
use eqlc_eql::Dialect;
use eqlc_eql::ast::{EventFilter, Expr, ExprKind, FieldPath, Lineage, Term, Variable};
use eqlc_ir::{Case, Element, FieldRef, FieldType, Function, Literal, Owner, Pred, Scalar, Taxonomy};
use smol_str::SmolStr;

use super::Lowering;
use super::types::Typed;

/// What can be named beside the fields of the event.
#[derive(Debug, Default)]
pub(super) struct Names {
    /// The variables of the array searches around, outermost first.
    variables: Vec<String>,
    /// The names of the terms before this one.
    before: Vec<String>,
    /// The names of all terms.
    terms: Vec<String>,
}

/// Whether a name is that of the array search.
pub(super) fn is_array_search(name: &str) -> bool {
    name.eq_ignore_ascii_case("_arraysearch")
}

/// A construct that only the Endpoint flavour has.
fn endpoint_only(what: &str, span: Span) -> Diagnostic {
    Diagnostic::error(types::ENDPOINT_ONLY, format!("{what} belongs to rules of Elastic Endpoint"))
        .at(span, "not supported in a query over stored events")
}

impl Lowering<'_> {
    pub(super) fn is_endpoint(&self) -> bool {
        self.context.dialect == Dialect::Endpoint
    }

    /// Takes down the names of the terms of a sequence before the first is looked at.
    pub(super) fn name_terms(&mut self, terms: &[Term]) {
        let aliases = || terms.iter().filter_map(|term| term.alias.as_ref());
        if !self.is_endpoint() {
            aliases().for_each(|alias| self.report(endpoint_only("a name for a term", alias.span)));
            return;
        }
        for (at, alias) in aliases().enumerate() {
            if let Some(first) = aliases().take(at).find(|other| other.value == alias.value) {
                self.report(
                    Diagnostic::error(types::UNKNOWN_NAME, format!("`{}` names two terms", alias.value))
                        .at(alias.span, "taken already")
                        .and_at(first.span, "the first one"),
                );
            }
        }
        for alias in aliases() {
            if self.context.schema.is_object(&alias.value) {
                let message = format!("the name `{0}` hides the fields `{0}.…`", alias.value);
                self.report(
                    Diagnostic::error(types::UNKNOWN_NAME, message)
                        .at(alias.span, "also an object of events")
                        .help("give the term a name that no field begins with, such as `event0`"),
                );
            }
        }
        self.names.terms = aliases().map(|alias| alias.value.to_string()).collect();
    }

    /// Runs `inner` where no term can be named: in a term that asks for a missing event.
    pub(super) fn without_terms<T>(&mut self, inner: impl FnOnce(&mut Self) -> T) -> T {
        let before = std::mem::take(&mut self.names.before);
        let result = inner(self);
        self.names.before = before;
        result
    }

    /// From here on the event of a term can be named.
    pub(super) fn term_stands(&mut self, alias: Option<&Node<SmolStr>>) {
        self.names.before.extend(alias.map(|alias| alias.value.to_string()));
    }

    /// `event0.file.path`; none for a path that starts with no name of a term.
    pub(super) fn back_reference(&mut self, path: &FieldPath) -> Option<Option<Scalar>> {
        if self.names.terms.is_empty() {
            return None;
        }
        let (first, rest) = path.split_first()?;
        if !self.names.terms.iter().any(|term| term == first.value) {
            return None;
        }
        if !self.names.before.iter().any(|term| term == first.value) {
            let message = format!("`{}` is not the name of a term before this one", first.value);
            return Some(
                self.refuse(
                    Diagnostic::error(types::UNKNOWN_NAME, message)
                        .at(first.span, "has no event yet")
                        .help("a term can look back at the terms before it that found an event"),
                ),
            );
        }
        let name = first.value.to_owned();
        Some(self.resolve(&rest, false).map(|field| Scalar::Of(Owner::Step(name), Box::new(field))))
    }

    /// A field that no schema has and that begins as the name of a term: of none in the query, or where no
    /// other event can be named, as in a join key. Unknown fields are null without a word in this flavour, so
    /// that a wrong name would never match.
    pub(super) fn misplaced_name(&self, path: &FieldPath) -> Option<Diagnostic> {
        if !self.is_endpoint() {
            return None;
        }
        let (first, rest) = path.split_first()?;
        let name = first.value;
        if self.names.terms.iter().any(|term| term == name) {
            let message =
                format!("`{name}` names the event of a term, and a join key is a field of its own event");
            return Some(
                Diagnostic::error(types::UNKNOWN_NAME, message)
                    .at(first.span, "not possible in a join key")
                    .help(format!("compare in the condition instead: `… == {name}.{}`", rest.text())),
            );
        }
        let stem = |name: &'_ str| name.trim_end_matches(|c: char| c.is_ascii_digit()).len();
        let like = |term: &str| term.get(..stem(term)) == name.get(..stem(name));
        let terms = || self.names.terms.iter().map(String::as_str);
        if stem(name) == name.len() || !terms().chain(["event0"]).any(like) {
            return None;
        }
        let near = nearest(name, terms());
        let error = Diagnostic::error(types::UNKNOWN_NAME, format!("no term is named `{name}`"))
            .at(first.span, "stands for nothing here");
        Some(match (did_you_mean(&near), near.as_slice()) {
            (Some(help), [only]) => error.help(help).fix(
                Applicability::Unsafe,
                format!("replace with `{only}`"),
                first.span,
                *only,
            ),
            (Some(help), _) => error.help(help),
            (None, _) => error.help(format!("`[…] as {name}` names the event of a term of a sequence")),
        })
    }

    /// `$entry.symbol_info`. No schema tells the types below an element.
    pub(super) fn variable(&mut self, variable: &Variable, span: Span) -> Option<Typed> {
        let Variable { name, path } = variable;
        if !self.is_endpoint() {
            return self.refuse(endpoint_only(&format!("the variable `${}`", name.value), span));
        }
        if !self.names.variables.iter().any(|known| *known == name.value) {
            let message = format!("`${}` is the variable of no array search around it", name.value);
            return self.refuse(
                Diagnostic::error(types::UNKNOWN_NAME, message)
                    .at(name.span, "stands for nothing here")
                    .help("`_arraysearch(array, $entry, condition)` gives each element of the array a name"),
            );
        }
        let field = FieldRef {
            path: path.as_ref().map(|path| path.text().into_owned()).unwrap_or_default().into(),
            taxonomy: Taxonomy::Ecs,
            ty: FieldType::Unknown,
            optional: false,
            span,
        };
        let scalar = Scalar::Of(Owner::Element(name.value.to_string()), Box::new(field));
        Some(Typed { scalar, ty: FieldType::Unknown, span })
    }

    /// `_arraysearch(array, $entry, condition)`.
    pub(super) fn array_search(&mut self, args: &[Expr], span: Span) -> Option<Pred> {
        if !self.is_endpoint() {
            return self.refuse(endpoint_only("`_arraysearch`", span));
        }
        let [array, variable, condition] = args else {
            let message = format!("`_arraysearch` takes 3 arguments and has {}", args.len());
            return self.refuse(
                Diagnostic::error(types::ARGUMENT_COUNT, message)
                    .at(span, format!("{} given", args.len()))
                    .help("it is written `_arraysearch(array, $entry, condition)`"),
            );
        };
        let array = match &array.kind {
            ExprKind::Field { path, .. } => Some(array_field(path)),
            ExprKind::Variable(variable) => {
                let name = &variable.name.value;
                let message = format!("an array inside the element `${name}` cannot be searched");
                self.refuse(bad_search(&message, array.span))
            }
            _ => self.refuse(bad_search("the first argument of `_arraysearch` is no field", array.span)),
        };
        let name = match &variable.kind {
            ExprKind::Variable(variable) if variable.path.is_none() => Some(variable.name.value.to_string()),
            _ => {
                self.refuse(bad_search("the second argument of `_arraysearch` is no variable", variable.span))
            }
        };
        self.names.variables.extend(name.clone());
        let pred = self.condition(condition);
        if name.is_some() {
            self.names.variables.pop();
        }
        Some(Pred::Element(Element { array: array?, variable: name?, pred: Box::new(pred?) }))
    }

    /// `descendant of [filter]`: in the brackets nothing of the event outside can be named.
    pub(super) fn lineage(
        &mut self,
        relation: &Node<Lineage>,
        filter: &EventFilter,
        span: Span,
    ) -> Option<Pred> {
        let written = format!("`{} of`", relation.value.as_str());
        if !self.is_endpoint() {
            return self.refuse(endpoint_only(&written, span));
        }
        if relation.value != Lineage::Descendant {
            let error = Diagnostic::error(types::ENDPOINT_ONLY, format!("{written} is not supported"));
            return self.refuse(error.at(relation.span, "only `descendant of` is"));
        }
        let variables = std::mem::take(&mut self.names.variables);
        let query = self.without_terms(|lowering| lowering.event(filter));
        self.names.variables = variables;
        query.map(|query| Pred::Descendant(Box::new(query)))
    }

    /// A condition used as a value must be one of values only.
    pub(super) fn usable_as_value(&mut self, pred: Pred, span: Span) -> Option<Pred> {
        if !asks_elsewhere(&pred) {
            return Some(pred);
        }
        self.refuse(no_value(span))
    }

    /// Text compared for order with a number is the number it writes: identifiers of users and groups are
    /// numbers there, and keywords in the schema.
    pub(super) fn as_number(&self, subject: Typed, literal: &Literal) -> Typed {
        let number = matches!(literal, Literal::Int(_) | Literal::Float(_));
        if !self.is_endpoint() || !number || subject.ty != FieldType::Keyword {
            return subject;
        }
        let scalar =
            Scalar::Call { function: Function::Number, args: vec![subject.scalar], case: Case::Sensitive };
        Typed { scalar, ty: FieldType::Float, span: subject.span }
    }
}

/// A condition on elements or processes where a value is wanted.
pub(super) fn no_value(span: Span) -> Diagnostic {
    Diagnostic::error(types::CONDITION_ONLY, "a condition on elements or other processes is no value")
        .at(span, "used as a value")
        .help("join it with `and`, `or` and `not`")
}

fn bad_search(message: &str, span: Span) -> Diagnostic {
    Diagnostic::error(types::BAD_ARRAY_SEARCH, message)
        .at(span, "not expected here")
        .help("it is written `_arraysearch(array, $entry, condition)`")
}

/// The array, of whatever type: only what stands below its elements is tested.
fn array_field(path: &FieldPath) -> FieldRef {
    FieldRef {
        path: path.text().into(),
        taxonomy: Taxonomy::Ecs,
        ty: FieldType::Object,
        optional: false,
        span: path.span(),
    }
}

fn asks_elsewhere(pred: &Pred) -> bool {
    match pred {
        Pred::All(list) | Pred::Any(list) | Pred::AtLeast(_, list) => list.iter().any(asks_elsewhere),
        Pred::Not(inner) => asks_elsewhere(inner),
        Pred::Const(_) | Pred::Test(_) | Pred::Anywhere(_) => false,
        Pred::Element(_) | Pred::Descendant(_) => true,
    }
}
