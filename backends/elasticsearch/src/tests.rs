//! Law 3 for this backend: what is emitted lowers to the rule it was emitted from.

use std::path::{Path, PathBuf};

use eqlc_backend::{Backend, ReadBack, Settings, legalise};
use eqlc_diagnostics::{Fragment, SourceId, has_errors};
use eqlc_ir::regex::{Automaton, ClassItem, Regex, RegexNode};
use eqlc_ir::{Body, Case, EventQuery, Op, Pred, Rule, normalise};
use eqlc_lower::eql::{Context, lower};

use super::Elasticsearch;

fn rule(query: &str) -> Rule {
    let parsed = eqlc_eql::parse(&Fragment::verbatim(SourceId::default(), 0, query));
    assert!(!has_errors(&parsed.diagnostics), "{query}\n{:?}", parsed.diagnostics);
    let (lowered, diagnostics) = lower(&parsed.tree, &Context::default());
    let lowered = lowered.unwrap_or_else(|| panic!("{query}\n{diagnostics:?}"));
    normalise(Rule {
        id: "r".to_owned(),
        meta: std::sync::Arc::default(),
        body: lowered.body,
        pipes: lowered.pipes,
    })
}

/// Emits, reads back, lowers again; the emitted text.
fn holds_law(query: &str, format: Option<&str>) -> String {
    let backend = Elasticsearch::new().unwrap();
    let settings = Settings { format: format.map(str::to_owned), ..Settings::default() };
    let wanted = rule(query);
    let legal = legalise(wanted.clone(), Vec::new(), backend.target()).unwrap();
    assert_eq!(legal.losses(), []);
    let artifact = backend.emit(&legal, &settings).unwrap_or_else(|refused| panic!("{query}\n{refused:?}"));
    let ReadBack::Source { text, reprinted, .. } = backend.read_back(&artifact).unwrap() else {
        panic!("EQL reads back as source");
    };
    assert_eq!(text, reprinted, "printing is not stable");
    assert_eq!(normalise::canonical(rule(&text)), normalise::canonical(wanted), "{query}\n{text}");
    artifact.text
}

#[test]
fn every_operator_comes_back() {
    let conditions = [
        r#"process.name == "a" and process.name != "b""#,
        r#"process.name : ("a", "b*", "?c") and not process.name like~ "d*""#,
        r#"process.name like ("A*", "B?") or process.name in ("x", "y") and process.name not in~ ("z")"#,
        r#"process.pid > 4 and process.pid <= 9 and not process.pid == 7"#,
        r#"process.exit_code == null and process.name != null and ?user.id == null"#,
        r#"process.name regex ("a.*", "b[0-9]+", "\\d{2}(x|y)?") and process.name regex~ "q\\.exe""#,
        r#"cidrMatch(source.ip, "10.0.0.0/8", "::1") and not cidrMatch(destination.ip, "127.0.0.1/32")"#,
        r#"startsWith(process.name, "a*") and endsWith~(process.name, "?b") and stringContains(process.name, "*")"#,
        r#"length(process.name) > 3 and substring(process.name, 0, -1) == "x" and process.pid % 2 == 1"#,
        r#"indexOf(process.name, "x") == null and concat(process.name, "-", process.pid) == "a-1""#,
        r#"(process.pid > 1) == null or -process.pid + 2 * 3 < 5"#,
        r#"dll.code_signature.trusted == false and process.code_signature.exists"#,
        r#"`odd-name`.`select` : "x" and true"#,
        r#"@timestamp >= "now-1d/d" and @timestamp < "2021-03-05||+1M/d" and @timestamp == "2021-03""#,
        r#"@timestamp in ("now/w", "2021", "1617231600000||/y") and @timestamp != 1617231600000"#,
        r#"process.name regex "~(a|b)*c&<01-20>@#|x\".\"" and process.name regex~ "~[^a-z]\"q\"{2}<9-100>""#,
    ];
    let texts: Vec<String> =
        conditions.iter().map(|condition| holds_law(&format!("process where {condition}"), None)).collect();
    insta::assert_snapshot!(texts.join("\n"));
}

#[test]
fn sequences_samples_and_pipes_come_back() {
    let queries = [
        r#"sequence by host.id with maxspan=90s [process where true] by user.id [file where file.name : "a*"] by user.name | head 3"#,
        r#"sequence by ?user.id with maxspan=1h [process where true] ![network where true] [any where true] with runs=3 until [process where event.type == "end"]"#,
        r#"sample by host.id [process where process.pid == 1] [file where true]"#,
        r#"sequence [process where true] [process where process.pid == 2] | tail 2"#,
    ];
    let texts: Vec<String> = queries.iter().map(|query| holds_law(query, None)).collect();
    insta::assert_snapshot!(texts.join("\n"));
}

#[test]
fn a_request_holds_the_query_and_the_schedule() {
    let backend = Elasticsearch::new().unwrap();
    let mut rule = rule(r#"process where process.name == "a\"b""#);
    std::sync::Arc::make_mut(&mut rule.meta).from = Some("now-9m".to_owned());
    std::sync::Arc::make_mut(&mut rule.meta).max_signals = Some(100);
    let legal = legalise(rule, Vec::new(), backend.target()).unwrap();
    let settings = Settings { format: Some("request".to_owned()), ..Settings::default() };
    insta::assert_snapshot!(backend.emit(&legal, &settings).unwrap().text);
    holds_law(r#"process where process.name == "a\"b""#, Some("request"));
}

#[test]
fn rule_documents_hold_the_query_and_the_metadata() {
    let query =
        r#"sequence by host.id with maxspan=5m [process where process.name : "a\\\"*"] [file where true]"#;
    for format in ["kibana", "toml"] {
        insta::assert_snapshot!(format!("rule_documents_{format}"), holds_law(query, Some(format)));
    }
}

/// The rules beside a checkout; none where they are absent.
fn corpus() -> Option<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/corpus/elastic-rules");
    if !folder.is_dir() {
        eprintln!("skipped: ../shared/corpus/elastic-rules is not there");
        return None;
    }
    Some(folder)
}

fn queries(folder: &Path, found: &mut Vec<String>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            queries(&path, found);
        } else if path.extension().is_some_and(|extension| extension == "toml") {
            let table: toml::Table = std::fs::read_to_string(&path).unwrap().parse().unwrap();
            let rule = table.get("rule").and_then(toml::Value::as_table);
            let text = |key: &str| rule.and_then(|rule| rule.get(key)).and_then(toml::Value::as_str);
            if text("type") == Some("eql") {
                found.extend(text("query").map(str::to_owned));
            }
        }
    }
}

#[test]
fn every_rule_of_the_corpus_comes_back() {
    let Some(folder) = corpus() else { return };
    let mut found = Vec::new();
    queries(&folder, &mut found);
    assert!(found.len() > 500, "{} rules", found.len());
    for query in &found {
        holds_law(query, None);
    }
    eprintln!("{} rules lower to themselves after emission", found.len());
}

/// Numbers from a seed (xorshift).
struct Random(u64);

impl Random {
    fn below(&mut self, bound: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % bound
    }

    fn sign(&mut self) -> char {
        let signs: Vec<char> = "ab09.?+*|{}[]()\"\\#@&<>~^$-,é ".chars().collect();
        signs[self.below(signs.len() as u64) as usize]
    }

    fn node(&mut self, depth: u32) -> RegexNode {
        let list = |random: &mut Self| (0..random.below(4)).map(|_| random.node(depth - 1)).collect();
        match self.below(if depth == 0 { 5 } else { 10 }) {
            0 => RegexNode::Literal((0..self.below(3)).map(|_| self.sign()).collect()),
            1 => {
                let items = (0..self.below(4)).map(|_| self.item()).collect();
                RegexNode::Class { negated: self.below(2) == 0, items }
            }
            2 => [RegexNode::Empty, RegexNode::Nothing, RegexNode::Any][self.below(3) as usize].clone(),
            3 => {
                let (low, high) = (self.below(30), self.below(300));
                RegexNode::Interval { low, high, width: self.below(5) as u32 }
            }
            4 => RegexNode::any_run(),
            5 => RegexNode::Alternatives(list(self)),
            6 => RegexNode::Intersection(list(self)),
            7 => RegexNode::Complement(Box::new(self.node(depth - 1))),
            8 => {
                let (min, more) = (self.below(3) as u32, self.below(3) as u32);
                let max = Some(min + more).filter(|_| self.below(2) == 0);
                RegexNode::Repeat { node: Box::new(self.node(depth - 1)), min, max }
            }
            _ => RegexNode::Concat(list(self)),
        }
    }

    fn item(&mut self) -> ClassItem {
        match self.below(4) {
            0 => [ClassItem::Digit, ClassItem::NotSpace, ClassItem::Word][self.below(3) as usize],
            1 => ClassItem::Char(self.sign()),
            _ => {
                let (a, b) = (self.sign(), self.sign());
                ClassItem::Range(a.min(b), a.max(b))
            }
        }
    }
}

/// What is printed in Lucene's flavour reads back as an expression of the same texts.
#[test]
fn regular_expressions_keep_their_language() {
    let backend = Elasticsearch::new().unwrap();
    let mut random = Random(0x2545_f491_4f6c_dd1d);
    for round in 0..400 {
        let (root, case) = (random.node(3), [Case::Sensitive, Case::Insensitive][round % 2]);
        let Body::Event(query) = rule("process where process.name regex \"x\"").body else {
            panic!("an event")
        };
        let Pred::Test(test) = query.filter else { panic!("a test") };
        let op = Op::Regex(Regex { root: root.clone(), case });
        let filter = Pred::test(test.subject, op, test.span);
        let body = Body::Event(EventQuery { category: query.category, filter });
        let rule_of = Rule { id: "r".to_owned(), meta: std::sync::Arc::default(), body, pipes: Vec::new() };
        let legal = legalise(rule_of, Vec::new(), backend.target()).unwrap();
        let text = backend.emit(&legal, &Settings::default()).unwrap().text;
        let back = rule(&text);
        let Op::Regex(back) = &back.queries()[0].filter.tests()[0].op else { panic!("{text}") };
        assert_eq!(back.case, case, "{text}");
        let not = |node: &RegexNode| RegexNode::Complement(Box::new(node.clone()));
        let differs = RegexNode::Alternatives(vec![
            RegexNode::Intersection(vec![root.clone(), not(&back.root)]),
            RegexNode::Intersection(vec![back.root.clone(), not(&root)]),
        ]);
        let differs = Automaton::new(&Regex { root: differs, case }).unwrap();
        assert!(differs.is_empty(), "{root:?}\n{text}");
    }
}
