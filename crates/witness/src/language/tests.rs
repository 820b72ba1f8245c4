use super::{Chars, Example, Languages};

fn contains(languages: &mut Languages, text: &str) -> super::Set {
    let anything = Languages::ALL;
    let inner = languages.text(text, Chars::one);
    languages.concat_all([anything, inner, anything].into_iter())
}

#[test]
fn the_shortest_text_with_two_parts_lets_them_overlap() {
    let mut languages = Languages::new(100_000);
    let (a, b) = (contains(&mut languages, "abc"), contains(&mut languages, "bcd"));
    let both = languages.and([a, b]);
    assert_eq!(languages.example(both, 1_000), Example::Text("abcd".to_owned()));
}

#[test]
fn a_text_and_its_opposite_are_proven_empty() {
    let mut languages = Languages::new(100_000);
    let short = languages.text("cmd.exe", Chars::folded);
    let end = languages.text(".EXE", Chars::folded);
    let anything = Languages::ALL;
    let ends = languages.concat(anything, end);
    let others = languages.not(ends);
    let both = languages.and([short, others]);
    assert_eq!(languages.example(both, 1_000), Example::Never);
}

#[test]
fn letters_fold_to_all_that_are_the_same_but_for_case() {
    let set = Chars::folded('k');
    assert!(set.has('k') && set.has('K') && set.has('\u{212A}') && !set.has('x'));
}
