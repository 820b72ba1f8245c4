//! Regular expressions in the flavour that Sigma's users write: that of PCRE and Python, with `^` and `$`
//! at the ends where the expression does not begin or end with "anything".

use eqlc_ir::Case;
use eqlc_ir::regex::{ClassItem, Regex, RegexNode, repetition};

/// A printed expression.
pub(super) struct Printed {
    /// The text.
    pub(super) text: String,
    /// Whether `.` must match line ends.
    pub(super) dot_all: bool,
}

/// The expression, or what of it has no form.
pub(super) fn print(regex: &Regex) -> Result<Printed, &'static str> {
    let mut out = Printer { case: regex.case, text: String::new(), dot_all: false };
    out.whole(&regex.root)?;
    Ok(Printed { text: out.text, dot_all: out.dot_all })
}

struct Printer {
    case: Case,
    text: String,
    dot_all: bool,
}

impl Printer {
    /// A search finds the expression anywhere, so that "anything" at an end is the absence of an anchor.
    fn whole(&mut self, root: &RegexNode) -> Result<(), &'static str> {
        let any_run = RegexNode::any_run();
        let list = match root {
            RegexNode::Concat(list) if list.len() > 1 => list.as_slice(),
            other => std::slice::from_ref(other),
        };
        let (from_start, list) = match list {
            [first, rest @ ..] if *first == any_run && !rest.is_empty() => (false, rest),
            list => (true, list),
        };
        let (to_end, list) = match list {
            [rest @ .., last] if *last == any_run && !rest.is_empty() => (false, rest),
            list => (true, list),
        };
        if from_start {
            self.text.push('^');
        }
        self.concat(list)?;
        if to_end {
            self.text.push('$');
        }
        Ok(())
    }

    fn node(&mut self, node: &RegexNode) -> Result<(), &'static str> {
        match node {
            RegexNode::Empty => self.text.push_str("(?:)"),
            RegexNode::Nothing => self.text.push_str(r"[^\s\S]"),
            RegexNode::Any => {
                self.dot_all = true;
                self.text.push('.');
            }
            RegexNode::Literal(text) if text.is_empty() => self.text.push_str("(?:)"),
            RegexNode::Literal(text) => text.chars().for_each(|c| self.literal(c)),
            RegexNode::Class { negated, items } => self.class(*negated, items),
            RegexNode::Concat(list) => self.concat(list)?,
            RegexNode::Alternatives(list) => self.alternatives(list)?,
            RegexNode::Repeat { node, min, max } => {
                if is_atom(node) {
                    self.node(node)?;
                } else {
                    self.group(node)?;
                }
                self.text.push_str(&repetition(*min, *max));
            }
            RegexNode::Complement(_) => return Err("the complement of a regular expression"),
            RegexNode::Intersection(_) => return Err("the intersection of regular expressions"),
            node @ RegexNode::Interval { .. } => self.group(&node.clone().without_intervals())?,
        }
        Ok(())
    }

    /// Groups stand exactly where the text would otherwise be read as another tree.
    fn concat(&mut self, list: &[RegexNode]) -> Result<(), &'static str> {
        let mut after_literal = false;
        for node in list {
            let literal = matches!(node, RegexNode::Literal(_));
            if matches!(node, RegexNode::Concat(_) | RegexNode::Alternatives(_)) || (literal && after_literal)
            {
                self.group(node)?;
            } else {
                self.node(node)?;
            }
            after_literal = literal;
        }
        if list.is_empty() {
            self.text.push_str("(?:)");
        }
        Ok(())
    }

    fn alternatives(&mut self, list: &[RegexNode]) -> Result<(), &'static str> {
        for (at, node) in list.iter().enumerate() {
            if at > 0 {
                self.text.push('|');
            }
            if matches!(node, RegexNode::Alternatives(_)) { self.group(node)? } else { self.node(node)? }
        }
        Ok(())
    }

    fn group(&mut self, node: &RegexNode) -> Result<(), &'static str> {
        self.text.push_str("(?:");
        self.node(node)?;
        self.text.push(')');
        Ok(())
    }

    fn literal(&mut self, c: char) {
        if matches!(c, '\\' | '.' | '+' | '*' | '?' | '(' | ')' | '|' | '[' | ']' | '{' | '}' | '^' | '$') {
            self.text.push('\\');
        }
        self.character(c);
    }

    fn character(&mut self, c: char) {
        match c {
            '\n' => self.text.push_str(r"\n"),
            '\r' => self.text.push_str(r"\r"),
            '\t' => self.text.push_str(r"\t"),
            c if c.is_ascii_control() => self.text.push_str(&format!(r"\x{:02x}", u32::from(c))),
            c => self.text.push(c),
        }
    }

    fn class(&mut self, negated: bool, items: &[ClassItem]) {
        if items.is_empty() {
            // Brackets cannot be empty.
            return self.text.push_str(if negated { r"[\s\S]" } else { r"[^\s\S]" });
        }
        if let ([only], false) = (items, negated)
            && let Some(short) = only.shorthand()
        {
            return self.text.push_str(short);
        }
        // Ranges of the IR keep their case, ranges under the flag `i` do not.
        let keeps_case = self.case == Case::Insensitive && ranges_keep_case(items);
        if keeps_case {
            self.text.push_str("(?-i:");
        }
        self.text.push_str(if negated { "[^" } else { "[" });
        for item in items {
            match item {
                ClassItem::Char(c) => {
                    self.member(*c);
                    if keeps_case {
                        other_cases(*c).filter(|other| !has_char(items, *other)).for_each(|c| self.member(c));
                    }
                }
                ClassItem::Range(low, high) => {
                    self.member(*low);
                    self.text.push('-');
                    self.member(*high);
                }
                other => self.text.push_str(other.shorthand().unwrap_or_default()),
            }
        }
        self.text.push(']');
        if keeps_case {
            self.text.push(')');
        }
    }

    fn member(&mut self, c: char) {
        if matches!(c, '\\' | '[' | ']' | '^' | '-' | '&' | '~' | '|') {
            self.text.push('\\');
        }
        self.character(c);
    }
}

fn is_atom(node: &RegexNode) -> bool {
    match node {
        RegexNode::Any | RegexNode::Class { .. } | RegexNode::Nothing => true,
        RegexNode::Literal(text) => text.chars().nth(1).is_none() && !text.is_empty(),
        _ => false,
    }
}

/// Ranges longer than this are not looked through for letters; they are kept from folding instead.
const LONGEST_RANGE: u32 = 1_024;

/// Whether some range would match more if its letters were folded.
fn ranges_keep_case(items: &[ClassItem]) -> bool {
    items.iter().any(|item| match item {
        ClassItem::Range(low, high) if u32::from(*high).saturating_sub(u32::from(*low)) > LONGEST_RANGE => {
            true
        }
        ClassItem::Range(low, high) => {
            (*low..=*high).flat_map(other_cases).any(|c| !has_char(items, c) && !in_range(items, c))
        }
        _ => false,
    })
}

fn has_char(items: &[ClassItem], c: char) -> bool {
    items.contains(&ClassItem::Char(c))
}

fn in_range(items: &[ClassItem], c: char) -> bool {
    items.iter().any(|item| matches!(item, ClassItem::Range(low, high) if (*low..=*high).contains(&c)))
}

/// The character in the other letter case, where that is one character.
fn other_cases(c: char) -> impl Iterator<Item = char> {
    let single = |mut chars: Box<dyn Iterator<Item = char>>| chars.next().filter(|_| chars.next().is_none());
    let lower = single(Box::new(c.to_lowercase()));
    let upper = single(Box::new(c.to_uppercase()));
    lower.into_iter().chain(upper).filter(move |other| *other != c)
}
