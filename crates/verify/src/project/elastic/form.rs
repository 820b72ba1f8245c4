//! The form that a value takes in a document.

use std::net::IpAddr;

use serde_json::Value;

use super::table::{Form, Place};

/// The log does not write such a value.
pub(super) struct Unwritten;

/// A value as it stands in a place; none where it is not stored there.
pub(super) fn of(place: &Place, value: &Value) -> Result<Option<Value>, Unwritten> {
    if !place.values.is_empty() {
        let written = text(value).and_then(|text| place.values.get(&text).cloned());
        return match written {
            None if !place.drops_others => Err(Unwritten),
            written => Ok(written),
        };
    }
    match place.form {
        Form::Kept | Form::Targets => Ok(Some(value.clone())),
        Form::Number => number(value).map(Some).ok_or(Unwritten),
        Form::Truth => truth(value).map(Some).ok_or(Unwritten),
        Form::MapAsText => Ok(Some(Value::from(java(value)))),
        Form::Text => text(value).map(|text| Some(Value::from(text))).ok_or(Unwritten),
        Form::Lower => text(value).map(|text| Some(Value::from(text.to_lowercase()))).ok_or(Unwritten),
        Form::Address | Form::AddressIfAny => {
            let address = text(value).filter(|text| text.parse::<IpAddr>().is_ok());
            match address {
                None if place.form == Form::Address => Err(Unwritten),
                address => Ok(address.map(Value::from)),
            }
        }
        Form::Domain | Form::Account => {
            let whole = text(value).ok_or(Unwritten)?;
            let (domain, name) =
                whole.split_once('\\').filter(|(_, name)| !name.contains('\\')).ok_or(Unwritten)?;
            Ok(Some(Value::from(if place.form == Form::Domain { domain } else { name })))
        }
        Form::Folder => {
            let folder = text(value).ok_or(Unwritten)?;
            let bare = folder.strip_suffix('/').filter(|bare| !bare.is_empty());
            Ok(Some(Value::from(bare.unwrap_or(&folder))))
        }
        Form::PartOfUrl => Ok(part_of_url(&text(value).ok_or(Unwritten)?).map(Value::from)),
    }
}

fn text(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(_) | Value::Bool(_) => Some(value.to_string()),
        Value::Null | Value::Array(_) | Value::Object(_) => None,
    }
}

fn number(value: &Value) -> Option<Value> {
    match value {
        Value::Number(_) => Some(value.clone()),
        Value::String(text) => text.parse::<i64>().ok().map(Value::from),
        _ => None,
    }
}

fn truth(value: &Value) -> Option<Value> {
    match value {
        Value::Bool(_) => Some(value.clone()),
        Value::String(text) => text.parse::<bool>().ok().map(Value::from),
        _ => None,
    }
}

/// Path or query of a URL without escapes; none where the parser of the pipeline cannot read it.
fn part_of_url(text: &str) -> Option<String> {
    let is_legal = |c: char| match c {
        '%' => true,
        c if c.is_ascii() => c.is_ascii_alphanumeric() || "_-!.~'()*,;:$&+=?/[]@".contains(c),
        c => !c.is_whitespace() && !c.is_control(),
    };
    if !text.chars().all(is_legal) {
        return None;
    }
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        if byte != b'%' {
            bytes.push(byte);
            continue;
        }
        let (high, low) = (char::from(rest.next()?).to_digit(16)?, char::from(rest.next()?).to_digit(16)?);
        bytes.push(u8::try_from(high * 16 + low).ok()?);
    }
    Some(String::from_utf8_lossy(&bytes).into_owned())
}

/// An object as Java writes a map. What is null or empty was dropped before. The depth is that of the reader of JSON,
/// which bounds it.
fn java(value: &Value) -> String {
    let is_something = |value: &&Value| !value.is_null() && value.as_str() != Some("");
    match value {
        Value::Object(object) => {
            let members = object.iter().filter(|(_, value)| is_something(value));
            let members: Vec<String> =
                members.map(|(name, value)| format!("{name}={}", java(value))).collect();
            format!("{{{}}}", members.join(", "))
        }
        Value::Array(items) => {
            let items: Vec<String> = items.iter().filter(is_something).map(java).collect();
            format!("[{}]", items.join(", "))
        }
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}
