//! What YARA would say of files whose first bytes are known.

use eqlc_backend_osquery::{header_holds, header_rules};

use crate::project::{HostRows, Row, set_column};
use crate::sqlite::SqlValue;

/// The table in which osquery tells what YARA says of a file.
pub(crate) const YARA: &str = "yara_file";

/// Puts what YARA says in place of how files begin, which rows have in hexadecimal digits among the strings that it found: a
/// row for each rule that a query asks.
pub(crate) fn ruled(hosts: &mut [HostRows], query: &str) {
    for host in hosts {
        let files: Vec<Row> = host.rows.extract_if(.., |row| row.table == YARA).collect();
        host.rows.extend(
            files.iter().flat_map(|file| header_rules(query).into_iter().map(|rule| told(file, rule))),
        );
    }
}

/// What a rule says of a file.
fn told(file: &Row, rule: &str) -> Row {
    let digits = file.get("strings").and_then(SqlValue::as_text).unwrap_or_default();
    let mut row = Row { key: Some(&["path", "sigrule"]), ..file.clone() };
    set_column(&mut row.columns, "sigrule", SqlValue::from(rule));
    set_column(&mut row.columns, "count", SqlValue::Int(i64::from(header_holds(rule, digits))));
    row
}
