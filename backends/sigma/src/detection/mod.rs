//! The condition of a query as searches with names and a condition over them.
//!
//! Three steps: lists that one field test cannot hold are split ([`split`]), the members of the outermost
//! conjunction become `selection…` and `filter_main…` searches as SigmaHQ writes them ([`detection`]), and
//! what has no such form becomes one search for each group of tests and a nested condition ([`Builder`]).

mod build;
mod maps;
mod regex;
mod split;
mod test;

use build::{Builder, Role};
use eqlc_diagnostics::{Diagnostics, Span};
use eqlc_ir::{Op, Pred};
use eqlc_sigma::{Condition, Detection, Quantifier, Target};

use crate::refuse;

/// Parentheses and `not`s that readers of conditions follow; one that opens more is refused here.
const MAX_DEPTH: usize = 60;

/// The detection of a condition in normal form.
pub(crate) fn detection(filter: &Pred) -> Result<Detection, Diagnostics> {
    let filter = split::split(filter.clone());
    if let Pred::Const(value) = filter {
        let what = if value { "a condition that always holds" } else { "a condition that never holds" };
        return Err(refuse::content(Span::default(), format!("{what} leaves nothing to search for")));
    }
    let members = match filter {
        Pred::All(list) => list,
        other => vec![other],
    };
    let mut builder = Builder::default();
    let mut conditions = selections(&mut builder, &members)?;
    conditions.extend(filters(&mut builder, &members)?);
    let condition = Condition::and(conditions);
    if depth(&condition) > MAX_DEPTH {
        let what =
            format!("the condition is nested deeper than the {MAX_DEPTH} levels that Sigma readers follow");
        return Err(refuse::content(Span::default(), what));
    }
    Ok(Detection::new(builder.searches(), condition))
}

/// What must hold: the tests side by side in `selection`, those for null apart from them, and a search for
/// each group of alternatives.
fn selections(builder: &mut Builder, members: &[Pred]) -> Result<Vec<Condition>, Diagnostics> {
    let mut tests = Vec::new();
    let mut nulls = Vec::new();
    let mut others = Vec::new();
    for member in members {
        match member {
            Pred::Not(_) => {}
            Pred::Test(test) if matches!(test.op, Op::IsNull) => nulls.push(test),
            Pred::Test(test) => tests.push(test),
            other => others.push(other),
        }
    }
    let mut conditions = builder.tests(&tests, Role::Selection, "")?;
    if !nulls.is_empty() {
        conditions.extend(builder.tests(&nulls, Role::Selection, "null")?);
    }
    let alone = conditions.is_empty() && others.len() == 1;
    for other in others {
        conditions.push(if alone {
            builder.express_as(other, Role::Selection, "")?
        } else {
            builder.express(other, Role::Selection)?
        });
    }
    Ok(conditions)
}

/// What must not hold: `filter_main_…` searches under one `not 1 of`, and negated conditions for what is more
/// than a search.
fn filters(builder: &mut Builder, members: &[Pred]) -> Result<Vec<Condition>, Diagnostics> {
    let mut simple = Vec::new();
    let mut conditions = Vec::new();
    for member in members {
        let Pred::Not(inner) = member else { continue };
        let alternatives = match inner.as_ref() {
            // One that is a negation itself would be a double one.
            Pred::Any(list) if !list.iter().any(|pred| matches!(pred, Pred::Not(_))) => list.as_slice(),
            other => std::slice::from_ref(other),
        };
        for alternative in alternatives {
            match builder.map(alternative)? {
                Some(map) => simple.push(builder.add_map(map, Role::Filter, alternative)),
                None => conditions.push(builder.express(alternative, Role::Exclusion)?.negate()),
            }
        }
    }
    let pattern = || Target::Pattern(format!("{}_*", Role::Filter.prefix()));
    let simple = match simple.len() {
        0 | 1 => simple.pop().map(Condition::negate),
        _ => Some(Condition::quantified(Quantifier::One, pattern()).negate()),
    };
    Ok(simple.into_iter().chain(conditions).collect())
}

/// Levels of the condition, each of which may print as a parenthesis or a `not`.
fn depth(condition: &Condition) -> usize {
    match condition {
        Condition::Or(list) | Condition::And(list) => 1 + list.iter().map(depth).max().unwrap_or(0),
        Condition::Not(inner) => 1 + depth(inner),
        Condition::Ident(_) | Condition::Quantified { .. } => 0,
    }
}
