use super::{Chars, Languages, Shortest};

fn contains(languages: &mut Languages, text: &str) -> super::Set {
    let anything = languages.all();
    let inner = languages.text(text, Chars::one);
    languages.concat_all([anything, inner, anything].into_iter())
}

#[test]
fn the_shortest_text_with_two_parts_lets_them_overlap() {
    let mut languages = Languages::new();
    let (a, b) = (contains(&mut languages, "abc"), contains(&mut languages, "bcd"));
    let both = languages.and([a, b]);
    assert_eq!(languages.shortest(both, 1_000), Shortest::Text("abcd".to_owned()));
}

#[test]
fn a_text_and_its_opposite_are_proven_empty() {
    let mut languages = Languages::new();
    let short = languages.text("cmd.exe", Chars::folded);
    let end = languages.text(".EXE", Chars::folded);
    let anything = languages.all();
    let ends = languages.concat(anything, end);
    let others = languages.not(ends);
    let both = languages.and([short, others]);
    assert_eq!(languages.shortest(both, 1_000), Shortest::Never);
}

#[test]
fn letters_fold_to_all_that_are_the_same_but_for_case() {
    let set = Chars::folded('k');
    assert!(set.has('k') && set.has('K') && set.has('\u{212A}') && !set.has('x'));
}
