//! Limits on the list of matches (`eql-semantics.md` §8).

use eqlc_ir::Pipe;

use super::{ResultPosition, RunOptions};

/// The size of the request first, counted from the end that the first pipe names, else from the request's;
/// then the pipes, left to right. The list stays ascending (§8.4).
pub(crate) fn apply<T>(matches: Vec<T>, pipes: &[Pipe], options: &RunOptions) -> Vec<T> {
    let from_tail = from_tail(pipes, options);
    let sized = match options.size {
        Some(size) => limit(matches, size, from_tail),
        None => matches,
    };
    pipes.iter().fold(sized, |matches, pipe| match pipe {
        Pipe::Head(count) => limit(matches, usize::try_from(*count).unwrap_or(usize::MAX), false),
        Pipe::Tail(count) => limit(matches, usize::try_from(*count).unwrap_or(usize::MAX), true),
    })
}

/// Whether the size of the request counts from the end.
pub(crate) fn from_tail(pipes: &[Pipe], options: &RunOptions) -> bool {
    match pipes.first() {
        Some(Pipe::Head(_)) => false,
        Some(Pipe::Tail(_)) => true,
        None => options.result_position == ResultPosition::Tail,
    }
}

fn limit<T>(mut matches: Vec<T>, count: usize, from_tail: bool) -> Vec<T> {
    if from_tail {
        let excess = matches.len().saturating_sub(count);
        matches.drain(..excess);
    } else {
        matches.truncate(count);
    }
    matches
}
