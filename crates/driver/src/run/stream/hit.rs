//! Events that were stored as hits of a search: `{"_index": …, "_id": …, "_source": {event}}`.

use serde::Deserialize;
use serde_json::value::RawValue;

#[derive(Deserialize)]
struct Hit<'a> {
    #[serde(borrow, rename = "_id")]
    id: &'a RawValue,
    #[serde(borrow, rename = "_source")]
    source: &'a RawValue,
}

/// The event inside a hit; anything else as it is. Exports of an index are lines of hits, whose first key starts with
/// an underscore as those of Elasticsearch's answers do.
pub(super) fn event_of(text: &[u8]) -> &[u8] {
    let looks_like_one = text
        .trim_ascii_start()
        .strip_prefix(b"{")
        .is_some_and(|inner| inner.trim_ascii_start().starts_with(b"\"_"));
    if !looks_like_one {
        return text;
    }
    match serde_json::from_slice::<Hit<'_>>(text) {
        Ok(hit) if hit.id.get().starts_with('"') && hit.source.get().starts_with('{') => {
            hit.source.get().as_bytes()
        }
        _ => text,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn of(text: &str, event: &str) {
        assert_eq!(String::from_utf8_lossy(event_of(text.as_bytes())), event);
    }

    #[test]
    fn a_hit_is_its_source() {
        of(r#" { "_index":"i","_id":"a","_score":1,"_source": {"n": 1} }"#, r#"{"n": 1}"#);
        of(r#"{"_id":"b","_source":{}}"#, "{}");
    }

    #[test]
    fn anything_else_is_as_it_is() {
        for text in [
            r#"{"n":1,"_id":"a","_source":{}}"#,
            r#"{"_source":{}}"#,
            r#"{"_id":1,"_source":{}}"#,
            r#"{"_id":"a","_source":[]}"#,
            r#"{"_id":"a","_source":{}"#,
            "",
            "\"_",
        ] {
            of(text, text);
        }
    }
}
