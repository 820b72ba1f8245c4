//! How long the values of functions become as SQL.
//!
//! SQL has no names for parts of an expression: what is asked of an argument more than once stands there as often, and
//! in functions of functions that many times over.

use eqlc_ir::Function;

/// The most times that columns and constants may stand in a value.
const HEAVIEST: usize = 50_000;

/// The most functions around each other: each makes what is in it twice as heavy at least.
pub(crate) const DEEPEST: usize = 16;

/// Why a value is refused.
pub(crate) const TOO_LONG: &str = "functions of functions that would be too long in SQL";

/// How often columns and constants stand in the value of a function at most, from how often they do in its arguments.
///
/// # Errors
/// [`TOO_LONG`]
pub(crate) fn of(function: Function, args: impl Iterator<Item = usize>) -> Result<usize, String> {
    let times = match function {
        Function::Between => 12,
        Function::IndexOf | Function::Substring | Function::Number => 8,
        Function::StartsWith | Function::EndsWith | Function::StringContains => 4,
        _ => 2,
    };
    let sum = args.fold(1, usize::saturating_add);
    match sum.saturating_mul(times) {
        weight if weight > HEAVIEST => Err(TOO_LONG.to_owned()),
        weight => Ok(weight),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_would_double_without_end_is_refused() {
        let mut weight = Ok(1);
        let mut levels = 0;
        while let Ok(known) = weight {
            weight = of(Function::Add, [known, 1].into_iter());
            levels += 1;
        }
        assert_eq!((levels, weight), (14, Err(TOO_LONG.to_owned())));
        assert!(levels <= DEEPEST);
        assert_eq!(of(Function::Length, [1].into_iter()), Ok(4));
        assert_eq!(of(Function::Concat, [usize::MAX, 1].into_iter()), Err(TOO_LONG.to_owned()));
    }
}
