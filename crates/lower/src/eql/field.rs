//! Fields: looked up in the schema, refused where they have no values.

use eqlc_diagnostics::codes::{lints, types};
use eqlc_diagnostics::{Applicability, Diagnostic, Span, did_you_mean};
use eqlc_eql::ast::{Expr, FieldPath};
use eqlc_ir::{FieldRef, FieldType, Taxonomy};

use super::Lowering;

impl Lowering<'_> {
    /// A field by its path: one that the schema lacks is reported unless marked with `?`
    /// (`eql-semantics.md` §4.4), an object is refused.
    pub(super) fn resolve(&mut self, field: &FieldPath, optional: bool) -> Option<FieldRef> {
        let path = field.to_text();
        let place = field.span();
        if let Some(types) = self.context.schema.conflict(&path) {
            return self.refuse(ambiguous(&path, types, place));
        }
        if let Some(parent) = self.context.schema.nested(&path) {
            let message = format!("`{path}` lies in the nested field `{parent}`, which EQL cannot test");
            return self
                .refuse(Diagnostic::error(types::OBJECT_FIELD, message).at(place, "in a nested field"));
        }
        if let Some(info) = self.context.schema.field(&path).filter(|info| info.ty != FieldType::Object) {
            return Some(FieldRef { path, taxonomy: Taxonomy::Ecs, ty: info.ty, optional, span: place });
        }
        if self.context.schema.is_object(&path) {
            return self.refuse(self.object(&path, place));
        }
        if let Some(error) = self.misplaced_name(field) {
            return self.refuse(error);
        }
        let silent = self.is_endpoint() && !self.context.strict_fields;
        if !optional && !silent && self.unknown.insert(path.to_string()) {
            self.report(self.unknown_field(&path, place));
        }
        Some(FieldRef { path, taxonomy: Taxonomy::Ecs, ty: FieldType::Unknown, optional, span: place })
    }

    /// A field whose exact values are used: text has some only in a keyword sub-field, which Elasticsearch
    /// then takes in its place (`eql-semantics.md` §4.3).
    pub(super) fn value_field(&mut self, field: FieldRef) -> Option<FieldRef> {
        let is_keyword =
            |path: &str| self.context.schema.field(path).is_some_and(|info| info.ty == FieldType::Keyword);
        if field.ty != FieldType::Text || is_keyword(&format!("{}.keyword", field.path)) {
            return Some(field);
        }
        let message = format!("`{}` holds analysed text, which has no exact value", field.path);
        let error = Diagnostic::error(types::TEXT_FIELD, message).at(field.span, "a text field");
        let keyword = field.path.rsplit_once('.').map(|(parent, _)| parent).filter(|path| is_keyword(path));
        self.refuse(match keyword {
            Some(parent) => error.help(format!("`{parent}` holds the same text as a whole")).fix(
                Applicability::Safe,
                format!("use `{parent}`"),
                field.span,
                parent,
            ),
            None => error.help(format!(
                "give the mapping a keyword sub-field and test that; `{} != null` asks whether there is any text",
                field.path
            )),
        })
    }

    fn object(&self, path: &str, place: Span) -> Diagnostic {
        let error = Diagnostic::error(types::OBJECT_FIELD, format!("`{path}` is an object and has no value"))
            .at(place, "only its sub-fields can be tested");
        let mapping = self.context.schema.field(path).map_or("object", |info| info.mapping);
        if !matches!(mapping, "object" | "unknown") {
            let message = format!("`{path}` is mapped as `{mapping}`, which EQL cannot test");
            return Diagnostic::error(types::OBJECT_FIELD, message)
                .at(place, format!("a field of type `{mapping}`"));
        }
        let examples: Vec<String> =
            self.context.schema.sub_fields(path, 3).iter().map(|field| format!("`{field}`")).collect();
        if examples.is_empty() { error } else { error.help(format!("such as {}", examples.join(", "))) }
    }

    /// The finding without advice.
    pub(super) fn plain_unknown_field(&self, path: &str, place: Span) -> Diagnostic {
        let message = format!("unknown field `{path}`");
        let label = match self.context.schema.user_files() {
            [] => "not in ECS, nor among the fields of known integrations".to_owned(),
            files => format!("not in {}, nor in ECS and the fields of known integrations", quoted(files)),
        };
        let finding = if self.context.strict_fields {
            Diagnostic::error(types::UNKNOWN_FIELD_STRICT, message)
        } else {
            Diagnostic::warning(lints::UNKNOWN_FIELD, message)
        };
        finding.at(place, label)
    }

    fn unknown_field(&self, path: &str, place: Span) -> Diagnostic {
        let near = self.context.schema.nearest(path);
        let mut finding = self.plain_unknown_field(path, place);
        if let Some(help) = did_you_mean(&near).or_else(|| self.near_object(path)) {
            finding = finding.help(help);
        }
        if let [best] = near.as_slice() {
            let title = format!("replace with `{best}`");
            let written = eqlc_eql::print_expr(&Expr::field(best));
            finding = finding.fix(Applicability::Unsafe, title, place, written);
        } else if near.is_empty() {
            let start = Span { end: place.start, ..place };
            finding = finding.fix(Applicability::Unsafe, "mark it with `?`", start, "?");
        }
        finding.help(format!("`?{path}` says that no index need have the field"))
    }

    /// The object that the first segment was meant to name, when nothing nearer is known.
    fn near_object(&self, path: &str) -> Option<String> {
        let first = path.split('.').next().filter(|first| !self.context.schema.is_object(first))?;
        let near = eqlc_diagnostics::nearest(first, self.context.schema.top_levels());
        let near: Vec<String> = near.into_iter().map(|name| format!("{name}.…")).collect();
        did_you_mean(&near.iter().map(String::as_str).collect::<Vec<_>>())
    }
}

/// `eql-semantics.md` §3, "field of wrong kind".
fn ambiguous(path: &str, kinds: &str, place: Span) -> Diagnostic {
    Diagnostic::error(types::AMBIGUOUS_FIELD, format!("the indices map `{path}` differently"))
        .at(place, kinds)
        .help("search the indices that agree, or give the field one type in all of them")
}

fn quoted(names: &[String]) -> String {
    names.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ")
}
