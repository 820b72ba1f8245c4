//! "did you mean".

/// The candidates nearest to a misspelt word, best first, at most three; none where nothing is near enough
/// to be a slip of the pen.
///
/// Distance is Damerau-Levenshtein without regard to letter case; a third of the word's length may differ,
/// one letter at least.
pub fn nearest<'a>(word: &str, candidates: impl IntoIterator<Item = &'a str>) -> Vec<&'a str> {
    let wanted = word.to_lowercase();
    let limit = (wanted.chars().count() / 3).max(1);
    let mut scored: Vec<(usize, &str)> = candidates
        .into_iter()
        .filter(|candidate| candidate.chars().count().abs_diff(wanted.chars().count()) <= limit)
        .map(|candidate| (strsim::damerau_levenshtein(&wanted, &candidate.to_lowercase()), candidate))
        .filter(|(distance, _)| *distance <= limit)
        .collect();
    scored.sort();
    scored.dedup();
    let best = scored.first().map_or(0, |(distance, _)| *distance);
    scored
        .into_iter()
        .take_while(|(distance, _)| *distance <= best + 1)
        .take(3)
        .map(|(_, word)| word)
        .collect()
}

/// The list of [`nearest`] as help: "did you mean `a`?", or "did you mean `a`, `b` or `c`?".
#[must_use]
pub fn did_you_mean(words: &[&str]) -> Option<String> {
    let (last, rest) = words.split_last()?;
    if rest.is_empty() {
        return Some(format!("did you mean `{last}`?"));
    }
    let rest = rest.iter().map(|word| format!("`{word}`")).collect::<Vec<_>>().join(", ");
    Some(format!("did you mean {rest} or `{last}`?"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slip_is_near_and_another_word_is_not() {
        assert_eq!(nearest("whre", ["where", "with", "until"]), ["where"]);
        assert_eq!(nearest("xyz", ["where", "with", "until"]), Vec::<&str>::new());
        assert_eq!(did_you_mean(&["a", "b"]).as_deref(), Some("did you mean `a` or `b`?"));
    }
}
