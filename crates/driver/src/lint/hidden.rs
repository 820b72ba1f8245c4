//! Characters in a query that a reader does not see.

use eqlc_diagnostics::codes::lints;
use eqlc_diagnostics::{Applicability, Diagnostic, Diagnostics, Fragment};
use eqlc_eql::{Hidden, Options, Within, hidden_characters};

/// So many are named for one query.
const MOST: usize = 20;

/// Each of the first ones, with its escape where there is one.
pub(crate) fn hidden(fragment: &Fragment, options: Options) -> Diagnostics {
    hidden_characters(fragment, options).iter().take(MOST).map(finding).collect()
}

fn finding(hidden: &Hidden) -> Diagnostic {
    let point = u32::from(hidden.character);
    let escape = format!("\\u{{{point:02x}}}");
    let message = format!("the character U+{point:04X} cannot be seen");
    let finding = Diagnostic::warning(lints::HIDDEN_CHARACTER, message).at(hidden.span, "stands here");
    match hidden.within {
        Within::String => finding.fix(Applicability::Safe, format!("write `{escape}`"), hidden.span, escape),
        Within::RawString => {
            finding.help(format!("write `{escape}` in a string between `\"`; `eqlc fmt` does so"))
        }
        Within::Other => finding.fix(Applicability::Unsafe, "remove it", hidden.span, ""),
    }
}
