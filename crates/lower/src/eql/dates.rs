//! Texts that Elasticsearch reads as a date (`eql-semantics.md` §6.1).

/// Whether a text is a date: ISO-8601 in parts from the left, milliseconds since 1970, or date math on `now`
/// or behind `||`.
pub(super) fn is_date(text: &str) -> bool {
    if let Some(math) = text.strip_prefix("now") {
        return is_math(math);
    }
    let (date, math) = text.split_once("||").unwrap_or((text, ""));
    is_math(math) && (is_epoch(date) || is_iso(date))
}

fn is_epoch(text: &str) -> bool {
    let digits = text.strip_prefix('-').unwrap_or(text);
    !digits.is_empty() && digits.len() <= 19 && digits.bytes().all(|b| b.is_ascii_digit())
}

fn is_iso(text: &str) -> bool {
    let (date, time) = text.split_once('T').map_or((text, None), |(date, time)| (date, Some(time)));
    let mut parts = date.split('-');
    let year = parts.next().is_some_and(|year| number(year, 4, 0, 9999));
    let month = parts.next().is_none_or(|month| number(month, 2, 1, 12));
    let day = parts.next().is_none_or(|day| number(day, 2, 1, 31));
    year && month && day && parts.next().is_none() && time.is_none_or(is_time)
}

/// `12:30:00.123+01:00`; every part but the first may be left out, and the first too at the end of a date.
fn is_time(text: &str) -> bool {
    let (clock, zone) = match text.find(['Z', '+', '-']).and_then(|at| text.split_at_checked(at)) {
        Some((clock, zone)) => (clock, zone),
        None => (text, ""),
    };
    if clock.is_empty() {
        return zone.is_empty();
    }
    let (clock, fraction) = clock.split_once(['.', ',']).map_or((clock, None), |(c, f)| (c, Some(f)));
    let mut parts = clock.split(':');
    let hour = parts.next().is_some_and(|hour| number(hour, 2, 0, 24));
    let rest = parts.by_ref().take(2).all(|part| number(part, 2, 0, 60));
    let fraction = fraction
        .is_none_or(|digits| (1..=9).contains(&digits.len()) && digits.bytes().all(|b| b.is_ascii_digit()));
    hour && rest && parts.next().is_none() && fraction && is_zone(zone)
}

fn is_zone(text: &str) -> bool {
    let Some(offset) = text.strip_prefix(['+', '-']) else { return matches!(text, "" | "Z") };
    let (hours, minutes) = match offset.split_once(':') {
        Some((hours, minutes)) => (hours, minutes),
        None => offset.split_at_checked(2).unwrap_or((offset, "")),
    };
    number(hours, 2, 0, 18) && (minutes.is_empty() || number(minutes, 2, 0, 59))
}

fn number(text: &str, digits: usize, low: u32, high: u32) -> bool {
    text.len() == digits
        && text.bytes().all(|b| b.is_ascii_digit())
        && text.parse().is_ok_and(|value: u32| (low..=high).contains(&value))
}

/// `-1d/d`
fn is_math(text: &str) -> bool {
    let mut rest = text;
    while let Some(sign) = rest.chars().next() {
        rest = rest.strip_prefix(sign).unwrap_or("");
        match sign {
            '/' => {}
            '+' | '-' => rest = rest.trim_start_matches(|c: char| c.is_ascii_digit()),
            _ => return false,
        }
        let Some(after) = rest.strip_prefix(['y', 'M', 'w', 'd', 'h', 'H', 'm', 's']) else { return false };
        rest = after;
    }
    true
}

#[cfg(test)]
mod tests {
    use super::is_date;

    #[test]
    fn dates_are_told_from_other_texts() {
        for text in [
            "2024",
            "2024-05",
            "2024-05-31",
            "2024-05-31T12",
            "2024-05-31T12:30:00.123456789Z",
            "2024-05-31T12:30+01:00",
            "1717113600000",
            "-1",
            "now",
            "now-1d/d",
            "2024-05-31||+1M/d",
        ] {
            assert!(is_date(text), "{text}");
        }
        for text in
            ["", "yesterday", "2024-13", "31.05.2024", "2024-05-31 12:00", "now-1x", "2024-05-31T12:99"]
        {
            assert!(!is_date(text), "{text}");
        }
    }
}
