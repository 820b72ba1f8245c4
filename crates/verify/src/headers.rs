//! What YARA would say of files whose first bytes are known.

use eqlc_backend_osquery::{header_holds, header_rules};

use crate::project::{Row, set_column};
use crate::sqlite::SqlValue;

/// The table in which osquery tells what YARA says of a file.
pub(crate) const YARA: &str = "yara_file";

/// What YARA says of a file that begins as the row has it, in hexadecimal digits among the strings that it found: a row for
/// each rule that a query asks. Other rows as they are.
pub(crate) fn ruled(row: Row, query: &str) -> Vec<Row> {
    let digits = row.get("strings").and_then(SqlValue::as_text);
    let Some(digits) = digits.filter(|_| row.table == YARA && row.get("sigrule").is_none()) else {
        return vec![row];
    };
    let by = |rule: &str| {
        let mut row = row.clone();
        let count = SqlValue::Int(i64::from(header_holds(rule, digits)));
        set_column(&mut row.columns, "sigrule", SqlValue::from(rule));
        set_column(&mut row.columns, "count", count);
        Row { key: Some(&["path", "sigrule"]), ..row }
    };
    header_rules(query).into_iter().map(by).collect()
}
