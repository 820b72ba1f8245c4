//! Events that are read as the reference reads them: as a tree.

use eqlc_events::Event;
use serde_json::{Map, Value as Json};

use super::paths::{NodeId, Paths, id};
use super::values::{Found, Shape};

/// The values of an event that some path leads to; `text` gets how they are written.
pub(super) fn values(event: &Event, paths: &Paths, text: &mut Vec<u8>, found: &mut Vec<Found>) {
    text.clear();
    let mut reader = Reader { paths, text, found };
    reader.object(event.fields());
    if let Some(known) = event.known() {
        reader.object(known);
    }
}

struct Reader<'a> {
    paths: &'a Paths,
    text: &'a mut Vec<u8>,
    found: &'a mut Vec<Found>,
}

impl Reader<'_> {
    /// The stack is a list, not the call stack: events may nest as they like.
    fn object(&mut self, fields: &Map<String, Json>) {
        let mut todo: Vec<(&Json, NodeId)> = Vec::new();
        self.members(fields, NodeId::ROOT, &mut todo);
        while let Some((value, node)) = todo.pop() {
            let shape = self.shape(value);
            if let Some(field) = self.paths.field_at(node) {
                let start = id(self.text.len());
                if matches!(shape, Shape::Plain | Shape::Scalar) {
                    self.write(value);
                }
                self.found.push(Found { field, shape, start, end: id(self.text.len()) });
            }
            match value {
                Json::Array(items) => todo.extend(items.iter().map(|item| (item, node))),
                Json::Object(inner) => self.members(inner, node, &mut todo),
                _ => {}
            }
        }
    }

    fn members<'j>(&self, fields: &'j Map<String, Json>, node: NodeId, todo: &mut Vec<(&'j Json, NodeId)>) {
        if self.paths.goes_on(node) {
            let led = fields.iter().filter_map(|(key, value)| Some((value, self.paths.child(node, key)?)));
            todo.extend(led);
        }
    }

    fn shape(&self, value: &Json) -> Shape {
        match value {
            Json::Null => Shape::Empty,
            Json::Bool(_) | Json::Number(_) => Shape::Scalar,
            Json::String(_) => Shape::Plain,
            Json::Array(_) | Json::Object(_) => Shape::Composite,
        }
    }

    fn write(&mut self, value: &Json) {
        match value {
            Json::String(text) => self.text.extend_from_slice(text.as_bytes()),
            other => self.text.extend_from_slice(other.to_string().as_bytes()),
        }
    }
}
