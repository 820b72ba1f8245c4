//! JSON read in place: where its strings and brackets stand, and no more.
//!
//! Two passes. [`Tape::read`] goes over the text in blocks of 64 bytes and notes the places of quotes and of
//! structural characters outside strings; what it costs hardly depends on what stands inside strings. [`Walker::walk`] then
//! steps from note to note, checks the grammar, and hands on the values that some rule reads as ranges of the text.
//!
//! Both take only what is plainly well-formed. Whatever is odd, malformed or just rare ([`Odd`]) is left to the
//! reader that the reference uses, so that this one has no say in what an event is.

mod blocks;
mod keys;
mod scalar;
mod tape;
#[cfg(test)]
mod tests;
mod walk;

use scalar::{is_scalar, is_short_integer};
pub(super) use tape::Tape;
pub(super) use walk::Walker;

/// The text is not plainly an event: read it with care.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Odd;
