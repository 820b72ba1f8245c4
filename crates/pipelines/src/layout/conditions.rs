//! Conditions over searches that were split or are gone.

use std::collections::BTreeMap;

use eqlc_diagnostics::Node;
use eqlc_sigma::{Condition, NamedSearch, Quantifier, Target};

use super::{Layout, searches::Parts};

/// The searches of a detection after their trees were laid out.
#[derive(Debug, Default)]
pub(crate) struct Split {
    pub(crate) searches: Vec<NamedSearch>,
    /// By the name of before: what stands for it; none where nothing is left.
    meaning: BTreeMap<String, Option<Condition>>,
    /// The names of before, in their order.
    names: Vec<String>,
    /// Some search is now several.
    divided: bool,
}

/// `N of` over a search that is now several.
#[derive(Debug)]
pub(crate) struct Inexpressible;

impl Split {
    pub(crate) fn new(layouts: Vec<(Node<String>, Layout)>) -> Self {
        let mut split =
            Self { names: layouts.iter().map(|(name, _)| name.value.clone()).collect(), ..Self::default() };
        for (name, layout) in layouts {
            let meaning = match layout {
                Layout::Nothing => None,
                Layout::Whole(search) => {
                    split.searches.push(NamedSearch { name: name.clone(), search });
                    Some(Condition::Ident(name.clone()))
                }
                Layout::Parts(parts) => {
                    split.divided = true;
                    Some(split.parts(&name, parts))
                }
            };
            split.meaning.insert(name.value, meaning);
        }
        split
    }

    fn parts(&mut self, name: &Node<String>, parts: Parts) -> Condition {
        let mut first = true;
        let mut number = 1;
        parts.condition(&mut |search| {
            let own = if std::mem::take(&mut first) {
                name.value.clone()
            } else {
                loop {
                    number += 1;
                    let free = format!("{}_{number}", name.value);
                    if !self.names.contains(&free) {
                        break free;
                    }
                }
            };
            let own = Node::new(own, name.span);
            self.searches.push(NamedSearch { name: own.clone(), search });
            own
        })
    }

    /// What is meant by a target, in terms of before.
    fn selected(&self, target: &Target) -> impl Iterator<Item = &Option<Condition>> {
        let names = self.names.iter().filter(|name| target.selects(name));
        names.filter_map(|name| self.meaning.get(name))
    }
}

/// A condition of before over the searches of now; none where nothing is left of it.
///
/// # Errors
/// There is no condition that says it.
pub(crate) fn rewrite(condition: &Condition, split: &Split) -> Result<Option<Condition>, Inexpressible> {
    let all = |list: &[Condition]| -> Result<Vec<Condition>, Inexpressible> {
        let kept: Result<Vec<Option<Condition>>, Inexpressible> =
            list.iter().map(|each| rewrite(each, split)).collect();
        Ok(kept?.into_iter().flatten().collect())
    };
    Ok(match condition {
        Condition::And(list) => non_empty(all(list)?, Condition::and),
        Condition::Or(list) => non_empty(all(list)?, Condition::or),
        Condition::Not(inner) => rewrite(inner, split)?.map(Condition::negate),
        Condition::Ident(name) => match split.meaning.get(&name.value) {
            // Keeps the place of the name in the condition.
            Some(Some(Condition::Ident(_))) => Some(condition.clone()),
            Some(meaning) => meaning.clone(),
            None => Some(condition.clone()),
        },
        Condition::Quantified { quantifier, target } => {
            let selected: Vec<Condition> = split.selected(&target.value).flatten().cloned().collect();
            if selected.is_empty() {
                None
            } else if !split.divided {
                Some(condition.clone())
            } else {
                match quantifier.value {
                    Quantifier::One => Some(Condition::or(selected)),
                    Quantifier::All => Some(Condition::and(selected)),
                    Quantifier::AtLeast(_) if split.unchanged(&target.value) => Some(condition.clone()),
                    Quantifier::AtLeast(_) => return Err(Inexpressible),
                }
            }
        }
    })
}

impl Split {
    /// Whether a target selects the same searches as before, each of them whole.
    fn unchanged(&self, target: &Target) -> bool {
        let before = self.names.iter().filter(|name| target.selects(name)).count();
        let now = self.searches.iter().filter(|search| target.selects(&search.name.value)).count();
        let whole = self.selected(target).all(|meaning| matches!(meaning, Some(Condition::Ident(_))));
        before == now && whole
    }
}

fn non_empty(list: Vec<Condition>, join: fn(Vec<Condition>) -> Condition) -> Option<Condition> {
    (!list.is_empty()).then(|| join(list))
}
