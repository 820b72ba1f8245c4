//! `eqlc diff`

use std::io::{self, Write};

use eqlc_diagnostics::codes::verify as codes;
use eqlc_diagnostics::{Diagnostic, Diagnostics, Severity, SourceMap};
use eqlc_driver::{
    Basis, Decider, Loss, NotCompared, Only, Pairing, Registry, Relation, RuleOf, RulesCompared, Separation,
    Unit, Way, diff_pairs, load_query, pair, rules_of, split_selector,
};
use eqlc_ir::Taxonomy;
use serde_json::{Value as Json, json};

use super::{Loaded, count, load_rules, options_of};
use crate::args::DiffArgs;
use crate::console::{Console, Exit};

pub(crate) fn run(args: &DiffArgs, console: &mut Console) -> io::Result<Exit> {
    if args.rules.len() + args.query.len() != 2 {
        return console.usage("two rules are compared: give two of paths and `--query` together");
    }
    let registry = match Registry::new() {
        Ok(registry) => registry,
        Err(error) => return console.usage(&error),
    };
    let options = match options_of(&args.reading, console)? {
        Ok(options) => options,
        Err(exit) => return Ok(exit),
    };
    let mut sides: Vec<Side> = Vec::with_capacity(2);
    let mut exit = Exit::Fine;
    for argument in &args.rules {
        let argument = argument.to_string_lossy();
        let (path, selector) = split_selector(&argument);
        match load_rules(&[path], options.clone(), console)? {
            Ok(Loaded { units, exit: loaded }) => {
                exit = exit.max(loaded);
                sides.push(Side { name: argument.to_string(), units, selector: selector.map(str::to_owned) });
            }
            Err(exit) => return Ok(exit),
        }
    }
    for query in &args.query {
        let unit = load_query(query, options.clone());
        console.diagnostics(&unit.sources, &unit.diagnostics)?;
        if unit.broken > 0 {
            exit = exit.max(Exit::BrokenRules);
        }
        sides.push(Side { name: unit.input.name(), units: vec![unit], selector: None });
    }
    let [left, right] = sides.as_slice() else { return Ok(exit) };
    let (left_rules, right_rules) = match (left.rules(), right.rules()) {
        (Ok(left), Ok(right)) => (left, right),
        (Err(message), _) | (_, Err(message)) => return console.usage(&message),
    };
    let pairing = pair(&left_rules, &right_rules);
    let one = left_rules.len() == 1 && right_rules.len() == 1;
    if !one && pairing.pairs.is_empty() && exit == Exit::Fine {
        return console.usage("no rules of both sides belong together, by id, title or name of the file");
    }
    let no_mapping = !args.reading.pipeline.is_empty();
    let found = diff_pairs(&pairing.pairs, &registry, no_mapping);
    let mut out = io::BufWriter::new(io::stdout().lock());
    let mut run = Run { exit, one, tally: Tally::default() };
    for (pair, found) in pairing.pairs.iter().zip(&found) {
        run.pair(pair, found, console, &mut out)?;
    }
    run.alone(&pairing, (left, right), console, &mut out)?;
    out.flush()?;
    console.closing(&run.tally.text(&pairing))?;
    Ok(run.exit)
}

/// The rules of one side.
struct Side {
    name: String,
    units: Vec<Unit>,
    selector: Option<String>,
}

impl Side {
    fn rules(&self) -> Result<Vec<RuleOf<'_>>, String> {
        let rules = rules_of(&self.units);
        let Some(selector) = &self.selector else { return Ok(rules) };
        let called: Vec<RuleOf<'_>> = rules.iter().filter(|rule| rule.is_called(selector)).copied().collect();
        if called.is_empty() {
            let names: Vec<&str> = rules.iter().map(|rule| rule.rule.rule.id.as_str()).collect();
            return Err(format!("no rule `{selector}` in `{}`; there are {}", self.name, names.join(", ")));
        }
        Ok(called)
    }
}

/// How many pairs came out how.
#[derive(Default)]
struct Tally {
    same: usize,
    differ: usize,
    undecided: usize,
    refused: usize,
}

impl Tally {
    fn text(&self, pairing: &Pairing<'_>) -> String {
        let counts = [
            (self.same, "same"),
            (self.differ, "different"),
            (self.undecided, "not decided"),
            (self.refused, "not comparable"),
            (pairing.left_alone.len(), "only on the left"),
            (pairing.right_alone.len(), "only on the right"),
        ];
        let told: Vec<String> = counts
            .iter()
            .filter(|(number, _)| *number > 0)
            .map(|(number, what)| format!("{number} {what}"))
            .collect();
        format!("compared {}: {}", count(pairing.pairs.len(), "pair"), told.join(", "))
    }
}

struct Run {
    exit: Exit,
    /// One rule against one, told in full.
    one: bool,
    tally: Tally,
}

type Pair<'u> = (RuleOf<'u>, RuleOf<'u>);

impl Run {
    fn pair(
        &mut self,
        pair: &Pair<'_>,
        found: &Result<RulesCompared, NotCompared>,
        console: &mut Console,
        out: &mut dyn Write,
    ) -> io::Result<()> {
        let (left, right) = pair;
        let compared = match found {
            Ok(compared) => compared,
            Err([of_left, of_right]) => {
                self.tally.refused += 1;
                self.exit = self.exit.max(Exit::BrokenRules);
                console.diagnostics(&left.unit.sources, of_left)?;
                console.diagnostics(&right.unit.sources, of_right)?;
                return if console.is_json() {
                    let refused = json!({ "left": of_left, "right": of_right });
                    writeln!(
                        out,
                        "{}",
                        json!({ "left": name_json(left), "right": name_json(right), "refused": refused })
                    )
                } else {
                    writeln!(out, "{} and {}: not comparable", name(left), name(right))
                };
            }
        };
        self.count(compared.diff.relation());
        if console.is_json() {
            return writeln!(out, "{}", pair_json(pair, compared));
        }
        writeln!(out, "{}", heading(pair, compared))?;
        if self.one {
            separations(pair, compared, out)?;
            for (rule, losses) in [left, right].into_iter().zip(&compared.losses) {
                let to = compared.mapped_to.as_ref().map_or("", world);
                let losses: Diagnostics = losses.iter().map(|loss| mapping_loss(loss, to)).collect();
                console.diagnostics(&rule.unit.sources, &losses)?;
            }
            let called = names(pair);
            for ((_, separation), [of_left, of_right]) in compared.diff.separations().zip(&compared.deciders)
            {
                for (rule, called, deciders) in [(left, &called.0, of_left), (right, &called.1, of_right)] {
                    console.diagnostics(&rule.unit.sources, &decided(called, deciders, separation))?;
                }
            }
        }
        if compared.diff.relation() == Relation::Undecided {
            let message = match compared.diff.tried {
                0 => "no stream was found that either rule matches, and that there is none is not proven"
                    .to_owned(),
                tried => format!(
                    "no difference was found on {}, and that there is none is not proven",
                    count(tried, "stream")
                ),
            };
            console.plain(&[Diagnostic::warning(codes::UNDECIDED, message)])?;
        }
        Ok(())
    }

    fn count(&mut self, relation: Relation) {
        let (tally, exit) = match relation {
            Relation::Same => (&mut self.tally.same, Exit::Fine),
            Relation::Undecided => (&mut self.tally.undecided, Exit::BrokenRules),
            _ => (&mut self.tally.differ, Exit::Findings),
        };
        *tally += 1;
        self.exit = self.exit.max(exit);
    }

    /// Rules that one side alone has: the sides differ.
    fn alone(
        &mut self,
        pairing: &Pairing<'_>,
        (left, right): (&Side, &Side),
        console: &Console,
        out: &mut dyn Write,
    ) -> io::Result<()> {
        for (side, key, rules) in
            [(left, "left", &pairing.left_alone), (right, "right", &pairing.right_alone)]
        {
            for rule in rules {
                self.exit = self.exit.max(Exit::Findings);
                if console.is_json() {
                    writeln!(out, "{}", json!({ key: name_json(rule), "relation": "alone" }))?;
                } else {
                    writeln!(out, "{}: only in {}", name(rule), side.name)?;
                }
            }
        }
        Ok(())
    }
}

fn name(rule: &RuleOf<'_>) -> String {
    let file = rule.unit.input.name();
    if rule.unit.rules.len() > 1 { format!("{file}:{}", rule.rule.rule.id) } else { file }
}

/// What two rules are called beside each other.
fn names((left, right): &Pair<'_>) -> (String, String) {
    match (name(left), name(right)) {
        (left, right) if left == right => ("the left rule".to_owned(), "the right rule".to_owned()),
        names => names,
    }
}

fn name_json(rule: &RuleOf<'_>) -> Json {
    json!({ "file": rule.unit.input.name(), "id": rule.rule.rule.id, "name": rule.rule.rule.meta.name })
}

/// What came of a pair, in a line.
fn heading(pair: &Pair<'_>, compared: &RulesCompared) -> String {
    let (left, right) = names(pair);
    let relation = compared.diff.relation();
    let mut how: Vec<String> = Vec::new();
    match compared.diff.basis {
        Basis::Structure => how.push("one form".to_owned()),
        Basis::Proof if relation == Relation::Same => how.push("proven".to_owned()),
        Basis::Proof | Basis::Streams => {}
    }
    if let Some(taxonomy) = &compared.mapped_to {
        let bent = compared.losses.iter().any(|losses| !losses.is_empty());
        how.push(format!("mapped to {}{}", world(taxonomy), if bent { " with losses" } else { "" }));
    }
    let how = if how.is_empty() { String::new() } else { format!(" ({})", how.join(", ")) };
    let (word, more) = match relation {
        Relation::Same => ("same", ""),
        Relation::Wider => ("wider", ": the left rule matches all that the right one does, and more"),
        Relation::Narrower => ("narrower", ": the right rule matches all that the left one does, and more"),
        Relation::Crossing => ("crossing", ": each matches what the other does not"),
        Relation::More => {
            ("different", ": the left rule matches what the right one does not; the opposite is not decided")
        }
        Relation::Less => {
            ("different", ": the right rule matches what the left one does not; the opposite is not decided")
        }
        Relation::Undecided => ("not decided", ""),
    };
    format!("{left} and {right}: {word}{how}{more}")
}

fn world(taxonomy: &Taxonomy) -> &str {
    match taxonomy {
        Taxonomy::Ecs => "ECS",
        Taxonomy::Sigma => "Sigma's fields",
        Taxonomy::Target(name) => name,
    }
}

/// The streams that separate two rules, with both verdicts.
fn separations(pair: &Pair<'_>, compared: &RulesCompared, out: &mut dyn Write) -> io::Result<()> {
    let (left, right) = names(pair);
    for (way, separation) in compared.diff.separations() {
        let (matches, does_not) = match way {
            Way::LeftOnly => (&left, &right),
            Way::RightOnly => (&right, &left),
        };
        writeln!(out, "\n{matches} matches, {does_not} does not:")?;
        for event in &separation.events {
            writeln!(out, "{}", serde_json::to_string_pretty(event)?)?;
        }
        if separation.events.len() > 1 {
            writeln!(out, "left {}, right {}", verdict(&separation.left), verdict(&separation.right))?;
        }
    }
    Ok(())
}

fn verdict(verdict: &eqlc_driver::Verdict) -> String {
    match verdict {
        eqlc_driver::Verdict::Alerts(true) => "alerts".to_owned(),
        eqlc_driver::Verdict::Alerts(false) => "does not alert".to_owned(),
        eqlc_driver::Verdict::Failed(why) => format!("fails: {why}"),
        eqlc_driver::Verdict::Matches(matches) if matches.is_empty() => "finds nothing".to_owned(),
        eqlc_driver::Verdict::Matches(matches) => format!("finds events {matches:?}"),
    }
}

fn mapping_loss(loss: &Loss, to: &str) -> Diagnostic {
    let mut diagnostic = loss.to_diagnostic(to);
    diagnostic.message = format!("in {to} the rule is {}: {}", loss.direction, loss.why);
    diagnostic
}

/// What decides in a rule, as a finding.
fn decided(called: &str, deciders: &[Decider], separation: &Separation) -> Diagnostics {
    let placed: Vec<&Decider> = deciders.iter().filter(|decider| !decider.span.is_empty()).collect();
    let Some((first, others)) = placed.split_first() else { return Vec::new() };
    let single = separation.events.len() == 1;
    let label = |decider: &Decider| match (single, decider.holds) {
        (true, true) => "holds of the event",
        (true, false) => "does not hold of the event",
        (false, _) => "the other rule has no such test",
    };
    let message = format!("what decides in {called}");
    let mut found = Diagnostic::new(Severity::Note, codes::SEPARATED, message).at(first.span, label(first));
    for decider in others {
        found = found.and_at(decider.span, label(decider));
    }
    vec![found]
}

fn pair_json((left, right): &Pair<'_>, compared: &RulesCompared) -> Json {
    let only = |only: &Only| match only {
        Only::Never => "never",
        Only::Found(_) => "found",
        Only::Unknown => "unknown",
    };
    let separations: Vec<Json> = compared
        .diff
        .separations()
        .zip(&compared.deciders)
        .map(|((way, separation), [of_left, of_right])| {
            json!({
                "only": if way == Way::LeftOnly { "left" } else { "right" },
                "events": separation.events,
                "verdicts": { "left": separation.left, "right": separation.right },
                "deciders": {
                    "left": deciders_json(&left.unit.sources, of_left),
                    "right": deciders_json(&right.unit.sources, of_right),
                },
            })
        })
        .collect();
    let [left_losses, right_losses] = &compared.losses;
    json!({
        "left": name_json(left),
        "right": name_json(right),
        "relation": relation(compared.diff.relation()),
        "basis": match compared.diff.basis {
            Basis::Structure => "structure",
            Basis::Proof => "proof",
            Basis::Streams => "streams",
        },
        "left_only": only(&compared.diff.left_only),
        "right_only": only(&compared.diff.right_only),
        "tried": compared.diff.tried,
        "mapped_to": compared.mapped_to,
        "separations": separations,
        "losses": { "left": left_losses, "right": right_losses },
    })
}

fn relation(relation: Relation) -> &'static str {
    match relation {
        Relation::Same => "same",
        Relation::Wider => "wider",
        Relation::Narrower => "narrower",
        Relation::Crossing => "crossing",
        Relation::More => "more",
        Relation::Less => "less",
        Relation::Undecided => "undecided",
    }
}

fn deciders_json(sources: &SourceMap, deciders: &[Decider]) -> Vec<Json> {
    let one = |decider: &Decider| {
        let place = (!decider.span.is_empty()).then(|| sources.position(decider.span));
        json!({
            "text": decider.text,
            "holds": decider.holds,
            "line": place.map(|place| place.line),
            "column": place.map(|place| place.column),
        })
    };
    deciders.iter().map(one).collect()
}
