//! Packs of the queries of investigation guides.

use serde_json::{Map, Value, json};

use crate::pack::words;

/// How often a query of a guide runs, in seconds: it shows how a host is, and nothing hangs on when.
const INTERVAL: u64 = 3_600;

/// A pack of queries, each with its label, its SQL and the systems that have its tables (`darwin`, `linux`,
/// `windows`); none where there is no query. Their results are whole each time.
#[must_use]
pub fn guide_pack(rule: &str, queries: &[(&str, &str, Vec<&str>)]) -> Option<String> {
    let mut entries: Map<String, Value> = Map::new();
    for (label, text, systems) in queries {
        let slug = match words(label) {
            slug if slug.is_empty() => "query".to_owned(),
            slug => slug,
        };
        let free = |name: &String| !entries.contains_key(name);
        let numbered = (2..).map(|nth| format!("{slug}_{nth}"));
        let name = std::iter::once(slug.clone()).chain(numbered).find(free)?;
        let one_line = text.split('\n').map(str::trim_end).collect::<Vec<_>>().join("\n");
        let entry = json!({
            "query": one_line,
            "interval": INTERVAL,
            "snapshot": true,
            "platform": platform(systems),
            "description": format!("{rule}: {label}"),
        });
        entries.insert(name, entry);
    }
    if entries.is_empty() {
        return None;
    }
    let all: Vec<&str> = ["darwin", "linux", "windows"]
        .into_iter()
        .filter(|system| queries.iter().any(|(_, _, systems)| systems.contains(system)))
        .collect();
    let pack = json!({ "platform": platform(&all), "queries": entries });
    // Maps with text keys always have a form in JSON.
    serde_json::to_string_pretty(&pack).ok().map(|text| text + "\n")
}

/// Systems as packs name them.
fn platform(systems: &[&str]) -> String {
    match systems {
        [_, _, _] | [] => "all".to_owned(),
        ["darwin", "linux"] => "posix".to_owned(),
        some => some.join(","),
    }
}
