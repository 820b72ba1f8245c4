//! Batches on several threads: each looks at whole batches by itself, and what came of them is followed and written in
//! their order. Nobody waits for the others at the end of a batch.

use std::collections::BTreeMap;
use std::io;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Mutex, PoisonError};
use std::thread;

use eqlc_backend_native::engine::{Looked, Scout};
use eqlc_events::Batch;

use super::detector::Detector;
use super::picked::{Picked, pick};
use super::source::{Message, Next, Source};
use super::{Sinks, State, Stream};

/// Batches that are on their way for each thread: one is looked at and one waits.
const ON_THE_WAY: usize = 2;

/// A thread's own: what looks at events, and a filter.
type Member = (Scout, Option<Box<dyn Detector>>);

/// Threads that look at batches.
pub(super) struct Crew {
    members: Vec<Member>,
}

/// A batch to be looked at.
struct Job {
    number: u64,
    input: usize,
    /// Where its events stand: the input, and the place of the first among all.
    place: (u32, u64),
    batch: Batch,
    taken: u64,
    /// Memory of an earlier batch.
    looked: Looked,
}

/// A batch that was looked at.
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

/// What is on its way.
struct Ways<'a> {
    jobs: Sender<Job>,
    done: &'a Receiver<Told>,
    /// Batches that were looked at before their turn.
    early: BTreeMap<u64, Done>,
    /// The number of the next batch that is sent.
    sent: u64,
    /// The number of the next batch whose turn it is.
    turn: u64,
    spare: Vec<Looked>,
    /// Whether a thread is gone.
    lost: bool,
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
        let most = self.members.len().saturating_mul(ON_THE_WAY);
        let (jobs, waiting) = channel::<Job>();
        let (to, done) = channel();
        let waiting = Mutex::new(waiting);
        thread::scope(|scope| {
            let start = |member| {
                let (waiting, to) = (&waiting, to.clone());
                scope.spawn(move || work(member, waiting, &to))
            };
            let threads: Vec<_> = self.members.into_iter().map(start).collect();
            drop(to);
            let (early, spare) = (BTreeMap::new(), Vec::new());
            let ways = Ways { jobs, done: &done, early, sent: 0, turn: 0, spare, lost: false };
            // With the ways goes what sends jobs, and the threads end.
            let ran = ways.run(stream, source, state, (most, sinks));
            let join = |thread: thread::ScopedJoinHandle<'_, Scout>| {
                thread.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))
            };
            let scouts = threads.into_iter().map(join).collect();
            ran.map(|()| scouts)
        })
    }
}

/// Looks at batches until there are no more.
fn work((mut scout, mut filter): Member, waiting: &Mutex<Receiver<Job>>, to: &Sender<Told>) -> Scout {
    let _last = Last(to);
    loop {
        let next = waiting.lock().unwrap_or_else(PoisonError::into_inner).recv();
        let Ok(mut job) = next else { return scout };
        let mut events = Vec::with_capacity(job.batch.len());
        let picked = pick(&job.batch, job.place, filter.as_deref_mut(), &mut events);
        scout.look(&events, &mut job.looked);
        if to.send(Some(Done { job, picked })).is_err() {
            return scout;
        }
    }
}

impl Ways<'_> {
    fn run(
        mut self,
        stream: &mut Stream,
        source: &Source,
        state: &mut State,
        (most, (out, listener)): (usize, Sinks<'_>),
    ) -> io::Result<()> {
        loop {
            while let Ok(told) = self.done.try_recv() {
                self.take(told);
            }
            self.conclude(stream, source, state, (out, listener))?;
            if self.lost {
                return Ok(());
            }
            let next = if self.on_the_way() < most { source.poll() } else { Next::Nothing };
            match next {
                Next::Ready(Message::Batch { input, batch, taken }) => {
                    let place = state.begin(input, &batch);
                    let (number, looked) = (self.sent, self.spare.pop().unwrap_or_default());
                    self.sent = self.sent.saturating_add(1);
                    // The threads end only after what sends to them.
                    let _ = self.jobs.send(Job { number, input, place, batch, taken, looked });
                }
                Next::Ready(Message::Failed(finding)) => {
                    self.drain(stream, source, state, (out, listener))?;
                    listener.found(&finding)?;
                }
                Next::Ready(Message::Stopped) | Next::End => {
                    return self.drain(stream, source, state, (out, listener));
                }
                Next::Nothing if self.on_the_way() > 0 => self.wait(),
                Next::Nothing => {
                    out.flush()?;
                    listener.idle()?;
                    source.wait();
                }
            }
        }
    }

    fn on_the_way(&self) -> usize {
        usize::try_from(self.sent.saturating_sub(self.turn)).unwrap_or(usize::MAX)
    }

    /// Waits for some batch that is on its way.
    fn wait(&mut self) {
        self.take(self.done.recv().unwrap_or(None));
    }

    fn take(&mut self, told: Told) {
        match told {
            Some(done) => drop(self.early.insert(done.job.number, done)),
            // What the thread had is lost: the run ends, and the panic goes on where the thread is joined.
            None => {
                self.turn = self.sent;
                self.lost = true;
            }
        }
    }

    /// Follows and writes the batches whose turn it is.
    fn conclude(
        &mut self,
        stream: &mut Stream,
        source: &Source,
        state: &mut State,
        (out, listener): Sinks<'_>,
    ) -> io::Result<()> {
        while let Some(Done { job, picked }) = self.early.remove(&self.turn) {
            self.turn = self.turn.saturating_add(1);
            let Job { input, batch, taken, mut looked, .. } = job;
            stream.detector.follow(&mut looked, &mut state.found, &mut state.bad);
            stream.conclude((&batch, input, taken), &picked, source, (state, (out, listener)))?;
            source.recycle(batch);
            self.spare.push(looked);
        }
        Ok(())
    }

    /// Follows and writes all that is on its way.
    fn drain(
        &mut self,
        stream: &mut Stream,
        source: &Source,
        state: &mut State,
        (out, listener): Sinks<'_>,
    ) -> io::Result<()> {
        while self.turn < self.sent {
            if !self.early.contains_key(&self.turn) {
                self.wait();
            }
            self.conclude(stream, source, state, (out, listener))?;
        }
        Ok(())
    }
}
