//! Lines for SQL: the text that sqlparser prints on one line, broken and indented.
//!
//! Only blanks outside quotes change, so the text means the same and one printing gives one layout.

use std::iter::Peekable;
use std::str::Chars;

/// A group that is no longer than this stays on its line, in characters.
const WIDTH: usize = 90;

/// Words that start a line in a broken group.
const CLAUSES: [&str; 6] = ["SELECT", "FROM", "WHERE", "WINDOW", "ORDER", "UNION"];

#[derive(Clone, Debug, PartialEq, Eq)]
enum Token {
    /// A run of characters without blanks, parentheses and commas outside quotes.
    Word(String),
    Open,
    Close,
    Comma,
    Blank,
}

/// A token, or a group in parentheses.
enum Item {
    Token(Token),
    Group(Vec<Item>),
}

/// The text, broken into lines.
pub(crate) fn pretty(line: &str) -> String {
    let mut tokens = tokens(line).into_iter().peekable();
    let items = items(&mut tokens);
    let mut out = String::new();
    block(&items, 0, &mut out);
    out
}

/// How large a text is in ways that matter to SQLite.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Extent {
    /// How many parentheses stand inside each other at most, those of calls aside.
    pub(crate) nesting: usize,
    /// How deep the tree of an expression is at most, or less.
    pub(crate) depth: usize,
    /// How many arguments a call has at most.
    pub(crate) arguments: usize,
}

/// What stands in a pair of parentheses, so far.
#[derive(Default)]
struct Level {
    is_call: bool,
    /// Operators since the last comma or clause: SQLite takes a chain as a tree of that depth.
    operators: usize,
    /// The deepest of what stands in parentheses since then.
    inside: usize,
    /// The deepest before.
    deepest: usize,
    commas: usize,
}

impl Level {
    fn depth(&self) -> usize {
        self.deepest.max(self.operators + self.inside + 1)
    }

    fn ends(&mut self) {
        self.deepest = self.depth();
        (self.operators, self.inside) = (0, 0);
    }
}

/// Words between the operands of an expression.
const OPERATORS: [&str; 20] = [
    "AND", "OR", "LIKE", "GLOB", "IN", "IS", "BETWEEN", "ESCAPE", "COLLATE", "=", "<>", "<", ">", "<=", ">=",
    "||", "+", "-", "*", "/",
];

/// Words between expressions.
const BOUNDS: [&str; 11] =
    ["SELECT", "FROM", "WHERE", "WINDOW", "ORDER", "UNION", "WHEN", "THEN", "ELSE", "END", "AS"];

/// The extent of a text that is printed on one line.
pub(crate) fn extent(line: &str) -> Extent {
    let mut extent = Extent::default();
    let mut open = vec![Level::default()];
    let mut groups: usize = 0;
    let mut before = Token::Blank;
    for token in tokens(line) {
        match &token {
            Token::Open => {
                let is_call = matches!(before, Token::Word(_));
                groups += usize::from(!is_call);
                extent.nesting = extent.nesting.max(groups);
                open.push(Level { is_call, ..Level::default() });
            }
            Token::Close => {
                let closed = open.pop().unwrap_or_default();
                groups = groups.saturating_sub(usize::from(!closed.is_call));
                if closed.is_call {
                    extent.arguments = extent.arguments.max(closed.commas + 1);
                }
                if let Some(outer) = open.last_mut() {
                    outer.inside = outer.inside.max(closed.depth());
                }
            }
            Token::Comma => open.iter_mut().last().into_iter().for_each(|level| {
                level.ends();
                level.commas += 1;
            }),
            Token::Word(word) => {
                if let Some(level) = open.last_mut() {
                    level.operators += usize::from(OPERATORS.contains(&word.as_str()));
                    if BOUNDS.contains(&word.as_str()) {
                        level.ends();
                    }
                }
            }
            Token::Blank => {}
        }
        before = token;
    }
    let deepest = open.iter().map(Level::depth).max().unwrap_or_default();
    extent.depth = extent.depth.max(deepest);
    extent
}

/// The names after `FROM` and `JOIN`, outside of quotes.
pub(crate) fn tables(line: &str) -> Vec<String> {
    let words = tokens(line).into_iter().filter_map(|token| match token {
        Token::Word(word) => Some(word),
        _ => None,
    });
    let words: Vec<String> = words.collect();
    let named = words.windows(2).filter_map(|pair| match pair {
        [before, name] if matches!(before.as_str(), "FROM" | "JOIN") => Some(name.clone()),
        _ => None,
    });
    named.collect()
}

fn tokens(line: &str) -> Vec<Token> {
    let mut found = Vec::new();
    let mut chars = line.chars().peekable();
    while let Some(c) = chars.next() {
        match c {
            '(' => found.push(Token::Open),
            ')' => found.push(Token::Close),
            ',' => found.push(Token::Comma),
            ' ' => found.push(Token::Blank),
            first => found.push(word(first, &mut chars)),
        }
    }
    found
}

fn word(first: char, chars: &mut Peekable<Chars<'_>>) -> Token {
    let mut text = String::from(first);
    // A doubled quote closes the text and opens it again.
    let mut quote = matches!(first, '\'' | '"').then_some(first);
    while let Some(c) = chars.peek().copied() {
        match quote {
            Some(open) if c == open => quote = None,
            Some(_) => {}
            None if matches!(c, '(' | ')' | ',' | ' ') => break,
            None if matches!(c, '\'' | '"') => quote = Some(c),
            None => {}
        }
        text.push(c);
        chars.next();
    }
    Token::Word(text)
}

fn items(tokens: &mut impl Iterator<Item = Token>) -> Vec<Item> {
    // A stack instead of recursion: the depth of the text does not matter.
    let mut stack: Vec<Vec<Item>> = vec![Vec::new()];
    for token in tokens {
        match token {
            Token::Open => stack.push(Vec::new()),
            Token::Close => {
                let group = stack.pop().unwrap_or_default();
                match stack.last_mut() {
                    Some(outer) => outer.push(Item::Group(group)),
                    None => stack.push(group),
                }
            }
            other => {
                if let Some(group) = stack.last_mut() {
                    group.push(Item::Token(other));
                }
            }
        }
    }
    stack.into_iter().flatten().collect()
}

fn width(items: &[Item]) -> usize {
    items
        .iter()
        .map(|item| match item {
            Item::Token(Token::Word(text)) => text.chars().count(),
            Item::Token(_) => 1,
            Item::Group(inner) => width(inner) + 2,
        })
        .sum()
}

fn flat(items: &[Item], out: &mut String) {
    for item in items {
        match item {
            Item::Token(Token::Word(text)) => out.push_str(text),
            Item::Token(Token::Comma) => out.push(','),
            Item::Token(_) => out.push(' '),
            Item::Group(inner) => {
                out.push('(');
                flat(inner, out);
                out.push(')');
            }
        }
    }
}

fn new_line(depth: usize, out: &mut String) {
    while out.ends_with(' ') {
        out.pop();
    }
    out.push('\n');
    out.extend(std::iter::repeat_n("  ", depth));
}

/// The items of a group that does not fit a line. In a query each clause stays on its line if it fits.
fn block(items: &[Item], depth: usize, out: &mut String) {
    if !matches!(first_word(items), Some("SELECT" | "WITH")) {
        return clause(items, depth, true, out);
    }
    let mut rest = items;
    let mut first = true;
    while !rest.is_empty() {
        let next = rest.iter().skip(1).position(starts_clause).map_or(rest.len(), |at| at + 1);
        let (now, behind) = rest.split_at_checked(next).unwrap_or((rest, &[]));
        if !first {
            new_line(depth, out);
        }
        first = false;
        clause(now, depth + 1, width(now) > WIDTH, out);
        rest = behind;
    }
}

fn starts_clause(item: &Item) -> bool {
    matches!(item, Item::Token(Token::Word(text)) if CLAUSES.contains(&text.as_str()))
}

/// Items with lines at commas and at `AND` and `OR` if `broken`.
fn clause(items: &[Item], depth: usize, broken: bool, out: &mut String) {
    if !broken {
        return flat(items, out);
    }
    let mut between = false;
    let mut before: Option<&Item> = None;
    for item in items {
        match item {
            Item::Token(Token::Word(text)) => {
                if matches!(text.as_str(), "AND" | "OR") && !between {
                    new_line(depth, out);
                }
                between = match text.as_str() {
                    "BETWEEN" => true,
                    "AND" => false,
                    _ => between,
                };
                out.push_str(text);
            }
            Item::Token(Token::Comma) => {
                out.push(',');
                new_line(depth, out);
            }
            Item::Token(_) => {
                if !out.ends_with([' ', '\n']) {
                    out.push(' ');
                }
            }
            Item::Group(group) => {
                let call = matches!(before, Some(Item::Token(Token::Word(_))));
                group_of(group, depth, call, out);
            }
        }
        before = Some(item);
    }
}

/// Arguments of a call stay on the line.
fn group_of(group: &[Item], depth: usize, call: bool, out: &mut String) {
    out.push('(');
    if call || width(group) <= WIDTH {
        flat(group, out);
    } else {
        new_line(depth + 1, out);
        block(group, depth + 1, out);
        new_line(depth, out);
    }
    out.push(')');
}

fn first_word(items: &[Item]) -> Option<&str> {
    match items.first() {
        Some(Item::Token(Token::Word(text))) => Some(text),
        _ => None,
    }
}
