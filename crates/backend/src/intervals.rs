//! Intervals of numbers in regular expressions, for flavours without Lucene's operators.

use eqlc_ir::fold::{Fold, walk_rule, walk_test};
use eqlc_ir::regex::Regex;
use eqlc_ir::{Op, Pred, Rule, Test};

/// The rule with every interval written as an ordinary expression. Same meaning.
pub(crate) fn without_intervals(rule: Rule) -> Rule {
    walk_rule(&mut Expanded, rule)
}

struct Expanded;

impl Fold for Expanded {
    fn test(&mut self, test: Test) -> Pred {
        let Test { subject, op, span } = walk_test(self, test);
        let op = match op {
            Op::Regex(Regex { root, case }) => Op::Regex(Regex { root: root.without_intervals(), case }),
            other => other,
        };
        Pred::test(subject, op, span)
    }
}
