//! Fixtures: streams of events with the matches a rule must find in them.

use serde::Deserialize;
use serde_json::Value;

/// A stream of events, independent of every other stream.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Stream {
    /// What the stream shows; unique in its file.
    pub name: String,
    /// The matches, each the places of its events in [`Stream::events`], from 0, in result order.
    pub matches: Vec<Vec<usize>>,
    /// The events, each an object.
    pub events: Vec<Value>,
}

/// The streams of a `.tests.yml` file.
///
/// # Errors
/// What is wrong with the text, as one line: YAML, a missing key, a match that names no event, two streams
/// of one name.
pub fn parse(text: &str) -> Result<Vec<Stream>, String> {
    let streams: Vec<Stream> = serde_yaml::from_str(text).map_err(|error| error.to_string())?;
    let mut names: Vec<&str> = Vec::with_capacity(streams.len());
    for stream in &streams {
        if names.contains(&stream.name.as_str()) {
            return Err(format!("two streams are named `{}`", stream.name));
        }
        names.push(&stream.name);
        if let Some(index) = stream.matches.iter().flatten().find(|index| **index >= stream.events.len()) {
            return Err(format!(
                "stream `{}` has {} events, a match names the one at {index}",
                stream.name,
                stream.events.len()
            ));
        }
        if let Some(other) = stream.events.iter().position(|event| !event.is_object()) {
            return Err(format!("event {other} of stream `{}` is not an object", stream.name));
        }
    }
    Ok(streams)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_match_must_name_an_event() {
        let text = "- name: a\n  matches: [[1]]\n  events: [{x: 1}]\n";
        assert_eq!(parse(text).unwrap_err(), "stream `a` has 1 events, a match names the one at 1");
    }

    #[test]
    fn names_are_unique() {
        let text = "- {name: a, matches: [], events: []}\n- {name: a, matches: [], events: []}\n";
        assert_eq!(parse(text).unwrap_err(), "two streams are named `a`");
    }
}
