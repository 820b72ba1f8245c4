//! Regular expressions of C++'s `std::regex` over bytes, written for the `regex` crate.
//!
//! osquery uses the ECMAScript grammar with the default flags: letter case counts, `.` takes no line end.
//! What C++'s libraries disagree on (an escaped letter without meaning, say) is taken as invalid, because a
//! query has to work with each of them.

use std::iter::Peekable;
use std::str::Chars;

/// Why a pattern cannot be run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Refusal {
    /// osquery refuses it too.
    Invalid,
    /// osquery runs it, we cannot: the construct.
    NotHere(&'static str),
}

type Input<'a> = Peekable<Chars<'a>>;

/// The same pattern in the syntax of the `regex` crate without Unicode.
pub(super) fn translate(pattern: &str) -> Result<String, Refusal> {
    let mut input = pattern.chars().peekable();
    let mut output = String::with_capacity(pattern.len());
    while let Some(sign) = input.next() {
        match sign {
            '\\' => escape(&mut input, &mut output, false)?,
            '[' => class(&mut input, &mut output)?,
            '(' => group(&mut input, &mut output)?,
            '{' => repetition(&mut input, &mut output)?,
            '^' | '$' | '.' | '|' | '*' | '+' | '?' | ')' => output.push(sign),
            _ => literal(sign, &mut output),
        }
    }
    Ok(output)
}

/// A character stands for its bytes, each of them a unit of its own.
fn literal(sign: char, output: &mut String) {
    if sign.is_ascii_alphanumeric() {
        output.push(sign);
    } else {
        let mut buffer = [0; 4];
        for byte in sign.encode_utf8(&mut buffer).bytes() {
            push_byte(u32::from(byte), output);
        }
    }
}

fn push_byte(byte: u32, output: &mut String) {
    output.push_str(&format!("\\x{byte:02X}"));
}

fn escape(input: &mut Input<'_>, output: &mut String, in_class: bool) -> Result<(), Refusal> {
    match input.next().ok_or(Refusal::Invalid)? {
        'b' if in_class => push_byte(8, output),
        'B' if in_class => return Err(Refusal::Invalid),
        sign @ ('d' | 'D' | 'w' | 'W' | 's' | 'S' | 'b' | 'B' | 'f' | 'n' | 'r' | 't' | 'v') => {
            output.push('\\');
            output.push(sign);
        }
        '0' => push_byte(0, output),
        '1'..='9' => return Err(Refusal::NotHere("a back reference")),
        'c' => match input.next() {
            Some(letter) if letter.is_ascii_alphabetic() => push_byte(u32::from(letter) % 32, output),
            _ => return Err(Refusal::Invalid),
        },
        'x' => push_byte(hexadecimal(input, 2)?, output),
        'u' => match hexadecimal(input, 4)? {
            byte @ 0..=0xff => push_byte(byte, output),
            _ => return Err(Refusal::Invalid),
        },
        sign if sign.is_alphabetic() || sign == '_' => return Err(Refusal::Invalid),
        sign => literal(sign, output),
    }
    Ok(())
}

fn hexadecimal(input: &mut Input<'_>, digits: usize) -> Result<u32, Refusal> {
    let mut number = 0;
    for _ in 0..digits {
        let digit = input.next().and_then(|sign| sign.to_digit(16)).ok_or(Refusal::Invalid)?;
        number = number * 16 + digit;
    }
    Ok(number)
}

fn group(input: &mut Input<'_>, output: &mut String) -> Result<(), Refusal> {
    output.push('(');
    if input.next_if_eq(&'?').is_none() {
        return Ok(());
    }
    match input.next() {
        Some(':') => output.push_str("?:"),
        Some('=' | '!') => return Err(Refusal::NotHere("a look-ahead")),
        _ => return Err(Refusal::Invalid),
    }
    Ok(())
}

fn repetition(input: &mut Input<'_>, output: &mut String) -> Result<(), Refusal> {
    output.push('{');
    let mut digits_seen = false;
    let mut comma_seen = false;
    loop {
        let sign = input.next().ok_or(Refusal::Invalid)?;
        match sign {
            '0'..='9' => digits_seen = true,
            ',' if digits_seen && !comma_seen => comma_seen = true,
            '}' if digits_seen => break,
            _ => return Err(Refusal::Invalid),
        }
        output.push(sign);
    }
    output.push('}');
    Ok(())
}

fn class(input: &mut Input<'_>, output: &mut String) -> Result<(), Refusal> {
    output.push('[');
    if input.next_if_eq(&'^').is_some() {
        output.push('^');
    }
    if input.peek() == Some(&']') {
        return Err(Refusal::NotHere("an empty class"));
    }
    loop {
        match input.next().ok_or(Refusal::Invalid)? {
            ']' => break,
            '\\' => escape(input, output, true)?,
            '[' => named_class(input, output)?,
            '-' if input.peek() == Some(&'-') => return Err(Refusal::NotHere("a range from or to a dash")),
            '-' => output.push('-'),
            sign => literal(sign, output),
        }
    }
    output.push(']');
    Ok(())
}

fn named_class(input: &mut Input<'_>, output: &mut String) -> Result<(), Refusal> {
    match input.peek() {
        Some('.' | '=') => Err(Refusal::NotHere("a collating element")),
        Some(':') => {
            output.push('[');
            loop {
                let sign = input.next().ok_or(Refusal::Invalid)?;
                output.push(sign);
                if sign == ']' {
                    return Ok(());
                }
            }
        }
        _ => {
            literal('[', output);
            Ok(())
        }
    }
}
