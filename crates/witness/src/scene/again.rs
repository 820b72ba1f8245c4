//! Processes that are told of again: what earlier events say of one, later events say too.

use indexmap::IndexMap;
use serde_json::Value as Json;

/// Fields of a process in some place of an event; the first tells it from others.
type Place = &'static [&'static str];

/// Places in which events tell of processes, each list in the names of one kind of event and with the same columns.
const PLACES: &[&[Place]] = &[
    &[
        &["process.entity_id", "process.executable", "process.name", "process.pid"],
        &[
            "process.parent.entity_id",
            "process.parent.executable",
            "process.parent.name",
            "process.parent.pid",
        ],
    ],
    &[
        &["ProcessGuid", "Image", "ProcessId"],
        &["ParentProcessGuid", "ParentImage", "ParentProcessId"],
        &["SourceProcessGUID", "SourceImage", "SourceProcessId"],
        &["TargetProcessGUID", "TargetImage", "TargetProcessId"],
    ],
];

/// What earlier events say of the processes of an event, of which these fields are decided. A process of which they say
/// something else is left out.
pub(super) fn told(
    decided: &IndexMap<String, Json>,
    earlier: &[IndexMap<String, Json>],
) -> IndexMap<&'static str, Json> {
    let mut told = IndexMap::new();
    for (place, event, before) in earlier.iter().flat_map(|event| pairs(event, decided)) {
        let columns = || place.iter().zip(before).map(|(here, there)| (*here, event.get(*there)));
        let agrees = columns().all(|(here, value)| match (decided.get(here), value) {
            (Some(decided), Some(value)) => decided == value,
            _ => true,
        });
        if agrees {
            told.extend(columns().filter_map(|(here, value)| Some((here, value?.clone()))));
        }
    }
    told
}

/// The places of an event, each with an earlier event and the place in it that tell of the same process.
fn pairs<'e>(
    event: &'e IndexMap<String, Json>,
    decided: &IndexMap<String, Json>,
) -> Vec<(Place, &'e IndexMap<String, Json>, Place)> {
    let mut found = Vec::new();
    for places in PLACES {
        for here in *places {
            let id = here.first().and_then(|id| decided.get(*id)).filter(|id| !id.is_null());
            let same = |there: &&Place| there.first().and_then(|id| event.get(*id)) == id;
            if id.is_some() {
                found.extend(places.iter().filter(same).map(|there| (*here, event, *there)));
            }
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn fields(value: Json) -> IndexMap<String, Json> {
        serde_json::from_value(value).unwrap()
    }

    #[test]
    fn a_process_is_the_same_in_every_place() {
        let earlier =
            [fields(json!({"process.entity_id": "a", "process.executable": "C:\\x.exe", "process.pid": 4}))];
        let of = |decided: Json| json!(told(&fields(decided), &earlier));
        let own = json!({"process.entity_id": "a", "process.executable": "C:\\x.exe", "process.pid": 4});
        assert_eq!(of(json!({"process.entity_id": "a"})), own);
        let parent = json!({"process.parent.entity_id": "a", "process.parent.executable": "C:\\x.exe", "process.parent.pid": 4});
        assert_eq!(of(json!({"process.parent.entity_id": "a", "process.entity_id": "b"})), parent);
    }

    #[test]
    fn another_process_and_one_that_became_another_are_not() {
        let earlier = [fields(json!({"ProcessGuid": "a", "Image": "C:\\x.exe"}))];
        let of = |decided: Json| told(&fields(decided), &earlier);
        assert!(of(json!({"ProcessGuid": "b"})).is_empty());
        assert!(of(json!({"ProcessGuid": null})).is_empty());
        assert!(of(json!({"process.entity_id": "a"})).is_empty());
        assert!(of(json!({"ProcessGuid": "a", "Image": "C:\\y.exe"})).is_empty());
    }
}
