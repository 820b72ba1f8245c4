//! The syntax tree.

use eqlc_diagnostics::{Applicability, has_errors};
use eqlc_eql::{Options, Query, parse_with, print};

use super::{DIALECTS, comments, errors, fragment, places_are_in, repaired};

/// A text without errors prints as a text with the same tree and the same comments, which prints as itself. Findings
/// lie in the text. A safe repair of the only error of a text does not make two of it.
pub fn parser(text: &str) {
    for options in DIALECTS {
        let parsed = parse_with(&fragment(text), options);
        places_are_in(text, &parsed.diagnostics);
        let copy = parsed.tree.clone();
        assert!(copy == parsed.tree || has_errors(&parsed.diagnostics), "a copy differs");
        if has_errors(&parsed.diagnostics) {
            let _ = print(&parsed.tree);
        } else {
            prints_as_itself(text, &parsed.tree, options);
        }
        for finding in &parsed.diagnostics {
            for fix in &finding.fixes {
                let after = repaired(text, fix);
                let again = parse_with(&fragment(&after), options).diagnostics;
                // What cannot be read hides what stands behind it: only of the one error of a text can be said that it
                // goes.
                let safe = fix.applicability == Applicability::Safe && errors(&parsed.diagnostics) == 1;
                assert!(!safe || errors(&again) <= 1, "{text:?} is worse after {fix:?}: {after:?} {again:?}");
            }
        }
    }
}

fn prints_as_itself(text: &str, tree: &Query, options: Options) {
    let printed = print(tree);
    let again = parse_with(&fragment(&printed), options);
    assert!(!has_errors(&again.diagnostics), "{text:?} prints as {printed:?}: {:?}", again.diagnostics);
    assert!(again.tree == *tree, "{text:?} prints as {printed:?}\n{tree:?}\n{:?}", again.tree);
    assert_eq!(comments(&again.tree), comments(tree), "{text:?} prints as {printed:?}");
    assert_eq!(print(&again.tree), printed, "from {text:?}");
}
