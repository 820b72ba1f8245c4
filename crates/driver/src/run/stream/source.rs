//! Where a stream comes from: files and standard input.

use std::fs::File;
use std::io::{self, BufReader};
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, Sender, SyncSender, TryRecvError, channel, sync_channel};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread;

use eqlc_diagnostics::{Diagnostic, Diagnostics};
use eqlc_events::{Batch, read_raw};

use super::super::files::event_files;
use super::super::settings::RunSettings;
use super::reader::{Claim, Read, Reader, name};
use super::taxonomy::Names;
use crate::input::STDIN;

/// Batches that are read ahead.
const AHEAD: usize = 4;

/// Files that are looked at before the run to tell whose names their events have.
const FILES_LOOKED_AT: usize = 100;

/// Events of files, folders of them and standard input, in this order.
///
/// Where one looks at them and another core is free, a thread reads ahead: the next are read while those at hand are
/// looked at. Else whoever looks at them reads them, so that they are in the cache of its core: several in turn, or side
/// by side where a file has an event a line. Standard input and whatever else has no known end is always read ahead, for
/// who waits for it cannot be stopped, and is handed on as it comes.
#[derive(Debug)]
pub struct Source {
    files: Vec<PathBuf>,
    names: Vec<String>,
    /// Bytes of the files as they stand on the disk; none if there is an input whose end is not known.
    size: Option<u64>,
    has_stdin: bool,
    intake: Mutex<Intake>,
    stop: Stop,
}

/// Who reads the inputs.
#[derive(Debug)]
enum Intake {
    /// Whoever wants events.
    Direct(Direct),
    /// A thread.
    Ahead(Ahead),
    /// Nobody any more.
    Over,
}

#[derive(Debug)]
struct Direct {
    reader: Reader,
    /// The ends of the channel of a thread that reads ahead, should one be wanted.
    to: SyncSender<Message>,
    messages: Receiver<Message>,
}

#[derive(Debug)]
struct Ahead {
    messages: Receiver<Message>,
    /// What was looked at before its turn.
    first: Option<Message>,
    /// Takes batches that are done with.
    used: Sender<Batch>,
}

/// What a thread says that reads ahead.
#[derive(Debug)]
enum Message {
    Events {
        input: usize,
        taken: u64,
        batch: Batch,
    },
    Failed(Diagnostic),
    /// Nothing more comes, or is wanted.
    End,
}

/// Ends a stream before its inputs end, from another thread.
#[derive(Clone, Debug)]
pub struct Stop {
    flag: Arc<AtomicBool>,
    wake: SyncSender<Message>,
}

impl Stop {
    /// Asks for the end; what was read and not looked at is left. Whether it had been asked for before.
    #[must_use = "who asks twice will not wait"]
    pub fn stop(&self) -> bool {
        let before = self.flag.swap(true, Ordering::SeqCst);
        // Full: nobody waits, and whoever takes the next batch sees the flag.
        let _ = self.wake.try_send(Message::End);
        before
    }

    /// Whether the end was asked for.
    #[must_use]
    pub fn is_stopped(&self) -> bool {
        self.flag.load(Ordering::SeqCst)
    }
}

impl Source {
    /// Inputs that are not read yet. Folders without events are found at once, what is wrong in files when it is their
    /// turn.
    #[must_use]
    pub fn open(paths: &[PathBuf]) -> (Self, Diagnostics) {
        let mut diagnostics = Vec::new();
        let files = event_files(paths, &mut diagnostics);
        let names = files.iter().map(|path| name(path)).collect();
        let size = files.iter().map(|path| std::fs::metadata(path).ok().filter(|data| data.is_file()));
        let size = size.map(|data| data.map(|data| data.len())).sum();
        let has_stdin = files.iter().any(|path| path.as_os_str() == STDIN);
        let (to, messages) = sync_channel(AHEAD);
        let stop = Stop { flag: Arc::new(AtomicBool::new(false)), wake: to.clone() };
        let direct = Direct { reader: Reader::new(files.clone()), to, messages };
        let intake = Mutex::new(Intake::Direct(direct));
        (Self { files, names, size, has_stdin, intake, stop }, diagnostics)
    }

    /// What ends it early.
    #[must_use]
    pub fn stopper(&self) -> Stop {
        self.stop.clone()
    }

    /// Bytes of all inputs on the disk; none if some input has no known end.
    #[must_use]
    pub fn size(&self) -> Option<u64> {
        self.size
    }

    /// Whether standard input is among the inputs.
    #[must_use]
    pub fn has_stdin(&self) -> bool {
        self.has_stdin
    }

    /// The name of an input, for messages.
    #[must_use]
    pub(super) fn name(&self, input: usize) -> &str {
        self.names.get(input).map_or("", String::as_str)
    }

    /// Whose names the first events of the inputs have; of standard input those that come first, which is waited for. Only
    /// the first files are looked at.
    #[must_use]
    pub fn names(&self, settings: &RunSettings) -> Names {
        let mut names = Names::default();
        for path in self.files.iter().filter(|path| path.as_os_str() != STDIN).take(FILES_LOOKED_AT) {
            let Ok(decoded) = File::open(path).map(BufReader::new).and_then(eqlc_events::decode) else {
                continue;
            };
            let mut batch = Batch::new();
            if read_raw(decoded.unheld()).next_batch(&mut batch, 0) {
                names = names.or(Names::of(&batch, settings));
            }
        }
        if self.files.first().is_some_and(|path| path.as_os_str() == STDIN)
            && let Some(first) = self.first_names(settings)
        {
            names = names.or(first);
        }
        names
    }

    /// Whose names the events have that come first.
    fn first_names(&self, settings: &RunSettings) -> Option<Names> {
        let mut intake = self.intake();
        let ahead = intake.ahead()?;
        let message = ahead.messages.recv().ok()?;
        let names = match &message {
            Message::Events { batch, .. } => Some(Names::of(batch, settings)),
            Message::Failed(_) | Message::End => None,
        };
        ahead.first = Some(message);
        names
    }

    /// Before the first events are taken: whether one looks at all of them, and a core is free for who reads.
    pub(super) fn start(&self, reads_ahead: bool) {
        if reads_ahead || self.size.is_none() {
            self.intake().ahead();
        }
    }

    /// What comes next, into a batch that is done with; none at the end. `idle` is called before anything is waited for.
    pub(super) fn next(
        &self,
        batch: &mut Batch,
        idle: &mut dyn FnMut() -> io::Result<()>,
    ) -> io::Result<Option<Read>> {
        self.take(|intake| match intake {
            Intake::Direct(direct) => Ok(direct.reader.next(batch)),
            other => self.next_ahead(other, batch, idle),
        })
    }

    /// As [`Self::next`], for several who read side by side.
    pub(super) fn claim(&self, batch: &mut Batch) -> Option<Claim> {
        let claim = self.take(|intake| match intake {
            Intake::Direct(direct) => Ok(direct.reader.claim(batch)),
            // Whoever concludes a batch shows at once what came of it: nothing waits to be seen.
            other => Ok(self.next_ahead(other, batch, &mut || Ok(()))?.map(Claim::Read)),
        });
        claim.ok().flatten()
    }

    /// What comes next, by whoever reads; none once nothing is wanted.
    fn take<T>(&self, of: impl FnOnce(&mut Intake) -> io::Result<Option<T>>) -> io::Result<Option<T>> {
        let mut intake = self.intake();
        if self.stop.is_stopped() {
            return Ok(None);
        }
        let taken = of(&mut intake)?;
        if taken.is_none() {
            // Whoever asks again is not to wait for what will not come.
            *intake = Intake::Over;
        }
        Ok(taken)
    }

    fn next_ahead(
        &self,
        intake: &mut Intake,
        batch: &mut Batch,
        idle: &mut dyn FnMut() -> io::Result<()>,
    ) -> io::Result<Option<Read>> {
        match intake {
            Intake::Ahead(ahead) => Ok(ahead.next(batch, idle)?.filter(|_| !self.stop.is_stopped())),
            Intake::Direct(_) | Intake::Over => Ok(None),
        }
    }

    fn intake(&self) -> MutexGuard<'_, Intake> {
        self.intake.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Intake {
    /// What a thread reads ahead, which is started where there is none; none where all is over.
    fn ahead(&mut self) -> Option<&mut Ahead> {
        *self = match std::mem::replace(self, Self::Over) {
            Self::Direct(direct) => Self::Ahead(direct.start()),
            other => other,
        };
        match self {
            Self::Ahead(ahead) => Some(ahead),
            Self::Direct(_) | Self::Over => None,
        }
    }
}

impl Direct {
    /// Starts a thread that reads.
    fn start(self) -> Ahead {
        let Self { mut reader, to, messages } = self;
        let (used, again) = channel();
        thread::spawn(move || {
            let to = Teller(to);
            loop {
                let mut batch = again.try_recv().unwrap_or_default();
                let message = match reader.next(&mut batch) {
                    Some(Read::Events { input, taken }) => Message::Events { input, taken, batch },
                    Some(Read::Failed(diagnostic)) => Message::Failed(diagnostic),
                    None => return,
                };
                if to.0.send(message).is_err() {
                    return;
                }
            }
        });
        Ahead { messages, first: None, used }
    }
}

/// Tells that nothing more comes, however a thread ends: others can send too, which keeps the channel open.
struct Teller(SyncSender<Message>);

impl Drop for Teller {
    fn drop(&mut self) {
        // Without a listener there is nobody who waits.
        let _ = self.0.send(Message::End);
    }
}

impl Ahead {
    fn next(
        &mut self,
        batch: &mut Batch,
        idle: &mut dyn FnMut() -> io::Result<()>,
    ) -> io::Result<Option<Read>> {
        let message = match self.first.take().map_or_else(|| self.messages.try_recv(), Ok) {
            Ok(message) => message,
            Err(TryRecvError::Disconnected) => return Ok(None),
            Err(TryRecvError::Empty) => {
                idle()?;
                self.messages.recv().unwrap_or(Message::End)
            }
        };
        Ok(match message {
            Message::Events { input, taken, batch: read } => {
                // At the end nobody takes it.
                let _ = self.used.send(std::mem::replace(batch, read));
                Some(Read::Events { input, taken })
            }
            Message::Failed(diagnostic) => Some(Read::Failed(diagnostic)),
            Message::End => None,
        })
    }
}
