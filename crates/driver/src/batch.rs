//! Inputs a batch at a time: what a long run holds in memory is the text of its inputs, and the trees of one batch.

use eqlc_diagnostics::Diagnostic;
use eqlc_ir::{Rule, normalise};
use rayon::prelude::*;

use crate::input::Input;
use crate::load::{LoadOptions, Unit, load_as, load_read};

/// How many inputs are loaded at a time: enough for every core to have work, few enough for their trees to stay in
/// the caches.
const BATCH: usize = 128;

/// What became of reading an input.
pub(crate) type Bytes = Result<Vec<u8>, Box<Diagnostic>>;

/// Reads inputs, several at a time.
pub(crate) fn read(inputs: &[Input]) -> Vec<(&Input, Bytes)> {
    inputs.par_iter().map(|input| (input, input.read())).collect()
}

/// Loads inputs, several at a time; results in the order of the inputs.
#[must_use]
pub fn load(inputs: &[Input], options: LoadOptions) -> Vec<Unit> {
    Batches::new(inputs, options, load_read).flatten().collect()
}

/// Loads inputs for nothing but their rules in normal form, several at a time; units without rules, in the order of the
/// inputs, each with its rules. No more than the trees of a batch are held at once.
pub fn load_rules(inputs: &[Input], options: LoadOptions) -> impl Iterator<Item = (Unit, Vec<Rule>)> {
    let rules = |input: &Input, bytes: Bytes, options: &LoadOptions| {
        load_as(input, bytes, options, |_, _, lowered| normalise(lowered))
    };
    Batches::new(inputs, options, rules).flatten()
}

/// The inputs of a run, read; each item is what `work` makes of the next batch of them, in their order.
pub(crate) struct Batches<'a, W> {
    read: Vec<(&'a Input, Bytes)>,
    options: LoadOptions,
    work: W,
}

impl<'a, W> Batches<'a, W> {
    pub(crate) fn new<T>(inputs: &'a [Input], options: LoadOptions, work: W) -> Self
    where
        W: Fn(&Input, Bytes, &LoadOptions) -> T + Sync,
    {
        let mut read = read(inputs);
        let options = options.of_files(&read);
        // The next batch is taken from the end.
        read.reverse();
        Self { read, options, work }
    }
}

impl<T: Send, W: Fn(&Input, Bytes, &LoadOptions) -> T + Sync> Iterator for Batches<'_, W> {
    type Item = Vec<T>;

    fn next(&mut self) -> Option<Vec<T>> {
        if self.read.is_empty() {
            return None;
        }
        let rest = self.read.len().saturating_sub(BATCH);
        let batch: Vec<_> = self.read.split_off(rest).into_iter().rev().collect();
        let (options, work) = (&self.options, &self.work);
        Some(batch.into_par_iter().map(|(input, bytes)| work(input, bytes, options)).collect())
    }
}
