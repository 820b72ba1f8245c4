//! Lucene's regular expressions, as EQL's `regex` reads them, into the IR's tree (`eql-semantics.md` §6.5).
//!
//! Two readings of Lucene are refused instead of copied, because nobody means them: an operator with nothing
//! before it, and the `(?` of other flavours, are ordinary characters there.

use std::ops::Range;

use eqlc_ir::Case;
use eqlc_ir::regex::{ClassItem, RegexNode};

/// What is wrong with a pattern; the range counts bytes of its text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Problem {
    pub(super) at: Range<usize>,
    pub(super) message: String,
    pub(super) help: Option<&'static str>,
}

/// Legal writing that probably does not mean what its author wanted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Habit {
    /// `^` or `$` where other flavours have an anchor; Lucene has an ordinary character.
    Anchor(char),
    /// `@ # & ~ " <n-m>`, which are operators in Lucene alone.
    Operator(char),
    /// A range of letters of one case without its twin in the same class.
    OneCase(char, char),
}

impl Habit {
    /// Whether a Java expression of the same text means something else: Java has anchors, has none of Lucene's
    /// operators, and folds ranges.
    pub(super) fn means_other_in_java(&self, case: Case) -> bool {
        match self {
            Self::Anchor(_) | Self::Operator(_) => true,
            Self::OneCase(..) => case == Case::Insensitive,
        }
    }
}

/// A pattern that was read.
#[derive(Clone, Debug)]
pub(super) struct Pattern {
    pub(super) node: RegexNode,
    pub(super) habits: Vec<(Range<usize>, Habit)>,
}

/// The deepest nesting of groups; deeper ones are refused so that no reader of the tree runs out of stack.
const MAX_DEPTH: usize = 100;
/// The greatest number in `{n,m}`. Lucene gives up on larger automata in practice.
const MAX_REPEAT: u32 = 1_000;

/// The greatest number in `<n-m>`: Lucene counts with 32 bits.
const MAX_BOUND: u64 = 2_147_483_647;

fn bound(digits: &str) -> Option<u64> {
    digits.parse().ok().filter(|value| *value <= MAX_BOUND)
}

/// Reads a pattern.
///
/// # Errors
/// The first thing that Lucene refuses.
pub(super) fn parse(text: &str) -> Result<Pattern, Problem> {
    let mut reader = Reader { text, at: 0, depth: 0, habits: Vec::new() };
    if text.is_empty() {
        return Ok(Pattern { node: RegexNode::Empty, habits: Vec::new() });
    }
    let node = reader.union()?;
    if reader.at < text.len() {
        return Err(reader
            .wrong(reader.at, "`)` closes nothing")
            .help("write a backslash before it for the character"));
    }
    Ok(Pattern { node, habits: reader.habits })
}

struct Reader<'a> {
    text: &'a str,
    at: usize,
    depth: usize,
    habits: Vec<(Range<usize>, Habit)>,
}

impl Problem {
    fn help(mut self, help: &'static str) -> Self {
        self.help = Some(help);
        self
    }
}

impl Reader<'_> {
    fn rest(&self) -> &str {
        self.text.get(self.at..).unwrap_or("")
    }

    fn peek(&self) -> Option<char> {
        self.rest().chars().next()
    }

    fn next(&mut self) -> Option<char> {
        let c = self.peek()?;
        self.at += c.len_utf8();
        Some(c)
    }

    fn eat(&mut self, wanted: char) -> bool {
        let found = self.peek() == Some(wanted);
        if found {
            self.at += wanted.len_utf8();
        }
        found
    }

    /// A problem from `start` to where the reader stands, one character at least.
    fn wrong(&self, start: usize, message: impl Into<String>) -> Problem {
        let next = self.text.get(start..).and_then(|rest| rest.chars().next()).map_or(0, char::len_utf8);
        Problem { at: start..self.at.max(start + next), message: message.into(), help: None }
    }

    fn union(&mut self) -> Result<RegexNode, Problem> {
        let mut list = vec![self.intersection()?];
        while self.eat('|') {
            list.push(self.intersection()?);
        }
        Ok(one_or(list, RegexNode::Alternatives))
    }

    fn intersection(&mut self) -> Result<RegexNode, Problem> {
        let mut list = vec![self.concat()?];
        while self.eat('&') {
            self.habits.push((self.at - 1..self.at, Habit::Operator('&')));
            list.push(self.concat()?);
        }
        Ok(one_or(list, RegexNode::Intersection))
    }

    fn concat(&mut self) -> Result<RegexNode, Problem> {
        let start = self.at;
        let mut list = Vec::new();
        while !matches!(self.peek(), None | Some(')' | '|' | '&')) {
            push_merged(&mut list, self.repeat()?);
        }
        if list.is_empty() {
            let what = self.peek().map_or("the end".to_owned(), |c| format!("`{c}`"));
            return Err(self
                .wrong(start, format!("nothing stands before {what}"))
                .help("write `()` for the empty text, or a backslash before an ordinary character"));
        }
        Ok(one_or(list, RegexNode::Concat))
    }

    fn repeat(&mut self) -> Result<RegexNode, Problem> {
        let mut node = self.complement()?;
        let mut signs = 0;
        while let Some(sign @ ('?' | '*' | '+' | '{')) = self.peek() {
            let start = self.at;
            self.next();
            let (min, max) = match sign {
                '?' => (0, Some(1)),
                '*' => (0, None),
                '+' => (1, None),
                _ => self.braces(start)?,
            };
            signs += 1;
            if signs + self.depth > MAX_DEPTH {
                return Err(self.wrong(start, "too many repetitions of one another"));
            }
            node = RegexNode::Repeat { node: Box::new(node), min, max };
        }
        Ok(node)
    }

    /// What follows `{`.
    fn braces(&mut self, start: usize) -> Result<(u32, Option<u32>), Problem> {
        let help = "write `{n}`, `{n,}` or `{n,m}`, or a backslash before it for the character";
        let min = self.number(start, help)?;
        let max = if !self.eat(',') {
            Some(min)
        } else if self.peek() == Some('}') {
            None
        } else {
            Some(self.number(start, help)?)
        };
        if !self.eat('}') {
            return Err(self.wrong(start, "`{` is not closed").help(help));
        }
        if max.is_some_and(|max| max < min) {
            return Err(self.wrong(start, "the greater number of a repetition stands first"));
        }
        if min.max(max.unwrap_or(0)) > MAX_REPEAT {
            return Err(self.wrong(start, format!("a repetition goes to {MAX_REPEAT} at most")));
        }
        Ok((min, max))
    }

    fn digits(&mut self) -> &str {
        let start = self.at;
        self.at += self.rest().bytes().take_while(u8::is_ascii_digit).count();
        self.text.get(start..self.at).unwrap_or("")
    }

    fn number(&mut self, start: usize, help: &'static str) -> Result<u32, Problem> {
        let digits = self.digits().to_owned();
        if digits.is_empty() {
            return Err(self.wrong(start, "a number is missing after `{`").help(help));
        }
        // A number past 32 bits is refused as too large by the caller.
        Ok(digits.parse().unwrap_or(u32::MAX))
    }

    fn complement(&mut self) -> Result<RegexNode, Problem> {
        let mut count = 0_usize;
        while self.eat('~') {
            self.habits.push((self.at - 1..self.at, Habit::Operator('~')));
            count += 1;
        }
        if count > 0 && matches!(self.peek(), None | Some(')' | '|' | '&')) {
            return Err(self.wrong(self.at - 1, "nothing stands after `~`"));
        }
        let node = self.atom()?;
        // Twice complemented is itself.
        Ok(if count % 2 == 1 { RegexNode::Complement(Box::new(node)) } else { node })
    }

    fn atom(&mut self) -> Result<RegexNode, Problem> {
        let start = self.at;
        let Some(c) = self.next() else {
            return Err(self.wrong(start, "the pattern ends too early"));
        };
        match c {
            '.' => Ok(RegexNode::Any),
            '#' => {
                self.habits.push((start..self.at, Habit::Operator('#')));
                Ok(RegexNode::Nothing)
            }
            '@' => {
                self.habits.push((start..self.at, Habit::Operator('@')));
                Ok(RegexNode::any_run())
            }
            '"' => {
                self.habits.push((start..self.at, Habit::Operator('"')));
                self.quoted(start)
            }
            '(' => self.group(start),
            '<' => {
                let interval = self.interval(start)?;
                self.habits.push((start..self.at, Habit::Operator('<')));
                Ok(interval)
            }
            '[' => self.class(start),
            '\\' => self.escape(start),
            '?' | '*' | '+' | '{' => Err(self
                .wrong(start, format!("`{c}` has nothing before it to repeat"))
                .help("write a backslash before it for the character")),
            c => {
                self.note_anchor(c, start);
                Ok(RegexNode::Literal(c.to_string()))
            }
        }
    }

    fn note_anchor(&mut self, c: char, start: usize) {
        let before = self.text.get(..start).and_then(|text| text.chars().next_back());
        let outer = match c {
            '^' => matches!(before, None | Some('(' | '|')),
            '$' => matches!(self.peek(), None | Some(')' | '|')),
            _ => false,
        };
        if outer {
            self.habits.push((start..self.at, Habit::Anchor(c)));
        }
    }

    fn quoted(&mut self, start: usize) -> Result<RegexNode, Problem> {
        let Some(length) = self.rest().find('"') else {
            return Err(self
                .wrong(start, "`\"` starts a literal run that does not end")
                .help("write a backslash before it for the character"));
        };
        let text = self.rest().get(..length).unwrap_or("").to_owned();
        self.at += length + 1;
        Ok(if text.is_empty() { RegexNode::Empty } else { RegexNode::Literal(text) })
    }

    fn group(&mut self, start: usize) -> Result<RegexNode, Problem> {
        if self.eat(')') {
            return Ok(RegexNode::Empty);
        }
        if self.eat('?') {
            return Err(self.foreign_group(start));
        }
        self.depth += 1;
        if self.depth > MAX_DEPTH {
            return Err(self.wrong(start, format!("groups are nested more than {MAX_DEPTH} deep")));
        }
        let node = self.union()?;
        self.depth -= 1;
        if !self.eat(')') {
            return Err(Problem {
                at: start..start + 1,
                message: "`(` is not closed".to_owned(),
                help: Some("write a backslash before it for the character"),
            });
        }
        Ok(node)
    }

    /// `(?` of other flavours.
    fn foreign_group(&mut self, start: usize) -> Problem {
        let help = match self.next() {
            Some(':') => "a plain group `(…)` does the same",
            Some('i') => "`regex~` ignores letter case, except that ranges such as `[a-z]` keep it",
            Some('=' | '!' | '<') => {
                "look-around has no form here; split the test in two with `and` and `not`"
            }
            _ => "flags and named groups have no form here",
        };
        self.wrong(start, "`(?` does not exist in this flavour").help(help)
    }

    fn interval(&mut self, start: usize) -> Result<RegexNode, Problem> {
        let low = self.digits().to_owned();
        let dash = self.eat('-');
        let high = self.digits().to_owned();
        if low.is_empty() || high.is_empty() || !dash || !self.eat('>') {
            return Err(self
                .wrong(start, "`<` starts a range of numbers such as `<1-100>`")
                .help("write a backslash before it for the character"));
        }
        let (Some(from), Some(to)) = (bound(&low), bound(&high)) else {
            return Err(self.wrong(start, format!("a range of numbers goes to {MAX_BOUND} at most")));
        };
        let width = if low.len() == high.len() { u32::try_from(low.len()).unwrap_or(0) } else { 0 };
        Ok(RegexNode::Interval { low: from.min(to), high: from.max(to), width })
    }

    fn escape(&mut self, start: usize) -> Result<RegexNode, Problem> {
        match self.escaped(start)? {
            ClassItem::Char(c) => Ok(RegexNode::Literal(c.to_string())),
            item => Ok(RegexNode::Class { negated: false, items: vec![item] }),
        }
    }

    /// What follows a backslash, the same inside and outside of classes.
    fn escaped(&mut self, start: usize) -> Result<ClassItem, Problem> {
        let Some(c) = self.next() else {
            return Err(self.wrong(start, "the pattern ends after a backslash"));
        };
        match c {
            'd' => Ok(ClassItem::Digit),
            'D' => Ok(ClassItem::NotDigit),
            's' => Ok(ClassItem::Space),
            'S' => Ok(ClassItem::NotSpace),
            'w' => Ok(ClassItem::Word),
            'W' => Ok(ClassItem::NotWord),
            c if c.is_ascii_alphabetic() => {
                let problem = self.wrong(start, format!("`\\{c}` does not exist in this flavour"));
                Err(match c {
                    'b' | 'B' => {
                        problem.help("there is no word boundary; name the characters around the word")
                    }
                    'A' | 'Z' | 'z' => problem.help("the whole value must match anyway; leave it out"),
                    'n' | 't' | 'r' | 'f' => problem.help(
                        "in a string in double quotes the same escape with one backslash gives the character",
                    ),
                    _ => problem.help("only `\\d \\D \\s \\S \\w \\W` stand for more than one character"),
                })
            }
            c => Ok(ClassItem::Char(c)),
        }
    }

    fn class(&mut self, start: usize) -> Result<RegexNode, Problem> {
        let negated = self.eat('^');
        let (mut items, mut places) = (Vec::new(), Vec::new());
        loop {
            let (item, place) = self.class_item(start)?;
            items.push(item);
            places.push(place);
            if self.eat(']') {
                break;
            }
        }
        for (item, place) in items.iter().zip(places) {
            if let ClassItem::Range(low, high) = item
                && is_one_case(*low, *high, &items)
            {
                self.habits.push((place, Habit::OneCase(*low, *high)));
            }
        }
        Ok(RegexNode::Class { negated, items })
    }

    /// One member; the first one may be `]` or `-`.
    fn class_item(&mut self, open: usize) -> Result<(ClassItem, Range<usize>), Problem> {
        let start = self.at;
        let Some(c) = self.next() else { return Err(self.unclosed(open)) };
        if c == '\\' {
            let item = self.escaped(start)?;
            return Ok((item, start..self.at));
        }
        if !self.eat('-') {
            return Ok((ClassItem::Char(c), start..self.at));
        }
        let Some(high) = self.next() else { return Err(self.unclosed(open)) };
        if high == ']' && !self.rest().contains(']') {
            return Err(self
                .wrong(start, "a range has no end before `]`")
                .help("put `-` first in the class, or write a backslash before it"));
        }
        let high = if high == '\\' { self.next().ok_or_else(|| self.unclosed(open))? } else { high };
        if high < c {
            return Err(self.wrong(start, format!("the range `{c}-{high}` runs backwards")));
        }
        Ok((ClassItem::Range(c, high), start..self.at))
    }

    fn unclosed(&self, open: usize) -> Problem {
        Problem {
            at: open..open + 1,
            message: "`[` is not closed".to_owned(),
            help: Some("write a backslash before it for the character"),
        }
    }
}

/// Whether a range of ASCII letters of one case lacks its twin of the other case.
fn is_one_case(low: char, high: char, items: &[ClassItem]) -> bool {
    let swapped =
        |c: char| if c.is_ascii_lowercase() { c.to_ascii_uppercase() } else { c.to_ascii_lowercase() };
    let letters = (low.is_ascii_lowercase() && high.is_ascii_lowercase())
        || (low.is_ascii_uppercase() && high.is_ascii_uppercase());
    letters
        && !items.iter().any(|item| match item {
            ClassItem::Range(from, to) => *from <= swapped(low) && swapped(high) <= *to,
            ClassItem::Word => true,
            _ => false,
        })
}

fn one_or(mut list: Vec<RegexNode>, node: impl FnOnce(Vec<RegexNode>) -> RegexNode) -> RegexNode {
    if list.len() == 1 { list.remove(0) } else { node(list) }
}

/// Adds a node to a concatenation; characters side by side become one literal.
fn push_merged(list: &mut Vec<RegexNode>, node: RegexNode) {
    match (list.last_mut(), node) {
        (Some(RegexNode::Literal(text)), RegexNode::Literal(more)) => text.push_str(&more),
        (_, node) => list.push(node),
    }
}

#[cfg(test)]
#[path = "lucene_tests.rs"]
mod tests;
