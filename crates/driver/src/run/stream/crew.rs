//! Batches on several threads: each reads and looks at whole batches by itself, and whoever is done with one follows and
//! writes what has its turn. Nobody waits for the others at the end of a batch, and no thread only waits.

use std::collections::BTreeMap;
use std::io;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;

use eqlc_backend_native::engine::{Before, Looked, Scout};
use eqlc_diagnostics::Diagnostic;
use eqlc_events::Batch;

use super::detector::Detector;
use super::picked::{Picked, Places, input_number, pick};
use super::reader::{Claim, Read};
use super::source::Source;
use super::{Sinks, State, Stream};

/// Batches that are on their way for each thread: one is looked at and one waits to be written.
const ON_THE_WAY: usize = 2;

/// A thread's own: what looks at events, and a filter.
type Member = (Scout, Option<Box<dyn Detector>>);

/// Threads that look at batches.
pub(super) struct Crew {
    members: Vec<Member>,
}

/// What members share.
struct Work<'a> {
    source: &'a Source,
    spares: Pool,
    /// The number of the batch that is claimed next.
    order: Mutex<u64>,
    queue: Mutex<Queue>,
    desk: Mutex<Desk<'a>>,
}

/// Memory of earlier batches. There is as much as batches may be on their way.
struct Pool {
    free: Mutex<Free>,
    freed: Condvar,
}

struct Free {
    spares: Vec<Spare>,
    /// Threads that wait for memory. To wake nobody takes a call of the system all the same.
    waiting: usize,
    is_closed: bool,
}

/// Memory of an earlier batch.
#[derive(Default)]
struct Spare {
    batch: Batch,
    looked: Looked,
}

/// What is looked at.
#[derive(Default)]
struct Queue {
    /// What was done before its turn.
    early: BTreeMap<u64, Done>,
    /// The number whose turn it is.
    turn: u64,
    /// Somebody concludes what has its turn, and sees what comes to it until then.
    is_served: bool,
}

/// Where batches are concluded.
struct Desk<'a> {
    stream: &'a mut Stream,
    state: &'a mut State,
    sinks: Sinks<'a>,
    places: Places,
    /// Lines of the input at hand before its next section.
    lines: usize,
    error: Option<io::Error>,
}

/// What a member took.
struct Job {
    number: u64,
    spare: Spare,
    taken: Taken,
}

enum Taken {
    /// Events of an input.
    Events { input: usize, taken: u64, lines: Lines },
    /// An input that cannot be opened.
    Failed(Diagnostic),
}

/// From where on the lines of a batch are counted.
enum Lines {
    /// From the start of its input.
    Input,
    /// From its own start: it is a section of its input. For the first, how many lines stand before it.
    Section(Option<usize>),
}

/// A job that is done.
struct Done {
    job: Job,
    picked: Picked,
}

/// Ends the work of all when its thread panics: what that had never has its turn.
struct Last<'a, 'b>(&'a Work<'b>);

impl Drop for Last<'_, '_> {
    fn drop(&mut self) {
        if thread::panicking() {
            self.0.end();
        }
    }
}

impl Crew {
    /// A thread for each scout, with a filter of its own where there is one.
    pub(super) fn new(scouts: Vec<Scout>, filters: Vec<Option<Box<dyn Detector>>>) -> Self {
        Self { members: scouts.into_iter().zip(filters).collect() }
    }

    /// Goes over all of a source; gives the scouts back.
    pub(super) fn run<'a>(
        self,
        stream: &'a mut Stream,
        source: &'a Source,
        state: &'a mut State,
        sinks: Sinks<'a>,
    ) -> io::Result<Vec<Scout>> {
        let work = Work {
            source,
            spares: Pool::new(self.members.len().saturating_mul(ON_THE_WAY)),
            order: Mutex::default(),
            queue: Mutex::default(),
            desk: Mutex::new(Desk { stream, state, sinks, places: Places::default(), lines: 0, error: None }),
        };
        let scouts = thread::scope(|scope| {
            let start = |member| {
                let work = &work;
                scope.spawn(move || work.of(member))
            };
            let threads: Vec<_> = self.members.into_iter().map(start).collect();
            let join = |thread: thread::ScopedJoinHandle<'_, Scout>| {
                thread.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))
            };
            threads.into_iter().map(join).collect()
        });
        let desk = work.desk.into_inner().unwrap_or_else(PoisonError::into_inner);
        desk.error.map_or(Ok(scouts), Err)
    }
}

impl Work<'_> {
    /// Looks at batches until there are no more.
    fn of(&self, (mut scout, mut filter): Member) -> Scout {
        let _last = Last(self);
        while let Some(mut job) = self.next() {
            let mut picked = Picked::default();
            if let Taken::Events { input, .. } = job.taken {
                let Spare { batch, looked } = &mut job.spare;
                let mut events = Vec::with_capacity(batch.len());
                // How much stands before it is known when it has its turn.
                picked = pick(batch, (input_number(input), 0), filter.as_deref_mut(), &mut events);
                scout.look(&events, looked);
            }
            self.hand_in(Done { job, picked });
        }
        scout
    }

    /// What is to be looked at next; none when nothing is left, or nobody wants it.
    fn next(&self) -> Option<Job> {
        let mut spare = self.spares.take()?;
        let (number, claim) = {
            let mut next = lock(&self.order);
            let claim = self.source.claim(&mut spare.batch)?;
            let number = *next;
            *next = number.saturating_add(1);
            (number, claim)
        };
        let taken = match claim {
            Claim::Read(Read::Events { input, taken }) => Taken::Events { input, taken, lines: Lines::Input },
            Claim::Read(Read::Failed(diagnostic)) => Taken::Failed(diagnostic),
            Claim::Section(section) => {
                section.read(&mut spare.batch);
                let lines = Lines::Section(section.lines_before);
                Taken::Events { input: section.input, taken: section.taken, lines }
            }
        };
        Some(Job { number, spare, taken })
    }

    /// Concludes what has its turn, unless somebody is at it.
    fn hand_in(&self, done: Done) {
        {
            let mut queue = lock(&self.queue);
            queue.early.insert(done.job.number, done);
            if queue.is_served {
                return;
            }
            queue.is_served = true;
        }
        let mut desk = lock(&self.desk);
        if let Err(error) = self.serve(&mut desk) {
            desk.error = Some(error);
            // Nobody serves again.
            self.end();
        }
    }

    /// Concludes until what has its turn is not done yet.
    fn serve(&self, desk: &mut Desk<'_>) -> io::Result<()> {
        loop {
            let done = lock(&self.queue).next();
            let Some(done) = done else { return Ok(()) };
            let spare = desk.conclude(done, self.source)?;
            self.spares.put(spare);
        }
    }

    /// Those who wait for more of the source, or for memory, are not to.
    fn end(&self) {
        let _ = self.source.stopper().stop();
        self.spares.close();
    }
}

impl Pool {
    fn new(count: usize) -> Self {
        let spares = std::iter::repeat_with(Spare::default).take(count).collect();
        Self { free: Mutex::new(Free { spares, waiting: 0, is_closed: false }), freed: Condvar::new() }
    }

    /// Memory for a batch, once there is some; none when the work is at its end.
    fn take(&self) -> Option<Spare> {
        let mut free = lock(&self.free);
        loop {
            if free.is_closed {
                return None;
            }
            if let Some(spare) = free.spares.pop() {
                return Some(spare);
            }
            free.waiting = free.waiting.saturating_add(1);
            free = self.freed.wait(free).unwrap_or_else(PoisonError::into_inner);
            free.waiting = free.waiting.saturating_sub(1);
        }
    }

    fn put(&self, spare: Spare) {
        let mut free = lock(&self.free);
        free.spares.push(spare);
        if free.waiting > 0 {
            self.freed.notify_one();
        }
    }

    fn close(&self) {
        lock(&self.free).is_closed = true;
        self.freed.notify_all();
    }
}

impl Queue {
    /// What has its turn. Where there is none, whoever serves is to stop.
    fn next(&mut self) -> Option<Done> {
        let done = self.early.remove(&self.turn);
        match done {
            Some(_) => self.turn = self.turn.saturating_add(1),
            None => self.is_served = false,
        }
        done
    }
}

impl Desk<'_> {
    /// Follows and writes what has its turn, so that it is seen; gives its memory back.
    fn conclude(&mut self, Done { job, mut picked }: Done, source: &Source) -> io::Result<Spare> {
        let Job { mut spare, taken, .. } = job;
        match taken {
            Taken::Failed(finding) => self.sinks.1.found(&finding)?,
            Taken::Events { input, taken, lines } => {
                let before = self.place((input, lines), &mut spare.batch);
                picked.stand_behind(before);
                let Self { stream, state, sinks: (out, listener), .. } = self;
                stream.detector.follow(&mut spare.looked, before, &mut state.found, &mut state.bad);
                let sinks: Sinks<'_> = (&mut **out, &mut **listener);
                stream.conclude((&spare.batch, input, taken), &picked, source, (state, sinks))?;
            }
        }
        self.sinks.0.flush()?;
        self.sinks.1.idle()?;
        Ok(spare)
    }

    /// How much stands before a batch whose turn it is.
    fn place(&mut self, (input, lines): (usize, Lines), batch: &mut Batch) -> Before {
        let (_, events) = self.places.begin(input, batch);
        let Lines::Section(known) = lines else { return Before { events, lines: 0 } };
        let before = known.unwrap_or(self.lines);
        self.lines = before.saturating_add(batch.lines());
        batch.add_lines(before);
        Before { events, lines: before as u64 }
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
