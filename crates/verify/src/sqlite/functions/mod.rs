//! osquery's SQL functions and collations, errors included (`mapping.md §1.6–1.7`).
//!
//! Left out, because nothing that is compiled uses them: hashes, community ids, mathematics, files, `carve`
//! and `sleep`. A query that calls one of these fails here.

mod arguments;
mod base64;
mod ecmascript;
mod network;
mod regex;
mod text;
mod version;

use rusqlite::functions::{Context, FunctionFlags};
use rusqlite::types::Value;
use rusqlite::{Connection, Result};

type Function = fn(&Context<'_>) -> Result<Value>;

/// Any number of arguments.
const ANY: i32 = -1;

const FUNCTIONS: &[(&str, i32, Function)] = &[
    ("concat", ANY, text::concat),
    ("concat_ws", ANY, text::concat_ws),
    ("conditional_to_base64", 1, base64::conditional_encode),
    ("from_base64", 1, base64::decode),
    ("in_cidr_block", 2, network::in_cidr_block),
    ("inet_aton", 1, network::inet_aton),
    ("regex_match", 3, regex::regex_match),
    ("regex_split", 3, regex::regex_split),
    ("split", 3, text::split),
    ("to_base64", 1, base64::encode),
    ("version_compare", ANY, version::version_compare),
];

/// Makes the functions and collations known to a connection.
pub(super) fn register(connection: &Connection) -> Result<()> {
    let flags = FunctionFlags::SQLITE_UTF8 | FunctionFlags::SQLITE_DETERMINISTIC;
    for (name, arguments, function) in FUNCTIONS {
        connection.create_scalar_function(*name, *arguments, flags, *function)?;
    }
    for flavour in version::Flavour::ALL {
        connection.create_collation(flavour.collation(), move |left, right| {
            version::compare(left, right, flavour)
        })?;
    }
    Ok(())
}
