//! How deeply trees may be nested that are read from a file.

use std::cell::Cell;

use serde::de::{Deserialize, Deserializer, Error};

/// The most levels: as many as readers of JSON take, and few enough for the call stack of any thread.
const MAX_LEVELS: usize = 127;

thread_local! {
    static LEVELS: Cell<usize> = const { Cell::new(0) };
}

/// One level further down, as long as it is held.
struct Level;

impl Level {
    fn enter() -> Option<Self> {
        let above = LEVELS.get();
        (above < MAX_LEVELS).then(|| {
            LEVELS.set(above.saturating_add(1));
            Self
        })
    }
}

impl Drop for Level {
    fn drop(&mut self) {
        LEVELS.set(LEVELS.get().saturating_sub(1));
    }
}

/// Reads a part of a tree that is itself such a tree. Every part of the IR that may hold itself is read so: not all
/// formats count levels, and a file may be made to overflow the stack of its reader.
pub(crate) fn deeper<'de, D, T>(deserializer: D) -> Result<T, D::Error>
where
    D: Deserializer<'de>,
    T: Deserialize<'de>,
{
    let _level = Level::enter().ok_or_else(|| D::Error::custom("nested too deeply"))?;
    T::deserialize(deserializer)
}
