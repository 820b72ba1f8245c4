//! Artifacts, read again.

use eqlc_backend::{Artifact, ReadBack};
use eqlc_diagnostics::codes::targets;
use eqlc_diagnostics::{Diagnostic, Diagnostics};
use indexmap::IndexMap;
use serde::Deserialize;

use crate::{layout, sql};

/// A pack, as far as it is read again.
#[derive(Deserialize)]
struct Pack {
    queries: IndexMap<String, Entry>,
}

#[derive(Deserialize)]
struct Entry {
    query: String,
}

/// The query of an artifact, parsed and printed.
pub(crate) fn read(artifact: &Artifact) -> Result<ReadBack, Diagnostics> {
    let query = if artifact.format == "pack" {
        one_query(&artifact.text).map_err(broken)?
    } else {
        artifact.text.strip_suffix('\n').unwrap_or(&artifact.text).to_owned()
    };
    let printed = sql::query(&query).map_err(broken)?.to_string();
    let reprinted = if artifact.format == "pack" { printed } else { layout::pretty(&printed) };
    Ok(ReadBack::Sql { query, reprinted })
}

fn one_query(text: &str) -> Result<String, String> {
    let pack: Pack = serde_json::from_str(text).map_err(|error| error.to_string())?;
    let mut queries = pack.queries.into_iter();
    match (queries.next(), queries.next()) {
        (Some((_, entry)), None) => Ok(entry.query),
        _ => Err("a pack of one query is expected".to_owned()),
    }
}

fn broken(error: String) -> Diagnostics {
    let message = format!("the SQL of target `osquery` does not parse: {error}");
    vec![Diagnostic::error(targets::READ_BACK, message).note("this is a bug of eqlc")]
}
