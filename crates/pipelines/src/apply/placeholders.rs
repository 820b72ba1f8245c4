//! Placeholders.

use eqlc_diagnostics::codes::sigma as codes;
use eqlc_diagnostics::{Span, did_you_mean, nearest};

use super::{Change, Run, Stop, stop};
use crate::model::{Item, PlaceholderKind, Placeholders};
use crate::tree;
use crate::value::{Expression, Piece, Placed, Text, Val};

/// Texts that one value may stand for.
const MAX_TEXTS: usize = 1_024;

/// Bytes that the texts of one value may have together.
const MAX_BYTES: usize = 1 << 20;

impl Run<'_> {
    pub(super) fn placeholders(
        &self,
        item: &Item,
        placeholders: &Placeholders,
        each: &mut tree::Item,
    ) -> Result<Change, Stop> {
        let mut values = Vec::with_capacity(each.values.len());
        let mut changed = false;
        for placed in &each.values {
            let text = match &placed.val {
                Val::Str(text) | Val::Regex(Expression { text, .. }) => text,
                _ => {
                    values.push(placed.clone());
                    continue;
                }
            };
            let Some(name) = text.placeholders().find(|name| placeholders.chosen.takes(name)) else {
                values.push(placed.clone());
                continue;
            };
            if placeholders.kind == PlaceholderKind::Query {
                return Err(query(item, name, placed.span));
            }
            changed = true;
            let texts = self.expanded(item, placeholders, placed, text)?;
            values.extend(
                texts.into_iter().map(|text| Placed { val: like(&placed.val, text), span: placed.span }),
            );
        }
        if changed {
            each.set_values(values);
        }
        Ok(if changed { Change::Changed } else { Change::None })
    }

    /// Every text that a text with placeholders stands for.
    fn expanded(
        &self,
        item: &Item,
        placeholders: &Placeholders,
        placed: &Placed,
        text: &Text,
    ) -> Result<Vec<Text>, Stop> {
        let regex = matches!(placed.val, Val::Regex(_));
        let mut texts: Vec<Vec<Piece>> = vec![Vec::new()];
        for piece in &text.pieces {
            let replacements = match piece {
                Piece::Placeholder(name) if placeholders.chosen.takes(name) => {
                    self.replacements(item, placeholders.kind, (name, placed.span), regex)?
                }
                other => vec![vec![other.clone()]],
            };
            let count = texts.len() * replacements.len();
            let longer = texts.iter().flat_map(|text| {
                replacements.iter().map(move |replacement| [text.as_slice(), replacement.as_slice()].concat())
            });
            texts = longer.take(MAX_TEXTS + 1).collect();
            if count > MAX_TEXTS || texts.iter().map(|pieces| size(pieces)).sum::<usize>() > MAX_BYTES {
                let message = "the placeholders stand for too many texts";
                return Err(stop(item, codes::PIPELINE_NO_RESULT, message, placed.span, "this value"));
            }
        }
        Ok(texts.into_iter().map(|pieces| Text::from_pieces(pieces, text.cased)).collect())
    }

    fn replacements(
        &self,
        item: &Item,
        kind: PlaceholderKind,
        (name, span): (&String, Span),
        regex: bool,
    ) -> Result<Vec<Vec<Piece>>, Stop> {
        if kind == PlaceholderKind::Wildcard {
            return Ok(vec![vec![if regex { Piece::Lit(".*".to_owned()) } else { Piece::AnyRun }]]);
        }
        let Some(values) = self.vars.get(name) else {
            let message = format!("`vars` of no pipeline has the placeholder `{name}`");
            let mut diagnostic = *stop(item, codes::PIPELINE_NO_RESULT, message, span, "has no values");
            let near = nearest(name, self.vars.keys().map(|known| known.as_str()));
            if let Some(question) = did_you_mean(&near) {
                diagnostic = diagnostic.help(question);
            }
            return Err(Box::new(diagnostic));
        };
        let pieces = |value: &String| {
            let text = Text::parse(value);
            if regex { vec![Piece::Lit(text.plain())] } else { text.pieces }
        };
        Ok(values.iter().map(pieces).collect())
    }
}

fn like(val: &Val, text: Text) -> Val {
    match val {
        Val::Regex(regex) => Val::Regex(Expression { text, flags: regex.flags.clone() }),
        _ => Val::Str(text),
    }
}

fn size(pieces: &[Piece]) -> usize {
    pieces
        .iter()
        .map(|piece| match piece {
            Piece::Lit(text) | Piece::Placeholder(text) => text.len() + 1,
            _ => 1,
        })
        .sum()
}

fn query(item: &Item, name: &str, span: Span) -> Stop {
    let message = format!("the pipeline replaces the placeholder `{name}` with text of a query language");
    let diagnostic = *stop(item, codes::PIPELINE_QUERY_TEXT, message, span, "has no meaning elsewhere");
    Box::new(diagnostic.help("give its values in `vars`, and use `value_placeholders`"))
}
