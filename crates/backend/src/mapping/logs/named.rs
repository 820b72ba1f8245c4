//! Fields of a log source that have names of ECS, as the taxonomy of the rule or pipelines give them.
//!
//! Where the target has documents of ECS they are fields of those. Elsewhere a name means what the log source says of
//! it, or else what ECS says, or else what fields without an entry mean: pipelines name some fields and leave others.

use std::borrow::Cow;

use eqlc_ir::{FieldRef, Pred, Taxonomy, Test};

use super::super::data::{FieldEntry, Source, Transform};
use super::super::rewrite::{Pass, Position};
use super::super::source::with_constants;

impl<'a> Pass<'a> {
    /// A test on a field with a name of ECS. None: it has no form.
    pub(super) fn named(
        &mut self,
        test: &Test,
        field: &FieldRef,
        source: &'a Source,
        at: Position,
    ) -> Option<Pred> {
        let Some(map) = self.map.ecs.as_deref() else { return Some(Pred::Test(test.clone())) };
        if self.map.entry(source, &field.path).is_some() {
            return self.logged_field(test, field, source, at);
        }
        let constant = self.ecs_sources(source).find(|it| it.constants.contains_key(field.path.as_str()));
        if let Some(own) = constant
            && let decided @ Pred::Const(_) = with_constants(&Pred::Test(test.clone()), &own.constants)
        {
            return Some(decided);
        }
        match self.ecs_entry(field, source) {
            Some((own, _)) => {
                let mut pass = Pass::new(map, self.settings);
                let found = pass.field_test(test, field, own, at);
                let (losses, refused) = pass.finish();
                losses.into_iter().for_each(|loss| self.lose(loss));
                refused.into_iter().for_each(|refusal| self.refuse(refusal));
                found
            }
            None => self.logged_field(test, field, source, at),
        }
    }

    /// The one place of a field with a name of ECS, whose values are the same there. Outer none: it is looked for like
    /// a field of the log source.
    pub(super) fn named_key(&self, field: &FieldRef, source: &'a Source) -> Option<Option<FieldRef>> {
        if self.map.ecs.is_none() {
            return Some(Some(field.clone()));
        }
        if self.map.entry(source, &field.path).is_some() {
            return None;
        }
        let (_, entry) = self.ecs_entry(field, source)?;
        let is_same = matches!(entry.transform, Transform::Same) && entry.loss.is_none();
        let found = entry.field.as_ref().filter(|_| is_same).map(|path| FieldRef {
            path: path.as_str().into(),
            taxonomy: self.map.taxonomy.clone(),
            ty: entry.ty,
            optional: false,
            span: field.span,
        });
        Some(found)
    }

    /// The entry of ECS for a field, with its source.
    pub(in super::super) fn ecs_entry(
        &self,
        field: &FieldRef,
        source: &'a Source,
    ) -> Option<(&'a Source, Cow<'a, FieldEntry>)> {
        let map = self.map.ecs.as_deref().filter(|_| field.taxonomy == Taxonomy::Ecs)?;
        self.ecs_sources(source).find_map(|own| Some((own, map.counterpart(own, &field.path)?)))
    }

    /// The sources of ECS that deliver the events of a log source.
    fn ecs_sources(&self, source: &'a Source) -> impl Iterator<Item = &'a Source> + use<'a> {
        let delivering = source.delivered_by.as_ref().unwrap_or(&source.log_source);
        let sources = self.map.ecs.as_deref().map_or(&[][..], |map| map.sources.as_slice());
        sources.iter().filter(move |own| own.log_source == *delivering)
    }
}
