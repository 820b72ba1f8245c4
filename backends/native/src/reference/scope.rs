//! What a condition is asked of: an event, and what stands around it (`eql-semantics.md` §14).

use eqlc_events::Event;
use eqlc_ir::{FieldRef, Literal, Owner};
use serde_json::{Map, Value as Json};

use super::order::Timed;
use super::values::literal;

/// The events of a partial match under the names of their steps, in the order of the steps.
pub(crate) type Bound<'a> = Vec<(&'a str, &'a Event<'a>)>;

/// What a condition is asked of.
#[derive(Clone, Copy)]
pub(crate) struct Scope<'a> {
    /// The event at hand.
    pub(crate) event: &'a Event<'a>,
    /// Its index in the events that were given.
    pub(crate) index: usize,
    bound: &'a [(&'a str, &'a Event<'a>)],
    element: Option<&'a Element<'a>>,
    /// Whether no test can have too many choices, so that none need be looked at whose result is not needed.
    pub(super) is_small: bool,
}

/// An element of an array under the name that a condition gives it, and those around it.
pub(crate) struct Element<'a> {
    name: &'a str,
    /// The element as the only member of an object, so that paths below it are found as in an event.
    holder: Event<'static>,
    outer: Option<&'a Element<'a>>,
}

/// The member of the holder.
const ROOT: &str = "$";

impl<'a> Scope<'a> {
    /// An event by itself.
    pub(crate) fn of(timed: Timed<'a>) -> Self {
        Self::event(timed.index, timed.event)
    }

    /// An event by itself, with its index in the events that were given.
    pub(crate) fn event(index: usize, event: &'a Event<'a>) -> Self {
        Self { event, index, bound: &[], element: None, is_small: false }
    }

    /// The same beside the events of a partial match.
    pub(crate) fn beside(self, bound: &'a [(&'a str, &'a Event<'a>)]) -> Self {
        Self { bound, ..self }
    }

    /// The same, known to be small where no owner of a field has more values.
    pub(crate) fn measured(self, values: usize) -> Self {
        let mut events = std::iter::once(self.event).chain(self.bound.iter().map(|(_, event)| *event));
        Self { is_small: events.all(|event| event.has_at_most(values)), ..self }
    }

    /// An element of an array of the event, named inside the elements around it.
    pub(crate) fn element(&self, name: &'a str, element: &Json) -> Element<'a> {
        let holder = Map::from_iter([(ROOT.to_owned(), element.clone())]);
        let holder = Event::new(holder, self.event.ordinal(), self.event.line());
        Element { name, holder, outer: self.element }
    }

    /// The same inside an element.
    pub(crate) fn inside<'b>(&self, element: &'b Element<'b>) -> Scope<'b>
    where
        'a: 'b,
    {
        Scope { element: Some(element), ..*self }
    }

    /// The values of a field of the event or of another owner; none for an owner that is not there.
    pub(crate) fn values(&self, owner: Option<&Owner>, field: &FieldRef) -> Vec<Literal> {
        let of_event = |event: &Event, path: &str| event.values(path).iter().map(literal).collect();
        match owner {
            None => of_event(self.event, &field.path),
            Some(Owner::Element(name)) => self.named(name).map_or_else(Vec::new, |element| {
                let path =
                    if field.path.is_empty() { ROOT.to_owned() } else { format!("{ROOT}.{}", field.path) };
                of_event(&element.holder, &path)
            }),
            Some(Owner::Step(name)) => {
                let event = self.bound.iter().rev().find(|(bound, _)| bound == name);
                event.map_or_else(Vec::new, |(_, event)| of_event(event, &field.path))
            }
        }
    }

    fn named(&self, name: &str) -> Option<&'a Element<'a>> {
        let mut at = self.element;
        while let Some(element) = at {
            if element.name == name {
                return Some(element);
            }
            at = element.outer;
        }
        None
    }
}
