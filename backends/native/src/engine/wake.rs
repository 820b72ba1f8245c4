//! Which queries an atom wakes.
//!
//! A query can hold only if one of its *witness* atoms does. Of all witnesses the plan takes the rarest, as seen in
//! the events so far, so that most queries are never looked at.

use super::atoms::AtomId;
use super::gates::GateId;
use super::paths::id;
use super::plan::{QueryId, QueryPlan};

/// Queries by their witnesses.
#[derive(Debug, Default)]
pub(super) struct Wake {
    /// For each atom where its queries start; one more for the end.
    starts: Vec<u32>,
    queries: Vec<(GateId, QueryId)>,
    /// Queries without a witness.
    always: Vec<(GateId, QueryId)>,
}

impl Wake {
    /// Chooses the witnesses. `seen` is how often each atom held.
    pub(super) fn new(plan: &QueryPlan, seen: &[u32]) -> Self {
        let cost = |atom: AtomId| {
            let seen = seen.get(atom.at()).copied().unwrap_or(0);
            u64::from(seen) * 64 + plan.guess(atom)
        };
        let mut pairs: Vec<(AtomId, GateId, QueryId)> = Vec::new();
        let mut always = Vec::new();
        for (at, query) in plan.queries().iter().enumerate() {
            let at = QueryId(id(at));
            match plan.programs().witness(query.root, &cost) {
                Some((_, atoms)) => pairs.extend(atoms.into_iter().map(|atom| (atom, query.gate, at))),
                None => always.push((query.gate, at)),
            }
        }
        pairs.sort_unstable();
        pairs.dedup();
        let mut starts = vec![0u32; plan.atoms().len() + 1];
        for (atom, _, _) in &pairs {
            if let Some(count) = starts.get_mut(atom.at() + 1) {
                *count += 1;
            }
        }
        let mut sum = 0;
        for start in &mut starts {
            sum += *start;
            *start = sum;
        }
        let queries = pairs.into_iter().map(|(_, gate, query)| (gate, query)).collect();
        Self { starts, queries, always }
    }

    /// The queries that an atom wakes.
    #[inline]
    pub(super) fn woken(&self, atom: AtomId) -> &[(GateId, QueryId)] {
        let range = self.starts.get(atom.at()).zip(self.starts.get(atom.at() + 1));
        let Some((start, end)) = range else { return &[] };
        self.queries.get(*start as usize..*end as usize).unwrap_or_default()
    }

    /// The queries that are looked at for each event that their gate lets in.
    pub(super) fn always(&self) -> &[(GateId, QueryId)] {
        &self.always
    }
}
