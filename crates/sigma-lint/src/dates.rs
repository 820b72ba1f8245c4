//! The days of a rule.

use std::cmp::Ordering;

use eqlc_diagnostics::codes::sigma_lints as codes;
use eqlc_diagnostics::{Applicability, Diagnostic, Fix, Node};
use eqlc_sigma::Meta;

use crate::edits;
use crate::raw::Source;
use crate::sink::Sink;

pub(crate) fn check(meta: &Meta, source: &Source<'_>, sink: &mut Sink<'_>) {
    for date in [&meta.date, &meta.modified].into_iter().flatten() {
        if parts(&date.value).is_some_and(|parts| !is_day(parts)) {
            sink.push(codes::NO_SUCH_DATE, || {
                Diagnostic::warning(codes::NO_SUCH_DATE, format!("there is no `{}`", date.value))
                    .at(date.span, "the month has no such day")
            });
        }
    }
    let Some(modified) = &meta.modified else { return };
    match &meta.date {
        None => sink.push(codes::MODIFIED_DATE, || {
            Diagnostic::warning(codes::MODIFIED_DATE, "the rule has `modified` and no `date`")
                .at(modified.span, "the day of the last change")
                .help("`date` is the day of the first version")
        }),
        Some(date) => compare(date, modified, source, sink),
    }
}

fn compare(date: &Node<String>, modified: &Node<String>, source: &Source<'_>, sink: &mut Sink<'_>) {
    let Some(order) = parts(&modified.value).zip(parts(&date.value)).map(|(last, first)| last.cmp(&first))
    else {
        return;
    };
    match order {
        Ordering::Greater => {}
        Ordering::Less => sink.push(codes::MODIFIED_DATE, || {
            Diagnostic::warning(codes::MODIFIED_DATE, "the rule was changed before it was written")
                .at(modified.span, "the day of the last change")
                .and_at(date.span, "the day of the first version")
        }),
        Ordering::Equal => sink.push(codes::MODIFIED_DATE, || {
            let message = "the rule was changed on the day of its first version";
            let mut finding = Diagnostic::warning(codes::MODIFIED_DATE, message)
                .at(modified.span, "says what `date` says")
                .and_at(date.span, "the same day");
            if let Some(edit) = edits::line_removal(source, "modified", modified.span) {
                let title = "remove `modified`".to_owned();
                finding.fixes.push(Fix { title, edits: vec![edit], applicability: Applicability::Safe });
            }
            finding
        }),
    }
}

/// Year, month and day of `YYYY-MM-DD` or `YYYY/MM/DD`.
fn parts(text: &str) -> Option<(u32, u32, u32)> {
    let mut parts = text.split(['-', '/']).map(|part| part.parse::<u32>().ok());
    let date = (parts.next()??, parts.next()??, parts.next()??);
    parts.next().is_none().then_some(date)
}

fn is_day((year, month, day): (u32, u32, u32)) -> bool {
    let leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    let days = match month {
        2 => 28 + u32::from(leap),
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    };
    // Other faults of the form are the reader's to report.
    day <= days || day > 31 || month > 12
}
