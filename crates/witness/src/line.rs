//! Sets of values that stand in an order: numbers, instants, addresses.

/// A place between values: just before one or just behind it.
#[derive(Clone, Copy, Debug, PartialEq, PartialOrd)]
pub(crate) enum Cut<T> {
    /// Before every value.
    Start,
    /// At a value: behind it if so, else before it.
    At(T, bool),
    /// Behind every value.
    End,
}

/// Values in an order.
pub(crate) trait Place: Copy + PartialOrd {
    /// The cut before a value; where values stand side by side, the one behind the value before it.
    fn before(self) -> Cut<Self> {
        Cut::At(self, false)
    }

    /// The cut behind a value.
    fn behind(self) -> Cut<Self> {
        Cut::At(self, true)
    }
}

/// A set of values as stretches between cuts, ascending and apart.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Line<T>(Vec<(Cut<T>, Cut<T>)>);

impl<T: Place> Line<T> {
    pub(crate) fn nothing() -> Self {
        Self(Vec::new())
    }

    #[cfg(test)]
    fn all() -> Self {
        Self(vec![(Cut::Start, Cut::End)])
    }

    /// The values between two, both included.
    pub(crate) fn between(first: T, last: T) -> Self {
        Self::stretch(first.before(), last.behind())
    }

    pub(crate) fn below(value: T) -> Self {
        Self::stretch(Cut::Start, value.before())
    }

    pub(crate) fn above(value: T) -> Self {
        Self::stretch(value.behind(), Cut::End)
    }

    fn stretch(from: Cut<T>, to: Cut<T>) -> Self {
        if from < to { Self(vec![(from, to)]) } else { Self::nothing() }
    }

    pub(crate) fn or(mut self, other: Self) -> Self {
        self.0.extend(other.0);
        self.0.sort_by(|a, b| a.partial_cmp(b).unwrap_or(std::cmp::Ordering::Equal));
        let mut merged: Vec<(Cut<T>, Cut<T>)> = Vec::with_capacity(self.0.len());
        for (from, to) in self.0 {
            match merged.last_mut() {
                Some(last) if from <= last.1 => {
                    if last.1 < to {
                        last.1 = to;
                    }
                }
                _ => merged.push((from, to)),
            }
        }
        Self(merged)
    }

    pub(crate) fn not(&self) -> Self {
        let mut found = Self::nothing();
        let mut next = Cut::Start;
        for (from, to) in &self.0 {
            found.0.extend(Self::stretch(next, *from).0);
            next = *to;
        }
        found.0.extend(Self::stretch(next, Cut::End).0);
        found
    }

    pub(crate) fn and(&self, other: &Self) -> Self {
        self.not().or(other.not()).not()
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The stretches.
    pub(crate) fn stretches(&self) -> &[(Cut<T>, Cut<T>)] {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    impl Place for i32 {}

    #[test]
    fn what_is_left_of_a_stretch_is_what_others_do_not_take() {
        let left = Line::between(1, 9).and(&Line::between(3, 4).or(Line::above(7)).not());
        assert_eq!(
            left.stretches(),
            [(Cut::At(1, false), Cut::At(3, false)), (Cut::At(4, true), Cut::At(7, true))]
        );
    }

    #[test]
    fn nothing_is_left_where_all_is_taken() {
        assert!(Line::above(5).and(&Line::above(3).not()).is_empty());
        assert!(Line::between(2, 1).is_empty());
        assert!(Line::<i32>::all().not().is_empty());
        assert!(!Line::above(3).and(&Line::above(5).not()).is_empty());
    }

    #[test]
    fn stretches_that_touch_are_one() {
        assert_eq!(Line::below(3).or(Line::between(3, 5)).or(Line::above(5)), Line::all());
    }
}
