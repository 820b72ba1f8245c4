//! Event readers and the event view: path to zero or more typed values.
//!
//! * [`read`] turns bytes (NDJSON, a JSON array, objects one after the other) into [`Event`]s, one at a time;
//!   what is malformed is reported with its line and the rest is read on.
//! * [`read_raw`] is what stands below it: the bytes of events in batches, for whoever looks into them in another way.
//! * [`Sections`] are parts of a file of lines that several threads read side by side.
//! * Event logs of Windows (EVTX) are read as JSON, and known by the names that Sigma has for their fields.
//! * [`decode`] stands in front of it for input that may be compressed.
//! * [`Event::values`] is the only way evaluators look at an event: a dotted path gives zero or more
//!   [`Value`]s (`eql-semantics.md` §4.1–4.2).
//! * [`Timestamp`] and [`DateSpan`] read dates as events and rules write them.

mod bound;
mod civil;
mod clock;
mod date;
mod decode;
mod event;
mod reader;
mod view;
mod windows;

pub use clock::Clock;
pub use date::{DateSpan, Timestamp};
pub use decode::{Decoded, MAX_EXPANSION, MEMORY_FLOOR, decode};
pub use event::Event;
pub use reader::{
    Batch, Events, MAX_EVENT_BYTES, RawEvent, RawEvents, ReadAt, ReadError, Sections, event_of_field, object,
    read, read_raw,
};
pub use view::Value;
pub use windows::WindowsSource;
