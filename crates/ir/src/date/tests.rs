use super::*;

#[test]
fn every_form_is_read() {
    for text in [
        "2024",
        "0000",
        "2024-05",
        "2024-02-29",
        "2000-02-29",
        "2024-05-31T",
        "2024-05-31T12",
        "2024-05-31T12Z",
        "2024-05-31T12:30",
        "2024-05-31T12:30:00.123456789Z",
        "2024-05-31T12:30:00,5",
        "2024-05-31T12:30+01:00",
        "2024-05-31T12:30-0130",
        "2024-05-31T12+18",
        "1717113600000",
        "-1",
        "15000",
        "-9223372036854775808",
        "now",
        "now-1d/d",
        "now+1y-2M+3w/w/H+h-m/s",
        "2024-05-31||",
        "2024-05-31||+1M/d",
        "1717113600000||/M",
        "2024||-d",
        "now/1d",
    ] {
        let bound = DateBound::parse(text);
        assert_eq!(bound.as_ref().map(DateBound::text), Ok(text));
        let bound = bound.unwrap();
        assert_eq!(bound.needs_now(), text.starts_with("now"), "{text}");
        assert_eq!(bound.is_math(), text.starts_with("now") || text.contains("||"), "{text}");
        assert_eq!(DateBound::try_from(String::from(bound.clone())), Ok(bound));
    }
}

#[test]
fn what_is_no_date_is_refused() {
    for text in [
        "",
        "yesterday",
        "2024-13",
        "2024-00",
        "2024-1",
        "2023-02-29",
        "1900-02-29",
        "2024-04-31",
        "31.05.2024",
        "2024-05-31 12:00",
        "2024-05T12",
        "2024T12",
        "2024-05-31T24:00",
        "2024-05-31T12:60",
        "2024-05-31T12:30:60",
        "2024-05-31T12.5",
        "2024-05-31T12:30:00.",
        "2024-05-31T12:30:00.1234567891",
        "2024-05-31T12:30+19",
        "2024-05-31T12:30+18:01",
        "2024-05-31T12:30+1",
        "2024-05-31T12:30Zx",
        "2024-05-31Z",
        "2024-05-31-01",
        "2024-05-31T12:30:00:00",
        "9223372036854775808",
        "+1",
        "ä024",
        "||+1d",
        "2024-05-31T12:00[UTC]",
        "+024",
    ] {
        assert!(DateBound::parse(text).is_err_and(|problem| problem.in_date), "{text}");
    }
}

#[test]
fn parts_are_read() {
    let date = |text| match DateBound::parse(text).unwrap().anchor {
        Anchor::Date(date) => date,
        other => panic!("{other:?}"),
    };
    let whole = PartialDate {
        year: 2024,
        month: Some(5),
        day: Some(31),
        hour: Some(12),
        minute: Some(30),
        second: Some(59),
        nanos: Some(50_000_000),
        offset: -5_400,
    };
    assert_eq!(date("2024-05-31T12:30:59.05-01:30"), whole);
    assert_eq!(date("2024-05-31T12:30:59.05-0130||"), whole);
    assert_eq!(date("2024-05"), PartialDate { year: 2024, month: Some(5), ..PartialDate::default() });
    assert_eq!(DateBound::parse("-15").unwrap().anchor, Anchor::Millis(-15));
    use DateStep::{Add, Round};
    use DateUnit::*;
    let steps = DateBound::parse("now+1y-2M+3w/w/H+h-m/s").unwrap().steps;
    let wanted =
        [Add(1, Year), Add(-2, Month), Add(3, Week), Round(Week), Round(Hour), Add(1, Hour), Add(-1, Minute)];
    assert_eq!(steps, [&wanted[..], &[Round(Second)]].concat());
}

#[test]
fn what_is_wrong_is_named_at_its_place() {
    let show = |text: &str| {
        let problem = DateBound::parse(text).unwrap_err();
        assert!(text.get(problem.at.clone()).is_some(), "{text}: {:?}", problem.at);
        let repair = problem.repair.clone().map(|repair| {
            let mut whole = text.to_owned();
            whole.replace_range(problem.at.clone(), &repair);
            format!(" -> {whole}")
        });
        format!("{text:16} {:?}: {}{}\n", problem.at, problem.message, repair.unwrap_or_default())
    };
    let all: String = [
        "Now-1d",
        "NOW",
        "today",
        "-1d",
        "now-1D",
        "now-1W/W",
        "now-1q",
        "now/",
        "now-",
        "now-5",
        "now-1",
        "now/2d",
        "now - 1d",
        "now-1 d",
        "now-5ms",
        "now||-1d",
        "nowhere",
        "2024||+1M||/d",
        "now-99999999999d",
        "2024-13||/d",
        "now-é",
        "now+1d ",
        "2024-05-31T12:00 Europe/Paris",
    ]
    .map(show)
    .concat();
    insta::assert_snapshot!(all);
}
