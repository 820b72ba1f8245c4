//! Where a stream comes from: files and standard input, read ahead by a thread.

use std::cell::RefCell;
use std::fs::File;
use std::io::{self, BufRead, BufReader};
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, Sender, SyncSender, TryRecvError, channel, sync_channel};
use std::thread;

use eqlc_diagnostics::codes::files as codes;
use eqlc_diagnostics::{Diagnostic, Diagnostics};
use eqlc_events::{Batch, Decoded, read_raw};

use super::super::files::event_files;
use super::super::settings::RunSettings;
use super::taxonomy::Names;
use crate::input::STDIN;

/// Bytes of a file that are handed on at a time: some hundred events, few enough to stay in the cache of a core.
const BATCH_BYTES: usize = 1 << 18;

/// Batches that are read ahead.
const AHEAD: usize = 4;

/// Events of files, folders of them and standard input, in this order. The next are read while those at hand are looked
/// at; what standard input gives is handed on as it comes.
#[derive(Debug)]
pub struct Source {
    files: Vec<PathBuf>,
    names: Vec<String>,
    /// Bytes of the files as they stand on the disk; none if there is an input whose end is not known.
    size: Option<u64>,
    has_stdin: bool,
    messages: Receiver<Message>,
    /// What was looked at before its turn.
    first: RefCell<Option<Message>>,
    used: Sender<Batch>,
    stop: Stop,
}

/// Files that are looked at before the run to tell whose names their events have.
const FILES_LOOKED_AT: usize = 100;

/// What the reader says.
#[derive(Debug)]
pub(super) enum Message {
    /// Events of an input, by its index, and how many bytes of all inputs are taken from the disk.
    Batch { input: usize, batch: Batch, taken: u64 },
    /// An input that cannot be opened.
    Failed(Diagnostic),
    /// Nothing more is wanted.
    Stopped,
}

/// What there is to be done.
pub(super) enum Next {
    Ready(Message),
    /// Nothing yet.
    Nothing,
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
        let _ = self.wake.try_send(Message::Stopped);
        before
    }

    /// Whether the end was asked for.
    #[must_use]
    pub fn is_stopped(&self) -> bool {
        self.flag.load(Ordering::SeqCst)
    }
}

impl Source {
    /// Starts to read. Folders without events are found at once, what is wrong in files when it is their turn.
    #[must_use]
    pub fn open(paths: &[PathBuf]) -> (Self, Diagnostics) {
        let mut diagnostics = Vec::new();
        let files = event_files(paths, &mut diagnostics);
        let name = |path: &PathBuf| match path.as_os_str() == STDIN {
            true => "<stdin>".to_owned(),
            false => path.display().to_string(),
        };
        let names: Vec<String> = files.iter().map(name).collect();
        let size = files.iter().map(|path| std::fs::metadata(path).ok().filter(|data| data.is_file()));
        let size = size.map(|data| data.map(|data| data.len())).sum();
        let has_stdin = files.iter().any(|path| path.as_os_str() == STDIN);
        let (to, messages) = sync_channel(AHEAD);
        let (used, again) = channel();
        let stop = Stop { flag: Arc::new(AtomicBool::new(false)), wake: to.clone() };
        let reader = Reader { files: files.clone(), names: names.clone(), to, again, taken: 0 };
        thread::spawn(move || reader.run());
        let first = RefCell::new(None);
        (Self { files, names, size, has_stdin, messages, first, used, stop }, diagnostics)
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
            && let Ok(message) = self.messages.recv()
        {
            if let Message::Batch { batch, .. } = &message {
                names = names.or(Names::of(batch, settings));
            }
            self.first.replace(Some(message));
        }
        names
    }

    /// What comes next, if it is there.
    pub(super) fn poll(&self) -> Next {
        let none_left = |message: &Message| matches!(message, Message::Stopped);
        if self.stop.is_stopped() {
            return Next::End;
        }
        let first = self.first.take().map_or_else(|| self.messages.try_recv(), Ok);
        match first {
            Ok(message) if none_left(&message) || self.stop.is_stopped() => Next::End,
            Ok(message) => Next::Ready(message),
            Err(TryRecvError::Disconnected) => Next::End,
            Err(TryRecvError::Empty) => Next::Nothing,
        }
    }

    /// Waits until something is there, or nothing more comes.
    pub(super) fn wait(&self) {
        // At the end the next look tells.
        if let Ok(message) = self.messages.recv() {
            self.first.replace(Some(message));
        }
    }

    /// What comes next; none at the end. `idle` is called before anything is waited for.
    pub(super) fn next(&self, idle: &mut dyn FnMut() -> io::Result<()>) -> io::Result<Option<Message>> {
        match self.poll() {
            Next::Ready(message) => Ok(Some(message)),
            Next::End => Ok(None),
            Next::Nothing => {
                idle()?;
                self.wait();
                Ok(match self.poll() {
                    Next::Ready(message) => Some(message),
                    Next::Nothing | Next::End => None,
                })
            }
        }
    }

    /// Gives back a batch that is done with.
    pub(super) fn recycle(&self, batch: Batch) {
        // At the end nobody takes it.
        let _ = self.used.send(batch);
    }
}

struct Reader {
    files: Vec<PathBuf>,
    names: Vec<String>,
    to: SyncSender<Message>,
    again: Receiver<Batch>,
    /// Bytes of the inputs before the one at hand.
    taken: u64,
}

impl Reader {
    fn run(mut self) {
        for (input, path) in std::mem::take(&mut self.files).into_iter().enumerate() {
            let is_stdin = path.as_os_str() == STDIN;
            let opened: io::Result<Box<dyn BufRead>> = if is_stdin {
                Ok(Box::new(io::stdin().lock()))
            } else {
                File::open(&path).map(|file| Box::new(BufReader::new(file)) as Box<dyn BufRead>)
            };
            let bytes = if is_stdin { 0 } else { BATCH_BYTES };
            let sent = match opened.and_then(eqlc_events::decode) {
                Ok(decoded) => self.read(input, decoded.unheld(), bytes),
                Err(error) => {
                    let name = self.names.get(input).map_or("", String::as_str);
                    let message = format!("`{name}` cannot be read: {error}");
                    self.to.send(Message::Failed(Diagnostic::error(codes::UNREADABLE, message))).is_ok()
                }
            };
            if !sent {
                return;
            }
        }
    }

    /// Hands on all batches of an input; whether somebody still listens.
    fn read(&mut self, input: usize, decoded: Decoded<Box<dyn BufRead>>, bytes: usize) -> bool {
        let (mut raw, before) = (read_raw(decoded), self.taken);
        loop {
            let mut batch = self.again.try_recv().unwrap_or_default();
            let more = raw.next_batch(&mut batch, bytes);
            self.taken = before.saturating_add(raw.get_ref().taken());
            if !more {
                return true;
            }
            if self.to.send(Message::Batch { input, batch, taken: self.taken }).is_err() {
                return false;
            }
        }
    }
}

impl Drop for Reader {
    /// However the reader ends, nobody waits for more of it. That others can send too keeps the channel open.
    fn drop(&mut self) {
        // Without a listener there is nobody who waits.
        let _ = self.to.send(Message::Stopped);
    }
}
