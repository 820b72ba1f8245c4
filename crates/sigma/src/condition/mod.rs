//! Conditions: the expression over the searches of a rule.

mod lex;
mod parse;
mod plain;
mod resolve;

use std::fmt;

use eqlc_diagnostics::{Node, Span};

pub(crate) use parse::parse;
pub(crate) use resolve::{Names, resolve};

/// A condition. `not` binds closer than `and`, and `and` closer than `or`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Condition {
    /// Some operand holds; two or more.
    Or(Vec<Condition>),
    /// Every operand holds; two or more.
    And(Vec<Condition>),
    /// The operand does not hold.
    Not(Box<Condition>),
    /// The search of this name holds.
    Ident(Node<String>),
    /// So many of these searches hold.
    Quantified {
        /// How many.
        quantifier: Node<Quantifier>,
        /// Of which.
        target: Node<Target>,
    },
}

/// How many searches must hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Quantifier {
    /// `1 of` or `any of`.
    One,
    /// `all of`.
    All,
    /// `N of`, at least two; not in the specification, yet several tools read it.
    AtLeast(u32),
}

/// Which searches are meant.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Target {
    /// `them`: every search whose name does not begin with `_`.
    Them,
    /// A name in which `*` stands for any characters.
    Pattern(String),
}

impl Quantifier {
    /// How many a word of a condition means, if it means a number.
    fn of(word: &str) -> Option<Self> {
        match word {
            "any" | "1" => Some(Self::One),
            "all" => Some(Self::All),
            number => number.parse().ok().filter(|count| *count > 1).map(Self::AtLeast),
        }
    }
}

impl Target {
    /// What a word behind `of` means.
    fn of(word: &str) -> Self {
        if word == "them" { Self::Them } else { Self::Pattern(word.to_owned()) }
    }

    /// Whether a search of that name is meant. Names that begin with `_` are private: only a pattern that
    /// begins with `_` means them.
    #[must_use]
    pub fn selects(&self, name: &str) -> bool {
        match self {
            Self::Them => !name.starts_with('_'),
            Self::Pattern(pattern) => {
                (pattern.starts_with('_') || !name.starts_with('_')) && glob(pattern, name)
            }
        }
    }
}

/// Whether `name` matches `pattern`, in which `*` is any run of characters.
fn glob(pattern: &str, name: &str) -> bool {
    let mut pieces = pattern.split('*');
    let Some(mut rest) = pieces.next().and_then(|first| name.strip_prefix(first)) else { return false };
    let Some(last) = pieces.next_back() else { return rest.is_empty() };
    for piece in pieces {
        match rest.split_once(piece) {
            // An empty piece stands between two stars and takes nothing.
            Some((_, after)) => rest = after,
            None => return false,
        }
    }
    rest.ends_with(last)
}

impl Condition {
    /// The search of this name, from code.
    pub fn ident(name: impl Into<String>) -> Self {
        Self::Ident(Node::new(name.into(), Span::default()))
    }

    /// A quantified condition, from code.
    #[must_use]
    pub fn quantified(quantifier: Quantifier, target: Target) -> Self {
        Self::Quantified {
            quantifier: Node::new(quantifier, Span::default()),
            target: Node::new(target, Span::default()),
        }
    }

    /// Every operand; flattens nested `and`, and of a single operand gives it back.
    pub fn and(operands: impl IntoIterator<Item = Self>) -> Self {
        let mut flat = Vec::new();
        for operand in operands {
            match operand {
                Self::And(inner) => flat.extend(inner),
                other => flat.push(other),
            }
        }
        if flat.len() == 1 { flat.pop().unwrap_or(Self::And(Vec::new())) } else { Self::And(flat) }
    }

    /// Some operand; flattens nested `or`, and of a single operand gives it back.
    pub fn or(operands: impl IntoIterator<Item = Self>) -> Self {
        let mut flat = Vec::new();
        for operand in operands {
            match operand {
                Self::Or(inner) => flat.extend(inner),
                other => flat.push(other),
            }
        }
        if flat.len() == 1 { flat.pop().unwrap_or(Self::Or(Vec::new())) } else { Self::Or(flat) }
    }

    /// The opposite.
    #[must_use]
    pub fn negate(self) -> Self {
        Self::Not(Box::new(self))
    }

    /// Calls `visit` on every leaf ([`Condition::Ident`] and [`Condition::Quantified`]), left to right.
    pub fn for_each_leaf<'a>(&'a self, visit: &mut dyn FnMut(&'a Self)) {
        match self {
            Self::Or(operands) | Self::And(operands) => {
                for operand in operands {
                    operand.for_each_leaf(visit);
                }
            }
            Self::Not(operand) => operand.for_each_leaf(visit),
            Self::Ident(_) | Self::Quantified { .. } => visit(self),
        }
    }

    /// How closely the outermost operator binds.
    fn rank(&self) -> u8 {
        match self {
            Self::Or(_) => 0,
            Self::And(_) => 1,
            Self::Not(_) => 2,
            Self::Ident(_) | Self::Quantified { .. } => 3,
        }
    }

    fn print(&self, f: &mut fmt::Formatter<'_>, least: u8) -> fmt::Result {
        if self.rank() < least {
            f.write_str("(")?;
            self.print(f, 0)?;
            return f.write_str(")");
        }
        match self {
            // Readers should not have to know that `and` binds closer.
            Self::Or(operands) => print_list(f, operands, " or ", 2),
            Self::And(operands) => print_list(f, operands, " and ", 2),
            Self::Not(operand) => {
                f.write_str("not ")?;
                operand.print(f, 2)
            }
            Self::Ident(name) => f.write_str(&name.value),
            Self::Quantified { quantifier, target } => write!(f, "{} of {}", quantifier.value, target.value),
        }
    }
}

fn print_list(f: &mut fmt::Formatter<'_>, operands: &[Condition], between: &str, least: u8) -> fmt::Result {
    for (at, operand) in operands.iter().enumerate() {
        if at > 0 {
            f.write_str(between)?;
        }
        operand.print(f, least)?;
    }
    Ok(())
}

impl fmt::Display for Condition {
    /// The text of the condition, with the fewest parentheses that keep the tree as it is, and around each `and` inside
    /// of an `or`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.print(f, 0)
    }
}

impl fmt::Display for Quantifier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::One => f.write_str("1"),
            Self::All => f.write_str("all"),
            Self::AtLeast(count) => write!(f, "{count}"),
        }
    }
}

impl fmt::Display for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Them => f.write_str("them"),
            Self::Pattern(pattern) => f.write_str(pattern),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pattern_takes_stars_anywhere() {
        for (pattern, name, matches) in [
            ("sel_*", "sel_a", true),
            ("sel_*", "sel_", true),
            ("sel_*", "xsel_a", false),
            ("*_a", "sel_a", true),
            ("s*_*a", "sel_xa", true),
            ("sel", "sel", true),
            ("sel", "sel_a", false),
            ("a*a", "a", false),
            ("*", "anything", true),
            ("**", "", true),
        ] {
            assert_eq!(glob(pattern, name), matches, "{pattern} {name}");
        }
    }

    #[test]
    fn private_searches_are_meant_only_by_private_patterns() {
        assert!(!Target::Them.selects("_a"));
        assert!(!Target::Pattern("*".to_owned()).selects("_a"));
        assert!(Target::Pattern("_*".to_owned()).selects("_a"));
    }

    #[test]
    fn parentheses_are_printed_only_where_the_tree_needs_them() {
        let [a, b, c] = ["a", "b", "c"].map(Condition::ident);
        let either = Condition::or([a.clone(), b.clone()]);
        assert_eq!(Condition::and([either.clone(), c.clone()]).to_string(), "(a or b) and c");
        assert_eq!(either.clone().negate().to_string(), "not (a or b)");
        assert_eq!(Condition::or([Condition::and([a, b]), c.negate()]).to_string(), "(a and b) or not c");
        assert_eq!(Condition::Or(vec![either, Condition::ident("c")]).to_string(), "(a or b) or c");
    }
}
