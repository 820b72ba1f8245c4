//! osquery's SQL functions and collations, errors included (`mapping.md §1.6–1.7`).
//!
//! Two that look at the files of the host, `find_file_path_in_cmd` and `is_path_deterministic`, fail with that reason, for
//! there is no host here; so does `sleep`, which nothing that is compared needs. `carve` answers as it does where no
//! flag allows it, which is the default.

mod arguments;
mod base64;
mod carve;
mod ecmascript;
mod files;
mod hash;
mod mathematics;
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
    ("acos", 1, mathematics::acos),
    ("asin", 1, mathematics::asin),
    ("atan", 1, mathematics::atan),
    ("ceil", 1, mathematics::ceil),
    ("community_id_v1", 5, hash::community_id),
    ("community_id_v1", 6, hash::community_id),
    ("community_id_v1_strict", 5, hash::community_id_strict),
    ("community_id_v1_strict", 6, hash::community_id_strict),
    ("concat", ANY, text::concat),
    ("concat_ws", ANY, text::concat_ws),
    ("conditional_to_base64", 1, base64::conditional_encode),
    ("cos", 1, mathematics::cos),
    ("cot", 1, mathematics::cot),
    ("degrees", 1, mathematics::degrees),
    ("exp", 1, mathematics::exp),
    ("find_file_path_in_cmd", ANY, files::of_host),
    ("floor", 1, mathematics::floor),
    ("from_base64", 1, base64::decode),
    ("in_cidr_block", 2, network::in_cidr_block),
    ("inet_aton", 1, network::inet_aton),
    ("is_path_deterministic", ANY, files::of_host),
    ("log", 1, mathematics::log),
    ("log10", 1, mathematics::log10),
    ("md5", 1, hash::md5),
    ("parent_directory", 1, files::parent_directory),
    ("pi", 0, mathematics::pi),
    ("power", 2, mathematics::power),
    ("radians", 1, mathematics::radians),
    ("regex_match", 3, regex::regex_match),
    ("regex_split", 3, regex::regex_split),
    ("sha1", 1, hash::sha1),
    ("sha256", 1, hash::sha256),
    ("sin", 1, mathematics::sin),
    ("sleep", 1, files::no_sleep),
    ("split", 3, text::split),
    ("sqrt", 1, mathematics::sqrt),
    ("tan", 1, mathematics::tan),
    ("to_base64", 1, base64::encode),
    ("version_compare", ANY, version::version_compare),
];

/// Makes the functions and collations known to a connection.
pub(super) fn register(connection: &Connection) -> Result<()> {
    let flags = FunctionFlags::SQLITE_UTF8 | FunctionFlags::SQLITE_DETERMINISTIC;
    for (name, arguments, function) in FUNCTIONS {
        connection.create_scalar_function(*name, *arguments, flags, *function)?;
    }
    connection.create_aggregate_function("carve", 1, FunctionFlags::SQLITE_UTF8, carve::Carve)?;
    for flavour in version::Flavour::ALL {
        connection.create_collation(flavour.collation(), move |left, right| {
            version::compare(left, right, flavour)
        })?;
    }
    Ok(())
}
