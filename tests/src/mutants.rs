//! Rules broken in one place, for tests that must notice it.

use eqlc_ir::fold::{Fold, walk_rule};
use eqlc_ir::{Body, Case, Op, Pred, Rule, Test};

/// Changes the test of one number, counted in order of writing.
struct Change {
    at: usize,
    seen: usize,
    how: Operator,
    done: bool,
}

impl Fold for Change {
    fn test(&mut self, test: Test) -> Pred {
        let here = self.seen == self.at;
        self.seen += 1;
        match (self.how)(test.clone()) {
            Some(changed) if here => {
                self.done = true;
                changed
            }
            _ => Pred::Test(test),
        }
    }
}

fn changed(rule: &Rule, at: usize, how: Operator) -> Option<Rule> {
    let mut change = Change { at, seen: 0, how, done: false };
    let changed = walk_rule(&mut change, rule.clone());
    change.done.then_some(changed)
}

fn other_case(test: Test) -> Option<Pred> {
    let op = match test.op {
        Op::Text(patterns, Case::Insensitive) => Op::Text(patterns, Case::Sensitive),
        Op::Text(patterns, Case::Sensitive) => Op::Text(patterns, Case::Insensitive),
        _ => return None,
    };
    Some(Pred::Test(Test { op, ..test }))
}

fn fewer_patterns(test: Test) -> Option<Pred> {
    let Op::Text(mut patterns, case) = test.op else { return None };
    (patterns.len() > 1).then(|| patterns.pop())?;
    Some(Pred::Test(Test { op: Op::Text(patterns, case), ..test }))
}

/// What becomes of a test; none where the change says nothing of it.
type Operator = fn(Test) -> Option<Pred>;

/// Every way to break a rule, named.
pub fn mutants(rule: &Rule) -> Vec<(String, Rule)> {
    let tests: usize = rule.queries().iter().map(|query| query.filter.tests().len()).sum();
    let operators: [(&str, Operator); 5] = [
        ("negate", |test| Some(Pred::Test(test).not())),
        ("drop", |_| Some(Pred::Const(true))),
        ("never", |_| Some(Pred::Const(false))),
        ("other letter case", other_case),
        ("fewer patterns", fewer_patterns),
    ];
    let mut found = Vec::new();
    for at in 0..tests {
        for (name, how) in operators {
            found.extend(changed(rule, at, how).map(|rule| (format!("{name} test {at}"), rule)));
        }
    }
    found.extend(body_mutants(rule));
    found
}

fn body_mutants(rule: &Rule) -> Vec<(String, Rule)> {
    let mut found = Vec::new();
    let mut add = |name: &str, change: &dyn Fn(&mut Body)| {
        let mut rule = rule.clone();
        change(&mut rule.body);
        found.push((name.to_owned(), rule));
    };
    match &rule.body {
        Body::Sequence(_) => {
            let with = |change: fn(&mut eqlc_ir::Sequence)| {
                move |body: &mut Body| {
                    if let Body::Sequence(sequence) = body {
                        change(sequence);
                    }
                }
            };
            add("swap the steps", &with(|sequence| sequence.steps.swap(0, 1)));
            add(
                "shorter span",
                &with(|sequence| {
                    sequence.maxspan_ms = Some(sequence.maxspan_ms.map_or(60_000, |ms| ms - 1000));
                }),
            );
            add(
                "drop the keys",
                &with(|sequence| {
                    sequence.by.clear();
                    sequence.steps.iter_mut().for_each(|step| step.by.clear());
                }),
            );
        }
        Body::Correlation(_) => {
            let with = |change: fn(&mut eqlc_ir::Correlation)| {
                move |body: &mut Body| {
                    if let Body::Correlation(correlation) = body {
                        change(correlation);
                    }
                }
            };
            add("swap the rules", &with(|correlation| correlation.rules.swap(0, 1)));
            add("longer span", &with(|correlation| correlation.timespan_ms += 1000));
            add(
                "drop a key",
                &with(|correlation| {
                    correlation.group_by.pop();
                }),
            );
        }
        _ => {}
    }
    found
}
