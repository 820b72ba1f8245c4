//! Plans in files: the rules of a run, compiled once.
//!
//! A plan holds what the evaluator needs of the rules and what is printed of them, not the rules. Where some of them
//! are in the names of Sigma or of ECS, it holds a plan for events with names of the other kind too, of which a run reads
//! the one that it needs. What decides which fields the tables are about is fixed when the plan is made.

use std::io::Read;
use std::path::Path;

use eqlc_backend_native::engine::{Damaged, Plan, Refused};
use eqlc_backend_native::file;
use eqlc_backend_native::reference::{LogSourceFields, RunOptions};
use eqlc_diagnostics::Diagnostic;
use eqlc_diagnostics::codes::files as codes;
use eqlc_events::Timestamp;
use eqlc_ir::Rule;
use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use super::super::{not_evaluable, settings::RunSettings};
use super::taxonomy::{self, Foreign, Names};
use super::{Named, add_forms, with_options};

/// Extensions of plans.
const EXTENSIONS: [&str; 2] = ["bin", "plan"];

/// Whether a file is named as a plan is: `.bin` or `.plan`.
#[must_use]
pub fn is_plan_name(path: &Path) -> bool {
    let extension = path.extension().and_then(|extension| extension.to_str());
    extension.is_some_and(|extension| EXTENSIONS.iter().any(|known| extension.eq_ignore_ascii_case(known)))
}

/// The parameters of a run that are fixed in a plan: names of fields. Absent ones are those of each rule.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct FixedSettings {
    /// As [`RunSettings::timestamp_field`].
    pub timestamp_field: Option<String>,
    /// As [`RunSettings::tiebreaker_field`].
    pub tiebreaker_field: Option<String>,
    /// As [`RunSettings::category_field`].
    pub category_field: Option<String>,
    /// As [`RunSettings::log_source`].
    pub log_source: LogSourceFields,
}

impl FixedSettings {
    /// The settings of a run with these in their place.
    fn within(&self, run: RunSettings) -> RunSettings {
        RunSettings {
            timestamp_field: self.timestamp_field.clone(),
            tiebreaker_field: self.tiebreaker_field.clone(),
            category_field: self.category_field.clone(),
            log_source: self.log_source.clone(),
            // Limits make another rule of a rule; a plan has none but its own.
            size: None,
            ..run
        }
    }
}

/// What stands before the plans.
#[derive(Serialize, Deserialize)]
struct Head {
    rules: Vec<Named>,
    fixed: FixedSettings,
    variants: Vec<Variant>,
}

/// The plan for events with names of these kinds too.
#[derive(Clone, Serialize, Deserialize)]
struct Variant {
    names: Names,
    /// For each rule of the plan, which rule it is.
    origins: Vec<usize>,
    foreign: Vec<Foreign>,
    /// The rules that cannot be evaluated in the other names, and why.
    refused: Vec<(usize, String)>,
    /// How many bytes it takes, behind those of the variants before it.
    length: usize,
}

/// A file with a plan, read and found to be whole.
pub struct StoredPlan {
    name: String,
    head: Head,
    file: Vec<u8>,
    /// Where the first plan starts.
    start: usize,
}

impl std::fmt::Debug for StoredPlan {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("StoredPlan").field("name", &self.name).field("rules", &self.head.rules.len()).finish()
    }
}

/// What a run needs of a plan.
pub(super) struct Ready {
    pub(super) origins: Vec<usize>,
    pub(super) plan: Plan,
    pub(super) refused: Vec<Refused>,
    /// Rules that cannot be evaluated in other names, and why.
    pub(super) refused_forms: Vec<(usize, String)>,
    pub(super) foreign: Vec<Foreign>,
}

/// A file of a plan, and the rules that are left out of it, by their index, and why.
type Made = (Vec<u8>, Vec<(usize, Diagnostic)>);

impl StoredPlan {
    /// The file with the plan of these rules, the same bytes for the same rules. Rules that cannot be evaluated are
    /// left out.
    ///
    /// # Errors
    /// The plan could not be read again; E3027.
    pub fn make(rules: Vec<Rule>, fixed: FixedSettings) -> Result<Made, Box<Diagnostic>> {
        // Dates may hang on the instant of a run. That of no run is as good as any to find out what has no meaning at all.
        let now = Some(Timestamp::from_nanos(0));
        let settings = fixed.within(RunSettings { now, ..RunSettings::default() });
        let (rules, refused) = runnable(rules, &settings);
        let foreign = taxonomy::foreign_to(&rules);
        let flags = [false, true];
        let all = flags.into_iter().flat_map(|ecs| flags.map(|sigma| Names { ecs, sigma }));
        let wanted: Vec<Names> = all.filter(|names| names.and(foreign) == *names).collect();
        let made: Result<Vec<(Variant, Vec<u8>)>, Damaged> =
            wanted.into_par_iter().map(|names| variant(&rules, names, &settings)).collect();
        let bad =
            |error: &dyn std::fmt::Display| bad_plan("the plan", &format!("cannot be written: {error}"));
        let (variants, plans): (Vec<Variant>, Vec<Vec<u8>>) =
            made.map_err(|error| bad(&error))?.into_iter().unzip();
        let named = rules.iter().map(|rule| Named::of(rule, &settings)).collect();
        let head = Head { rules: named, fixed, variants };
        let mut content = postcard::to_stdvec(&head).map_err(|error| bad(&error))?;
        plans.iter().for_each(|plan| content.extend(plan));
        Ok((file::seal(&content), refused))
    }

    /// Reads a file, all of it at once.
    ///
    /// # Errors
    /// It cannot be read (E3016), or is no plan that this program can run (E3027).
    pub fn read(path: &Path) -> Result<Self, Box<Diagnostic>> {
        let name = path.display().to_string();
        let unreadable = |error: std::io::Error| {
            Box::new(Diagnostic::error(codes::UNREADABLE, format!("`{name}` cannot be read: {error}")))
        };
        let opened = std::fs::File::open(path).map_err(unreadable)?;
        let mut bytes = Vec::new();
        opened.take(file::MAX_BYTES.saturating_add(1)).read_to_end(&mut bytes).map_err(unreadable)?;
        if u64::try_from(bytes.len()).is_ok_and(|length| length > file::MAX_BYTES) {
            return Err(bad_plan(&format!("`{name}`"), "is larger than any plan"));
        }
        Self::of_bytes(&name, bytes)
    }

    /// The plan that the bytes of a file are.
    ///
    /// # Errors
    /// As [`Self::read`].
    pub fn of_bytes(name: &str, bytes: Vec<u8>) -> Result<Self, Box<Diagnostic>> {
        let quoted = format!("`{name}`");
        let content = file::open(&bytes).map_err(|error| bad_plan(&quoted, &error.to_string()))?;
        let (head, plans) = postcard::take_from_bytes::<Head>(content)
            .map_err(|error| bad_plan(&quoted, &format!("is damaged: {error}").to_lowercase()))?;
        let told = head.variants.iter().fold(0usize, |sum, variant| sum.saturating_add(variant.length));
        let is_rule = |origin: &usize| *origin < head.rules.len();
        let fits = told == plans.len()
            && head.variants.iter().any(|variant| variant.names == Names::default())
            && head.variants.iter().all(|variant| {
                variant.origins.iter().all(is_rule) && variant.refused.iter().all(|(rule, _)| is_rule(rule))
            });
        if !fits {
            return Err(bad_plan(&quoted, "is damaged: its parts do not fit together"));
        }
        let start = bytes.len().saturating_sub(plans.len());
        Ok(Self { name: name.to_owned(), head, start, file: bytes })
    }

    /// Whether a file starts as plans do.
    #[must_use]
    pub fn is_plan(path: &Path) -> bool {
        let mut start = [0; file::MAGIC.len()];
        let read = std::fs::File::open(path).and_then(|mut file| file.read_exact(&mut start));
        read.is_ok() && start == file::MAGIC
    }

    /// How many rules it holds.
    #[must_use]
    pub fn len(&self) -> usize {
        self.head.rules.len()
    }

    /// Whether it holds none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.head.rules.is_empty()
    }

    /// The settings of a run, with what is fixed in the plan.
    #[must_use]
    pub fn settings(&self, run: RunSettings) -> RunSettings {
        self.head.fixed.within(run)
    }

    pub(super) fn rules(&self) -> &[Named] {
        &self.head.rules
    }

    /// What a run at an instant needs, over events with names of these kinds too.
    pub(super) fn ready(&self, names: Names, now: Option<Timestamp>) -> Result<Ready, Box<Diagnostic>> {
        let damaged = |error: &str| bad_plan(&format!("`{}`", self.name), &format!("is damaged: {error}"));
        let mut start = self.start;
        let mut best: Option<(&Variant, usize)> = None;
        // Of the kinds that are asked for those that matter to the rules, which is the largest that there is.
        for variant in &self.head.variants {
            if variant.names.and(names) == variant.names
                && best.is_none_or(|(best, _)| best.names.and(variant.names) == best.names)
            {
                best = Some((variant, start));
            }
            start = start.saturating_add(variant.length);
        }
        let (variant, start) = best.ok_or_else(|| damaged("there is no plan in it"))?;
        let bytes = self.file.get(start..start.saturating_add(variant.length)).unwrap_or_default();
        let (plan, refused) =
            Plan::from_bytes(bytes, variant.origins.len(), now).map_err(|Damaged(error)| damaged(&error))?;
        let Variant { origins, foreign, refused: refused_forms, .. } = variant.clone();
        Ok(Ready { origins, plan, refused, refused_forms, foreign })
    }
}

/// The rules that can be evaluated, and those that cannot.
fn runnable(rules: Vec<Rule>, settings: &RunSettings) -> (Vec<Rule>, Vec<(usize, Diagnostic)>) {
    let with_options: Vec<(Rule, RunOptions)> = with_options(rules, settings);
    let listed: Vec<_> = with_options.iter().map(|(rule, options)| (rule, options)).collect();
    let (_, refused) = Plan::new(&listed);
    let refused: Vec<(usize, Diagnostic)> = refused
        .into_iter()
        .map(|(at, error)| {
            let name = with_options.get(at).map_or("", |(rule, _)| rule.meta.name.as_str());
            (at, not_evaluable(&format!("rule `{name}`"), &error))
        })
        .collect();
    let is_refused = |at: usize| refused.iter().any(|(known, _)| *known == at);
    let left = with_options.into_iter().enumerate().filter(|(at, _)| !is_refused(*at));
    (left.map(|(_, (rule, _))| rule).collect(), refused)
}

/// The plan for events with names of these kinds too.
fn variant(rules: &[Rule], names: Names, settings: &RunSettings) -> Result<(Variant, Vec<u8>), Damaged> {
    let forms = taxonomy::forms(rules, names);
    let mut all = rules.to_vec();
    let origins = add_forms(&mut all, forms.rules);
    let with_options = with_options(all, settings);
    let listed: Vec<_> = with_options.iter().map(|(rule, options)| (rule, options)).collect();
    let (plan, refused) = Plan::new(&listed);
    let bytes = plan.to_bytes(&listed)?;
    let refused = refused.into_iter();
    let refused = refused.filter_map(|(at, error)| Some((*origins.get(at)?, error.to_string()))).collect();
    Ok((Variant { names, origins, foreign: forms.foreign, refused, length: bytes.len() }, bytes))
}

fn bad_plan(what: &str, error: &str) -> Box<Diagnostic> {
    let help = "`eqlc compile -t native -o plan.bin RULES` makes a plan";
    Box::new(Diagnostic::error(codes::BAD_PLAN, format!("{what} {error}")).help(help))
}
