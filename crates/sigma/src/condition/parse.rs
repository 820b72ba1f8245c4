//! From the text of a condition to its tree.

use std::ops::Range;

use chumsky::prelude::*;
use eqlc_diagnostics::codes::sigma as codes;
use eqlc_diagnostics::{Applicability, Diagnostic, Node, Span};

use super::lex::{Spanned, Token, lex};
use super::{Condition, Quantifier, Target, plain};
use crate::read::Sink;
use crate::yaml::Place;

/// Parentheses and `not`s that may be open at one point of a condition.
const MAX_DEPTH: usize = 64;

/// Parses a condition. None after an error, which `sink` then holds; after the aggregation of an old rule
/// the tree of the part before the `|` is given, so that its names can still be checked.
pub(crate) fn parse(text: &str, place: &Place<'_>, sink: &mut Sink) -> Option<Condition> {
    let mut tokens = lex(text);
    let mut end = text.trim_end().len();
    if let Some(at) = tokens.iter().position(|(token, _)| *token == Token::Pipe) {
        let start = tokens.get(at).map_or(end, |(_, range)| range.start);
        sink.push(aggregation(place.span(start..end)));
        tokens.truncate(at);
        end = tokens.last().map_or(start, |(_, range)| range.end);
    } else if tokens.is_empty() {
        sink.push(
            Diagnostic::error(codes::CONDITION_SYNTAX, "the condition is empty")
                .at(place.span(0..text.len()), "expected the name of a search"),
        );
    }
    if tokens.is_empty() || !balanced(&tokens, end, place, sink) || !shallow(&tokens, place, sink) {
        return None;
    }
    // The spans of the parser count tokens; this table turns them into places.
    let places: Vec<Span> = tokens.iter().map(|(_, range)| place.span(range.clone())).collect();
    if let Some(tree) = plain::read(&tokens, &places) {
        return Some(tree);
    }
    let plain: Vec<Token<'_>> = tokens.iter().map(|(token, _)| *token).collect();
    let (tree, errors) = grammar(&places).parse(plain.as_slice()).into_output_errors();
    let failed = !errors.is_empty();
    let at_end = place.span(end..end);
    for error in errors {
        let span = places.get(error.span().start).copied().unwrap_or(at_end);
        sink.push(syntax_error(&error, span));
    }
    tree.filter(|_| !failed)
}

fn grammar<'t, 's: 't>(
    places: &'t [Span],
) -> impl Parser<'t, &'t [Token<'s>], Condition, extra::Err<Rich<'t, Token<'s>>>> {
    let place = move |span: SimpleSpan| {
        let first = places.get(span.start).copied().unwrap_or_default();
        let last = places.get(span.end.saturating_sub(1)).copied().unwrap_or(first);
        first.to(last)
    };
    let word = select! { Token::Word(word) => word };
    recursive(move |expr| {
        let quantifier = select! { Token::Word(word) => word }
            .filter(|word| Quantifier::of(word).is_some())
            .map_with(move |word, extra| {
                Node::new(Quantifier::of(word).unwrap_or(Quantifier::One), place(extra.span()))
            });
        let target = word
            .labelled("`them` or a pattern")
            .map_with(move |word, extra| Node::new(Target::of(word), place(extra.span())));
        let quantified = quantifier
            .then_ignore(just(Token::Of))
            .then(target)
            .map(|(quantifier, target)| Condition::Quantified { quantifier, target });
        let ident = word
            .filter(|word| !word.contains('*'))
            .map_with(move |word, extra| Condition::Ident(Node::new(word.to_owned(), place(extra.span()))));
        let group = expr.delimited_by(just(Token::Open), just(Token::Close));
        let atom = choice((quantified, ident.labelled("the name of a search"), group));
        let not = just(Token::Not).repeated().foldr(atom, |_, operand: Condition| operand.negate());
        let and = not
            .separated_by(just(Token::And))
            .at_least(1)
            .collect::<Vec<_>>()
            .map(|operands| one_or(operands, Condition::And));
        and.separated_by(just(Token::Or))
            .at_least(1)
            .collect::<Vec<_>>()
            .map(|operands| one_or(operands, Condition::Or))
    })
    .then_ignore(end())
}

fn one_or(mut operands: Vec<Condition>, many: fn(Vec<Condition>) -> Condition) -> Condition {
    match operands.pop() {
        Some(only) if operands.is_empty() => only,
        Some(last) => {
            operands.push(last);
            many(operands)
        }
        None => many(operands),
    }
}

/// Reports parentheses without a partner, each at its own place.
fn balanced(tokens: &[Spanned<'_>], end: usize, place: &Place<'_>, sink: &mut Sink) -> bool {
    let mut open: Vec<Range<usize>> = Vec::new();
    let mut fine = true;
    for (token, range) in tokens {
        match token {
            Token::Open => open.push(range.clone()),
            Token::Close if open.pop().is_none() => {
                fine = false;
                let span = place.span(range.clone());
                sink.push(
                    Diagnostic::error(codes::CONDITION_PARENTHESIS, "`)` closes nothing")
                        .at(span, "no `(` stands before it")
                        .fix(Applicability::Unsafe, "remove the `)`", span, ""),
                );
            }
            _ => {}
        }
    }
    for range in open {
        fine = false;
        let at_end = place.span(end..end);
        sink.push(
            Diagnostic::error(codes::CONDITION_PARENTHESIS, "`(` is not closed")
                .at(place.span(range), "opened here")
                .and_at(at_end, "the condition ends here")
                .fix(Applicability::Unsafe, "add a `)` at the end", at_end, ")"),
        );
    }
    fine
}

/// Refuses conditions so deep that walking their tree could exhaust the stack.
fn shallow(tokens: &[Spanned<'_>], place: &Place<'_>, sink: &mut Sink) -> bool {
    // For each open parenthesis, the `not`s that stand before what is read next.
    let mut nots = vec![0_usize];
    let mut depth = 0_usize;
    for (token, range) in tokens {
        match token {
            Token::Not => {
                depth += 1;
                if let Some(count) = nots.last_mut() {
                    *count += 1;
                }
            }
            Token::Open => {
                depth += 1;
                nots.push(0);
            }
            Token::Close => {
                depth = depth.saturating_sub(1 + nots.pop().unwrap_or(0));
                depth -= nots.last_mut().map_or(0, std::mem::take).min(depth);
            }
            Token::Word(_) => depth -= nots.last_mut().map_or(0, std::mem::take).min(depth),
            _ => {}
        }
        if depth > MAX_DEPTH {
            let message = format!("the condition is nested deeper than {MAX_DEPTH} levels");
            sink.push(
                Diagnostic::error(codes::CONDITION_TOO_DEEP, message)
                    .at(place.span(range.clone()), "this is one level too many"),
            );
            return false;
        }
    }
    true
}

fn aggregation(span: Span) -> Diagnostic {
    Diagnostic::error(codes::CONDITION_AGGREGATION, "`|` aggregations are no longer part of conditions")
        .at(span, "version 2 of Sigma has no such expression")
        .help("end the condition before the `|`, and count in a correlation rule: `correlation: {type: event_count, …}`")
}

fn syntax_error(error: &Rich<'_, Token<'_>>, span: Span) -> Diagnostic {
    let Some(found) = error.found() else {
        return Diagnostic::error(codes::CONDITION_SYNTAX, "the condition ends too early")
            .at(span, format!("expected {}", expected(error)));
    };
    let message = format!("unexpected `{found}` in the condition");
    let diagnostic =
        Diagnostic::error(codes::CONDITION_SYNTAX, message).at(span, format!("expected {}", expected(error)));
    match found {
        Token::Word(word) if matches!(word.to_lowercase().as_str(), "and" | "or" | "not" | "of") => {
            let lower = word.to_lowercase();
            diagnostic.fix(Applicability::Safe, format!("write `{lower}` in lower case"), span, lower)
        }
        Token::Word(word) if word.contains('*') => {
            let by_pattern = format!("1 of {word}");
            diagnostic.help("a pattern stands after `1 of` or `all of`").fix(
                Applicability::Unsafe,
                format!("write `{by_pattern}`"),
                span,
                by_pattern,
            )
        }
        Token::Stray('&') => diagnostic.help("the word for this is `and`"),
        Token::Stray('!') => diagnostic.help("the word for this is `not`"),
        _ => diagnostic,
    }
}

/// The list of what could have stood there, the same for the same place.
fn expected(error: &Rich<'_, Token<'_>>) -> String {
    use chumsky::error::RichPattern;
    let mut words: Vec<String> = error
        .expected()
        .filter_map(|pattern| match pattern {
            RichPattern::Token(token) => Some(format!("`{}`", **token)),
            RichPattern::Label(label) => Some(label.to_string()),
            RichPattern::EndOfInput => Some("the end of the condition".to_owned()),
            _ => None,
        })
        .collect();
    words.sort();
    words.dedup();
    match words.split_last() {
        None => "the name of a search".to_owned(),
        Some((only, [])) => only.clone(),
        Some((last, rest)) => format!("{} or {last}", rest.join(", ")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Every sequence of at most so many of some tokens, nearly all of which are no condition.
    fn sequences(most: usize) -> Vec<Vec<Token<'static>>> {
        let words = ["a", "1", "all", "them", "x*", "7"].map(Token::Word);
        let others = [Token::And, Token::Or, Token::Not, Token::Of, Token::Open, Token::Close];
        let mut found: Vec<Vec<Token<'static>>> = vec![Vec::new()];
        let mut from = 0;
        for _ in 0..most {
            let to = found.len();
            for at in from..to {
                for token in words.iter().chain(&others) {
                    let longer = [found[at].as_slice(), &[*token]].concat();
                    found.push(longer);
                }
            }
            from = to;
        }
        found
    }

    #[test]
    fn reading_without_the_grammar_gives_its_tree() {
        let mut trees = 0;
        for tokens in sequences(5).iter().filter(|tokens| !tokens.is_empty()) {
            let spanned: Vec<Spanned<'_>> =
                tokens.iter().enumerate().map(|(at, token)| (*token, at..at + 1)).collect();
            let source = eqlc_diagnostics::SourceId::default();
            let places: Vec<Span> = (0..tokens.len()).map(|at| Span::new(source, at..at + 1)).collect();
            let expected = grammar(&places).parse(tokens.as_slice()).into_result().ok();
            let found = plain::read(&spanned, &places);
            let spans = |tree: &Option<Condition>| format!("{tree:?}");
            assert_eq!(spans(&found), spans(&expected), "{tokens:?}");
            trees += usize::from(found.is_some());
        }
        assert!(trees > 500, "{trees}");
    }
}
