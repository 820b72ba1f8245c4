//! Regular expressions of Python, run by an engine whose time grows with the length of the text only.

use std::iter::Peekable;
use std::ops::Range;
use std::str::CharIndices;

use regex::{Captures, Regex, RegexBuilder};

/// The memory that one compiled expression may take.
const MAX_SIZE: usize = 1 << 20;

/// The deepest nesting of groups.
const MAX_DEPTH: u32 = 100;

/// Why an expression or a replacement cannot be used, and where in its text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Fault {
    pub(crate) what: String,
    /// None: the whole.
    pub(crate) at: Option<Range<usize>>,
}

impl Fault {
    fn at(what: impl Into<String>, at: Range<usize>) -> Self {
        Self { what: what.into(), at: Some(at) }
    }
}

/// An expression that is matched at the beginning of a text, as `re.match` does.
#[derive(Clone, Debug)]
pub(crate) struct Pattern {
    regex: Regex,
}

impl Pattern {
    /// # Errors
    /// The expression is not valid, or is one that only a backtracking engine can run.
    pub(crate) fn new(text: &str) -> Result<Self, Fault> {
        compile(text)?;
        build(&format!("\\A(?:{})", translated(text)?)).map(|regex| Self { regex })
    }

    pub(crate) fn matches(&self, text: &str) -> bool {
        self.regex.is_match(text)
    }

    /// The named groups, in the order of the expression.
    pub(crate) fn names(&self) -> Vec<&str> {
        self.regex.capture_names().flatten().collect()
    }

    /// What the named groups took; none where the text does not match.
    pub(crate) fn groups<'t>(&self, text: &'t str) -> Option<Vec<(&str, &'t str)>> {
        let captures = self.regex.captures(text)?;
        let taken = self.names().into_iter().filter_map(|name| Some((name, captures.name(name)?.as_str())));
        Some(taken.collect())
    }
}

/// Compiles an expression that is searched for.
///
/// # Errors
/// As for [`Pattern::new`].
pub(crate) fn compile(text: &str) -> Result<Regex, Fault> {
    build(&translated(text)?)
}

fn build(text: &str) -> Result<Regex, Fault> {
    let built =
        RegexBuilder::new(text).size_limit(MAX_SIZE).dfa_size_limit(MAX_SIZE).nest_limit(MAX_DEPTH).build();
    built.map_err(|error| {
        let what = match &error {
            regex::Error::CompiledTooBig(_) => "it would need too much memory".to_owned(),
            other => {
                let text = other.to_string();
                let last = text.lines().last().unwrap_or_default();
                last.strip_prefix("error: ").unwrap_or(last).to_owned()
            }
        };
        Fault { what, at: None }
    })
}

/// Every match from left to right that does not overlap the one before; an empty match may stand right behind another,
/// as in Python.
pub(crate) fn matches<'t>(regex: &Regex, text: &'t str) -> Vec<Captures<'t>> {
    let mut found = Vec::new();
    let mut from = 0;
    while let Some(captures) = regex.captures_at(text, from) {
        let Some(whole) = captures.get(0) else { break };
        let empty = whole.is_empty();
        let end = whole.end();
        found.push(captures);
        let step = text.get(end..).and_then(|rest| rest.chars().next());
        from = match (empty, step) {
            (false, _) => end,
            (true, Some(c)) => end + c.len_utf8(),
            (true, None) => break,
        };
    }
    found
}

/// The longest text that replacements may make.
pub(crate) const MAX_TEXT: usize = 128 << 10;

/// The text with every match replaced; none where it would be longer than [`MAX_TEXT`].
pub(crate) fn replaced(regex: &Regex, template: &Template, text: &str) -> Option<String> {
    let mut out = String::new();
    let mut at = 0;
    for captures in matches(regex, text) {
        let Some(whole) = captures.get(0) else { continue };
        out.push_str(text.get(at..whole.start()).unwrap_or(""));
        out.push_str(&template.expand(&captures));
        at = whole.end();
        if out.len() > MAX_TEXT {
            return None;
        }
    }
    out.push_str(text.get(at..).unwrap_or(""));
    Some(out)
}

/// The text with all characters that mean something in an expression escaped, as `re.escape` does.
pub(crate) fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 8);
    for c in text.chars() {
        if "()[]{}?*+-|^$\\.&~# \t\n\r\u{b}\u{c}".contains(c) {
            out.push('\\');
        }
        out.push(c);
    }
    out
}

type Chars<'t> = Peekable<CharIndices<'t>>;

/// The same expression in the syntax of the engine.
fn translated(text: &str) -> Result<String, Fault> {
    let mut out = String::with_capacity(text.len() + 8);
    let mut chars = text.char_indices().peekable();
    // Whether a repetition has just been read: a `+` behind it is possessive.
    let mut repeated = false;
    while let Some((at, c)) = chars.next() {
        let was_repeated = std::mem::take(&mut repeated);
        match c {
            '\\' => escape(at, &mut chars, &mut out, false)?,
            '[' => class(&mut chars, &mut out)?,
            '(' => {
                group(text, at)?;
                out.push('(');
            }
            '+' if was_repeated => {
                return Err(Fault::at("possessive repetition needs an engine that backtracks", at..at + 1));
            }
            '?' if was_repeated => out.push('?'),
            '*' | '+' | '?' => {
                repeated = true;
                out.push(c);
            }
            '{' => repeated = brace(text, at, &mut chars, &mut out),
            other => out.push(other),
        }
    }
    Ok(out)
}

/// Refuses groups that the engine does not have.
fn group(text: &str, at: usize) -> Result<(), Fault> {
    let rest = text.get(at..).unwrap_or("");
    let unsupported = [
        ("(?=", "look-around"),
        ("(?!", "look-around"),
        ("(?<=", "look-around"),
        ("(?<!", "look-around"),
        ("(?P=", "a reference back to a group"),
        ("(?(", "a condition on a group"),
        ("(?>", "an atomic group"),
    ];
    for (opening, name) in unsupported {
        if rest.starts_with(opening) {
            return Err(Fault::at(format!("{name} needs an engine that backtracks"), at..at + opening.len()));
        }
    }
    if rest.starts_with("(?#") {
        return Err(Fault::at("a comment in the expression", at..at + 3));
    }
    Ok(())
}

/// What stands behind a backslash; the cursor is behind the backslash.
fn escape(at: usize, chars: &mut Chars<'_>, out: &mut String, in_class: bool) -> Result<(), Fault> {
    let Some((_, c)) = chars.next() else {
        return Err(Fault::at("a backslash at the end", at..at + 1));
    };
    match c {
        'Z' if !in_class => out.push_str("\\z"),
        '0' => {
            let mut code = 0;
            for _ in 0..2 {
                if let Some((_, digit)) = chars.next_if(|(_, c)| c.is_digit(8)) {
                    code = code * 8 + digit.to_digit(8).unwrap_or(0);
                }
            }
            out.push_str(&format!("\\x{{{code:x}}}"));
        }
        '1'..='9' if in_class => return Err(Fault::at("an escape in digits", at..at + 2)),
        '1'..='9' => {
            return Err(Fault::at("a reference back to a group needs an engine that backtracks", at..at + 2));
        }
        'b' if in_class => out.push_str("\\x08"),
        'N' => return Err(Fault::at("a character by its name", at..at + 2)),
        // Letters mean the same to both engines, where both have them.
        c if c.is_ascii_alphabetic() => {
            out.push('\\');
            out.push(c);
        }
        c if in_class => {
            if c.is_ascii_punctuation() {
                out.push('\\');
            }
            out.push(c);
        }
        c => out.push_str(&regex::escape(c.encode_utf8(&mut [0; 4]))),
    }
    Ok(())
}

/// A class up to its `]`; the cursor is behind the `[`.
fn class(chars: &mut Chars<'_>, out: &mut String) -> Result<(), Fault> {
    out.push('[');
    if chars.next_if(|(_, c)| *c == '^').is_some() {
        out.push('^');
    }
    if chars.next_if(|(_, c)| *c == ']').is_some() {
        out.push_str("\\]");
    }
    while let Some((at, c)) = chars.next() {
        match c {
            ']' => {
                out.push(']');
                return Ok(());
            }
            '\\' => escape(at, chars, out, true)?,
            '[' | '&' | '~' => {
                out.push('\\');
                out.push(c);
            }
            '-' if chars.peek().is_some_and(|(_, next)| *next == '-') => out.push_str("\\-"),
            other => out.push(other),
        }
    }
    // Not closed: the engine says so.
    Ok(())
}

/// `{n}`, `{n,}`, `{n,m}` or `{,m}`, else an ordinary `{`; the cursor is behind it. True for a repetition.
fn brace(text: &str, at: usize, chars: &mut Chars<'_>, out: &mut String) -> bool {
    let digits = |text: &str| text.bytes().all(|b| b.is_ascii_digit());
    let inner = text.get(at + 1..).and_then(|rest| rest.split_once('}')).map(|(inner, _)| inner);
    let counts = inner.filter(|inner| match inner.split_once(',') {
        Some((low, high)) => digits(low) && digits(high) && !(low.is_empty() && high.is_empty()),
        None => !inner.is_empty() && digits(inner),
    });
    let Some(counts) = counts else {
        out.push_str("\\{");
        return false;
    };
    out.push('{');
    if counts.starts_with(',') {
        out.push('0');
    }
    out.push_str(counts);
    out.push('}');
    for _ in 0..=counts.len() {
        chars.next();
    }
    true
}

/// A replacement with references to groups.
#[derive(Clone, Debug)]
pub(crate) struct Template {
    parts: Vec<TemplatePart>,
}

#[derive(Clone, Debug)]
enum TemplatePart {
    Lit(String),
    Group(usize),
}

impl Template {
    /// Reads a replacement for an expression: `\1`, `\g<1>`, `\g<name>`, `\n` and the like.
    ///
    /// # Errors
    /// A reference to a group that the expression lacks, or an escape that Python refuses.
    pub(crate) fn new(text: &str, regex: &Regex) -> Result<Self, Fault> {
        let mut parts = Vec::new();
        let mut literal = String::new();
        let mut chars = text.char_indices().peekable();
        while let Some((at, c)) = chars.next() {
            if c != '\\' {
                literal.push(c);
                continue;
            }
            let Some((_, escaped)) = chars.next() else {
                return Err(Fault::at("a backslash at the end", at..at + 1));
            };
            match escaped {
                'g' => {
                    let group = named_group(text, at, &mut chars, regex)?;
                    parts.push(TemplatePart::Lit(std::mem::take(&mut literal)));
                    parts.push(TemplatePart::Group(group));
                }
                '1'..='9' => {
                    let mut digits = String::from(escaped);
                    digits.extend(chars.next_if(|(_, c)| c.is_ascii_digit()).map(|(_, c)| c));
                    let group = numbered(&digits, regex, at..at + 1 + digits.len())?;
                    parts.push(TemplatePart::Lit(std::mem::take(&mut literal)));
                    parts.push(TemplatePart::Group(group));
                }
                other => match control(other) {
                    Some(c) => literal.push(c),
                    None if other.is_ascii_alphabetic() => {
                        return Err(Fault::at(format!("`\\{other}` is no escape"), at..at + 2));
                    }
                    None => {
                        literal.push('\\');
                        literal.push(other);
                    }
                },
            }
        }
        parts.push(TemplatePart::Lit(literal));
        Ok(Self { parts })
    }

    pub(crate) fn expand(&self, captures: &Captures<'_>) -> String {
        let mut out = String::new();
        for part in &self.parts {
            match part {
                TemplatePart::Lit(text) => out.push_str(text),
                TemplatePart::Group(at) => out.push_str(captures.get(*at).map_or("", |group| group.as_str())),
            }
        }
        out
    }
}

fn control(c: char) -> Option<char> {
    Some(match c {
        '\\' => '\\',
        'a' => '\u{7}',
        'b' => '\u{8}',
        'f' => '\u{c}',
        'n' => '\n',
        'r' => '\r',
        't' => '\t',
        'v' => '\u{b}',
        '0' => '\0',
        _ => return None,
    })
}

/// The group of `\g<…>`; the cursor is behind the `g`.
fn named_group(text: &str, at: usize, chars: &mut Chars<'_>, regex: &Regex) -> Result<usize, Fault> {
    let rest = text.get(at + 2..).unwrap_or("");
    let Some(name) = rest.strip_prefix('<').and_then(|rest| rest.split_once('>')).map(|(name, _)| name)
    else {
        return Err(Fault::at("`\\g` without a group in `<>`", at..at + 2));
    };
    let range = at..at + 4 + name.len();
    for _ in 0..name.chars().count() + 2 {
        chars.next();
    }
    if !name.is_empty() && name.bytes().all(|b| b.is_ascii_digit()) {
        return numbered(name, regex, range);
    }
    let found = regex.capture_names().position(|known| known == Some(name));
    found.ok_or_else(|| Fault::at(format!("the expression has no group `{name}`"), range))
}

fn numbered(digits: &str, regex: &Regex, range: Range<usize>) -> Result<usize, Fault> {
    let group = digits.parse::<usize>().ok().filter(|group| *group < regex.captures_len());
    group.ok_or_else(|| Fault::at(format!("the expression has no group {digits}"), range))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sub(pattern: &str, replacement: &str, text: &str) -> String {
        let regex = compile(pattern).expect("compiles");
        let template = Template::new(replacement, &regex).expect("is a template");
        replaced(&regex, &template, text).expect("is short")
    }

    #[test]
    fn replacements_are_those_of_python() {
        assert_eq!(sub("a(b)c", r"<\1>", "xabcx"), "x<b>x");
        assert_eq!(sub("(?P<n>b)", r"\g<n>\g<1>\g<0>", "b"), "bbb");
        assert_eq!(sub("b", r"\\", "abc"), r"a\c");
        assert_eq!(sub("b", r"\.", "abc"), r"a\.c");
        assert_eq!(sub("x*", "-", "abxd"), "-a-b--d-");
        assert_eq!(sub("(a)|b", r"[\1]", "ab"), "[a][]");
    }

    #[test]
    fn a_match_stands_at_the_beginning_and_need_not_reach_the_end() {
        let pattern = Pattern::new("ab|c").expect("compiles");
        assert!(pattern.matches("abx") && pattern.matches("cx"));
        assert!(!pattern.matches("xab"));
    }

    #[test]
    fn ordinary_characters_of_python_stay_ordinary() {
        for (pattern, text) in
            [(r"[[a]b", "[b"), (r"a{b}", "a{b}"), (r"[a&&b]+$", "&"), (r"\<a\>", "<a>"), (r"a{,2}$", "aa")]
        {
            assert!(Pattern::new(pattern).expect("compiles").matches(text), "{pattern}");
        }
    }

    #[test]
    fn what_needs_backtracking_is_refused_with_its_place() {
        for (pattern, at) in [
            ("a(?=b)", 1..4),
            ("(?<!a)b", 0..4),
            (r"(a)\1", 3..5),
            ("a*+b", 2..3),
            ("(?P<x>a)(?P=x)", 8..12),
            ("(?>a)", 0..3),
        ] {
            assert_eq!(Pattern::new(pattern).expect_err("refused").at, Some(at), "{pattern}");
        }
    }

    #[test]
    fn expressions_that_explode_are_refused() {
        let fault = Pattern::new("((a{1000}){1000}){1000}").expect_err("refused");
        assert_eq!(fault.what, "it would need too much memory");
        assert!(Pattern::new(&"(".repeat(5000)).is_err());
        assert!(Pattern::new(&format!("{}a{}", "(".repeat(300), ")".repeat(300))).is_err());
    }
}
