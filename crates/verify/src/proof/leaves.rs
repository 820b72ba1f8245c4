//! What a rule says with one of its tests counted the other way, for many tests at once: each condition is asked of an event
//! once, and the rule is worked out from the answers.

use std::borrow::Cow;

use eqlc_backend::Loss;
use eqlc_ir::{Body, Category, EventQuery, Pred, Rule, text};

use crate::effort::Clock;
use crate::engine::{Evaluator, Streams};
use crate::verdict::Verdict;

/// The conditions of a rule that looks at each event by itself.
pub(super) struct Leaves {
    tree: Tree,
    /// The conditions that stand at the ends of the tree; the first is that an event is one of those asked for.
    conditions: Vec<Pred>,
    evaluators: Vec<Evaluator<'static>>,
}

enum Tree {
    AtLeast(usize, Vec<Tree>),
    Not(Box<Tree>),
    Const(bool),
    Leaf(usize),
}

/// Which conditions hold of which events.
pub(super) struct Held<'l> {
    tree: &'l Tree,
    /// For each condition, for each event.
    answers: Vec<Vec<bool>>,
}

impl Leaves {
    /// Those of a rule; none where it looks at several events.
    pub(super) fn of(rule: &Rule, clock: Clock) -> Option<Self> {
        let Body::Event(query) = &rule.body else { return None };
        if !rule.pipes.is_empty() {
            return None;
        }
        let mut conditions = vec![Pred::Const(true)];
        let tree = tree(&query.filter, &mut conditions);
        let tree = Tree::AtLeast(2, vec![Tree::Leaf(0), tree]);
        let evaluator = |(at, condition): (usize, &Pred)| {
            let category = if at == 0 { query.category.clone() } else { Category::Any };
            let body = Body::Event(EventQuery { category, filter: condition.clone() });
            let rule = Rule { id: String::new(), meta: rule.meta.clone(), body, pipes: Vec::new() };
            let evaluator = Evaluator::new(Cow::Owned(rule)).timed(clock);
            evaluator.looks_at_events_apart().then_some(evaluator)
        };
        let evaluators = conditions.iter().enumerate().map(evaluator).collect::<Option<Vec<_>>>()?;
        Some(Self { tree, conditions, evaluators })
    }

    /// The places of the conditions that a loss is about.
    pub(super) fn about(&self, loss: &Loss) -> Vec<usize> {
        let about = |condition: &Pred| match condition {
            Pred::Test(test) => test.span == loss.span && text::test(test) == loss.place,
            _ => false,
        };
        let places = self.conditions.iter().enumerate().filter(|(_, condition)| about(condition));
        places.map(|(place, _)| place).collect()
    }

    /// Asks all conditions of the events of streams; none where one cannot be asked.
    pub(super) fn held(&self, streams: &Streams) -> Option<Held<'_>> {
        let answers = self.evaluators.iter().map(|evaluator| streams.matched(evaluator));
        Some(Held { tree: &self.tree, answers: answers.collect::<Option<_>>()? })
    }
}

impl Held<'_> {
    /// What the rule finds in each stream where some conditions always hold, or never.
    pub(super) fn forced(
        &self,
        streams: &Streams,
        places: &[usize],
        holds: bool,
    ) -> Vec<Result<Verdict, String>> {
        streams.judged(&|event| {
            self.tree.holds(&|leaf| match places.contains(&leaf) {
                true => holds,
                false => self.answers.get(leaf).and_then(|of| of.get(event)).copied().unwrap_or_default(),
            })
        })
    }
}

impl Tree {
    fn holds(&self, answer: &dyn Fn(usize) -> bool) -> bool {
        match self {
            Self::AtLeast(count, list) => {
                list.iter().filter(|tree| tree.holds(answer)).take(*count).count() == *count
            }
            Self::Not(inner) => !inner.holds(answer),
            Self::Const(holds) => *holds,
            Self::Leaf(place) => answer(*place),
        }
    }
}

fn tree(pred: &Pred, conditions: &mut Vec<Pred>) -> Tree {
    let mut several = |list: &[Pred]| list.iter().map(|pred| tree(pred, conditions)).collect();
    match pred {
        Pred::All(list) => Tree::AtLeast(list.len(), several(list)),
        Pred::Any(list) => Tree::AtLeast(1, several(list)),
        Pred::AtLeast(count, list) => Tree::AtLeast(*count, several(list)),
        Pred::Not(inner) => Tree::Not(Box::new(tree(inner, conditions))),
        Pred::Const(holds) => Tree::Const(*holds),
        Pred::Test(_) | Pred::Element(_) | Pred::Descendant(_) | Pred::Anywhere(_) => {
            conditions.push(pred.clone());
            Tree::Leaf(conditions.len() - 1)
        }
    }
}

#[cfg(test)]
mod tests {
    use eqlc_backend::{Direction, Loss};
    use eqlc_diagnostics::SourceId;
    use eqlc_diagnostics::codes::losses::APPROXIMATE_FIELD;
    use eqlc_ir::{Comparison, FieldRef, FieldType, Literal, Op, Scalar, Taxonomy};
    use serde_json::{Value, json};

    use super::*;
    use crate::world::World;

    fn is(path: &str, value: i128, start: u32) -> Pred {
        let span = eqlc_diagnostics::Span { source: SourceId::default(), start, end: start + 1 };
        let (ty, taxonomy) = (FieldType::Integer, Taxonomy::Ecs);
        let field = FieldRef { path: path.into(), taxonomy, ty, optional: false, span };
        Pred::test(
            Scalar::Field(field),
            Op::Compare(Comparison::Equal, Scalar::Literal(Literal::Int(value))),
            span,
        )
    }

    #[test]
    fn a_forced_test_decides_as_it_does_in_the_rule() {
        let [a, b, c] = [is("a", 1, 1), is("b", 1, 2), is("c", 1, 3)];
        let filter = Pred::All(vec![a.clone(), Pred::Any(vec![b.clone(), Pred::Not(Box::new(c.clone()))])]);
        let body = Body::Event(EventQuery { category: Category::Any, filter });
        let rule =
            Rule { id: String::new(), meta: eqlc_ir::Metadata::default().into(), body, pipes: Vec::new() };
        let leaves = Leaves::of(&rule, Clock::endless()).unwrap();
        let events: Vec<Value> =
            (0..8).map(|bits| json!({"a": bits & 1, "b": bits >> 1 & 1, "c": bits >> 2 & 1})).collect();
        let mut streams = Streams::default();
        events.iter().for_each(|event| streams.push(World::Ecs.project(std::slice::from_ref(event))));
        let held = leaves.held(&streams).unwrap();
        for (pred, path) in [(&a, "a"), (&b, "b"), (&c, "c")] {
            let Pred::Test(test) = pred else { unreachable!() };
            let (place, why) = (text::test(test), String::new());
            let loss =
                Loss { code: APPROXIMATE_FIELD, direction: Direction::Wider, span: test.span, place, why };
            let places = leaves.about(&loss);
            assert_eq!(places.len(), 1, "{path}");
            for holds in [true, false] {
                for (bits, found) in held.forced(&streams, &places, holds).into_iter().enumerate() {
                    let of = |at: usize, name: &str| if name == path { holds } else { bits >> at & 1 == 1 };
                    let wanted = of(0, "a") && (of(1, "b") || !of(2, "c"));
                    assert_eq!(found.unwrap().alerts(), wanted, "{path} {holds} {bits:03b}");
                }
            }
        }
    }

    #[test]
    fn a_rule_over_several_events_has_no_such_conditions() {
        let query = EventQuery { category: Category::Any, filter: is("a", 1, 1) };
        let pipes = vec![eqlc_ir::Pipe::Head(1)];
        let meta = eqlc_ir::Metadata::default().into();
        let rule = Rule { id: String::new(), meta, body: Body::Event(query), pipes };
        assert!(Leaves::of(&rule, Clock::endless()).is_none());
    }
}
