//! Inputs a batch at a time: what a long run holds in memory is the text of its inputs, and the trees of one batch.

use eqlc_diagnostics::Diagnostic;
use eqlc_ir::{Rule, normalise};
use rayon::prelude::*;

use crate::input::Input;
use crate::load::{LoadOptions, Unit, load_as, load_read};

/// How many inputs are loaded at a time: enough for every core to have work, few enough for their trees to stay in
/// the caches.
const BATCH: usize = 128;
/// The same where an input takes seconds and not milliseconds: while the last ones of a batch are worked on, cores wait.
const LONG_BATCH: usize = 512;

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
    long: bool,
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
        Self { read, options, work, long: false }
    }

    /// For work that takes long: in larger batches, the longest texts first.
    pub(crate) fn long(self) -> Self {
        Self { long: true, ..self }
    }
}

impl<T: Send, W: Fn(&Input, Bytes, &LoadOptions) -> T + Sync> Iterator for Batches<'_, W> {
    type Item = Vec<T>;

    fn next(&mut self) -> Option<Vec<T>> {
        if self.read.is_empty() {
            return None;
        }
        let rest = self.read.len().saturating_sub(if self.long { LONG_BATCH } else { BATCH });
        let batch: Vec<_> = self.read.split_off(rest).into_iter().rev().collect();
        let (options, work) = (&self.options, &self.work);
        let one = |(input, bytes)| work(input, bytes, options);
        Some(if self.long { longest_first(batch, one) } else { batch.into_par_iter().map(one).collect() })
    }
}

/// What `work` makes of each input, in their order; begun with those that have most to read.
fn longest_first<'a, T: Send>(
    batch: Vec<(&'a Input, Bytes)>,
    work: impl Fn((&'a Input, Bytes)) -> T + Sync,
) -> Vec<T> {
    let mut numbered: Vec<_> = batch.into_iter().enumerate().collect();
    let length = |bytes: &Bytes| bytes.as_ref().map_or(0, Vec::len);
    numbered.sort_by_key(|(_, (_, bytes))| std::cmp::Reverse(length(bytes)));
    let done = numbered.into_par_iter().with_max_len(1).map(|(at, read)| (at, work(read)));
    let mut done: Vec<(usize, T)> = done.collect();
    done.sort_by_key(|(at, _)| *at);
    done.into_iter().map(|(_, made)| made).collect()
}
