//! Sigma documents.

use std::sync::LazyLock;

use eqlc_diagnostics::has_errors;
use eqlc_schema::Schema;

use super::lower::outputs;
use super::{fragment, places_are_in};

/// A text without errors is written as a text that reads as the same documents and is written as itself. Findings lie
/// in the text. What it lowers to goes through every target.
pub fn sigma(text: &str) {
    static NONE: LazyLock<Schema> = LazyLock::new(|| Schema::of([]));
    let parsed = eqlc_sigma::parse(&fragment(text));
    places_are_in(text, &parsed.diagnostics);
    if has_errors(&parsed.diagnostics) {
        let _ = eqlc_sigma::write(&parsed.tree);
        return;
    }
    let written = eqlc_sigma::write(&parsed.tree);
    let again = eqlc_sigma::parse(&fragment(&written));
    assert!(!has_errors(&again.diagnostics), "{text:?} is written as {written:?}: {:?}", again.diagnostics);
    assert_eq!(again.tree, parsed.tree, "{text:?} is written as {written:?}");
    assert_eq!(eqlc_sigma::write(&again.tree), written, "from {text:?}");
    for schema in [Schema::ecs(), &NONE] {
        let (rules, found) = eqlc_lower::sigma::lower(&parsed.tree, schema);
        places_are_in(text, &found);
        rules.into_iter().for_each(outputs);
    }
}
