//! What asks a run to end.

/// Calls this when somebody asks for the end: Ctrl-C, or SIGTERM. A hang-up does what it does without us, which is
/// nothing under `nohup`. Without a handler a signal ends the process at once, as it does before the run.
#[cfg(unix)]
pub(super) fn on_stop(asked: impl Fn() + Send + 'static) {
    use signal_hook::consts::{SIGINT, SIGTERM};
    use signal_hook::iterator::Signals;

    if let Ok(mut signals) = Signals::new([SIGINT, SIGTERM]) {
        std::thread::spawn(move || signals.forever().for_each(|_| asked()));
    }
}

/// Calls this when somebody asks for the end by Ctrl-C.
#[cfg(not(unix))]
pub(super) fn on_stop(asked: impl Fn() + Send + 'static) {
    let _ = ctrlc::set_handler(asked);
}
