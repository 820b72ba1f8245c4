//! Work on inputs each of which takes seconds and not milliseconds: every core has some to the end.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError, mpsc};

use crate::batch::Bytes;
use crate::input::Input;

/// How far an input may be ahead of the first one that is not done: what came of those between is kept until it is.
const AHEAD: usize = 512;

/// Gives `done` what `work` makes of each input, in their order and as soon as it is their turn. Work begins with those
/// that have most to read, so that no long one is left when the others are done. Not to be called from a thread of the
/// pool, which would wait for itself.
///
/// # Errors
/// The first one of `done`; no more work is begun then.
pub(crate) fn each<T: Send, E>(
    read: Vec<(&Input, Bytes)>,
    work: impl Fn(&Input, Bytes) -> T + Sync,
    mut done: impl FnMut(T) -> Result<(), E>,
) -> Result<(), E> {
    let queue = Mutex::new(Queue::new(read));
    let open = || queue.lock().unwrap_or_else(PoisonError::into_inner);
    let (open, work) = (&open, &work);
    rayon::in_place_scope(|scope| {
        let (send, receive) = mpsc::channel();
        for _ in 0..rayon::current_num_threads() {
            let send = send.clone();
            scope.spawn(move |_| {
                loop {
                    let next = open().next();
                    let Some((at, (input, bytes))) = next else { return };
                    // Nobody listens any more when `done` has failed.
                    if send.send((at, work(input, bytes))).is_err() {
                        return;
                    }
                }
            });
        }
        drop(send);
        let mut waiting = BTreeMap::new();
        let mut turn = 0;
        for (at, made) in receive {
            waiting.insert(at, made);
            while let Some(made) = waiting.remove(&turn) {
                done(made)?;
                turn += 1;
            }
            open().turn = turn;
        }
        Ok(())
    })
}

/// Inputs that wait for work.
struct Queue<'a> {
    waiting: Vec<Option<(&'a Input, Bytes)>>,
    /// The first input that is not done.
    turn: usize,
}

impl<'a> Queue<'a> {
    fn new(read: Vec<(&'a Input, Bytes)>) -> Self {
        Self { waiting: read.into_iter().map(Some).collect(), turn: 0 }
    }

    /// The longest input that is not too far ahead, else the next one.
    fn next(&mut self) -> Option<(usize, (&'a Input, Bytes))> {
        let length = |waiting: &Option<(&Input, Bytes)>| {
            waiting.as_ref().map(|(_, bytes)| bytes.as_ref().map_or(0, Vec::len))
        };
        let near = self.waiting.iter().enumerate().skip(self.turn).take(AHEAD);
        let longest = near.filter_map(|(at, waiting)| Some((length(waiting)?, std::cmp::Reverse(at)))).max();
        let at = match longest {
            Some((_, std::cmp::Reverse(at))) => at,
            None => self.waiting.iter().position(Option::is_some)?,
        };
        Some((at, self.waiting.get_mut(at)?.take()?))
    }
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;

    use super::*;

    fn inputs(count: usize) -> Vec<Input> {
        let input = |at: usize| Input { path: None, relative: PathBuf::from(at.to_string()) };
        (0..count).map(input).collect()
    }

    fn read(inputs: &[Input]) -> Vec<(&Input, Bytes)> {
        inputs.iter().enumerate().map(|(at, input)| (input, Ok(vec![0; at % 7 * 10]))).collect()
    }

    #[test]
    fn results_come_in_the_order_of_the_inputs() {
        let inputs = inputs(AHEAD * 2 + 3);
        let mut found = Vec::new();
        let done = |name: PathBuf| {
            found.push(name);
            Ok::<(), ()>(())
        };
        each(read(&inputs), |input, _| input.relative.clone(), done).unwrap();
        assert_eq!(found, inputs.into_iter().map(|input| input.relative).collect::<Vec<_>>());
    }

    #[test]
    fn the_longest_of_those_that_are_near_is_first() {
        let inputs = inputs(AHEAD + 10);
        let mut queue = Queue::new(read(&inputs));
        let first: Vec<usize> = (0..3).map(|_| queue.next().unwrap().0).collect();
        assert_eq!(first, [6, 13, 20]);
        queue.waiting.iter_mut().take(AHEAD).for_each(|waiting| *waiting = None);
        assert_eq!(queue.next().unwrap().0, AHEAD);
        queue.turn = AHEAD;
        assert_eq!(queue.next().unwrap().0, (AHEAD..AHEAD + 10).find(|at| at % 7 == 6).unwrap());
    }

    #[test]
    fn an_error_ends_the_work() {
        let inputs = inputs(50);
        let mut found = 0;
        let done = |_| {
            found += 1;
            if found == 3 { Err("full") } else { Ok(()) }
        };
        assert_eq!(each(read(&inputs), |_, _| (), done), Err("full"));
        assert_eq!(found, 3);
    }
}
