//! Time spans and dates.

use eqlc_diagnostics::{Diagnostics, Span};
use eqlc_sigma::{TimeUnit, Timespan};

use crate::refuse;

/// A time span in the largest unit that holds it in whole numbers.
///
/// Sigma counts whole seconds. A span with a fraction of a second is refused instead of rounded: a rounded
/// output would mean something else than the legal rule, and no pass would have said so.
pub(crate) fn timespan(milliseconds: u64) -> Result<Timespan, Diagnostics> {
    if !milliseconds.is_multiple_of(1_000) {
        let what = format!("a time span of {milliseconds} ms is no whole number of seconds");
        return Err(refuse::content(Span::default(), what));
    }
    let seconds = milliseconds / 1_000;
    let units = [(TimeUnit::Day, 86_400), (TimeUnit::Hour, 3_600), (TimeUnit::Minute, 60)];
    let (unit, length) = units
        .into_iter()
        .find(|(_, length)| seconds > 0 && seconds.is_multiple_of(*length))
        .unwrap_or((TimeUnit::Second, 1));
    Ok(Timespan { count: seconds / length, unit })
}

/// A date as `YYYY-MM-DD`, from that or from `YYYY/MM/DD`; none for anything else.
pub(crate) fn date(text: &str) -> Option<String> {
    let dashed = text.replace('/', "-");
    let parts: Vec<&str> = dashed.split('-').collect();
    let [year, month, day] = parts.as_slice() else { return None };
    let digits = |part: &str, length: usize| part.len() == length && part.bytes().all(|b| b.is_ascii_digit());
    let within = |part: &str, most: u8| part.parse::<u8>().is_ok_and(|number| (1..=most).contains(&number));
    let fits = digits(year, 4) && digits(month, 2) && digits(day, 2) && within(month, 12) && within(day, 31);
    fits.then_some(dashed)
}
