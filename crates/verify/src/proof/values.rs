//! Other values in the place of one: what sources and targets are known to take for it, or not to.

use std::net::IpAddr;

use serde_json::Value;

/// The most characters of a text that are replaced one by one.
const MAX_REPLACED: usize = 24;

/// Values in the place of one that a test looks at; null for none.
pub(super) fn variants(value: &Value, written: &[String]) -> Vec<Value> {
    let mut found = match value {
        Value::String(text) => texts(text).into_iter().map(Value::from).collect(),
        Value::Number(number) => numbers(number.as_i64().unwrap_or(0)),
        Value::Bool(holds) => vec![Value::from(!holds)],
        Value::Array(items) => lists(items),
        Value::Null | Value::Object(_) => Vec::new(),
    };
    if let Value::String(text) = value {
        found.push(Value::from(vec![text.as_str(), "other"]));
        found.push(Value::from(vec!["other", text.as_str()]));
    }
    found.extend(written.iter().map(|text| Value::from(text.as_str())));
    found.push(Value::Null);
    found.retain(|other| other != value);
    found
}

/// Paths of other files below a folder that is called as a name is, or begins so.
pub(super) fn in_folders(value: &Value) -> Vec<String> {
    let Value::String(name) = value else { return Vec::new() };
    let (stem, extension) = name.rsplit_once('.').unwrap_or((name, name));
    let windows = [
        format!("C:\\x\\{name}\\other.exe"),
        format!("C:\\x\\{stem}\\other.exe"),
        format!("C:\\x\\{name}x\\other.{extension}"),
        format!("C:\\x.{extension}\\other"),
    ];
    let unix = [format!("/x/{name}/other"), format!("/x/{stem}/other"), format!("/x.{extension}/other")];
    windows.into_iter().chain(unix).collect()
}

/// Values in the place of one beside it.
pub(super) fn elsewhere(value: &Value) -> Vec<Value> {
    let mut found = match value {
        Value::String(text) => vec![
            Value::from(format!("{text}x")),
            Value::from(format!("x{text}")),
            Value::from("other"),
            Value::from(turned(text)),
        ],
        Value::Number(number) => numbers(number.as_i64().unwrap_or(0)),
        Value::Bool(holds) => vec![Value::from(!holds)],
        Value::Array(_) | Value::Null | Value::Object(_) => Vec::new(),
    };
    found.push(Value::Null);
    found
}

fn turned(text: &str) -> String {
    let turn = |c: char| if c.is_ascii_lowercase() { c.to_ascii_uppercase() } else { c.to_ascii_lowercase() };
    text.chars().map(turn).collect()
}

fn numbers(number: i64) -> Vec<Value> {
    [number.saturating_add(1), number.saturating_sub(1), 0].into_iter().map(Value::from).collect()
}

fn texts(text: &str) -> Vec<String> {
    let mut found = vec![
        format!("x {text} y"),
        format!("x{text}"),
        format!("{text}x"),
        format!("x{text}x"),
        turned(text),
        text.chars().skip(1).collect(),
        text.chars().take(text.chars().count().saturating_sub(1)).collect(),
        format!("\"{text}\""),
        format!("{text} "),
        format!(" {text}"),
        format!("{text}\\"),
        format!("{text}/"),
        text.trim_end_matches(['\\', '/']).to_owned(),
        format!("C:\\x\\{text}"),
        format!("/x/{text}"),
        text.replace(' ', ""),
        text.replace(' ', "  "),
        text.replace('"', ""),
        "-".to_owned(),
        String::new(),
    ];
    found.extend(hives(text));
    found.extend(words_of_numbers(text));
    if text.parse::<IpAddr>().is_ok() {
        found.extend([format!("::ffff:{text}"), "198.51.100.7".to_owned()]);
    }
    for at in 0..text.chars().count().min(MAX_REPLACED) {
        let replaced = |(place, c): (usize, char)| if place == at { 'é' } else { c };
        found.push(text.chars().enumerate().map(replaced).collect());
    }
    found.sort_unstable();
    found.dedup();
    found
}

/// The names of hives, short and in full.
const HIVES: &[(&str, &str)] = &[
    ("HKLM", "HKEY_LOCAL_MACHINE"),
    ("HKLM", "\\REGISTRY\\MACHINE"),
    ("HKU", "HKEY_USERS"),
    ("HKU", "\\REGISTRY\\USER"),
    ("HKCU", "HKEY_CURRENT_USER"),
    ("HKCR", "HKEY_CLASSES_ROOT"),
    ("ControlSet001", "CurrentControlSet"),
];

fn hives(text: &str) -> Vec<String> {
    let swapped = HIVES.iter().flat_map(|(short, full)| {
        [(*short, *full), (*full, *short)].into_iter().filter(|(from, _)| text.contains(*from))
    });
    swapped.map(|(from, to)| text.replace(from, to)).collect()
}

/// A number as Windows' log writes it, and back.
fn words_of_numbers(text: &str) -> Vec<String> {
    let digits = text.trim_start_matches("DWORD (").trim_end_matches(')');
    let number = match digits.strip_prefix("0x") {
        Some(digits) => u32::from_str_radix(digits, 16).ok(),
        None => digits.parse().ok(),
    };
    let Some(number) = number else { return Vec::new() };
    vec![
        number.to_string(),
        format!("{number:#x}"),
        format!("0x{number:08x}"),
        format!("DWORD (0x{number:08x})"),
    ]
}

/// Lists of words: each word another one, inside of another, with its neighbour as one, or left out.
fn lists(items: &[Value]) -> Vec<Value> {
    let words: Vec<&str> = items.iter().filter_map(Value::as_str).collect();
    let mut found: Vec<Vec<String>> = Vec::new();
    let whole = || words.iter().map(|word| (*word).to_owned()).collect::<Vec<_>>();
    for (at, word) in words.iter().enumerate().skip(usize::from(words.len() > 1)) {
        let with = |other: &[String]| {
            let mut list = whole();
            list.splice(at..=at, other.iter().cloned());
            list
        };
        for other in [
            format!("x {word} y"),
            format!("x{word}x"),
            format!("x{word}"),
            format!("{word}x"),
            format!("x {word}"),
            format!("{word} y"),
            format!("x={word}"),
            format!("/{word}"),
            turned(word),
            word.trim_matches(['\\', '/', '"']).to_owned(),
        ] {
            found.push(with(&[other]));
        }
        let parts: Vec<String> = word.split(' ').map(str::to_owned).collect();
        if parts.len() > 1 {
            found.push(with(&parts));
        }
        found.push(with(&[]));
        if let Some(next) = words.get(at + 1) {
            let mut list = whole();
            list.splice(at..at + 2, [format!("{word} {next}")]);
            found.push(list);
        }
    }
    let mut longer = whole();
    longer.push("x y".to_owned());
    found.push(longer);
    let mut longer = whole();
    longer.push("other".to_owned());
    found.push(longer);
    if let Some((first, rest)) = words.split_first() {
        found.push(vec![(*first).to_owned(), rest.join(" ")]);
        found.push(vec![(*first).to_owned(), format!("x {} y", rest.join(" "))]);
    }
    found.into_iter().map(Value::from).collect()
}
