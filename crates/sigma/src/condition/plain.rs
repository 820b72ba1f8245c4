//! Conditions without an error, as nearly all are: read without making the grammar first.
//!
//! What this reading gives up on the grammar reads from its start, and says what is wrong. Both give the same tree for
//! the same condition; the tests hold them to it.

use eqlc_diagnostics::{Node, Span};

use super::lex::{Spanned, Token};
use super::{Condition, Quantifier, Target};

/// The tree of all the tokens, each of which stands at one of the places. How deep they nest was looked at.
pub(super) fn read(tokens: &[Spanned<'_>], places: &[Span]) -> Option<Condition> {
    let mut reader = Plain { tokens, places, at: 0 };
    let condition = reader.any()?;
    (reader.at == tokens.len()).then_some(condition)
}

struct Plain<'t, 's> {
    tokens: &'t [Spanned<'s>],
    places: &'t [Span],
    at: usize,
}

impl<'s> Plain<'_, 's> {
    fn eat(&mut self, wanted: Token<'_>) -> bool {
        let found = self.tokens.get(self.at).is_some_and(|(token, _)| *token == wanted);
        self.at += usize::from(found);
        found
    }

    fn word(&mut self) -> Option<Node<&'s str>> {
        let Some((Token::Word(word), _)) = self.tokens.get(self.at) else { return None };
        let place = self.places.get(self.at)?;
        self.at += 1;
        Some(Node::new(word, *place))
    }

    fn any(&mut self) -> Option<Condition> {
        self.chain(Token::Or, Condition::Or, Self::all)
    }

    fn all(&mut self) -> Option<Condition> {
        self.chain(Token::And, Condition::And, Self::negated)
    }

    fn chain(
        &mut self,
        connective: Token<'_>,
        many: fn(Vec<Condition>) -> Condition,
        operand: fn(&mut Self) -> Option<Condition>,
    ) -> Option<Condition> {
        let first = operand(self)?;
        if !self.eat(connective) {
            return Some(first);
        }
        let mut operands = vec![first, operand(self)?];
        while self.eat(connective) {
            operands.push(operand(self)?);
        }
        Some(many(operands))
    }

    fn negated(&mut self) -> Option<Condition> {
        if self.eat(Token::Not) { self.negated().map(Condition::negate) } else { self.operand() }
    }

    fn operand(&mut self) -> Option<Condition> {
        if self.eat(Token::Open) {
            let inner = self.any()?;
            return self.eat(Token::Close).then_some(inner);
        }
        let word = self.word()?;
        if self.eat(Token::Of) {
            let quantifier = Node::new(Quantifier::of(word.value)?, word.span);
            let target = self.word()?.map(Target::of);
            return Some(Condition::Quantified { quantifier, target });
        }
        (!word.value.contains('*')).then(|| Condition::Ident(word.map(str::to_owned)))
    }
}
