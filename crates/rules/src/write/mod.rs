//! Rule documents from metadata and a query: the way back of [`crate::read`].
//!
//! Keys and slots are those that the reader fills, so what is written is read again as it was.

pub mod kibana;
mod sections;
pub mod toml;
