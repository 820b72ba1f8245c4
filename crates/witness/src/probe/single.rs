//! Changes of one event: for every test of its query.

use eqlc_diagnostics::Span;
use eqlc_ir::EventQuery;
use indexmap::IndexMap;
use serde_json::Value as Json;

use super::leaf::{Leaf, leaves};
use super::{About, Change, Probes, with};
use crate::event::{Draft, Given};
use crate::field::is_absent;
use crate::prepare::{Prepared, prepare};
use crate::split::fields_of;
use crate::stream::{Made, Plan};

impl Probes<'_, '_, '_> {
    /// For every test of every part what fails only there, and what is changed in the values that it looks at.
    pub(super) fn singles(&mut self, plan: &Plan) {
        for made in firsts(plan) {
            let prepared = prepare(&made.query, &self.maker.tools.options.category_field);
            for leaf in leaves(&prepared.filter) {
                if !self.next() {
                    return;
                }
                if let Some(draft) = self.deciding(plan, &made, &prepared, &leaf) {
                    self.leaf(plan, &made, &prepared, (&leaf, draft));
                }
            }
        }
    }

    fn leaf(&mut self, plan: &Plan, made: &Made, prepared: &Prepared, (leaf, draft): (&Leaf<'_>, Draft)) {
        let base = with(plan, made.part, |made| made.draft = draft.clone());
        let mut paths: Vec<&str> =
            fields_of(leaf.test).into_iter().map(|field| field.path.as_str()).collect();
        paths.dedup();
        let about = |change: Change, field: Option<&str>| About {
            change,
            field: field.map(str::to_owned),
            part: made.part,
            span: (leaf.test.span != Span::default()).then_some(leaf.test.span),
        };
        if let Some(miss) = self.flipped(&made.query, prepared, leaf, (&draft, &paths)) {
            let plan = with(plan, made.part, |made| made.draft = miss.clone());
            self.note_if(about(Change::Flipped, paths.first().copied()), &plan, false);
        }
        let settled = self.settled(&base);
        let field = paths.first().copied();
        let drafts = std::iter::once(draft.clone()).chain(self.edges(made, prepared, leaf, &draft));
        let drafts: Vec<Draft> = drafts.collect();
        let of = |edge: Draft| self.settled(&with(plan, made.part, |made| made.draft.clone_from(&edge)));
        let edges: Vec<Plan> = drafts.into_iter().map(of).collect();
        self.near(&settled, (made.part, leaf.test), edges, &|change| about(change, field));
        for path in paths {
            let value = draft.fields.get(path).filter(|value| !is_absent(value)).cloned();
            let Some(value) = value else { continue };
            let changed = |value: Option<Json>| {
                with(&settled, made.part, |made| {
                    let _ = match &value {
                        Some(value) => made.draft.fields.insert(path.to_owned(), value.clone()),
                        None => made.draft.fields.shift_remove(path),
                    };
                })
            };
            self.note(about(Change::Lacking, Some(path)), &changed(None));
            if let Some(other) = other_case(&value) {
                self.note(about(Change::OtherCase, Some(path)), &changed(Some(other)));
            }
            if !value.is_array() {
                let list = changed(Some(Json::Array(vec![beside(&value), value.clone()])));
                let about = about(Change::InList, Some(path));
                if !self.note_if(about.clone(), &list, true) {
                    self.note(about, &changed(Some(Json::Array(vec![value]))));
                }
            }
        }
    }

    /// An event for the part such that the rule matches, and would not if the test turned out otherwise.
    fn deciding(&mut self, plan: &Plan, made: &Made, prepared: &Prepared, leaf: &Leaf<'_>) -> Option<Draft> {
        let mut demands = leaf.others.clone();
        demands.push((leaf.pred, leaf.wanted));
        let given = Given { fixed: keys_of(made), needed: Vec::new() };
        let drafts = self.maker.tools.solve(&made.query, prepared, &demands, &given, 1).ok()?;
        let draft = drafts.into_iter().next()?;
        let plan = with(plan, made.part, |made| made.draft = draft.clone());
        self.matches(&plan).then_some(draft)
    }

    /// The event with the test the other way, and as little else as can be.
    fn flipped(
        &mut self,
        query: &EventQuery,
        prepared: &Prepared,
        leaf: &Leaf<'_>,
        (draft, paths): (&Draft, &[&str]),
    ) -> Option<Draft> {
        let mut demands = leaf.others.clone();
        demands.push((leaf.pred, !leaf.wanted));
        let kept = draft.fields.iter().filter(|(path, _)| !paths.contains(&path.as_str()));
        let fixed: IndexMap<String, Json> = kept.map(|(path, value)| (path.clone(), value.clone())).collect();
        [fixed, IndexMap::new()].into_iter().find_map(|fixed| {
            let given = Given { fixed, needed: Vec::new() };
            let drafts = self.maker.tools.solve(query, prepared, &demands, &given, 1).ok()?;
            drafts.into_iter().next()
        })
    }
}

/// The first event of each part.
pub(super) fn firsts(plan: &Plan) -> Vec<Made> {
    let mut found: Vec<Made> = Vec::new();
    for made in &plan.events {
        if !found.iter().any(|known| known.part == made.part) {
            found.push(made.clone());
        }
    }
    found
}

/// The values of the keys of an event.
pub(super) fn keys_of(made: &Made) -> IndexMap<String, Json> {
    let of = |path: &String| Some((path.clone(), made.draft.fields.get(path)?.clone()));
    made.keys.iter().filter_map(of).collect()
}

/// The same letters in the other case; none where there are none.
pub(super) fn other_case(value: &Json) -> Option<Json> {
    match value {
        Json::String(text) => {
            let turn = |c: char| {
                if c.is_ascii_lowercase() { c.to_ascii_uppercase() } else { c.to_ascii_lowercase() }
            };
            let other: String = text.chars().map(turn).collect();
            (other != *text).then(|| Json::from(other))
        }
        Json::Array(list) => {
            let turned: Vec<Json> =
                list.iter().map(|value| other_case(value).unwrap_or_else(|| value.clone())).collect();
            (turned != *list).then_some(Json::Array(turned))
        }
        _ => None,
    }
}

/// Another value of the same kind.
fn beside(value: &Json) -> Json {
    match value {
        Json::Bool(flag) => Json::from(!flag),
        Json::Number(_) => Json::from(0),
        Json::String(text) if text.parse::<std::net::IpAddr>().is_ok() => Json::from("198.51.100.7"),
        _ => Json::from("another value"),
    }
}
