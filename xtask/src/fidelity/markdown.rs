//! The counts as a document.

use std::fmt::Write as _;

use eqlc_driver::Outcome;

use super::Fidelity;
use super::counts::{Collection, Counts, Outcomes};

/// Outcomes with a column of their own, in this order.
const OUTCOMES: [Outcome; 7] = [
    Outcome::Exact,
    Outcome::Wider,
    Outcome::Narrower,
    Outcome::Either,
    Outcome::Uncompared,
    Outcome::Refused,
    Outcome::Disagrees,
];

const ABOUT: &str = "\
Every rule of a collection is compiled for every target, and every output is held to the laws of `eqlc verify` on events \
that are made from the rule. The tables count rules:

* **exact**: the output means what the rule means, as far as all events show;
* **wider**, **narrower**, **either**: it matches more, less, or more in one place and less in another, and a recorded loss \
says where;
* **uncompared**: it reads back as what was emitted, but none of the events could be put to it as its source records them;
* **refused**: the target cannot say what the rule says, and a code says why;
* **disagrees**: a law fails, which is a bug of eqlc.
";

/// The document.
#[must_use]
pub fn as_markdown(fidelity: &Fidelity) -> String {
    let mut out = String::from("# Fidelity\n\n");
    out.push_str(ABOUT);
    let version = env!("CARGO_PKG_VERSION");
    // Writing to a `String` cannot fail.
    let _ = writeln!(out, "\nMade by eqlc {version} with\n\n```sh\n{}\n```", fidelity.command);
    out.push_str("\n## Overview\n\n| collection | target |");
    heads(&mut out, 2);
    for collection in &fidelity.collections {
        for (column, counts) in fidelity.columns.iter().zip(&collection.columns) {
            let _ = write!(out, "| {} | {column} |", collection.name);
            cells(&mut out, &counts.outcomes);
        }
    }
    for collection in &fidelity.collections {
        of_collection(&mut out, collection, &fidelity.columns);
    }
    out
}

fn heads(out: &mut String, leading: usize) {
    out.push_str(" rules |");
    for outcome in OUTCOMES {
        let _ = write!(out, " {} |", outcome.name());
    }
    out.push_str("\n|");
    out.push_str(&"---|".repeat(leading));
    out.push_str(&"--:|".repeat(OUTCOMES.len() + 1));
    out.push('\n');
}

fn cells(out: &mut String, outcomes: &Outcomes) {
    let _ = write!(out, " {} |", outcomes.all());
    for outcome in OUTCOMES {
        match outcomes.of(outcome) {
            0 => out.push_str("  |"),
            count => {
                let _ = write!(out, " {count} |");
            }
        }
    }
    out.push('\n');
}

fn of_collection(out: &mut String, collection: &Collection, columns: &[String]) {
    let _ = writeln!(
        out,
        "\n## {}\n\n{} in {}, {} that cannot be read.",
        collection.name,
        counted(collection.rules, "rule"),
        counted(collection.files, "file"),
        counted(collection.broken, "document")
    );
    if !collection.errors.is_empty() {
        out.push_str("\n| code | what it says | files |\n|---|---|--:|\n");
        for (code, files) in &collection.errors {
            let _ = writeln!(out, "| `{code}` | {} | {files} |", title(*code));
        }
    }
    for (column, counts) in columns.iter().zip(&collection.columns) {
        of_column(out, &collection.name, column, counts);
    }
}

fn of_column(out: &mut String, collection: &str, column: &str, counts: &Counts) {
    let _ = writeln!(out, "\n### {collection}: {column}");
    if counts.cut > 0 {
        let _ = writeln!(out, "\nA budget cut the work on {} short.", counted(counts.cut, "rule"));
    }
    out.push_str("\n| construct |");
    heads(out, 1);
    for (construct, outcomes) in &counts.constructs {
        let _ = write!(out, "| {} |", construct.title());
        cells(out, outcomes);
    }
    if !counts.refusals.is_empty() {
        out.push_str("\n| refused with | what it says | rules |\n|---|---|--:|\n");
        for (code, rules) in &counts.refusals {
            let _ = writeln!(out, "| `{code}` | {} | {rules} |", title(*code));
        }
    }
    if !counts.losses.is_empty() {
        out.push_str("\n| loss | what it says | direction | rules | losses | shown by events | doubtful |\n");
        out.push_str("|---|---|---|--:|--:|--:|--:|\n");
        for ((code, direction), losses) in &counts.losses {
            let _ = writeln!(
                out,
                "| `{code}` | {} | {direction} | {} | {} | {} | {} |",
                title(*code),
                losses.rules,
                losses.all,
                losses.shown,
                losses.doubtful
            );
        }
    }
}

fn counted(count: usize, what: &str) -> String {
    if count == 1 { format!("1 {what}") } else { format!("{count} {what}s") }
}

fn title(code: eqlc_diagnostics::Code) -> &'static str {
    code.info().map_or("", |info| info.title.as_str())
}
