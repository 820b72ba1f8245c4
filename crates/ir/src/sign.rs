//! Patterns sign by sign, to tell whether one covers another.

/// One character of a pattern.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sign {
    /// This character.
    Char(char),
    /// Any one character.
    One,
    /// Any number of characters.
    Run,
}

/// Whether every text of `narrow` is one of `wide`: `wide` matched against the signs of `narrow`, where a sign that
/// stands for several characters is matched only by one that does.
#[must_use]
pub fn covers(wide: &[Sign], narrow: &[Sign]) -> bool {
    let (mut w, mut n) = (0, 0);
    // Where to go on when the last run must take one sign more.
    let mut retry: Option<(usize, usize)> = None;
    while let Some(sign) = narrow.get(n) {
        match (wide.get(w), sign) {
            (Some(Sign::Run), _) => {
                retry = Some((w + 1, n));
                w += 1;
            }
            (Some(Sign::One), Sign::Char(_) | Sign::One) => (w, n) = (w + 1, n + 1),
            (Some(Sign::Char(a)), Sign::Char(b)) if a == b => (w, n) = (w + 1, n + 1),
            _ => match retry {
                Some((after, taken)) => {
                    retry = Some((after, taken + 1));
                    (w, n) = (after, taken + 1);
                }
                None => return false,
            },
        }
    }
    wide.iter().skip(w).all(|sign| *sign == Sign::Run)
}
