//! Rewrites of the two-valued tree.

use crate::Pred;

/// Whether [`simplify`] would give a node back as it is.
pub(super) fn is_simple(pred: &Pred) -> bool {
    match pred {
        Pred::All(list) => list.len() > 1 && is_joined(list, true),
        Pred::Any(list) => list.len() > 1 && is_joined(list, false),
        Pred::Not(inner) => !matches!(**inner, Pred::Const(_) | Pred::Not(_)),
        Pred::AtLeast(..) => false,
        Pred::Element(element) => *element.pred != Pred::Const(false),
        Pred::Descendant(query) => query.filter != Pred::Const(false),
        Pred::Const(_) | Pred::Test(_) | Pred::Anywhere(_) => true,
    }
}

/// One node whose children are already simple.
pub(super) fn simplify(pred: Pred) -> Pred {
    match pred {
        Pred::All(list) => join(list, true),
        Pred::Any(list) => join(list, false),
        Pred::Not(inner) => negate(*inner),
        Pred::AtLeast(count, list) => at_least(count, list),
        // No element and no process satisfies what never holds. More does not pass the border: what holds of
        // each of two elements need not hold of one.
        Pred::Element(element) if *element.pred == Pred::Const(false) => Pred::Const(false),
        Pred::Descendant(query) if query.filter == Pred::Const(false) => Pred::Const(false),
        leaf @ (Pred::Const(_)
        | Pred::Test(_)
        | Pred::Element(_)
        | Pred::Descendant(_)
        | Pred::Anywhere(_)) => leaf,
    }
}

/// `all` (`conjunction`) or `any`: nested ones opened, the neutral constant dropped, the other one wins.
fn join(list: Vec<Pred>, conjunction: bool) -> Pred {
    if list.len() > 1 && is_joined(&list, conjunction) {
        return if conjunction { Pred::All(list) } else { Pred::Any(list) };
    }
    let mut flat: Vec<Pred> = Vec::with_capacity(list.len());
    for pred in list {
        match (pred, conjunction) {
            (Pred::All(inner), true) | (Pred::Any(inner), false) => {
                inner.into_iter().for_each(|pred| push_new(&mut flat, pred));
            }
            (Pred::Const(value), _) if value == conjunction => {}
            (Pred::Const(value), _) => return Pred::Const(value),
            (other, _) => push_new(&mut flat, other),
        }
    }
    match (flat.len(), conjunction) {
        (0, _) => Pred::Const(conjunction),
        (1, _) => flat.remove(0),
        (_, true) => Pred::All(flat),
        (_, false) => Pred::Any(flat),
    }
}

/// Whether nothing is left to be done: no constant, none nested of the kind, none twice.
fn is_joined(list: &[Pred], conjunction: bool) -> bool {
    list.iter().enumerate().all(|(at, pred)| {
        let opened = match pred {
            Pred::All(_) => conjunction,
            Pred::Any(_) => !conjunction,
            Pred::Const(_) => true,
            _ => false,
        };
        !opened && !list.iter().take(at).rev().take(DEDUPE_WINDOW).any(|seen| seen == pred)
    })
}

/// How many siblings are looked through for an equal one: the search is quadratic, and long lists written
/// by people repeat themselves near by.
const DEDUPE_WINDOW: usize = 64;

fn push_new(list: &mut Vec<Pred>, pred: Pred) {
    if !list.iter().rev().take(DEDUPE_WINDOW).any(|seen| *seen == pred) {
        list.push(pred);
    }
}

fn negate(inner: Pred) -> Pred {
    match inner {
        Pred::Const(value) => Pred::Const(!value),
        Pred::Not(inner) => *inner,
        other => other.not(),
    }
}

fn at_least(count: usize, list: Vec<Pred>) -> Pred {
    let held = list.iter().filter(|pred| matches!(pred, Pred::Const(true))).count();
    let open: Vec<Pred> = list.into_iter().filter(|pred| !matches!(pred, Pred::Const(_))).collect();
    match count.saturating_sub(held) {
        0 => Pred::Const(true),
        1 => join(open, false),
        wanted if wanted == open.len() => join(open, true),
        wanted if wanted > open.len() => Pred::Const(false),
        wanted => Pred::AtLeast(wanted, open),
    }
}
