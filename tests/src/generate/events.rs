//! Streams of events.

use serde_json::{Map, Value as Json, json};

use super::value::{DIGITS, IPS, TEXTS, VERSIONS};
use crate::random::Random;

/// Up to twenty-four events in the order of arrival, times equal now and then.
pub(super) fn stream(random: &mut Random) -> Vec<Json> {
    let count = 1 + random.below(24);
    let mut time = 0;
    let mut events = Vec::new();
    for _ in 0..count {
        time += [0, 0, 1, 1, 2, 5][random.below(6) as usize] * 1_000;
        events.push(event(random, time));
    }
    // Order of arrival is not order of time.
    if random.one_in(5) && events.len() > 2 {
        let (a, b) = (random.below(count) as usize, random.below(count) as usize);
        events.swap(a, b);
    }
    events
}

fn event(random: &mut Random, time: u64) -> Json {
    let mut fields = Map::new();
    fields.insert("@timestamp".to_owned(), json!(time));
    let mut put = |random: &mut Random, name: &str, one: &dyn Fn(&mut Random) -> Json| {
        if let Some(value) = values(random, one) {
            fields.insert(name.to_owned(), value);
        }
    };
    put(random, "event.category", &|random| json!(random.pick(&["process", "file", "network"])));
    for name in ["s", "t"] {
        put(random, name, &|random| json!(random.pick(TEXTS)));
    }
    put(random, "digits", &|random| json!(random.pick(DIGITS)));
    for name in ["n", "m"] {
        put(random, name, &|random| json!(random.below(9) as i64 - 3));
    }
    put(random, "f", &|random| json!((random.below(17) as f64 - 8.0) / 4.0));
    for name in ["b", "c"] {
        put(random, name, &|random| json!(random.one_in(2)));
    }
    put(random, "ip", &|random| json!(random.pick(IPS)));
    put(random, "v", &|random| json!(random.pick(VERSIONS)));
    for name in ["k", "l"] {
        put(random, name, &|random| json!(random.pick(&["A", "a", "b"])));
    }
    // One digit: the oracle orders the keys of results as texts, the reference each by its type (§10.4).
    for name in ["i", "j"] {
        put(random, name, &|random| json!(random.below(3)));
    }
    // One way of nesting for a field: the oracle does not look at both, nor into arrays of objects (§4.1).
    if let Some(value) = values(random, &|random| json!(random.pick(TEXTS))) {
        if random.one_in(2) {
            fields.insert("o".to_owned(), json!({ "s": value }));
        } else {
            fields.insert("o.s".to_owned(), value);
        }
    }
    Json::Object(fields)
}

/// Nothing, null, one value or several, nulls and duplicates among them (§4.2).
fn values(random: &mut Random, one: &dyn Fn(&mut Random) -> Json) -> Option<Json> {
    match random.below(12) {
        0 => None,
        1 => Some(Json::Null),
        2 => {
            let mut list: Vec<Json> = (0..random.below(4)).map(|_| one(random)).collect();
            if random.one_in(3) {
                list.push(Json::Null);
            }
            Some(Json::Array(list))
        }
        _ => Some(one(random)),
    }
}
