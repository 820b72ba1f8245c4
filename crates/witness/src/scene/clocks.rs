//! Times whose clock shows what is asked.

use eqlc_ir::{Comparison, TimePart};
use jiff::civil::{DateTime, ISOWeekDate, Weekday, date};
use serde_json::Value as Json;

/// Where nothing is asked.
const USUAL: DateTime = date(2025, 1, 15).at(10, 30, 0, 0);

/// A time that shows all that is asked of its parts, and others near it.
pub(crate) fn clocks(asked: &[(TimePart, Comparison, i64)]) -> Vec<Json> {
    let choices = [0, 1, -1, 7, -7].map(|by| shown(asked, by));
    choices.into_iter().flatten().map(|clock| Json::from(format!("{clock}Z"))).collect()
}

/// Every part at its number, or as far from it as it takes. A later demand of the same part overrides an earlier one.
fn shown(asked: &[(TimePart, Comparison, i64)], by: i64) -> Option<DateTime> {
    let mut clock = USUAL;
    for (part, comparison, number) in asked {
        let near = match comparison {
            Comparison::Less => number.saturating_sub(1).saturating_sub(by.abs()),
            Comparison::Greater => number.saturating_add(1).saturating_add(by.abs()),
            _ => number.saturating_add(by),
        };
        clock = with(clock, *part, near)?;
    }
    Some(clock)
}

fn with(clock: DateTime, part: TimePart, number: i64) -> Option<DateTime> {
    if part == TimePart::Year {
        return clock.with().year(i16::try_from(number).ok()?).build().ok();
    }
    let small = i8::try_from(number).ok()?;
    match part {
        TimePart::Minute => clock.with().minute(small).build().ok(),
        TimePart::Hour => clock.with().hour(small).build().ok(),
        TimePart::Day => clock.with().day(small).build().ok(),
        TimePart::Month => clock.with().month(small).build().ok(),
        TimePart::Year => None,
        TimePart::Week => {
            let day = ISOWeekDate::new(clock.year(), small, Weekday::Wednesday).ok()?;
            Some(day.date().to_datetime(clock.time()))
        }
    }
}
