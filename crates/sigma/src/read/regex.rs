//! Faults of a regular expression that every engine of the PCRE family reports.
//!
//! Sigma does not fix the flavour, so only what is wrong in all of them is: an open class or group, a `)`
//! without partner, a quantifier with nothing before it, a backslash at the end.

use std::iter::Peekable;
use std::ops::Range;
use std::str::CharIndices;

/// What is wrong and where in the expression.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Fault {
    pub(super) what: &'static str,
    pub(super) at: Range<usize>,
}

impl Fault {
    fn new(what: &'static str, at: usize) -> Self {
        Self { what, at: at..at + 1 }
    }
}

/// The first fault, if there is one.
pub(super) fn fault(text: &str) -> Option<Fault> {
    // Quoted runs and free spacing change what every later character means.
    if text.contains(r"\Q") || text.contains("(?x") {
        return None;
    }
    let mut groups: Vec<usize> = Vec::new();
    let mut operand = false;
    let mut chars = text.char_indices().peekable();
    while let Some((at, c)) = chars.next() {
        match c {
            '\\' if chars.next().is_none() => return Some(Fault::new("a backslash at the end", at)),
            '[' if !skip_class(&mut chars) => return Some(Fault::new("`[` is not closed", at)),
            '(' => {
                groups.push(at);
                skip_group_kind(&mut chars);
                operand = false;
                continue;
            }
            ')' if groups.pop().is_none() => return Some(Fault::new("`)` closes nothing", at)),
            '*' | '+' | '?' if !operand => return Some(Fault::new("nothing to repeat", at)),
            '|' => {
                operand = false;
                continue;
            }
            _ => {}
        }
        operand = true;
    }
    groups.pop().map(|at| Fault::new("`(` is not closed", at))
}

/// Skips a character class up to its `]`. A `]` that comes first stands for itself.
fn skip_class(chars: &mut Peekable<CharIndices<'_>>) -> bool {
    chars.next_if(|(_, c)| *c == '^');
    chars.next_if(|(_, c)| *c == ']');
    while let Some((_, c)) = chars.next() {
        match c {
            ']' => return true,
            '\\' => {
                chars.next();
            }
            '[' if chars.peek().is_some_and(|(_, next)| *next == ':') => skip_posix(chars),
            _ => {}
        }
    }
    false
}

/// Skips `[:name:]`; without a name it is an ordinary `[`.
fn skip_posix(chars: &mut Peekable<CharIndices<'_>>) {
    let mut ahead = chars.clone();
    ahead.next();
    while ahead.next_if(|(_, c)| c.is_ascii_alphabetic() || *c == '^').is_some() {}
    if ahead.next().is_some_and(|(_, c)| c == ':') && ahead.next().is_some_and(|(_, c)| c == ']') {
        *chars = ahead;
    }
}

/// Skips `?:`, `?<name>`, `?i)` and the like after `(`, whose `?` repeats nothing.
fn skip_group_kind(chars: &mut Peekable<CharIndices<'_>>) {
    if chars.next_if(|(_, c)| *c == '?').is_none() && chars.next_if(|(_, c)| *c == '*').is_some() {
        // `(*VERB)`.
        while chars.next_if(|(_, c)| *c != ')').is_some() {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn faults_are_placed() {
        for (text, what, at) in [
            ("(foo[a-z", "`[` is not closed", 4),
            ("(foo", "`(` is not closed", 0),
            ("foo)", "`)` closes nothing", 3),
            ("*x", "nothing to repeat", 0),
            ("a|+b", "nothing to repeat", 2),
            (r"a\", "a backslash at the end", 1),
            ("([", "`[` is not closed", 1),
        ] {
            assert_eq!(fault(text), Some(Fault::new(what, at)), "{text}");
        }
    }

    #[test]
    fn what_some_flavour_accepts_is_no_fault() {
        for text in [
            "[]a]",
            "[^]]",
            "[[]",
            "[[:alpha:]_]",
            "(?i)a",
            "(?<!x)y",
            "(?P<n>x)",
            r"\(",
            "a{,3}",
            "x??",
            "a*+",
            r"\Qa(\E",
            "()",
            "(|a)",
            r"\d+\.[^.\/]",
            "[a\\]b]",
        ] {
            assert_eq!(fault(text), None, "{text}");
        }
    }
}
