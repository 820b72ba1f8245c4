//! A legal rule as the documents of one file.

use eqlc_diagnostics::{Diagnostics, Span};
use eqlc_ir::{Body, Category, Correlation, EventQuery, FieldRef, Pred, Rule, Source, Taxonomy};
use eqlc_sigma::{Document, File, LogSource, Meta};

use crate::meta::Describer;
use crate::{correlation, detection, refuse};

/// The file. `asked` is the taxonomy of a rule that names no field.
pub(crate) fn file(rule: &Rule, asked: Taxonomy) -> Result<File, Diagnostics> {
    let describer = Describer::new(rule, taxonomy(rule, asked)?);
    let documents = match &rule.body {
        Body::Event(query) => vec![Document::Rule(rule_of(query, describer.main())?)],
        Body::Correlation(correlation) => correlation::documents(correlation, &describer)?,
        Body::Sequence(_) | Body::Sample(_) => {
            let what = "sequences and samples are written as correlations";
            return Err(refuse::content(Span::default(), what));
        }
    };
    Ok(File { documents })
}

/// Sigma's word for the taxonomy of the fields, which must be one for all.
fn taxonomy(rule: &Rule, asked: Taxonomy) -> Result<&'static str, Diagnostics> {
    let mut fields: Vec<&FieldRef> = rule.queries().iter().flat_map(|query| query.filter.fields()).collect();
    if let Body::Correlation(correlation) = &rule.body {
        group_fields(correlation, &mut fields);
    }
    let found = fields.first().map_or(&asked, |field| &field.taxonomy);
    if let Some(other) = fields.iter().find(|field| field.taxonomy != *found) {
        let what = format!("`{}` is of another taxonomy than the fields before it", other.path);
        return Err(refuse::content(other.span, what));
    }
    match found {
        Taxonomy::Sigma => Ok("sigma"),
        Taxonomy::Ecs => Ok("ecs"),
        Taxonomy::Target(name) => {
            let span = fields.first().map_or_else(Span::default, |field| field.span);
            Err(refuse::content(span, format!("Sigma has no taxonomy `{name}`")))
        }
    }
}

/// The fields by which a correlation, and those inside it, group.
fn group_fields<'a>(correlation: &'a Correlation, fields: &mut Vec<&'a FieldRef>) {
    fields.extend(correlation.group_by.iter().flat_map(|key| &key.fields));
    for rule in &correlation.rules {
        if let Source::Correlation(inner) = &rule.source {
            group_fields(inner, fields);
        }
    }
}

/// A query as a rule.
pub(crate) fn rule_of(query: &EventQuery, meta: Meta) -> Result<eqlc_sigma::Rule, Diagnostics> {
    let span = first_span(&query.filter);
    let Category::LogSource(source) = &query.category else {
        return Err(refuse::content(span, "a rule needs a log source"));
    };
    let part = |part: &Option<String>| part.clone().unwrap_or_default();
    let names = [part(&source.category), part(&source.product), part(&source.service)];
    if names.iter().all(String::is_empty) {
        return Err(refuse::content(span, "the log source names nothing"));
    }
    let [category, product, service] = &names;
    Ok(eqlc_sigma::Rule {
        meta,
        logsource: LogSource::new(category, product, service),
        detection: detection::detection(&query.filter)?,
        span: Span::default(),
    })
}

fn first_span(filter: &Pred) -> Span {
    filter.tests().first().map_or_else(Span::default, |test| test.span)
}
