//! `to_base64`, `conditional_to_base64` and `from_base64`.

use rusqlite::Result;
use rusqlite::functions::Context;
use rusqlite::types::Value;

use super::arguments::{result, text};

const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/// `to_base64(text)`; NULL stays NULL.
pub(super) fn encode(context: &Context<'_>) -> Result<Value> {
    Ok(text(context, 0).map_or(Value::Null, |bytes| Value::Text(encoded(&bytes))))
}

/// `conditional_to_base64(text)`: the text itself when all of it can be printed.
pub(super) fn conditional_encode(context: &Context<'_>) -> Result<Value> {
    Ok(text(context, 0).map_or(Value::Null, |bytes| {
        if bytes.iter().all(|byte| (0x20..0x7f).contains(byte)) {
            result(&bytes)
        } else {
            Value::Text(encoded(&bytes))
        }
    }))
}

/// `from_base64(text)`: empty for what is no base64; NULL stays NULL.
pub(super) fn decode(context: &Context<'_>) -> Result<Value> {
    Ok(text(context, 0).map_or(Value::Null, |bytes| result(&decoded(&bytes).unwrap_or_default())))
}

pub(super) fn encoded(bytes: &[u8]) -> String {
    let mut output = String::new();
    for chunk in bytes.chunks(3) {
        let byte = |place: usize| u32::from(chunk.get(place).copied().unwrap_or(0));
        let group = byte(0) << 16 | byte(1) << 8 | byte(2);
        for place in 0..4_usize {
            let digit = (group >> (18 - 6 * place)) & 63;
            let sign = usize::try_from(digit).ok().and_then(|digit| ALPHABET.get(digit));
            output.push(if place <= chunk.len() { sign.map_or('=', |sign| char::from(*sign)) } else { '=' });
        }
    }
    output
}

fn decoded(bytes: &[u8]) -> Option<Vec<u8>> {
    let signs: Vec<u8> = bytes.iter().copied().filter(|byte| !matches!(byte, b'\r' | b'\n')).collect();
    let padding = signs.iter().rev().take_while(|sign| **sign == b'=').count();
    let mut output = Vec::new();
    let (mut bits, mut count) = (0_u32, 0_u32);
    for sign in signs.iter().take(signs.len().saturating_sub(padding)) {
        let digit = ALPHABET.iter().position(|known| known == sign)?;
        bits = (bits << 6 | u32::try_from(digit).ok()?) & 0xffff;
        count += 6;
        if count >= 8 {
            count -= 8;
            output.push(u8::try_from((bits >> count) & 0xff).ok()?);
        }
    }
    Some(output)
}
