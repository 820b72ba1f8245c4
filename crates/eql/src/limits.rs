//! Limits that keep parsing in bounds; checked on tokens, before anything recursive runs.

use eqlc_diagnostics::codes::eql_syntax as codes;
use eqlc_diagnostics::{Diagnostic, Fragment};

use crate::token::{Kind, Kinds, Token};

/// The longest query that is read, in bytes.
pub const MAX_BYTES: usize = 1 << 20;
/// How deep brackets, `not` and signs may nest, taken together.
pub(crate) const MAX_DEPTH: usize = 200;
/// How many nodes of the tree may stand above one another, brackets and operators taken together.
pub(crate) const MAX_HEIGHT: usize = 400;
/// How many arithmetic operators one value may have at one level.
pub(crate) const MAX_ARITHMETIC: usize = MAX_DEPTH;

/// What is wrong with the length of the text.
pub(crate) fn check_length(fragment: &Fragment) -> Option<Diagnostic> {
    let length = fragment.text().len();
    if length <= MAX_BYTES {
        return None;
    }
    Some(
        Diagnostic::error(
            codes::QUERY_TOO_LONG,
            format!("the query has {length} bytes, more than {MAX_BYTES}"),
        )
        .at(fragment.span(0, 0), "starts here")
        .help("long lists of values belong in several rules"),
    )
}

/// What is wrong with the nesting of brackets and operators or the length of arithmetic. The brackets must be balanced.
pub(crate) fn check_depth(tokens: &[Token<'_>]) -> Option<Diagnostic> {
    // Most queries hold too few of them to reach a limit, however they stand: a bracket may have a comparison, an `and`
    // and an `or` above it.
    if 4 * (tokens.iter().filter(|token| nests(token)).count() + 1) <= MAX_HEIGHT {
        return None;
    }
    let mut nesting = Nesting { levels: vec![Level::default()], outer: 0, after_operand: false };
    tokens.iter().find_map(|token| nesting.step(token))
}

/// What is open around a token.
struct Nesting {
    levels: Vec<Level>,
    /// Prefix operators that wait for the open brackets.
    outer: usize,
    /// Whether the token before ends an operand, so that a sign is no prefix.
    after_operand: bool,
}

/// What stands between two brackets.
#[derive(Default)]
struct Level {
    /// Prefix operators outside that wait for the bracket.
    prefixes: usize,
    /// `not` since the last `and`, `or` or comma: each is a node above all that follows.
    nots: usize,
    /// Signs before the operand at hand.
    signs: usize,
    /// Arithmetic operators of the sum at hand.
    arithmetic: usize,
    /// The height of the highest operand of that sum.
    below: usize,
    /// The height of the other side of the comparison at hand, where there is one.
    side: Option<usize>,
    /// The height of what stands before the last `and`, `or` or comma.
    tallest: usize,
    or: bool,
    and: bool,
}

impl Level {
    /// How many nodes of the tree stand above one another between the brackets. Operators of one precedence are
    /// applied from left to right, so that each stands above all on its left.
    fn height(&self) -> usize {
        self.tallest.max(self.operand()) + usize::from(self.or) + usize::from(self.and) + 1
    }

    fn sum(&self) -> usize {
        self.below.max(self.signs) + self.arithmetic
    }

    fn operand(&self) -> usize {
        self.side.map_or(self.sum(), |side| side.max(self.sum()) + 1) + self.nots
    }

    fn compare(&mut self) {
        let sum = self.sum();
        // A second comparison is refused; the parser says so.
        self.side = Some(self.side.unwrap_or(0).max(sum));
        (self.signs, self.arithmetic, self.below) = (0, 0, 0);
    }

    fn next_operand(&mut self) {
        self.tallest = self.tallest.max(self.operand());
        (self.signs, self.arithmetic, self.below, self.nots) = (0, 0, 0, 0);
        self.side = None;
    }
}

impl Nesting {
    fn step(&mut self, token: &Token<'_>) -> Option<Diagnostic> {
        let prefix = !self.after_operand;
        self.after_operand = ends_operand(token.kind);
        match token.kind {
            Kind::LParen | Kind::LBracket | Kind::MissingOpen => self.open(),
            Kind::RParen | Kind::RBracket => self.close(),
            _ => {}
        }
        let level = self.levels.last_mut()?;
        match token.kind {
            Kind::Not | Kind::Bang => level.nots += 1,
            _ if token.is_word("not") => level.nots += 1,
            Kind::Plus | Kind::Minus if prefix => level.signs += 1,
            Kind::Plus | Kind::Minus | Kind::Star | Kind::Slash | Kind::Percent => {
                level.below = level.below.max(level.signs);
                level.signs = 0;
                level.arithmetic += 1;
            }
            Kind::Or | Kind::PipePipe => {
                level.next_operand();
                level.or = true;
            }
            Kind::And | Kind::AmpAmp => {
                level.next_operand();
                level.and = true;
            }
            Kind::Comma | Kind::By | Kind::With | Kind::Where | Kind::Until | Kind::Pipe => {
                level.next_operand()
            }
            kind if is_bracket(kind) || self.after_operand => {}
            Kind::Dot | Kind::Question | Kind::FoldIdent | Kind::Of | Kind::Any => {}
            _ => level.compare(),
        }
        let (arithmetic, own, height) = (level.arithmetic, level.nots + level.signs, level.height());
        if arithmetic > MAX_ARITHMETIC {
            let message = format!("more than {MAX_ARITHMETIC} arithmetic operators in a row");
            return Some(too_many(codes::ARITHMETIC_TOO_LONG, message, token));
        }
        if self.levels.len() - 1 + self.outer + own > MAX_DEPTH {
            let message = format!("brackets, `not` and signs nest more than {MAX_DEPTH} deep");
            return Some(too_many(codes::NESTED_TOO_DEEP, message, token));
        }
        (height > MAX_HEIGHT).then(|| {
            let message = format!("brackets and operators nest more than {MAX_HEIGHT} deep");
            too_many(codes::NESTED_TOO_DEEP, message, token)
        })
    }

    fn open(&mut self) {
        let prefixes = self.levels.last().map_or(0, |level| level.nots + level.signs);
        self.outer += prefixes;
        self.levels.push(Level { prefixes, ..Level::default() });
    }

    fn close(&mut self) {
        if self.levels.len() < 2 {
            return;
        }
        let Some(closed) = self.levels.pop() else { return };
        self.outer -= closed.prefixes;
        if let Some(level) = self.levels.last_mut() {
            level.below = level.below.max(closed.height() + level.signs);
            level.signs = 0;
        }
    }
}

/// Whether an operand may end with such a token.
fn ends_operand(kind: Kind) -> bool {
    matches!(
        kind,
        Kind::Ident
            | Kind::Path
            | Kind::Quoted
            | Kind::Int
            | Kind::Float
            | Kind::Str
            | Kind::True
            | Kind::False
            | Kind::Null
            | Kind::RParen
            | Kind::RBracket
    )
}

fn is_bracket(kind: Kind) -> bool {
    matches!(kind, Kind::LParen | Kind::LBracket | Kind::MissingOpen | Kind::RParen | Kind::RBracket)
}

/// Whether a token opens a level, is a prefix or an arithmetic operator.
fn nests(token: &Token<'_>) -> bool {
    const NESTING: Kinds = Kinds::of(&[
        Kind::LParen,
        Kind::LBracket,
        Kind::MissingOpen,
        Kind::Not,
        Kind::Bang,
        Kind::Plus,
        Kind::Minus,
        Kind::Star,
        Kind::Slash,
        Kind::Percent,
    ]);
    NESTING.has(token.kind) || token.is_word("not")
}

fn too_many(code: eqlc_diagnostics::Code, message: String, token: &Token<'_>) -> Diagnostic {
    Diagnostic::error(code, message).at(token.span, "the limit is reached here").help("split the rule")
}
