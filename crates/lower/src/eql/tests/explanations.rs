//! The examples of `eqlc explain` show what they say they show.

use eqlc_diagnostics::Code;

use super::{Context, compile_in};

#[test]
fn each_example_shows_its_code_and_its_repair_does_not() {
    let mut seen = 0;
    // Lints of Sigma, and what only a search for events finds, are not of this pass.
    let found_here = |code: &str| (code.starts_with("E1") || code.starts_with("W0")) && code != "W0024";
    for info in Code::table().iter().filter(|info| found_here(&info.code)) {
        let context = Context { strict_fields: info.code == "E1007", ..Context::default() };
        if let Some(example) = &info.example {
            let codes = compile_in(example.trim(), &context).codes();
            assert!(codes.contains(&info.code.as_str()), "{}: {example} gives {codes:?}", info.code);
            seen += 1;
        }
        if let Some(instead) = &info.instead {
            let outcome = compile_in(instead.trim(), &context);
            let codes = outcome.codes();
            assert!(!codes.contains(&info.code.as_str()), "{}: {instead} gives {codes:?}", info.code);
            assert!(outcome.lowered.is_some(), "{}: {instead} gives {codes:?}", info.code);
        }
    }
    assert!(seen > 25, "{seen}");
}
