//! Lints of Sigma on the rules of SigmaHQ, and the laws of their fixes.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use eqlc_diagnostics::{CodeInfo, Severity};
use eqlc_driver::{Fixed, Input, Inputs, Lints, LoadOptions, Unit, fix, load, load_bytes};
use eqlc_ir::fold::{Fold, walk_pred, walk_rule};
use eqlc_ir::normalise::canonical;
use eqlc_ir::{Anywhere, Case, Op, Part, Pred, Rule, Test, TextPattern};
use eqlc_tests::shared;
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;

fn options(select: &[&str]) -> LoadOptions {
    let select: Vec<String> = select.iter().map(|code| (*code).to_owned()).collect();
    let lints = Lints::new(&select, &[]).expect("selectors");
    LoadOptions { lints, conventions: true, ..LoadOptions::default() }
}

fn corpus() -> Option<Vec<Input>> {
    let folder = shared("corpus/sigma-rules")?;
    let inputs = Inputs::rules(&[PathBuf::from(&folder)]);
    assert!(inputs.diagnostics.is_empty() && inputs.files.len() > 2_000);
    Some(inputs.files)
}

/// Lints that more than two files in a hundred have are off, unless they say what is plainly so.
const TRUE_OF_MANY: &[&str] = &["W2202"];

#[test]
fn the_lints_that_are_shown_are_what_the_rules_of_sigmahq_keep_to() {
    let Some(inputs) = corpus() else { return };
    let units = load(&inputs, options(&["W"]));
    let mut files: BTreeMap<String, (BTreeSet<usize>, usize)> = BTreeMap::new();
    for (at, unit) in units.iter().enumerate() {
        for finding in unit.diagnostics.iter().filter(|finding| finding.severity == Severity::Warning) {
            let (files, findings) = files.entry(finding.code.to_string()).or_default();
            files.insert(at);
            *findings += 1;
        }
    }
    println!("code   shown  files  findings  title");
    let mut often = Vec::new();
    for info in eqlc_diagnostics::Code::table().iter().filter(|info| info.code.starts_with("W2")) {
        let CodeInfo { code, default, title, .. } = info;
        let (in_files, findings) =
            files.get(code).map_or((0, 0), |(files, findings)| (files.len(), *findings));
        println!("{code}  {default:<5}  {in_files:>5}  {findings:>8}  {title}");
        if *default && in_files * 100 > units.len() * 2 {
            often.push(code.as_str());
        }
    }
    assert_eq!(often, TRUE_OF_MANY);
    // A file without any finding is the usual one.
    let with = units.iter().filter(|unit| {
        let own = unit.diagnostics.iter().filter(|finding| finding.code.as_str().starts_with("W2"));
        own.filter(|finding| finding.code.info().is_some_and(|info| info.default)).count() > 0
    });
    let with = with.count();
    println!("{with} of {} files have a finding that is shown", units.len());
    assert!(with * 8 < units.len(), "{with} of {}", units.len());
}

/// What the rules of a file mean: the canonical form, letter case aside where it does not count.
fn meaning(unit: &Unit) -> Vec<Rule> {
    unit.rules.iter().map(|rule| canonical(walk_rule(&mut Lower, rule.rule.clone()))).collect()
}

struct Lower;

impl Fold for Lower {
    fn pred(&mut self, pred: Pred) -> Pred {
        match pred {
            Pred::Anywhere(anywhere) => {
                Pred::Anywhere(Anywhere { op: lower(anywhere.op.clone()), ..anywhere.clone() })
            }
            other => walk_pred(self, other),
        }
    }

    fn test(&mut self, test: Test) -> Pred {
        Pred::Test(Test { op: lower(test.op.clone()), ..test })
    }
}

fn lower(op: Op) -> Op {
    let Op::Text(patterns, Case::Insensitive) = op else { return op };
    let literal = |part: &Part| match part {
        Part::Lit(text) => Part::Lit(text.to_lowercase().into()),
        other => other.clone(),
    };
    let patterns = patterns.iter().map(|pattern| TextPattern::new(pattern.parts().iter().map(literal)));
    Op::Text(patterns.collect(), Case::Insensitive)
}

fn errors(unit: &Unit) -> usize {
    unit.diagnostics.iter().filter(|finding| finding.severity == Severity::Error).count()
}

fn comments(text: &str) -> Vec<&str> {
    text.lines().map(str::trim).filter(|line| line.starts_with('#')).collect()
}

fn text_of(unit: &Unit) -> String {
    unit.sources.text(unit.sources.ids().next().expect("a file")).to_owned()
}

/// What holds of a file and what it is after its fixes.
fn laws(before: Unit, unsafe_too: bool, options: &LoadOptions) -> Option<Fixed> {
    let (name, text, wrong) = (before.input.name(), text_of(&before), errors(&before));
    let before_meaning = meaning(&before);
    let fixed = fix(before, unsafe_too, options);
    let new = fixed.text.clone()?;
    assert_ne!(new, text, "{name}");
    assert!(errors(&fixed.unit) <= wrong, "{name}\n{new}");
    assert_eq!(comments(&text), comments(&new), "{name}\n{new}");
    if !unsafe_too {
        // Of rules with errors nobody can say what they mean.
        if wrong > 0 {
            return None;
        }
        assert_eq!(fixed.left, 0, "a safe fix is refused in {name}\n{text}\n{:#?}", fixed.unit.diagnostics);
        assert_eq!(before_meaning, meaning(&fixed.unit), "{name}\n{text}\n{new}");
    }
    let input = fixed.unit.input.clone();
    let again = fix(load_bytes(input, new.as_bytes(), options.clone()), unsafe_too, options);
    assert_eq!(again.text, None, "{name}: fixed twice is more than once\n{new}");
    Some(fixed)
}

#[test]
fn safe_fixes_keep_the_meaning_of_the_rules_of_sigmahq() {
    let Some(inputs) = corpus() else { return };
    let options = options(&["W"]).of_run(&inputs);
    let units = load(&inputs, options.clone());
    let fixed: Vec<Fixed> = units.into_iter().filter_map(|unit| laws(unit, false, &options)).collect();
    let findings: usize = fixed.iter().map(|fixed| fixed.applied).sum();
    println!("{findings} findings fixed in {} files", fixed.len());
    assert!(findings > 100, "{findings}");
}

#[test]
fn unsafe_fixes_of_the_rules_of_sigmahq_leave_files_that_can_be_read() {
    let Some(inputs) = corpus() else { return };
    let options = options(&["W"]).of_run(&inputs);
    let units = load(&inputs, options.clone());
    let fixed: Vec<Fixed> = units.into_iter().filter_map(|unit| laws(unit, true, &options)).collect();
    let findings: usize = fixed.iter().map(|fixed| fixed.applied).sum();
    let left: usize = fixed.iter().map(|fixed| fixed.left).sum();
    println!("{findings} findings fixed in {} files, {left} not", fixed.len());
    assert!(findings > 150, "{findings}");
    assert_eq!(left, 0);
}

/// A value between quotes of some kind; escapes and quotes as its notation has them.
fn scalar(signs: &'static [&'static str]) -> impl Strategy<Value = String> {
    (vec(select(signs), 0..7), 0..8).prop_map(|(signs, style)| {
        let text = signs.concat();
        let plain = text.starts_with(|c: char| c.is_ascii_alphabetic())
            && !text.ends_with(' ')
            && !text.contains("'");
        match style {
            0 if plain => text,
            1 => format!("\"{}\"", text.replace('\\', "\\\\")),
            _ => format!("'{}'", text.replace('\'', "''")),
        }
    })
}

const TEXT: &[&str] = &["*", "*", "?", "\\", "\\", "\\\\", "a", "A", "b", "/x", "-", "'", " ", "é", "1"];
const REGEX: &[&str] = &[".*", ".*?", "a", "A", "b", "\\.", "\\*", "^", "$", "b{2}", "(a)", "[ab]", "|", "."];
const MODIFIERS: &[&str] = &[
    "",
    "",
    "|contains",
    "|startswith",
    "|endswith",
    "|all",
    "|contains|all",
    "|cased",
    "|neq",
    "|contains|cased",
    "|endswith|neq",
    "|contains|windash",
    "|base64offset|contains",
    "|expand",
];

/// The tests of one field, in the layouts that there are.
fn field() -> impl Strategy<Value = String> {
    let text = (select(MODIFIERS), vec(scalar(TEXT), 1..5));
    let regex = (select(&["|re", "|re|i", "|re|m", "|re|s"][..]), vec(scalar(REGEX), 1..3));
    (prop_oneof![3 => text, 1 => regex], 0..4).prop_map(|((modifiers, values), layout)| {
        let key = format!("        Field{modifiers}");
        match (layout, values.as_slice()) {
            (0, [one]) => format!("{key}: {one}\n"),
            (1, all) => format!("{key}: [{}]\n", all.join(", ")),
            (2, all) => {
                let items: String =
                    all.iter().map(|value| format!("            # why\n            - {value}\n")).collect();
                format!("{key}:\n{items}")
            }
            (_, all) => {
                let items: String = all.iter().map(|value| format!("            - {value}\n")).collect();
                format!("{key}:\n{items}")
            }
        }
    })
}

/// A rule with keys in some order, searches and a condition that uses them all.
fn rule() -> impl Strategy<Value = String> {
    let metadata = vec(
        select(
            &[
                "tags:\n    - attack.Execution\n    - attack.initial_access\n    - attack.initial_access\n",
                "falsepositives:\n    - unknown\n    - unlikely.\n",
                "date: 2024-05-17\nmodified: 2024-05-17\n",
                "level: low\n",
                "# about\nauthor: a\n",
                "status: test\n",
            ][..],
        ),
        0..3,
    );
    let condition =
        select(&["1 of s*", "all of them", "s0 and s1", "1 of s0 or 1 of s1*", "s0 and not 1 of s1"][..]);
    (metadata, field(), field(), condition, any::<bool>()).prop_map(|(metadata, one, two, condition, last)| {
        let metadata: BTreeSet<&str> = metadata.into_iter().collect();
        let metadata: String = metadata.into_iter().collect();
        let (before, behind) = if last { (String::new(), metadata) } else { (metadata, String::new()) };
        format!(
            "{before}title: a rule.\nlogsource:\n    product: windows\n{behind}detection:\n    s0:\n{one}    s1:\n{two}    \
             timeframe: 5m\n    condition: {condition}\n"
        )
    })
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn fixes_of_random_rules_keep_the_laws(text in rule()) {
        let input = Input { path: Some(PathBuf::from("random_rule.yml")), relative: PathBuf::from("random_rule.yml") };
        let options = options(&["W"]);
        let unit = || load_bytes(input.clone(), text.as_bytes(), options.clone());
        laws(unit(), false, &options);
        laws(unit(), true, &options);
    }
}
