//! Reading the text of a bound.

use super::{Anchor, DateProblem, DateStep, DateUnit, PartialDate};

/// What stands in a text, or the first thing that is wrong with it.
pub(super) fn bound(text: &str) -> Result<(Anchor, Vec<DateStep>), DateProblem> {
    if let Some(math) = text.strip_prefix("now") {
        return Ok((Anchor::Now, steps(math, "now".len())?));
    }
    if let Some((before, math)) = text.split_once("||") {
        return Ok((date(before, text)?, steps(math, before.len() + 2)?));
    }
    Ok((date(text, text)?, Vec::new()))
}

fn date(text: &str, whole: &str) -> Result<Anchor, DateProblem> {
    if let Some(millis) = millis(text) {
        return Ok(Anchor::Millis(millis));
    }
    if let Some(date) = calendar(text) {
        return Ok(Anchor::Date(date));
    }
    let (help, repair) = near_now(whole);
    let at = if repair.is_some() { 0..3 } else { 0..text.len() };
    Err(DateProblem { in_date: true, at, message: format!("`{text}` is no date"), help, repair })
}

/// What the author of something that is no date may have had in mind.
fn near_now(text: &str) -> (Option<&'static str>, Option<String>) {
    let start = text.get(..3);
    if start.is_some_and(|start| start.eq_ignore_ascii_case("now")) {
        return (Some("the present is written `now`, in lower case"), Some("now".to_owned()));
    }
    let help = match text.trim() {
        "today" => "the whole of today is `now/d`",
        "yesterday" => "the whole of yesterday is `now-1d/d`",
        trimmed if trimmed.starts_with(['+', '-', '/']) => {
            "date math stands behind `now`, or behind a date and `||`"
        }
        trimmed if trimmed.ends_with(|c: char| c.is_ascii_alphabetic()) && trimmed.contains('/') => {
            "zones are written as offsets, as in `2024-05-31T12:00+02:00`"
        }
        trimmed if trimmed.contains(' ') && trimmed.starts_with(|c: char| c.is_ascii_digit()) => {
            "`T` stands between a date and its time, and there are no blanks"
        }
        _ => "dates are written as in `2024-05-31T12:00:00Z`, `2024-05` or `now-1d/d`",
    };
    (Some(help), None)
}

/// Four digits are a year, as in Elasticsearch's `strict_date_optional_time||epoch_millis`.
fn millis(text: &str) -> Option<i64> {
    let digits = text.strip_prefix('-').unwrap_or(text);
    let plain = !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit());
    (plain && text.len() != 4).then(|| text.parse().ok()).flatten()
}

/// Date math from an offset in the whole text on.
fn steps(math: &str, offset: usize) -> Result<Vec<DateStep>, DateProblem> {
    let mut reader = Reader { math, at: 0, offset };
    let mut steps = Vec::new();
    while reader.at < math.len() {
        steps.push(reader.step()?);
    }
    Ok(steps)
}

struct Reader<'a> {
    math: &'a str,
    at: usize,
    /// Where the math starts in the whole text.
    offset: usize,
}

impl Reader<'_> {
    fn peek(&self) -> Option<char> {
        self.math.get(self.at..).and_then(|rest| rest.chars().next())
    }

    fn next(&mut self) -> Option<char> {
        let c = self.peek()?;
        self.at += c.len_utf8();
        Some(c)
    }

    /// A problem from `start` of the math to where the reader stands.
    fn wrong(&self, start: usize, message: impl Into<String>, help: &'static str) -> DateProblem {
        let at = self.offset + start..self.offset + self.at;
        DateProblem { in_date: false, at, message: message.into(), help: Some(help), repair: None }
    }

    fn step(&mut self) -> Result<DateStep, DateProblem> {
        let start = self.at;
        let sign = self.next().unwrap_or('+');
        if !matches!(sign, '+' | '-' | '/') {
            return Err(self.no_sign(start, sign));
        }
        let number = self.number(start)?;
        let unit = self.unit(start)?;
        match (sign, number) {
            ('/', None | Some(1)) => Ok(DateStep::Round(unit)),
            ('/', _) => {
                Err(self.wrong(start, "a rounding in date math has no number", "write `/` and a unit alone"))
            }
            (_, number) => {
                let number = number.unwrap_or(1);
                Ok(DateStep::Add(if sign == '-' { -number } else { number }, unit))
            }
        }
    }

    fn no_sign(&self, start: usize, found: char) -> DateProblem {
        let message = format!("`{found}` is no step of date math");
        let before = self.math.get(..start).unwrap_or("");
        match found {
            c if c.is_whitespace() => self.blank(),
            '|' => self.wrong(start, message, "`||` stands behind a date, once, and not behind `now`"),
            's' if before.ends_with('m') => {
                self.wrong(start, message, "date math has no milliseconds; its least unit is `s`")
            }
            _ => self.wrong(start, message, "steps start with `+`, `-` or `/`, as in `now-1d/d`"),
        }
    }

    /// Blanks, which one repair takes out of the whole math.
    fn blank(&self) -> DateProblem {
        DateProblem {
            in_date: false,
            at: self.offset..self.offset + self.math.len(),
            message: "a blank in date math".to_owned(),
            help: Some("date math is written without blanks"),
            repair: Some(self.math.split_whitespace().collect()),
        }
    }

    fn number(&mut self, start: usize) -> Result<Option<i32>, DateProblem> {
        let first = self.at;
        while self.peek().is_some_and(|c| c.is_ascii_digit()) {
            self.next();
        }
        let digits = self.math.get(first..self.at).unwrap_or("");
        if digits.is_empty() {
            return Ok(None);
        }
        let too_large = || self.wrong(start, "a number in date math is too large", "numbers have 32 bits");
        digits.parse().map(Some).map_err(|_| too_large())
    }

    fn unit(&mut self, start: usize) -> Result<DateUnit, DateProblem> {
        const UNITS: &str = "units are `y`, `M` (months), `w`, `d`, `h`, `m` (minutes) and `s`";
        let place = self.at;
        let Some(c) = self.next() else {
            let step = self.math.get(start..).unwrap_or("");
            return Err(self.wrong(start, format!("no unit after `{step}` in date math"), UNITS));
        };
        Ok(match c {
            'y' => DateUnit::Year,
            'M' => DateUnit::Month,
            'w' => DateUnit::Week,
            'd' => DateUnit::Day,
            'h' | 'H' => DateUnit::Hour,
            'm' => DateUnit::Minute,
            's' => DateUnit::Second,
            c if c.is_whitespace() => return Err(self.blank()),
            c => {
                let repair = matches!(c, 'Y' | 'W' | 'D' | 'S').then(|| c.to_ascii_lowercase().to_string());
                let problem = self.wrong(place, format!("`{c}` is no unit of date math"), UNITS);
                return Err(DateProblem { repair, ..problem });
            }
        })
    }
}

/// A date with later parts left out; none if it is no day or time of the calendar.
fn calendar(text: &str) -> Option<PartialDate> {
    let (day, time) = text.split_once('T').map_or((text, None), |(day, time)| (day, Some(time)));
    let mut parts = day.split('-');
    let year = digits(parts.next()?, 4)?;
    let mut date = PartialDate { year: year.try_into().ok()?, ..PartialDate::default() };
    if let Some(month) = parts.next() {
        date.month = Some(within(digits(month, 2)?, 1, 12)?);
    }
    if let (Some(month), Some(day)) = (date.month, parts.next()) {
        date.day = Some(within(digits(day, 2)?, 1, length_of(month, date.year).into())?);
    }
    match time {
        _ if parts.next().is_some() => None,
        Some(_) if date.day.is_none() => None,
        None | Some("") => Some(date),
        Some(time) => clock(time, date),
    }
}

fn clock(text: &str, mut date: PartialDate) -> Option<PartialDate> {
    let (clock, zone) = match text.find(['Z', '+', '-']).and_then(|at| text.split_at_checked(at)) {
        Some((clock, zone)) => (clock, zone),
        None => (text, ""),
    };
    let (clock, fraction) = clock.split_once(['.', ',']).map_or((clock, None), |(c, f)| (c, Some(f)));
    let mut parts = clock.split(':');
    date.hour = Some(within(digits(parts.next()?, 2)?, 0, 23)?);
    if let Some(minute) = parts.next() {
        date.minute = Some(within(digits(minute, 2)?, 0, 59)?);
    }
    if let (Some(_), Some(second)) = (date.minute, parts.next()) {
        date.second = Some(within(digits(second, 2)?, 0, 59)?);
    }
    if let Some(fraction) = fraction {
        date.second?;
        let length = u32::try_from(fraction.len()).ok().filter(|length| (1..=9).contains(length))?;
        date.nanos = Some(digits(fraction, fraction.len())? * 10_u32.pow(9 - length));
    }
    date.offset = offset(zone)?;
    parts.next().is_none().then_some(date)
}

/// Seconds ahead of UTC, of `Z`, `+02`, `+0200` or `+02:00`.
fn offset(zone: &str) -> Option<i32> {
    let Some(text) = zone.strip_prefix(['+', '-']) else { return matches!(zone, "" | "Z").then_some(0) };
    let (hours, minutes) = match text.split_once(':') {
        Some(parts) => parts,
        None if text.len() > 2 => text.split_at_checked(2)?,
        None => (text, "00"),
    };
    let (hours, minutes) = (digits(hours, 2)?, digits(minutes, 2)?);
    let seconds = i32::try_from((hours * 60 + minutes) * 60).ok()?;
    let fits = minutes <= 59 && seconds <= 18 * 60 * 60;
    fits.then_some(if zone.starts_with('-') { -seconds } else { seconds })
}

/// A number of exactly so many digits.
fn digits(text: &str, count: usize) -> Option<u32> {
    let plain = text.len() == count && text.bytes().all(|b| b.is_ascii_digit());
    plain.then(|| text.parse().ok()).flatten()
}

fn within(value: u32, low: u32, high: u32) -> Option<u8> {
    (low..=high).contains(&value).then(|| value.try_into().ok()).flatten()
}

fn length_of(month: u8, year: u16) -> u8 {
    match month {
        2 if year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400)) => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}
