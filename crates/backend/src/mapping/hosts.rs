//! Events of several hosts, on a target that answers on each host for itself.

use eqlc_diagnostics::Span;
use eqlc_diagnostics::codes::losses;
use eqlc_ir::{Body, FieldRef, Rule};

use super::data::EventMap;
use super::rewrite::first_span;
use crate::{Direction, Loss};

/// The loss of a rule that joins events of whatever hosts; none where its keys are of one host, or the target sees the
/// events of all hosts.
pub(super) fn apart(rule: &Rule, map: &EventMap) -> Option<Loss> {
    if map.of_one_host.is_empty() {
        return None;
    }
    let (place, keys) = match &rule.body {
        Body::Event(_) => return None,
        Body::Sequence(sequence) => {
            let steps: Vec<Vec<&FieldRef>> =
                sequence.steps.iter().map(|step| step.by.iter().map(|key| &key.field).collect()).collect();
            let mut keys: Vec<Vec<&FieldRef>> = sequence.by.iter().map(|key| vec![&key.field]).collect();
            keys.extend(columns(&steps));
            ("sequence", keys)
        }
        Body::Sample(sample) => {
            let terms: Vec<Vec<&FieldRef>> =
                sample.terms.iter().map(|term| term.by.iter().map(|key| &key.field).collect()).collect();
            let mut keys: Vec<Vec<&FieldRef>> = sample.by.iter().map(|key| vec![&key.field]).collect();
            keys.extend(columns(&terms));
            ("sample", keys)
        }
        Body::Correlation(correlation) => {
            ("correlation", correlation.group_by.iter().map(|group| group.fields.iter().collect()).collect())
        }
    };
    let tells = |fields: &Vec<&FieldRef>| fields.iter().all(|field| map.is_of_one_host(&field.path));
    if keys.iter().any(tells) {
        return None;
    }
    let first = keys.iter().flatten().next();
    let span = first.map_or_else(
        || rule.queries().first().map_or(Span::default(), |it| first_span(&it.filter)),
        |key| key.span,
    );
    let why = "each host answers for itself, and the rule also joins events of different hosts".to_owned();
    let (code, direction) = (losses::SOURCE_COVERS_LESS, Direction::Narrower);
    Some(Loss { code, direction, span, place: place.to_owned(), why })
}

/// The keys that stand at the same place of each list.
fn columns<'a>(rows: &[Vec<&'a FieldRef>]) -> Vec<Vec<&'a FieldRef>> {
    let width = rows.iter().map(Vec::len).min().unwrap_or(0);
    (0..width).map(|at| rows.iter().filter_map(|row| row.get(at)).copied().collect()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use eqlc_ir::{Category, EventQuery, FieldType, IgnoredSpan, Key, Pred, Sequence, Step, Taxonomy};

    const MAP: &str = "taxonomy: { target: t }\nof_one_host: [host.id, '*.entity_id']\nsources: []\n";

    fn key(path: &str) -> Key {
        let (path, taxonomy, span) = (path.into(), Taxonomy::Ecs, Span::default());
        Key { field: FieldRef { path, taxonomy, ty: FieldType::Keyword, optional: false, span } }
    }

    fn rule(shared: &[&str], steps: [&[&str]; 2]) -> Rule {
        let query = EventQuery { category: Category::Any, filter: Pred::Const(true) };
        let step = |by: &[&str]| Step {
            query: query.clone(),
            by: by.iter().map(|path| key(path)).collect(),
            missing: false,
            runs: 1,
            alias: None,
            span: IgnoredSpan(Span::default()),
        };
        let by = shared.iter().map(|path| key(path)).collect();
        let steps = steps.map(step).into();
        let body = Body::Sequence(Sequence { by, maxspan_ms: None, steps, until: None });
        Rule { id: "r".to_owned(), meta: std::sync::Arc::default(), body, pipes: Vec::new() }
    }

    fn is_apart(shared: &[&str], steps: [&[&str]; 2]) -> bool {
        let map = EventMap::parse(MAP).unwrap();
        let loss = apart(&rule(shared, steps), &map);
        assert!(loss.iter().all(|loss| loss.direction == Direction::Narrower));
        loss.is_some()
    }

    #[test]
    fn events_of_different_hosts_are_lost_unless_a_key_is_of_one_host() {
        assert!(is_apart(&[], [&[], &[]]));
        assert!(is_apart(&["user.name"], [&[], &[]]));
        assert!(!is_apart(&["user.name", "host.id"], [&[], &[]]));
        let (own, parent): (&[&str], &[&str]) = (&["process.entity_id"], &["process.parent.entity_id"]);
        assert!(!is_apart(&["user.name"], [own, parent]));
        assert!(is_apart(&["user.name"], [own, &["process.parent.pid"]]));
        assert!(is_apart(&["hosts.id"], [&["entity_id"], &["entity_id"]]));
    }

    #[test]
    fn a_target_that_sees_all_hosts_loses_nothing() {
        let map = EventMap::parse("taxonomy: { target: t }\nsources: []\n").unwrap();
        assert_eq!(apart(&rule(&[], [&[], &[]]), &map), None);
    }
}
