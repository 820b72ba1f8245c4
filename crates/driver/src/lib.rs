//! The registry of backends, the pipeline and batches: all that the command line, and whatever else embeds
//! eqlc, calls.
//!
//! ```text
//! Inputs::rules ─▶ load ─▶ Unit { rules, diagnostics } ─▶ compile ─▶ Artifact
//!                                                      ├▶ verify  ─▶ TargetReport
//!                                                      └▶ run     ─▶ matches
//! ```

mod ast;
mod batch;
mod compile;
mod diff;
mod explain;
mod fields;
mod format;
mod guide;
mod in_turn;
mod input;
mod lint;
mod load;
mod made;
mod output;
mod pipelines;
mod placeholders;
mod registry;
mod rule_tests;
mod run;
mod schema;
mod sigma;
mod verify;

pub use ast::Ast;
pub use batch::{load, load_rules};
pub use compile::{Chosen, Compiled, CompiledUnit, RuleOutputs, compile, compile_inputs, legal};
pub use diff::{
    NotCompared, Pairing, RuleOf, RulesCompared, diff_pairs, diff_rules, pair, rules_of, split_selector,
};
pub use explain::{
    ConditionNode, EventPlace, ExplainedEvent, ExplainedKey, ExplainedQuery, ExplainedSequence,
    ExplainedWindow, FilledStage, OtherKey, RuleExplanation, SeenValues, SequenceEnd, SourcePlace,
    explain_rule,
};
pub use fields::{FieldFate, FieldRow, FieldsReport, Outcome as FieldOutcome, Tested, fields};
pub use format::{Formatted, format_inputs};
pub use guide::{GuidePacks, guide_packs};
pub use input::{FIXTURE_SUFFIX, Input, Inputs, STDIN};
pub use lint::{Fixed, Lints, fix};
pub use load::{Fixture, LoadOptions, LoadedRule, Unit, fixture, load_bytes, load_query};
pub use made::{
    MadeSettings, MadeStreams, events_as_lines, make_streams, streams_as_fixture, streams_as_json,
};
pub use output::{OutputFolder, write_whole};
pub use pipelines::{NO_PIPELINE, UserPipelines, read_pipelines};
pub use placeholders::{UserPlaceholders, read_placeholders};
pub use registry::Registry;
pub use rule_tests::{
    AlternativeCoverage, Blessed, CaseOutcome, CaseReport, Layout, Outcomes, RuleCoverage, RuleTests,
    TestCoverage, TestData, TestRound, TestSettings, TestWatch, UnitTests, bless, test_units,
};
pub use run::{
    Detection, Detector, Engine, EventFilter, EventInput, FixedSettings, Listener, LogSourceFields,
    Malformed, Names, PartialLimits, Place, RESPONSE_SIZE, ResultPosition, RunOutput, RunReport, RunSettings,
    Source, StatsReport, Stop, StoredPlan, Stream, StreamCounts, StreamOptions, StreamReport, StreamSettings,
    detector, is_plan_name, run_rules,
};
pub use schema::{UserSchema, read_schemas};
pub use sigma::SigmaFiles;
pub use verify::{RuleReport, UnitReport, prove_rule, relower, verify_inputs, verify_rule};

pub use eqlc_eql::Dialect;
pub use eqlc_events::{DateSpan, Timestamp};

pub use eqlc_backend::{Artifact, Backend, Construct, Direction, Loss, Requirement, Settings, Target};
pub use eqlc_verify::diff::{Basis, Decider, Only, Relation, RuleDiff, Separation, Way};
pub use eqlc_verify::{
    Budget, Circumstance, Cut, Effort, Failure, JudgedLoss, Law, Outcome, Proof, RULE_TIME, STREAMS,
    Separating, Side, TargetReport, Verdict, Work,
};
/// Events made from rules.
pub use eqlc_witness as witness;
