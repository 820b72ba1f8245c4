//! A legal rule as the documents of one file.

use std::collections::BTreeSet;

use eqlc_diagnostics::{Diagnostics, Node, Span};
use eqlc_ir::{
    Body, Category, Correlation, CorrelationKind, EventQuery, FieldRef, GroupKey, Pred, Rule, Taxonomy,
};
use eqlc_sigma::{Alias, CorrelationRule, CorrelationType, Document, File, LogSource, Meta};

use crate::meta::Describer;
use crate::{detection, refuse, time};

/// The file. `asked` is the taxonomy of a rule that names no field.
pub(crate) fn file(rule: &Rule, asked: Taxonomy) -> Result<File, Diagnostics> {
    let describer = Describer::new(rule, taxonomy(rule, asked)?);
    let documents = match &rule.body {
        Body::Event(query) => vec![Document::Rule(rule_of(query, describer.main())?)],
        Body::Correlation(correlation) => correlated(correlation, &describer)?,
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
        fields.extend(correlation.group_by.iter().flat_map(|key| &key.fields));
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

fn rule_of(query: &EventQuery, meta: Meta) -> Result<eqlc_sigma::Rule, Diagnostics> {
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

/// The rules of a correlation, then the correlation.
fn correlated(correlation: &Correlation, describer: &Describer<'_>) -> Result<Vec<Document>, Diagnostics> {
    let slug = describer.slug();
    let mut taken = BTreeSet::new();
    let mut names = Vec::new();
    let mut documents = Vec::new();
    for (at, part) in correlation.rules.iter().enumerate() {
        // A reader takes the name of the correlation off again.
        let base = format!("{slug}_{}", part.name);
        let mut name = base.clone();
        let mut count = 1_usize;
        while !taken.insert(name.clone()) {
            count += 1;
            name = format!("{base}_{count}");
        }
        let Some(query) = part.source.as_events() else {
            return Err(refuse::content(Span::default(), "a correlation of correlations has no form here"));
        };
        documents.push(Document::Rule(rule_of(query, describer.part(at + 1, &name))?));
        names.push(name);
    }
    let kind = match correlation.kind {
        CorrelationKind::TemporalOrdered => CorrelationType::TemporalOrdered,
        CorrelationKind::Temporal => CorrelationType::Temporal,
        _ => return Err(refuse::content(Span::default(), "this kind of correlation has no form here")),
    };
    let timespan = time::timespan(correlation.timespan_ms)?;
    let mut body = eqlc_sigma::Correlation::new(kind, names.iter().cloned(), timespan);
    body.group_by = correlation.group_by.iter().map(|key| bare(key.name.clone())).collect();
    body.aliases = correlation.group_by.iter().filter_map(|key| alias(key, &names)).collect();
    let mut meta = describer.main();
    meta.name = Some(bare(slug));
    documents.push(Document::Correlation(CorrelationRule { meta, correlation: body, span: Span::default() }));
    Ok(documents)
}

/// A name for a part of the group whose field is not of that name in every rule.
fn alias(key: &GroupKey, rules: &[String]) -> Option<Alias> {
    if key.fields.iter().all(|field| field.path == key.name) {
        return None;
    }
    let fields = rules.iter().zip(&key.fields);
    let fields = fields.map(|(rule, field)| (bare(rule.clone()), bare(field.path.clone()))).collect();
    Some(Alias { name: bare(key.name.clone()), fields })
}

fn bare<T>(value: T) -> Node<T> {
    Node::new(value, Span::default())
}

fn first_span(filter: &Pred) -> Span {
    filter.tests().first().map_or_else(Span::default, |test| test.span)
}
