//! Sigma's regular expressions, which are searched for anywhere in the value, as expressions over the whole of
//! it: an end without `^` or `$` begins or ends with anything.
//!
//! `$` is the end of the value; engines that also let it stand before a last line end differ there.

use eqlc_ir::Case;
use eqlc_ir::regex::{ClassItem, Regex, RegexNode};
use regex_syntax::ast::{
    AssertionKind, Ast, ClassAsciiKind, ClassBracketed, ClassPerl, ClassPerlKind, ClassSet, ClassSetItem,
    Flag, Flags as AstFlags, GroupKind, RepetitionKind, RepetitionRange, parse::ParserBuilder,
};

use super::regex_class::{folded, letter};
use super::regex_dialect::translated;

/// The deepest nesting of groups, so that no reader of the tree runs out of stack.
const MAX_DEPTH: u32 = 100;

/// Flags of the modifiers `i`, `m` and `s`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Flags {
    pub(super) ignore_case: bool,
    pub(super) multi_line: bool,
    pub(super) dot_all: bool,
}

/// The expression.
///
/// # Errors
/// What has no form, as the end of a sentence.
pub(super) fn lower(text: &str, flags: Flags) -> Result<Regex, String> {
    let text = translated(text);
    let ast = ParserBuilder::new()
        .nest_limit(MAX_DEPTH)
        .build()
        .parse(&text)
        .map_err(|error| format!("{}", error.kind()))?;
    // Flags at the very front hold for the whole expression.
    let mut state = flags;
    if let Some(front) = front_flags(&ast) {
        state = state.with(front);
    }
    let whole = if state.ignore_case { Case::Insensitive } else { Case::Sensitive };
    let mut lowering = Lowering { whole };
    let mut inner = state;
    let root = lowering.node(&ast, Ends { lead: true, trail: true }, &mut inner)?;
    Ok(Regex { root, case: whole })
}

fn front_flags(ast: &Ast) -> Option<&AstFlags> {
    match ast {
        Ast::Flags(set) => Some(&set.flags),
        Ast::Concat(concat) => concat.asts.first().and_then(front_flags),
        _ => None,
    }
}

impl Flags {
    fn with(self, flags: &AstFlags) -> Self {
        Self {
            ignore_case: flags.flag_state(Flag::CaseInsensitive).unwrap_or(self.ignore_case),
            multi_line: flags.flag_state(Flag::MultiLine).unwrap_or(self.multi_line),
            dot_all: flags.flag_state(Flag::DotMatchesNewLine).unwrap_or(self.dot_all),
        }
    }

    fn case(self) -> Case {
        if self.ignore_case { Case::Insensitive } else { Case::Sensitive }
    }
}

/// Which ends of the expression a node reaches.
#[derive(Clone, Copy)]
struct Ends {
    lead: bool,
    trail: bool,
}

impl Ends {
    const NONE: Self = Self { lead: false, trail: false };
}

struct Lowering {
    whole: Case,
}

impl Lowering {
    /// A node; at an end that it reaches and does not bind, anything may stand.
    fn node(&mut self, ast: &Ast, ends: Ends, flags: &mut Flags) -> Result<RegexNode, String> {
        match ast {
            Ast::Concat(concat) => self.concat(&concat.asts, ends, flags),
            Ast::Assertion(_) | Ast::Flags(_) => self.concat(std::slice::from_ref(ast), ends, flags),
            Ast::Group(group) if binds_an_end(&group.ast) => {
                let mut inner = match &group.kind {
                    GroupKind::NonCapturing(set) => flags.with(set),
                    _ => *flags,
                };
                self.node(&group.ast, ends, &mut inner)
            }
            Ast::Alternation(alternation) if alternation.asts.iter().any(binds_an_end) => {
                let branches = alternation.asts.iter().map(|branch| self.node(branch, ends, flags));
                Ok(RegexNode::Alternatives(branches.collect::<Result<_, _>>()?))
            }
            _ => Ok(open(vec![self.atom(ast, flags)?], ends)),
        }
    }

    fn concat(&mut self, asts: &[Ast], ends: Ends, flags: &mut Flags) -> Result<RegexNode, String> {
        let items: Vec<&Ast> = asts.iter().collect();
        let mut ends = ends;
        let mut list: Vec<RegexNode> = Vec::new();
        let mut before: Option<RegexNode> = None;
        let mut behind: Option<RegexNode> = None;
        let (mut start, mut end) = (0, items.len());
        // Assertions and flags at the front, then assertions at the back.
        while let Some(item) = items.get(start).filter(|_| start < end) {
            match item {
                Ast::Flags(set) => *flags = flags.with(&set.flags),
                Ast::Assertion(assertion) if ends.lead && is_start(&assertion.kind) => {
                    ends.lead = false;
                    before = line_start(&assertion.kind, *flags);
                }
                _ => break,
            }
            start += 1;
        }
        while let Some(Ast::Assertion(assertion)) =
            end.checked_sub(1).and_then(|at| items.get(at)).filter(|_| end > start)
        {
            if !(ends.trail && is_end(&assertion.kind)) {
                break;
            }
            ends.trail = false;
            behind = line_end(&assertion.kind, *flags);
            end -= 1;
        }
        let middle = items.get(start..end).unwrap_or(&[]);
        for (at, item) in middle.iter().enumerate() {
            let first = at == 0 && ends.lead;
            let last = at + 1 == middle.len() && ends.trail;
            if let Ast::Flags(set) = item {
                *flags = flags.with(&set.flags);
                continue;
            }
            // A node that binds the end itself takes the duty over from the whole.
            let own = Ends { lead: first && binds_start(item), trail: last && binds_end(item) };
            ends.lead &= !own.lead;
            ends.trail &= !own.trail;
            let node =
                if own.lead || own.trail { self.node(item, own, flags)? } else { self.atom(item, flags)? };
            push(&mut list, node, matches!(item, Ast::Literal(_)));
        }
        list.splice(0..0, before);
        list.extend(behind);
        Ok(open(list, ends))
    }

    /// A node away from the ends.
    fn atom(&mut self, ast: &Ast, flags: &mut Flags) -> Result<RegexNode, String> {
        match ast {
            Ast::Empty(_) | Ast::Flags(_) => Ok(RegexNode::Empty),
            Ast::Literal(literal) => Ok(self.literal(literal.c, *flags)),
            Ast::Dot(_) if flags.dot_all => Ok(RegexNode::Any),
            Ast::Dot(_) => Ok(RegexNode::Class { negated: true, items: vec![ClassItem::Char('\n')] }),
            Ast::Assertion(assertion) => Err(format!("{} inside of it", assertion_name(&assertion.kind))),
            Ast::ClassPerl(class) => Ok(RegexNode::Class { negated: false, items: vec![perl(class)] }),
            Ast::ClassUnicode(_) => Err("classes of Unicode properties".to_owned()),
            Ast::ClassBracketed(class) => self.class(class, *flags),
            Ast::Repetition(repetition) => {
                let (min, max) = bounds(&repetition.op.kind);
                let node = Box::new(self.atom(&repetition.ast, flags)?);
                Ok(RegexNode::Repeat { node, min, max })
            }
            Ast::Group(group) => {
                let mut inner = match &group.kind {
                    GroupKind::NonCapturing(set) => flags.with(set),
                    _ => *flags,
                };
                self.atom(&group.ast, &mut inner)
            }
            Ast::Alternation(alternation) => {
                let branches = alternation.asts.iter().map(|branch| self.atom(branch, flags));
                Ok(RegexNode::Alternatives(branches.collect::<Result<_, _>>()?))
            }
            Ast::Concat(concat) => self.concat(&concat.asts, Ends::NONE, flags),
        }
    }

    fn literal(&self, c: char, flags: Flags) -> RegexNode {
        match letter(c, self.whole, flags.case()) {
            Some(items) => RegexNode::Class { negated: false, items },
            None => RegexNode::Literal(c.to_string()),
        }
    }

    fn class(&self, class: &ClassBracketed, flags: Flags) -> Result<RegexNode, String> {
        let mut items = Vec::new();
        members(&class.kind, &mut items)?;
        if class.negated && items == [ClassItem::Space, ClassItem::NotSpace] {
            return Ok(RegexNode::Nothing);
        }
        Ok(RegexNode::Class { negated: class.negated, items: folded(items, self.whole, flags.case()) })
    }
}

/// Appends a node; characters side by side are one literal, what stood in a group is a node of its own.
fn push(list: &mut Vec<RegexNode>, node: RegexNode, character: bool) {
    match (list.last_mut(), node) {
        (Some(RegexNode::Literal(last)), RegexNode::Literal(next)) if character => last.push_str(&next),
        (_, node) => list.push(node),
    }
}

/// A list with anything at the ends that nothing binds.
fn open(mut list: Vec<RegexNode>, ends: Ends) -> RegexNode {
    if ends.lead {
        list.insert(0, RegexNode::any_run());
    }
    if ends.trail {
        list.push(RegexNode::any_run());
    }
    match <[_; 1]>::try_from(list) {
        Ok([only]) => only,
        Err(list) if list.is_empty() => RegexNode::Empty,
        Err(list) => RegexNode::Concat(list),
    }
}

fn is_start(kind: &AssertionKind) -> bool {
    matches!(kind, AssertionKind::StartLine | AssertionKind::StartText)
}

fn is_end(kind: &AssertionKind) -> bool {
    matches!(kind, AssertionKind::EndLine | AssertionKind::EndText)
}

/// What stands before the start of a line: nothing, or anything up to a line end.
fn line_start(kind: &AssertionKind, flags: Flags) -> Option<RegexNode> {
    let line = *kind == AssertionKind::StartLine && flags.multi_line;
    let lines = RegexNode::Concat(vec![RegexNode::any_run(), RegexNode::Literal("\n".to_owned())]);
    line.then(|| RegexNode::Alternatives(vec![RegexNode::Empty, lines]))
}

fn line_end(kind: &AssertionKind, flags: Flags) -> Option<RegexNode> {
    let line = *kind == AssertionKind::EndLine && flags.multi_line;
    let lines = RegexNode::Concat(vec![RegexNode::Literal("\n".to_owned()), RegexNode::any_run()]);
    line.then(|| RegexNode::Alternatives(vec![RegexNode::Empty, lines]))
}

fn binds_an_end(ast: &Ast) -> bool {
    binds_start(ast) || binds_end(ast)
}

fn binds_start(ast: &Ast) -> bool {
    match ast {
        Ast::Assertion(assertion) => is_start(&assertion.kind),
        Ast::Group(group) => binds_start(&group.ast),
        Ast::Alternation(alternation) => alternation.asts.iter().any(binds_start),
        Ast::Concat(concat) => {
            concat.asts.iter().find(|ast| !matches!(ast, Ast::Flags(_))).is_some_and(binds_start)
        }
        _ => false,
    }
}

fn binds_end(ast: &Ast) -> bool {
    match ast {
        Ast::Assertion(assertion) => is_end(&assertion.kind),
        Ast::Group(group) => binds_end(&group.ast),
        Ast::Alternation(alternation) => alternation.asts.iter().any(binds_end),
        Ast::Concat(concat) => concat.asts.last().is_some_and(binds_end),
        _ => false,
    }
}

fn assertion_name(kind: &AssertionKind) -> &'static str {
    match kind {
        AssertionKind::StartLine | AssertionKind::StartText => "`^`",
        AssertionKind::EndLine | AssertionKind::EndText => "`$`",
        _ => "a word boundary",
    }
}

fn bounds(kind: &RepetitionKind) -> (u32, Option<u32>) {
    match kind {
        RepetitionKind::ZeroOrOne => (0, Some(1)),
        RepetitionKind::ZeroOrMore => (0, None),
        RepetitionKind::OneOrMore => (1, None),
        RepetitionKind::Range(RepetitionRange::Exactly(count)) => (*count, Some(*count)),
        RepetitionKind::Range(RepetitionRange::AtLeast(least)) => (*least, None),
        RepetitionKind::Range(RepetitionRange::Bounded(least, most)) => (*least, Some(*most)),
    }
}

fn perl(class: &ClassPerl) -> ClassItem {
    match (&class.kind, class.negated) {
        (ClassPerlKind::Digit, false) => ClassItem::Digit,
        (ClassPerlKind::Digit, true) => ClassItem::NotDigit,
        (ClassPerlKind::Space, false) => ClassItem::Space,
        (ClassPerlKind::Space, true) => ClassItem::NotSpace,
        (ClassPerlKind::Word, false) => ClassItem::Word,
        (ClassPerlKind::Word, true) => ClassItem::NotWord,
    }
}

fn members(set: &ClassSet, items: &mut Vec<ClassItem>) -> Result<(), String> {
    match set {
        ClassSet::Item(item) => member(item, items),
        ClassSet::BinaryOp(_) => Err("operations on classes".to_owned()),
    }
}

fn member(item: &ClassSetItem, items: &mut Vec<ClassItem>) -> Result<(), String> {
    match item {
        ClassSetItem::Empty(_) => {}
        ClassSetItem::Literal(literal) => items.push(ClassItem::Char(literal.c)),
        ClassSetItem::Range(range) => items.push(ClassItem::Range(range.start.c, range.end.c)),
        ClassSetItem::Ascii(class) if !class.negated => items.extend(ascii(&class.kind)),
        ClassSetItem::Ascii(_) => return Err("negated classes by name".to_owned()),
        ClassSetItem::Unicode(_) => return Err("classes of Unicode properties".to_owned()),
        ClassSetItem::Perl(class) => items.push(perl(class)),
        ClassSetItem::Bracketed(_) => return Err("classes inside of classes".to_owned()),
        ClassSetItem::Union(union) => {
            for item in &union.items {
                member(item, items)?;
            }
        }
    }
    Ok(())
}

fn ascii(kind: &ClassAsciiKind) -> Vec<ClassItem> {
    use ClassItem::{Char, Range};
    match kind {
        ClassAsciiKind::Alnum => vec![Range('0', '9'), Range('A', 'Z'), Range('a', 'z')],
        ClassAsciiKind::Alpha => vec![Range('A', 'Z'), Range('a', 'z')],
        ClassAsciiKind::Ascii => vec![Range('\0', '\x7F')],
        ClassAsciiKind::Blank => vec![Char('\t'), Char(' ')],
        ClassAsciiKind::Cntrl => vec![Range('\0', '\x1F'), Char('\x7F')],
        ClassAsciiKind::Digit => vec![ClassItem::Digit],
        ClassAsciiKind::Graph => vec![Range('!', '~')],
        ClassAsciiKind::Lower => vec![Range('a', 'z')],
        ClassAsciiKind::Print => vec![Range(' ', '~')],
        ClassAsciiKind::Punct => vec![Range('!', '/'), Range(':', '@'), Range('[', '`'), Range('{', '~')],
        ClassAsciiKind::Space => vec![Range('\t', '\r'), Char(' ')],
        ClassAsciiKind::Upper => vec![Range('A', 'Z')],
        ClassAsciiKind::Word => vec![ClassItem::Word],
        ClassAsciiKind::Xdigit => vec![Range('0', '9'), Range('A', 'F'), Range('a', 'f')],
    }
}
