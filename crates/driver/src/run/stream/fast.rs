//! The fast evaluator as a detector.

use std::sync::Arc;

use eqlc_backend_native::engine::{
    Before, Detection, Given, Looked, Malformed, Place, Plan, Refused, Scout, Session, Stats,
};
use eqlc_backend_native::reference::{RunError, RunOptions};
use eqlc_ir::Rule;

use super::StreamSettings;
use super::detector::Detector;

/// All rules in one plan.
pub(super) struct Fast {
    session: Session,
    threads: usize,
    /// Rules that cannot be evaluated.
    refused: Vec<Refused>,
}

impl Fast {
    /// The rules that can be evaluated; those that cannot have failed.
    pub(super) fn new(rules: &[(Rule, RunOptions)], settings: &StreamSettings) -> Self {
        let listed: Vec<(&Rule, &RunOptions)> = rules.iter().map(|(rule, options)| (rule, options)).collect();
        let (plan, refused) = Plan::new(&listed);
        Self::of_plan(plan, refused, settings)
    }

    /// Rules that are compiled, and those of them that cannot be evaluated.
    pub(super) fn of_plan(plan: Plan, refused: Vec<Refused>, settings: &StreamSettings) -> Self {
        let threads = match settings.threads {
            0 => std::thread::available_parallelism().map_or(1, usize::from),
            threads => threads,
        };
        let threads = threads.max(1);
        Self { session: Session::new(Arc::new(plan), &settings.stream, threads), threads, refused }
    }
}

impl Detector for Fast {
    fn event(&mut self, json: &[u8], place: Place, out: &mut Vec<Detection>) -> Result<(), Malformed> {
        self.session.event(json, place, out)
    }

    fn events(
        &mut self,
        events: &[(Place, &[u8])],
        out: &mut Vec<Detection>,
        malformed: &mut Vec<(usize, Malformed)>,
    ) {
        self.session.batch(events, out, malformed);
    }

    fn take_scouts(&mut self) -> Vec<Scout> {
        if self.threads > 1 { self.session.take_scouts() } else { Vec::new() }
    }

    fn return_scouts(&mut self, scouts: Vec<Scout>) {
        self.session.return_scouts(scouts);
    }

    fn follow(
        &mut self,
        looked: &mut Looked,
        before: Before,
        out: &mut Vec<Detection>,
        malformed: &mut Vec<(usize, Malformed)>,
    ) {
        self.session.follow(looked, before, out, malformed);
    }

    fn finish(&mut self, out: &mut Vec<Detection>) {
        self.session.finish(out);
    }

    fn given(&self) -> Given {
        self.session.given()
    }

    fn stats(&self) -> Stats {
        self.session.stats()
    }

    fn failures(&mut self) -> Vec<(usize, RunError)> {
        let mut failures = std::mem::take(&mut self.refused);
        failures.append(&mut self.session.failures());
        failures
    }

    fn explain(&self) -> String {
        self.session.explain()
    }
}
