//! What of a query can be asked of one event alone, and what waits for others.

use eqlc_ir::{Category, Element, EventQuery, Owner, Pred};

/// The most questions about processes above that are asked both ways beforehand.
const MAX_WAYS: usize = 3;

/// The most that can be, for the answers are bits of one number.
pub(super) const MOST_WAYS: usize = 6;

/// A query taken apart.
pub(super) struct Asked {
    /// The questions of the event alone: one for each way in which the questions about processes above may be
    /// answered, the answer to the first in the lowest bit.
    pub(super) ways: Vec<EventQuery>,
    /// The questions about processes above.
    pub(super) above: Vec<EventQuery>,
    /// What is asked when all else is known: of the event beside the partial match, and of processes above.
    pub(super) rest: Option<Rest>,
}

/// What is left to ask of a query.
pub(super) struct Rest {
    pub(super) query: EventQuery,
    /// The questions about processes above in it.
    pub(super) above: Vec<EventQuery>,
    /// Whether it names earlier steps.
    pub(super) beside: bool,
}

/// Takes a query apart.
pub(super) fn take_apart(query: &EventQuery) -> Asked {
    let (mut alone, mut left) = (Vec::new(), Vec::new());
    for part in conjuncts(&query.filter) {
        if names_steps(part) { left.push(part.clone()) } else { alone.push(part.clone()) }
    }
    let beside = !left.is_empty();
    let mut alone = Pred::All(alone);
    let mut above = questions_above(&alone);
    if above.len() > MAX_WAYS {
        let (hanging, plain): (Vec<Pred>, Vec<Pred>) =
            conjuncts(&alone).into_iter().cloned().partition(|pred| !pred.questions_above().is_empty());
        left.extend(hanging);
        alone = Pred::All(plain);
        above.clear();
    }
    let alone = EventQuery { category: query.category.clone(), filter: alone };
    let ways = all_ways(&alone, &above);
    let rest = (!left.is_empty()).then(|| {
        let filter = Pred::All(left);
        let of_rest = questions_above(&filter);
        Rest { query: EventQuery { category: Category::Any, filter }, above: of_rest, beside }
    });
    Asked { ways, above, rest }
}

/// A query for each way in which these questions about processes above may be answered.
pub(super) fn all_ways(query: &EventQuery, above: &[EventQuery]) -> Vec<EventQuery> {
    let way = |way| {
        let filter = answered(&query.filter, above, way);
        EventQuery { category: query.category.clone(), filter }
    };
    (0..1_usize << above.len().min(MOST_WAYS)).map(way).collect()
}

fn conjuncts(pred: &Pred) -> Vec<&Pred> {
    match pred {
        Pred::All(list) => list.iter().flat_map(conjuncts).collect(),
        other => vec![other],
    }
}

fn names_steps(pred: &Pred) -> bool {
    pred.owners().iter().any(|owner| matches!(owner, Owner::Step(_)))
}

/// The questions about processes above that a condition asks itself, each once.
pub(super) fn questions_above(pred: &Pred) -> Vec<EventQuery> {
    pred.questions_above().into_iter().cloned().collect()
}

/// The condition with its questions about processes above answered.
fn answered(pred: &Pred, above: &[EventQuery], way: usize) -> Pred {
    let each = |list: &[Pred]| list.iter().map(|pred| answered(pred, above, way)).collect();
    match pred {
        Pred::All(list) => Pred::All(each(list)),
        Pred::Any(list) => Pred::Any(each(list)),
        Pred::AtLeast(count, list) => Pred::AtLeast(*count, each(list)),
        Pred::Not(inner) => answered(inner, above, way).not(),
        Pred::Element(element) => Pred::Element(Element {
            array: element.array.clone(),
            variable: element.variable.clone(),
            pred: Box::new(answered(&element.pred, above, way)),
        }),
        Pred::Descendant(query) => {
            let at = above.iter().position(|known| known == query.as_ref());
            Pred::Const(at.is_some_and(|at| way >> at & 1 == 1))
        }
        Pred::Const(_) | Pred::Test(_) | Pred::Anywhere(_) => pred.clone(),
    }
}
