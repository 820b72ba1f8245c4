//! Events as rules of Sigma see them, with the log source they are of.

use serde_json::Value;

use super::{Profile, Row, records, unix};
use crate::project::winlog::{WindowsRecord, one_of};
use crate::project::{NotRecordable, inexpressible};

/// The rows of an event, and the host it is of.
pub(super) fn rows(
    event: &Value,
    source: &Value,
    profile: Profile,
    place: usize,
) -> Result<(Vec<Row>, String), NotRecordable> {
    let fields = event.as_object().ok_or_else(|| inexpressible("the event is no object"))?;
    let category = one_of(source, "category");
    let on_host = |rows| (rows, "host".to_owned());
    match one_of(source, "product") {
        Some("windows") => records::rows(&WindowsRecord::of_source(fields, source)?, profile, place),
        Some("linux") => unix::linux(fields, category, place).map(on_host),
        Some("macos") => unix::macos(fields, category, place).map(on_host),
        _ => Err(inexpressible("of this product no rows are known")),
    }
}
