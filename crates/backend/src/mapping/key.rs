//! Join keys of a source.

use std::borrow::Cow;
use std::collections::BTreeSet;

use eqlc_diagnostics::codes::{losses, targets};
use eqlc_diagnostics::{Diagnostic, did_you_mean, nearest};
use eqlc_ir::{FieldRef, Key};

use super::data::{FieldEntry, Source, Transform};
use super::rewrite::Pass;
use crate::{Direction, Loss};

impl Pass<'_> {
    /// The counterparts of keys, the same in all of the sources. A key that every event of a source shares falls away. Those
    /// at `coarse` places are joined with what tells them less finely.
    pub(super) fn keys(&mut self, keys: &[Key], sources: &[&Source], coarse: &BTreeSet<usize>) -> Vec<Key> {
        let mut mapped = sources.iter().map(|source| -> Vec<Key> {
            let keys = keys.iter().enumerate();
            keys.filter_map(|(place, key)| self.key(key, source, coarse.contains(&place))).collect()
        });
        let first = mapped.next();
        // The others are mapped for their losses.
        mapped.for_each(drop);
        first.unwrap_or_else(|| keys.to_vec())
    }

    /// Whether every key has a counterpart.
    pub(super) fn has_keys(&self, keys: &[Key], source: &Source) -> bool {
        keys.iter().all(|key| match self.map.counterpart(source, &key.field.path) {
            Some(entry) => is_key(&entry.transform),
            None => source.keeps_ecs,
        })
    }

    /// The places of keys that the events of some terms tell less finely than those of others.
    pub(super) fn coarse(&self, terms: &[(Vec<Key>, Vec<&Source>)]) -> BTreeSet<usize> {
        // Of each key in each source: whether it has one that is less fine.
        let told = terms.iter().flat_map(|(keys, sources)| {
            let keys = keys.iter().enumerate();
            keys.flat_map(move |(place, key)| sources.iter().map(move |source| (place, key, *source)))
        });
        let told = told.filter_map(|(place, key, source)| {
            let entry = self.map.counterpart(source, &key.field.path)?;
            Some((place, entry.joined_as.is_some()))
        });
        let told: BTreeSet<(usize, bool)> = told.collect();
        let places = told.iter().map(|(place, _)| *place);
        places
            .filter(|place| [false, true].iter().all(|is_fine| told.contains(&(*place, *is_fine))))
            .collect()
    }

    fn key(&mut self, key: &Key, source: &Source, coarse: bool) -> Option<Key> {
        let field = &key.field;
        let entry = match self.map.counterpart(source, &field.path) {
            Some(entry) if is_key(&entry.transform) => match (&entry.joined_as, coarse) {
                (Some(other), true) => Cow::Owned((**other).clone()),
                _ => entry,
            },
            None if source.keeps_ecs => return Some(key.clone()),
            _ => {
                self.refuse_key(field, source);
                return None;
            }
        };
        if entry.shared {
            return None;
        }
        self.key_loss(field, &entry);
        let path = entry.field.clone()?;
        let taxonomy = self.map.taxonomy.clone();
        Some(Key {
            field: FieldRef {
                path: path.into(),
                taxonomy,
                ty: entry.ty,
                optional: field.optional,
                span: field.span,
            },
        })
    }

    fn key_loss(&mut self, field: &FieldRef, entry: &FieldEntry) {
        if let Some(loss) = &entry.loss {
            let place = format!("join key {}", field.path);
            let (direction, why) = (loss.direction, loss.why.clone());
            self.lose(Loss { code: losses::KEY_REPLACED, direction, span: field.span, place, why });
        } else if !matches!(entry.transform, Transform::Same) {
            let place = format!("join key {}", field.path);
            let own = entry.field.as_deref().unwrap_or_default();
            let why = format!("`{}` is only a part of `{own}`, which is joined as a whole", field.path);
            let (code, direction) = (losses::KEY_REPLACED, Direction::Narrower);
            self.lose(Loss { code, direction, span: field.span, place, why });
        }
    }

    pub(super) fn refuse_key(&mut self, field: &FieldRef, source: &Source) {
        let message =
            format!("the join key `{}` has no counterpart in the source `{}`", field.path, source.log_source);
        let mut diagnostic =
            Diagnostic::error(targets::UNMAPPED_KEY, message).at(field.span, "joined by this field");
        if let Some(help) = did_you_mean(&nearest(&field.path, self.map.fields_of(source))) {
            diagnostic = diagnostic.help(help);
        }
        self.refuse(diagnostic);
    }
}

/// Whether events with the same value in the target's field have the same value in the field of the rule.
fn is_key(transform: &Transform) -> bool {
    matches!(
        transform,
        Transform::Same | Transform::AfterLast(_) | Transform::BeforeFirst(_) | Transform::Known(_)
    )
}
