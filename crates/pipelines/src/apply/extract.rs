//! Values that hold several: hashes with their names, and what an expression takes apart.

use eqlc_diagnostics::codes::sigma as codes;

use super::{Change, Run, Stop, stop, warning};
use crate::model::{Extract, Hashes, Item};
use crate::tree::{self, Group, Link, Tree};
use crate::value::{Number, Placed, Text, Val};

/// Hashes by their length in hexadecimal digits.
const LENGTHS: [(usize, &str); 4] = [(32, "MD5"), (40, "SHA1"), (64, "SHA256"), (128, "SHA512")];

impl Run<'_> {
    /// A field with hashes as one field a kind of hash.
    pub(super) fn hashes(
        &mut self,
        item: &Item,
        hashes: &Hashes,
        each: &mut tree::Item,
    ) -> Result<Change, Stop> {
        if !each.field_name().is_some_and(|name| hashes.fields.iter().any(|field| field == name)) {
            return Ok(Change::None);
        }
        let Some(texts) = texts(each) else { return Ok(Change::None) };
        let mut fields: Vec<(String, Vec<Placed>)> = Vec::new();
        for (text, placed) in texts {
            let plain = text.plain();
            let (algorithm, hash) = named_hash(&plain);
            if !hashes.algorithms.contains(&algorithm) {
                let message = format!("the hash `{plain}` is left out");
                self.diagnostics.push(warning(
                    item,
                    message,
                    placed.span,
                    "of no kind that the pipeline lists",
                ));
                continue;
            }
            let name = if hashes.drop_algorithm { "" } else { algorithm.as_str() };
            let name = format!("{}{name}", hashes.prefix);
            let val = Val::Str(Text { cased: text.cased, ..Text::parse(hash) });
            let placed = Placed { val, span: placed.span };
            match fields.iter_mut().find(|(known, _)| *known == name) {
                Some((_, values)) => values.push(placed),
                None => fields.push((name, vec![placed])),
            }
        }
        if fields.is_empty() || fields.iter().any(|(name, _)| name.is_empty()) {
            let message =
                format!("no hash of a known kind; the pipeline lists {}", hashes.algorithms.join(", "));
            return Err(stop(item, codes::PIPELINE_NO_RESULT, message, each.field_span(), "in this field"));
        }
        let nodes = fields
            .into_iter()
            .map(|(name, values)| Tree::Item(each.made((name != "keyword").then_some(name), values)));
        Ok(Change::Replaced(Tree::Group(Group { link: linked(each), nodes: nodes.collect() })))
    }

    /// Values taken apart by an expression with named groups.
    pub(super) fn extract(
        &mut self,
        item: &Item,
        extract: &Extract,
        each: &mut tree::Item,
    ) -> Result<Change, Stop> {
        let Some(texts) = texts(each) else { return Ok(Change::None) };
        let mut nodes = Vec::new();
        let mut left_out = Vec::new();
        for (text, placed) in texts {
            let plain = text.plain();
            match extract.pattern.groups(&plain) {
                None if extract.preserve => {
                    let field = each.field_name().map(str::to_owned);
                    nodes.push(Tree::Item(each.made(field, vec![placed.clone()])));
                }
                None => left_out.push((plain, placed.span)),
                Some(groups) => {
                    let items =
                        groups.into_iter().filter(|(_, taken)| !taken.is_empty()).map(|(name, taken)| {
                            let field = match &extract.prefix {
                                Some(prefix) => format!("{prefix}.{name}"),
                                None => name.to_owned(),
                            };
                            let val = typed(taken, text.cased);
                            Tree::Item(each.made(Some(field), vec![Placed { val, span: placed.span }]))
                        });
                    let items: Vec<Tree> = items.collect();
                    if !items.is_empty() {
                        let link = if each.negated { Link::Or } else { Link::And };
                        nodes.push(Tree::Group(Group { link, nodes: items }));
                    }
                }
            }
        }
        if nodes.is_empty() {
            return Ok(Change::None);
        }
        for (plain, span) in left_out {
            let message = format!("the value `{plain}` is left out");
            self.diagnostics.push(warning(item, message, span, "the expression does not match it"));
        }
        Ok(Change::Replaced(Tree::Group(Group { link: linked(each), nodes })))
    }
}

/// What links the parts of an item that is taken apart.
fn linked(each: &tree::Item) -> Link {
    if each.negated { each.link.flipped() } else { each.link }
}

/// The values of an item, if all of them are texts.
fn texts(each: &tree::Item) -> Option<Vec<(Text, Placed)>> {
    each.values
        .iter()
        .map(|placed| match &placed.val {
            Val::Str(text) => Some((text.clone(), placed.clone())),
            _ => None,
        })
        .collect()
}

/// The name of the hash, by what stands before `|` or `=`, or by its length, and the hash.
fn named_hash(value: &str) -> (String, &str) {
    let wild = ['*', '?'];
    let separator = if value.contains('|') { '|' } else { '=' };
    let parts: Vec<&str> = value.split(separator).collect();
    match parts.as_slice() {
        [name, hash] => (name.trim_start_matches('*').to_uppercase(), hash.trim_matches(wild)),
        _ => {
            let hash = parts.first().copied().unwrap_or(value).trim_matches(wild);
            let length = hash.chars().count();
            let name = LENGTHS.iter().find(|(known, _)| *known == length).map_or("", |(_, name)| *name);
            (name.to_owned(), hash)
        }
    }
}

/// A captured text as the value that it writes. Leading zeros make it text.
fn typed(text: &str, cased: bool) -> Val {
    if matches!(text.to_lowercase().as_str(), "null" | "none") {
        return Val::Null;
    }
    let as_text = Val::Str(Text { cased, ..Text::parse(text) });
    if text != "0" && text.starts_with('0') {
        return as_text;
    }
    if let Ok(number) = text.parse::<i128>() {
        return Val::Number(Number::Int(number));
    }
    match text.parse::<f64>() {
        Ok(number) if number.is_finite() => Val::Number(Number::of(number)),
        _ => as_text,
    }
}
