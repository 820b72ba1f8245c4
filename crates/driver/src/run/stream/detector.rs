//! What a stream is put to.

use eqlc_backend_native::engine::{Before, Detection, Given, Looked, Malformed, Place, Scout, Stats};
use eqlc_backend_native::reference::RunError;

/// Rules that are asked about one event after the other.
pub trait Detector: Send {
    /// Takes an event; `out` gets the matches that it completes, those of one event in the order of the rules.
    ///
    /// # Errors
    /// It is no JSON object. It counts for nothing then.
    fn event(&mut self, json: &[u8], place: Place, out: &mut Vec<Detection>) -> Result<(), Malformed>;

    /// Takes events in the order of arrival; `malformed` gets those that are none, by their index.
    fn events(
        &mut self,
        events: &[(Place, &[u8])],
        out: &mut Vec<Detection>,
        malformed: &mut Vec<(usize, Malformed)>,
    ) {
        for (at, (place, json)) in events.iter().enumerate() {
            if let Err(error) = self.event(json, *place, out) {
                malformed.push((at, error));
            }
        }
    }

    /// What looks at events on several threads, one for each; none where they are looked at here.
    fn take_scouts(&mut self) -> Vec<Scout> {
        Vec::new()
    }

    /// Takes scouts back when the stream has ended.
    fn return_scouts(&mut self, _: Vec<Scout>) {}

    /// Takes events that a scout looked at, in the order of arrival, behind so many others; as [`Self::events`].
    fn follow(
        &mut self,
        _looked: &mut Looked,
        _before: Before,
        _out: &mut Vec<Detection>,
        _malformed: &mut Vec<(usize, Malformed)>,
    ) {
    }

    /// The stream has ended; `out` gets what was waited for.
    fn finish(&mut self, out: &mut Vec<Detection>);

    /// What was given up so far.
    fn given(&self) -> Given;

    /// What the run cost so far.
    fn stats(&self) -> Stats;

    /// Rules that failed on some event, by their index, and why.
    fn failures(&mut self) -> Vec<(usize, RunError)>;

    /// How the rules are asked, for people.
    fn explain(&self) -> String;
}
