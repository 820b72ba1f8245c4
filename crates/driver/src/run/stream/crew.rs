//! Batches on several threads: each reads and looks at whole batches by itself, and what came of them is followed and
//! written in their order. Nobody waits for the others at the end of a batch.

use std::collections::BTreeMap;
use std::io;
use std::sync::mpsc::{Receiver, Sender, TryRecvError, channel};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::thread;

use eqlc_backend_native::engine::{Looked, Scout};
use eqlc_diagnostics::Diagnostic;
use eqlc_events::Batch;

use super::detector::Detector;
use super::picked::{Picked, Places, pick};
use super::reader::Read;
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

/// Memory of an earlier batch. There are as many as batches may be on their way.
#[derive(Default)]
struct Spare {
    batch: Batch,
    looked: Looked,
}

/// What members take their work from.
struct Feed<'a> {
    source: &'a Source,
    spares: Mutex<Receiver<Spare>>,
    order: Mutex<Order>,
}

/// What comes next.
#[derive(Default)]
struct Order {
    number: u64,
    places: Places,
}

/// What a member took.
struct Job {
    number: u64,
    spare: Spare,
    taken: Taken,
}

enum Taken {
    /// Events of an input; where they stand: the input, and the place of the first among all.
    Events { input: usize, place: (u32, u64), taken: u64 },
    /// An input that cannot be opened.
    Failed(Diagnostic),
}

/// A job that is done.
struct Done {
    job: Job,
    picked: Picked,
}

/// What a thread says: none when it panics.
type Told = Option<Done>;

/// Says so when its thread panics.
struct Last<'a>(&'a Sender<Told>);

impl Drop for Last<'_> {
    fn drop(&mut self) {
        if thread::panicking() {
            // Without a listener nobody waits for it.
            let _ = self.0.send(None);
        }
    }
}

impl Crew {
    /// A thread for each scout, with a filter of its own where there is one.
    pub(super) fn new(scouts: Vec<Scout>, filters: Vec<Option<Box<dyn Detector>>>) -> Self {
        Self { members: scouts.into_iter().zip(filters).collect() }
    }

    /// Goes over all of a source; gives the scouts back.
    pub(super) fn run(
        self,
        stream: &mut Stream,
        source: &Source,
        state: &mut State,
        sinks: Sinks<'_>,
    ) -> io::Result<Vec<Scout>> {
        let (back, spares) = channel();
        for _ in 0..self.members.len().saturating_mul(ON_THE_WAY) {
            // Its other end stands here.
            let _ = back.send(Spare::default());
        }
        let feed = Feed { source, spares: Mutex::new(spares), order: Mutex::default() };
        thread::scope(|scope| {
            let (to, done) = channel();
            let start = |member| {
                let (feed, to) = (&feed, to.clone());
                scope.spawn(move || work(member, feed, &to))
            };
            let threads: Vec<_> = self.members.into_iter().map(start).collect();
            drop(to);
            let mut turns = Turns { done, back, early: BTreeMap::new(), turn: 0 };
            let ran = turns.run(stream, source, state, sinks);
            if !matches!(ran, Ok(Ended::Read)) {
                // Those who wait for more of the source are not to.
                let _ = source.stopper().stop();
            }
            // With it go the spares, and who waits for one.
            drop(turns);
            let join = |thread: thread::ScopedJoinHandle<'_, Scout>| {
                thread.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))
            };
            let scouts = threads.into_iter().map(join).collect();
            ran.map(|_| scouts)
        })
    }
}

/// Looks at batches until there are no more.
fn work((mut scout, mut filter): Member, feed: &Feed<'_>, to: &Sender<Told>) -> Scout {
    let _last = Last(to);
    while let Some(mut job) = feed.next() {
        let mut picked = Picked::default();
        if let Taken::Events { place, .. } = job.taken {
            let Spare { batch, looked } = &mut job.spare;
            let mut events = Vec::with_capacity(batch.len());
            picked = pick(batch, place, filter.as_deref_mut(), &mut events);
            scout.look(&events, looked);
        }
        if to.send(Some(Done { job, picked })).is_err() {
            break;
        }
    }
    scout
}

impl Feed<'_> {
    /// What is to be looked at next; none when nothing is left, or nobody wants it.
    fn next(&self) -> Option<Job> {
        let mut spare = lock(&self.spares).recv().ok()?;
        let mut order = lock(&self.order);
        // Who writes sees to it that what is written is seen.
        let taken = match self.source.next(&mut spare.batch, &mut || Ok(())).ok()?? {
            Read::Events { input, taken } => {
                Taken::Events { input, place: order.places.begin(input, &spare.batch), taken }
            }
            Read::Failed(diagnostic) => Taken::Failed(diagnostic),
        };
        let number = order.number;
        order.number = number.saturating_add(1);
        Some(Job { number, spare, taken })
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// How the members ended.
enum Ended {
    /// All is read.
    Read,
    /// One panicked.
    Lost,
}

/// Brings what members tell into its order.
struct Turns {
    done: Receiver<Told>,
    back: Sender<Spare>,
    /// What was done before its turn.
    early: BTreeMap<u64, Done>,
    /// The number whose turn it is.
    turn: u64,
}

impl Turns {
    /// Follows and writes all that is told.
    fn run(
        &mut self,
        stream: &mut Stream,
        source: &Source,
        state: &mut State,
        (out, listener): Sinks<'_>,
    ) -> io::Result<Ended> {
        loop {
            let told = match self.done.try_recv() {
                Ok(told) => told,
                Err(TryRecvError::Disconnected) => return Ok(Ended::Read),
                Err(TryRecvError::Empty) => {
                    out.flush()?;
                    listener.idle()?;
                    match self.done.recv() {
                        Ok(told) => told,
                        Err(_) => return Ok(Ended::Read),
                    }
                }
            };
            // What the thread had is lost; the panic goes on where it is joined.
            let Some(done) = told else { return Ok(Ended::Lost) };
            self.early.insert(done.job.number, done);
            while let Some(done) = self.early.remove(&self.turn) {
                self.turn = self.turn.saturating_add(1);
                self.conclude(done, stream, source, (state, (out, listener)))?;
            }
        }
    }

    /// Follows and writes what has its turn.
    fn conclude(
        &self,
        Done { job, picked }: Done,
        stream: &mut Stream,
        source: &Source,
        (state, (out, listener)): (&mut State, Sinks<'_>),
    ) -> io::Result<()> {
        let Job { mut spare, taken, .. } = job;
        match taken {
            Taken::Failed(finding) => listener.found(&finding)?,
            Taken::Events { input, taken, .. } => {
                stream.detector.follow(&mut spare.looked, &mut state.found, &mut state.bad);
                stream.conclude((&spare.batch, input, taken), &picked, source, (state, (out, listener)))?;
            }
        }
        // At the end nobody takes it.
        let _ = self.back.send(spare);
        Ok(())
    }
}
