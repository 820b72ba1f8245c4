//! The layout.

use eqlc_diagnostics::has_errors;
use eqlc_eql::{format, parse_with};

use super::{DIALECTS, comments, fragment};

/// A text without errors is formatted, keeps its tree and its comments, and formatting it again changes nothing.
pub fn formatter(text: &str) {
    for options in DIALECTS {
        let parsed = parse_with(&fragment(text), options);
        let formatted = format(text, options);
        assert_eq!(formatted.is_none(), has_errors(&parsed.diagnostics), "{text:?}");
        let Some(formatted) = formatted else { continue };
        let again = parse_with(&fragment(&formatted), options);
        assert!(again.tree == parsed.tree, "{text:?} is formatted as {formatted:?}");
        assert_eq!(comments(&again.tree), comments(&parsed.tree), "{text:?} is formatted as {formatted:?}");
        assert_eq!(format(&formatted, options).as_ref(), Some(&formatted), "from {text:?}");
    }
}
