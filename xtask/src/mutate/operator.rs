//! What is done to an output, and where in it that can be done.

use std::ops::ControlFlow;

use serde::Serialize;

macro_rules! operators {
    ($($(#[$doc:meta])* $name:ident = $text:literal;)*) => {
        /// What a mutation does to an output.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
        #[serde(rename_all = "kebab-case")]
        pub enum Operator {
            $($(#[$doc])* $name,)*
        }

        impl Operator {
            /// Every operator, in the order of reports.
            pub const ALL: &'static [Self] = &[$(Self::$name),*];

            /// What it is called in reports.
            #[must_use]
            pub fn name(self) -> &'static str {
                match self { $(Self::$name => $text,)* }
            }
        }
    };
}

operators! {
    /// A test or a condition holds where it did not, or the other way round.
    Negate = "negate";
    /// One of several conditions that are joined is left out.
    DropOperand = "drop-operand";
    /// `and` becomes `or`, `or` becomes `and`, all of several becomes one of them.
    SwapAndOr = "swap-and-or";
    /// A negation that is made for missing values becomes one that is not: `IS NOT TRUE` becomes `NOT`.
    NullLogic = "null-logic";
    /// An order or an equality becomes another one.
    Comparison = "comparison";
    /// A constant becomes its neighbour: another letter, one more, one less.
    Constant = "constant";
    /// One of a list of constants is left out.
    DropItem = "drop-item";
    /// A pattern matches more.
    Widen = "widen";
    /// A pattern matches less.
    Narrow = "narrow";
    /// Letter case counts where it did not, or the other way round.
    LetterCase = "letter-case";
    /// A function becomes its relative: what a text starts with becomes what it ends with.
    Function = "function";
    /// The events that are looked at are no longer told by their category or source.
    Source = "source";
    /// A join key is left out.
    DropKey = "drop-key";
    /// The time span is a millisecond (of a unit of the language) longer or shorter, or left out.
    Span = "span";
    /// Steps stand the other way round, or one is left out.
    Steps = "steps";
    /// A step is repeated once more or once less.
    Runs = "runs";
    /// A step that must be missing is asked for, or the other way round.
    Missing = "missing";
    /// What ends a sequence is left out.
    DropUntil = "drop-until";
    /// A limit on the matches is another one, or left out.
    Limit = "limit";
}

/// Whether a walk goes on: it ends where the mutation was made.
pub(crate) type Walk = ControlFlow<()>;

/// The places of a tree where something can be done to it, in the order of a walk. Each place is offered once; the
/// walk that makes a mutant takes one of them.
#[derive(Debug, Default)]
pub(crate) struct Sites {
    found: Vec<Operator>,
    wanted: Option<usize>,
}

impl Sites {
    /// Notes a place. Whether this is the one.
    pub(crate) fn offer(&mut self, operator: Operator) -> bool {
        let here = self.found.len();
        self.found.push(operator);
        self.wanted == Some(here)
    }

    /// Puts a new value in a place, if it is the one.
    pub(crate) fn put<T>(&mut self, operator: Operator, place: &mut T, new: impl FnOnce(&T) -> T) -> Walk {
        if !self.offer(operator) {
            return Walk::Continue(());
        }
        *place = new(place);
        Walk::Break(())
    }

    /// Puts one of several values in a place.
    pub(crate) fn put_one<T>(&mut self, place: &mut T, changes: Vec<(Operator, T)>) -> Walk {
        for (operator, new) in changes {
            self.put(operator, place, |_| new)?;
        }
        Walk::Continue(())
    }

    /// Leaves out one of several; the last one stays.
    pub(crate) fn drop_one<T>(&mut self, operator: Operator, list: &mut Vec<T>) -> Walk {
        if list.len() < 2 {
            return Walk::Continue(());
        }
        self.drop_any(operator, list)
    }

    /// Leaves out one, also the last.
    pub(crate) fn drop_any<T>(&mut self, operator: Operator, list: &mut Vec<T>) -> Walk {
        for at in 0..list.len() {
            if self.offer(operator) {
                list.remove(at);
                return Walk::Break(());
            }
        }
        Walk::Continue(())
    }
}

/// A tree of a target that can be mutated.
pub(crate) trait Tree: Clone {
    /// Offers every place, and ends where one is taken.
    fn walk(&mut self, sites: &mut Sites) -> Walk;

    /// What can be done, each at its number.
    fn operators(&self) -> Vec<Operator> {
        let mut sites = Sites::default();
        let _ = self.clone().walk(&mut sites);
        sites.found
    }

    /// The tree with the mutation of a number made; none where there is no such number.
    fn mutant(&self, at: usize) -> Option<Self> {
        let mut copy = self.clone();
        let mut sites = Sites { wanted: Some(at), ..Sites::default() };
        copy.walk(&mut sites).is_break().then_some(copy)
    }
}
