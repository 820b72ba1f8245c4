//! A witness for every alternative.

use eqlc_diagnostics::Span;
use eqlc_ir::Pred;

use super::leaf::{leaves, narrowed};
use super::single::{firsts, keys_of};
use super::{About, Change, Probes, with};
use crate::event::Given;
use crate::goal::Literal;
use crate::prepare::prepare;
use crate::stream::Plan;

impl Probes<'_, '_, '_> {
    /// For every test that stands among alternatives, and every item of its list, a stream that matches by it.
    pub(super) fn alternatives(&mut self, plan: &Plan, limit: usize) {
        for made in firsts(plan) {
            let prepared = prepare(&made.query, &self.maker.tools.options.category_field);
            for leaf in leaves(&prepared.filter).into_iter().filter(|leaf| leaf.wanted) {
                let items = narrowed(leaf.test);
                let whole: Vec<&Pred> = if leaf.alternative { vec![leaf.pred] } else { Vec::new() };
                let ways: Vec<&Pred> = if items.is_empty() { whole } else { items.iter().collect() };
                for way in ways {
                    if self.found.len() >= limit || !self.next() {
                        return;
                    }
                    let mut demands: Vec<Literal<'_>> = leaf.others.clone();
                    demands.push((way, true));
                    let given = Given { fixed: keys_of(&made), needed: Vec::new() };
                    let solved = self.maker.tools.solve(&made.query, &prepared, &demands, &given, 1);
                    let Some(draft) = solved.ok().and_then(|drafts| drafts.into_iter().next()) else {
                        continue;
                    };
                    let about = About {
                        change: Change::Branch,
                        field: crate::split::fields_of(leaf.test).first().map(|field| field.path.to_string()),
                        part: made.part,
                        span: (leaf.test.span != Span::default()).then_some(leaf.test.span),
                    };
                    let plan = with(plan, made.part, |made| made.draft = draft.clone());
                    self.note_if(about, &plan, true);
                }
            }
        }
    }
}
