//! Limits on the list of matches (`eql-semantics.md` §8).

use eqlc_ir::Pipe;

use super::{Match, ResultPosition, RunOptions};

/// The size of the request first, counted from the end that the first pipe names, else from the request's;
/// then the pipes, left to right. The list stays ascending (§8.4).
pub(super) fn apply(matches: Vec<Match>, pipes: &[Pipe], options: &RunOptions) -> Vec<Match> {
    let from_tail = match pipes.first() {
        Some(Pipe::Head(_)) => false,
        Some(Pipe::Tail(_)) => true,
        None => options.result_position == ResultPosition::Tail,
    };
    let sized = match options.size {
        Some(size) => limit(matches, size, from_tail),
        None => matches,
    };
    pipes.iter().fold(sized, |matches, pipe| match pipe {
        Pipe::Head(count) => limit(matches, usize::try_from(*count).unwrap_or(usize::MAX), false),
        Pipe::Tail(count) => limit(matches, usize::try_from(*count).unwrap_or(usize::MAX), true),
    })
}

fn limit(mut matches: Vec<Match>, count: usize, from_tail: bool) -> Vec<Match> {
    if from_tail {
        let excess = matches.len().saturating_sub(count);
        matches.drain(..excess);
    } else {
        matches.truncate(count);
    }
    matches
}
