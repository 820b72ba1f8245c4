//! Filters: conditions added to rules (Sigma specification 2.1, "Sigma Filters").
//!
//! A filter is added to the rules that it names (`any`: to all) and whose log source is of its own: the rule
//! matches where both its condition and that of the filter hold. A condition that leaves events out begins with
//! `not`.

use eqlc_diagnostics::Node;
use eqlc_ir::Pred;
use eqlc_sigma::{Document, Filter, LogSource, Meta, Rule, RuleSelection};

use super::Lowering;
use super::condition::taxonomy;
use super::correlation::is_called;

impl Lowering<'_> {
    /// The condition of a rule with those of every filter that is for it.
    pub(super) fn filtered(&mut self, rule: &Rule, condition: Pred) -> Option<Pred> {
        let filters: Vec<&Filter> = self.context.filters().collect();
        let mut all = vec![condition];
        for filter in filters.into_iter().filter(|filter| applies(filter, &rule.meta, &rule.logsource)) {
            let own = std::mem::replace(&mut self.taxonomy, taxonomy(&filter.meta));
            let condition = self.detection(&filter.detection);
            self.taxonomy = own;
            all.push(condition?);
        }
        Some(match <[_; 1]>::try_from(all) {
            Ok([only]) => only,
            Err(all) => Pred::All(all),
        })
    }
}

/// Whether a filter is for a rule.
#[must_use]
pub fn applies(filter: &Filter, rule: &Meta, source: &LogSource) -> bool {
    let named = match &filter.rules {
        RuleSelection::Any => true,
        // An empty list names nothing in particular, which the reference reader takes for everything.
        RuleSelection::Listed(names) => {
            names.is_empty() || names.iter().any(|name| is_called(rule, &name.value))
        }
    };
    let within = |filter: &Option<Node<String>>, rule: &Option<Node<String>>| {
        filter.as_ref().is_none_or(|filter| {
            rule.as_ref().is_some_and(|rule| rule.value.eq_ignore_ascii_case(&filter.value))
        })
    };
    named
        && within(&filter.logsource.category, &source.category)
        && within(&filter.logsource.product, &source.product)
        && within(&filter.logsource.service, &source.service)
}

/// The filters among documents.
pub(super) fn filters(documents: &[Document]) -> impl Iterator<Item = &Filter> {
    documents.iter().filter_map(|document| match document {
        Document::Filter(filter) => Some(filter),
        _ => None,
    })
}
