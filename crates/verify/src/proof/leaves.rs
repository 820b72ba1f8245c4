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
