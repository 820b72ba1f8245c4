//! Recorded losses are shown by events or put in doubt, and what no loss covers is noticed without any fixture: backends
//! made up to record too much, too little, or the wrong way.

use eqlc_backend::{Artifact, Backend, Direction, Legal, Loss, Settings, legalise};
use eqlc_diagnostics::codes::losses::APPROXIMATE_FIELD;
use eqlc_driver::{LoadOptions, Outcome, Proof, Registry, Side, TargetReport, compile, load_query, relower};
use eqlc_ir::{Case, Op, Pred, Rule, Test, text};
use eqlc_verify::{Effort, Evidence, Law, Skip, Subject, prove};

const QUERY: &str =
    "process where process.name : \"tool*.exe\" and process.pid > 4 and not user.name == \"root\"";

fn rule() -> Rule {
    let mut unit = load_query(QUERY, LoadOptions::default());
    unit.rules.remove(0).rule
}

/// An output for Elasticsearch, which is exact, and what verification says of it with other losses.
fn report(rule: &Rule, legal: &Legal, artifact: Artifact) -> TargetReport {
    let registry = Registry::new().expect("the registry");
    let backend = registry.find("elasticsearch").expect("the target");
    let settings = Settings::default();
    let subject = Subject { rule, legal, artifact: &artifact, backend, settings: &settings };
    let effort = Effort::default();
    let clock = effort.start();
    let evidence = Evidence::of(rule, &[], &effort, clock);
    prove(subject, &evidence, (&effort, clock), &relower)
}

fn compiled(rule: &Rule) -> (Legal, Artifact) {
    let registry = Registry::new().expect("the registry");
    let backend = registry.find("elasticsearch").expect("the target");
    let compiled = compile(rule, backend, &Settings::default()).expect("it compiles");
    (compiled.legal, compiled.artifact)
}

/// The rule with its tests changed, as a backend with a hidden mistake has it: what it emits is what it legalised.
fn mistaken(rule: &Rule, change: &dyn Fn(Test) -> Pred) -> (Legal, Artifact) {
    struct Changed<'c>(&'c dyn Fn(Test) -> Pred);
    impl eqlc_ir::fold::Fold for Changed<'_> {
        fn test(&mut self, test: Test) -> Pred {
            (self.0)(test)
        }
    }
    let registry = Registry::new().expect("the registry");
    let backend: &dyn Backend = registry.find("elasticsearch").expect("the target");
    let wrong = eqlc_ir::fold::walk_rule(&mut Changed(change), rule.clone());
    let legal = legalise(eqlc_ir::normalise(wrong), Vec::new(), backend.target()).expect("it is legal");
    let artifact = backend.emit(&legal, &Settings::default()).expect("it is emitted");
    (legal, artifact)
}

fn cased(test: Test) -> Pred {
    let op = match test.op {
        Op::Text(patterns, Case::Insensitive) => Op::Text(patterns, Case::Sensitive),
        other => other,
    };
    Pred::Test(Test { op, ..test })
}

fn loss(rule: &Rule, direction: Direction) -> Loss {
    let queries = rule.queries();
    let tests = queries[0].filter.tests();
    let test = tests.iter().find(|test| text::test(test).starts_with("process.name")).expect("the test");
    let (place, why) = (text::test(test), "so it is said".to_owned());
    Loss { code: APPROXIMATE_FIELD, direction, span: test.span, place, why }
}

#[test]
fn a_loss_that_no_event_shows_is_doubtful() {
    let rule = rule();
    for direction in [Direction::Wider, Direction::Narrower, Direction::Either] {
        let (legal, mut artifact) = compiled(&rule);
        artifact.losses.push(loss(&rule, direction));
        let report = report(&rule, &legal, artifact);
        assert_eq!(report.failures.len(), 0, "{:?}", report.failures);
        assert_eq!(report.doubtful().count(), 1, "{direction}");
        let Proof::Doubtful { tried, .. } = report.losses[0].proof else { panic!("{:?}", report.losses) };
        assert!(tried > 50, "{tried}");
    }
}

#[test]
fn a_loss_is_shown_by_the_smallest_events_and_attributed_to_its_test() {
    let rule = rule();
    let (legal, mut artifact) = mistaken(&rule, &cased);
    artifact.losses.push(loss(&rule, Direction::Narrower));
    let report = report(&rule, &legal, artifact);
    assert_eq!(report.outcome, Outcome::Narrower, "{:?}", report.failures);
    let Proof::Shown { by } = &report.losses[0].proof else { panic!("{:?}", report.losses) };
    assert_eq!(by.len(), 1);
    assert_eq!(by[0].only, Side::Rule);
    insta::assert_snapshot!(by[0].events[0].to_string());
}

#[test]
fn a_loss_elsewhere_is_not_shown_by_the_difference_of_another_test() {
    let rule = rule();
    let never = |test: Test| match text::test(&test).starts_with("user.name") {
        true => Pred::Const(false),
        false => Pred::Test(test),
    };
    let (legal, mut artifact) = mistaken(&rule, &never);
    let mut wrong = loss(&rule, Direction::Wider);
    let queries = rule.queries();
    let tests = queries[0].filter.tests();
    let other = tests.iter().find(|test| text::test(test).starts_with("process.pid")).expect("the test");
    (wrong.span, wrong.place) = (other.span, text::test(other));
    artifact.losses.push(wrong);
    let report = report(&rule, &legal, artifact);
    assert_eq!(report.doubtful().count(), 1, "{:?}", report.losses);
}

#[test]
fn a_mistake_without_a_loss_is_noticed_without_a_fixture() {
    let rule = rule();
    let never = |test: Test| match text::test(&test).starts_with("user.name") {
        true => Pred::Const(false),
        false => Pred::Test(test),
    };
    let nearly = |test: Test| match text::test(&test).starts_with("process.pid") {
        true => {
            let at_least = eqlc_ir::Comparison::GreaterOrEqual;
            let op = match test.op {
                Op::Compare(_, value) => Op::Compare(at_least, value),
                other => other,
            };
            Pred::Test(Test { op, ..test })
        }
        false => Pred::Test(test),
    };
    let changes: [&dyn Fn(Test) -> Pred; 3] = [&cased, &never, &nearly];
    for change in changes {
        let (legal, artifact) = mistaken(&rule, change);
        let report = report(&rule, &legal, artifact);
        assert_eq!(report.outcome, Outcome::Disagrees);
        let failure = report.failures.iter().find(|failure| failure.law == Law::AgreesWithRule);
        let shown = failure.and_then(|failure| failure.shown.as_ref()).expect("events that show it");
        assert_eq!(shown.events.len(), 1);
    }
}

#[test]
fn a_loss_of_the_wrong_direction_excuses_nothing() {
    let rule = rule();
    let (legal, mut artifact) = mistaken(&rule, &cased);
    artifact.losses.push(loss(&rule, Direction::Wider));
    assert_eq!(report(&rule, &legal, artifact).outcome, Outcome::Disagrees);
}

#[test]
fn an_output_that_no_stream_is_put_to_is_neither_exact_nor_lossy() {
    let rule = rule();
    let (legal, mut artifact) = compiled(&rule);
    artifact.losses.push(loss(&rule, Direction::Wider));
    let mut unasked = report(&rule, &legal, artifact);
    let skip = |reason: &str| Skip { stream: "a stream of events".to_owned(), reason: reason.to_owned() };
    unasked.compared = 0;
    assert_eq!(unasked.clone().settled().outcome, Outcome::Uncompared, "there are no streams");
    unasked.skipped = ["event 0: rare", "event 1: usual", "event 12: usual"].map(skip).to_vec();
    assert_eq!(unasked.main_reason(), Some("usual"));
    let settled = unasked.settled();
    assert_eq!(settled.outcome, Outcome::Uncompared);
    assert!(!settled.outcome.is_lossy());
    let mut mistaken = settled;
    mistaken.fail(Law::Reprints, None, "another text");
    assert_eq!(mistaken.settled().outcome, Outcome::Disagrees);
}
