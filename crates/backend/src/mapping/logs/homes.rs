//! Where documents have the value of a field, and tests on it there.

use std::borrow::Cow;

use eqlc_diagnostics::Span;
use eqlc_diagnostics::codes::losses;
use eqlc_ir::{
    Anywhere, Case, Comparison, FieldRef, FieldType, Function, Literal, Op, Pred, Scalar, Taxonomy, Test,
    TextPattern, text,
};

use super::super::data::{ElementLoss, FieldEntry, Source, Transform};
use super::super::rewrite::{Pass, Position, has_constant_operand};
use super::asked::Asked;
use super::{account, hashes, place_in, registry, url, values};
use crate::{Direction, Loss};

/// A place where documents may have the value of a field.
struct Home<'a> {
    path: Option<Cow<'a, str>>,
    /// Whose field it is, and its type where that is not ECS.
    taxonomy: &'a Taxonomy,
    ty: FieldType,
    /// Whether the map says the type.
    is_typed: bool,
    transform: &'a Transform,
    loss: Option<&'a ElementLoss>,
    /// Whether parts of URLs are looked for in the whole.
    whole_urls: bool,
}

/// A test on a document, and how it bends.
pub(super) struct Found {
    pub(super) pred: Pred,
    pub(super) bend: Option<Bend>,
}

/// A loss that a value brings.
pub(super) struct Bend {
    pub(super) direction: Direction,
    pub(super) why: &'static str,
}

impl Found {
    pub(super) fn exact(pred: Pred) -> Self {
        Self { pred, bend: None }
    }

    pub(super) fn bent(pred: Pred, direction: Direction, why: &'static str) -> Self {
        Self { pred, bend: Some(Bend { direction, why }) }
    }
}

impl<'a> Pass<'a> {
    /// A test on fields of a log source as a test on documents. None: it has no form there.
    pub(in super::super) fn logged(&mut self, test: &Test, source: &'a Source, at: Position) -> Option<Pred> {
        match test.subject.as_field() {
            Some(field) if has_constant_operand(&test.op) => {
                if field.taxonomy == Taxonomy::Ecs {
                    return self.named(test, field, source, at);
                }
                self.logged_field(test, field, source, at)
            }
            _ => self.logged_fields(test, source),
        }
    }

    pub(super) fn logged_field(
        &mut self,
        test: &Test,
        field: &FieldRef,
        source: &'a Source,
        at: Position,
    ) -> Option<Pred> {
        let mut homes = self.homes(field, source);
        let several = homes.len() > 1;
        if matches!(test.op, Op::InNet(_)) && several {
            // What is no address where another place has addresses is none at all (`-`).
            homes.retain(Home::holds_addresses);
        }
        if homes.is_empty() {
            return None;
        }
        let (kept, empty) = leave_out(test, &source.left_out);
        let mut preds = Vec::with_capacity(homes.len() + 1);
        for home in &homes {
            let found = home.rewrite(&kept, field.span, several)?;
            // What holds never bends nothing.
            if found.pred != Pred::Const(false) {
                if let Some(bend) = &found.bend {
                    self.urls.are_asked_for |= matches!(home.transform, Transform::InUrl(_));
                    self.bend(test, bend.direction, bend.why, at);
                }
                if let Some(loss) = home.loss {
                    self.bend(test, loss.direction, &loss.why, at);
                }
            }
            preds.push(found.pred);
        }
        if matches!(test.op, Op::IsNull) {
            return Some(Pred::All(preds));
        }
        if empty {
            let nulls = homes.iter().map(|home| home.null(test, field.span));
            preds.insert(0, Pred::All(nulls.collect::<Option<_>>()?));
        }
        Some(Pred::Any(preds))
    }

    /// A test of functions or of several fields: each must stand in one place as it is.
    fn logged_fields(&mut self, test: &Test, source: &'a Source) -> Option<Pred> {
        let subject = self.renamed_scalar(&test.subject, source)?;
        let op = match &test.op {
            Op::Compare(comparison, right) => {
                let right = self.renamed_scalar(right, source)?;
                if let (Scalar::Field(left), Scalar::Field(right)) = (&subject, &right)
                    && comparison.is_equality()
                    && self.map.taxonomy == Taxonomy::Ecs
                {
                    return equal(left, *comparison, right, test.span);
                }
                Op::Compare(*comparison, right)
            }
            other => other.clone(),
        };
        Some(Pred::test(subject, op, test.span))
    }

    fn renamed_scalar(&self, scalar: &Scalar, source: &'a Source) -> Option<Scalar> {
        Some(match scalar {
            Scalar::Field(field) => Scalar::Field(self.key_of(field, source)?),
            Scalar::Call { function, args, case } => {
                let args = args.iter().map(|arg| self.renamed_scalar(arg, source)).collect::<Option<_>>()?;
                Scalar::Call { function: *function, args, case: *case }
            }
            Scalar::Literal(_) => scalar.clone(),
            Scalar::Of(..) | Scalar::Logic(_) => return None,
        })
    }

    /// The one place of a field, whose values are the same there.
    pub(super) fn key_of(&self, field: &FieldRef, source: &'a Source) -> Option<FieldRef> {
        if field.taxonomy == Taxonomy::Ecs
            && let Some(found) = self.named_key(field, source)
        {
            return found;
        }
        match self.homes(field, source).as_slice() {
            [
                home @ Home {
                    path: Some(path), transform: Transform::Same | Transform::Hive, loss: None, ..
                },
            ] => Some(home.place(path, false, field.span)),
            _ => None,
        }
    }

    /// Whether every event of the source has the same value of the field.
    pub(super) fn is_shared_by_all(&self, field: &FieldRef, source: &Source) -> bool {
        let own = self.map.entry(source, &field.path).map(Cow::Borrowed);
        let entry = own.or_else(|| self.ecs_entry(field, source).map(|(_, entry)| entry));
        entry.is_some_and(|entry| entry.field.is_none() && matches!(entry.transform, Transform::Same))
    }

    /// The fields that together stand for a field in a group; none where there are none.
    pub(super) fn keys_of(&self, field: &FieldRef, source: &'a Source) -> Vec<FieldRef> {
        match self.homes(field, source).as_slice() {
            [home @ Home { path: Some(path), transform: Transform::Account(domain), loss: None, .. }] => {
                vec![home.place(domain, false, field.span), home.place(path, false, field.span)]
            }
            _ => self.key_of(field, source).into_iter().collect(),
        }
    }

    fn homes(&self, field: &FieldRef, source: &'a Source) -> Vec<Home<'a>> {
        let plain = without_blanks(&field.path);
        let spelled = || match &plain {
            Cow::Borrowed(_) => None,
            Cow::Owned(plain) => self.map.entry(source, plain),
        };
        if let Some(entry) = self.map.entry(source, &field.path).or_else(spelled) {
            let home = |entry| Home { whole_urls: self.urls.whole, ..Home::of(entry, &self.map.taxonomy) };
            return std::iter::once(entry).chain(&entry.also).map(home).collect();
        }
        let Some(others) = &source.others else { return Vec::new() };
        let renamed = |name: &str| if others.snake_case { snake_case(name) } else { name.to_owned() };
        let begun = |(begin, own): (&String, &String)| {
            let rest = field.path.strip_prefix(begin.as_str()).filter(|rest| !rest.is_empty())?;
            Some(format!("{own}{}", renamed(rest)))
        };
        let named = |path: String| Home {
            path: Some(Cow::Owned(path)),
            taxonomy: &self.map.taxonomy,
            ty: others.ty.unwrap_or(FieldType::Keyword),
            is_typed: others.ty.is_some(),
            transform: &Transform::Same,
            loss: others.loss.as_ref(),
            whole_urls: false,
        };
        if let Some(path) = source.prefixes.iter().find_map(begun) {
            return vec![named(path)];
        }
        if others.plain_names && !is_plain(&field.path) || others.except.iter().any(|except| *except == plain)
        {
            return Vec::new();
        }
        let name = match others.prefix.as_str() {
            "" => field.path.clone(),
            // Documents have underscores for the blanks of a name.
            _ => field.path.replace(char::is_whitespace, "_").into(),
        };
        let name = renamed(&name);
        let prefixes = std::iter::once(&others.prefix).chain(&others.also);
        prefixes.map(|prefix| named(format!("{prefix}{name}"))).collect()
    }

    /// A search of text in any field as a test of the field that has every value; as it is where there is none.
    pub(in super::super) fn anywhere(&mut self, wanted: &Anywhere, source: &'a Source, at: Position) -> Pred {
        let entry = source.anywhere.as_ref();
        let Some((entry, path)) = entry.and_then(|entry| Some((entry, entry.field.as_ref()?))) else {
            return Pred::Anywhere(wanted.clone());
        };
        let field = place_in(&self.map.taxonomy, entry.ty, path, false, wanted.span);
        let test = Test { subject: Scalar::Field(field), op: wanted.op.clone(), span: wanted.span };
        if let Some(loss) = &entry.loss {
            self.bend(&test, loss.direction, &loss.why, at);
        }
        Pred::Test(test)
    }

    fn bend(&mut self, test: &Test, direction: Direction, why: &str, at: Position) {
        let direction = if at.negated { direction.negated() } else { direction };
        let (place, why) = (text::test(test), why.to_owned());
        self.lose(Loss { code: losses::APPROXIMATE_FIELD, direction, span: test.span, place, why });
    }
}

impl<'a> Home<'a> {
    fn of(entry: &'a FieldEntry, taxonomy: &'a Taxonomy) -> Self {
        Self {
            path: entry.field.as_deref().map(Cow::Borrowed),
            taxonomy,
            ty: entry.ty,
            is_typed: entry.ty != FieldType::Unknown,
            transform: &entry.transform,
            loss: entry.loss.as_ref(),
            whole_urls: false,
        }
    }

    fn place(&self, path: &str, optional: bool, span: Span) -> FieldRef {
        place_in(self.taxonomy, self.ty, path, optional, span)
    }

    fn holds_addresses(&self) -> bool {
        let ty = self.path.as_ref().map(|path| self.place(path, false, Span::default()).ty);
        matches!(ty, Some(FieldType::Ip | FieldType::Unknown))
    }

    /// The test here. None: it has no form.
    fn rewrite(&self, test: &Test, span: Span, several: bool) -> Option<Found> {
        match &test.op {
            Op::IsNull => return Some(Found::exact(self.null(test, span)?)),
            Op::Exists => {
                let why = "a document does not tell a field with null from one that is missing";
                return Some(Found::bent(self.null(test, span)?.not(), Direction::Narrower, why));
            }
            _ => {}
        }
        let field = match &self.path {
            Some(path) => Some(testable(self.place(path, several, span))?),
            None => None,
        };
        // The schema of documents does not know every field of an integration; rules see such a field without type.
        let typed = field.as_ref().is_some_and(|field| field.ty == FieldType::Unknown) && self.is_typed;
        let field = field.map(|field| if typed { FieldRef { ty: self.ty, ..field } } else { field });
        let mut found = match Asked::of(&test.op) {
            Some(asked) => self.asked(test, field, &asked),
            None => self.other(test, field?),
        }?;
        if typed {
            found.pred.for_each_field(&mut |field| field.ty = FieldType::Unknown);
        }
        Some(found)
    }

    fn asked(&self, test: &Test, field: Option<FieldRef>, asked: &Asked) -> Option<Found> {
        if asked.is_empty() {
            return Some(Found::exact(Pred::Const(false)));
        }
        match self.transform {
            Transform::Same => Some(Found::exact(values::test(field?, asked, test.span)?)),
            Transform::Folder => Some(Found::exact(values::test(field?, &asked.folders(), test.span)?)),
            Transform::InUrl(in_url) if self.whole_urls => {
                let whole = self.place(&in_url.whole, false, field?.span);
                Some(Found::exact(url::values_in_whole(whole, in_url, asked, test.span)))
            }
            Transform::PartOfUrl | Transform::InUrl(_) => url::part(field?, asked, test.span),
            Transform::Hive => registry::path(field?, asked, test.span),
            Transform::Details(kind) => registry::details(field?, kind, asked, test.span),
            Transform::Values(table) => values::table(field?, table, asked, test.span),
            Transform::Account(domain) => account::test(field?, domain, asked, test.span),
            Transform::Hashes(fields) => hashes::test(fields, self.taxonomy, asked, test.span),
            // From ECS only.
            Transform::AfterLast(_)
            | Transform::BeforeFirst(_)
            | Transform::WordOf
            | Transform::Number
            | Transform::Numbers(_)
            | Transform::Known(_)
            | Transform::Presence { .. }
            | Transform::Dwords
            | Transform::Words => None,
        }
    }

    /// Operators that ask for other than certain values.
    fn other(&self, test: &Test, field: FieldRef) -> Option<Found> {
        if let (Transform::InUrl(in_url), Op::Regex(regex), true) =
            (self.transform, &test.op, self.whole_urls)
        {
            let whole = self.place(&in_url.whole, false, field.span);
            if let Some(pred) = url::expression_in_whole(whole, in_url, regex, test.span) {
                return Some(Found::exact(pred));
            }
        }
        let kept = matches!(
            self.transform,
            Transform::Same
                | Transform::Hive
                | Transform::Details(_)
                | Transform::PartOfUrl
                | Transform::InUrl(_)
        );
        if !kept {
            return None;
        }
        let textual = field.ty.is_string() || field.ty == FieldType::Unknown;
        // A column of a table says nothing of its values: the test does.
        let read_as = |ty| Scalar::Field(FieldRef { ty, ..field.clone() });
        let of_table = textual && *self.taxonomy != Taxonomy::Ecs;
        let subject = match &test.op {
            Op::Regex(_) if textual => Scalar::Field(field),
            Op::InNet(_) if of_table => read_as(FieldType::Ip),
            Op::Compare(_, Scalar::Literal(Literal::Int(_) | Literal::Float(_))) if of_table => {
                read_as(FieldType::Integer)
            }
            Op::InNet(_) if matches!(field.ty, FieldType::Ip | FieldType::Unknown) => Scalar::Field(field),
            Op::Compare(..) if field.ty.is_number() || field.ty == FieldType::Unknown => Scalar::Field(field),
            // Documents hold the number as text.
            Op::Compare(_, Scalar::Literal(Literal::Int(_) | Literal::Float(_))) if textual => Scalar::Call {
                function: Function::Number,
                args: vec![Scalar::Field(field)],
                case: Case::Sensitive,
            },
            _ => return None,
        };
        let pred = Pred::test(subject, test.op.clone(), test.span);
        Some(match self.transform {
            Transform::Details(_) => Found::bent(pred, Direction::Either, registry::WORDS),
            Transform::PartOfUrl | Transform::InUrl(_) => {
                Found::bent(pred, Direction::Either, url::WITHOUT_ESCAPES)
            }
            _ => Found::exact(pred),
        })
    }

    /// No value here.
    fn null(&self, test: &Test, span: Span) -> Option<Pred> {
        let null =
            |path: &str| Pred::test(Scalar::Field(self.place(path, true, span)), Op::IsNull, test.span);
        match (self.transform, &self.path) {
            (Transform::Hashes(fields), _) => {
                Some(Pred::All(fields.values().map(|path| null(path)).collect()))
            }
            // A place for some of the values only: what has another value has none here.
            (Transform::Values(_), Some(path)) => Some(null(path)),
            (_, Some(path)) => Some(null(path)),
            (_, None) => None,
        }
    }
}

/// The test without the texts that documents leave out, and whether it asked for one: then no value will do.
fn leave_out<'t>(test: &'t Test, left_out: &[String]) -> (Cow<'t, Test>, bool) {
    let left = |text: &str| left_out.iter().any(|left| left == text);
    let left_pattern = |pattern: &&TextPattern| pattern.as_exact().is_some_and(left);
    let left_item = |item: &&Literal| matches!(item, Literal::Str(text) if left(text));
    let op = match &test.op {
        Op::Text(patterns, case) if patterns.iter().any(|pattern| left_pattern(&pattern)) => {
            Op::Text(patterns.iter().filter(|pattern| !left_pattern(pattern)).cloned().collect(), *case)
        }
        Op::OneOf(items, case) if items.iter().any(|item| left_item(&item)) => {
            Op::OneOf(items.iter().filter(|item| !left_item(item)).cloned().collect(), *case)
        }
        Op::Compare(Comparison::Equal, Scalar::Literal(Literal::Str(text))) if left(text) => {
            Op::OneOf(Vec::new(), Case::Sensitive)
        }
        _ => return (Cow::Borrowed(test), false),
    };
    let kept = Test { subject: test.subject.clone(), op, span: test.span };
    (Cow::Owned(kept), true)
}

/// The field, unless the target has no exact values of it.
fn testable(field: FieldRef) -> Option<FieldRef> {
    (!matches!(field.ty, FieldType::Text | FieldType::Object)).then_some(field)
}

/// Equality of two fields, each with one value, without a comparison of fields: of texts each begins with the other,
/// of numbers nothing is between them. None: values of this type have no such form.
fn equal(left: &FieldRef, comparison: Comparison, right: &FieldRef, span: Span) -> Option<Pred> {
    let call = |function, one: &FieldRef, other: &FieldRef, case| {
        let args = vec![Scalar::Field(one.clone()), Scalar::Field(other.clone())];
        Scalar::Call { function, args, case }
    };
    let is_text = |field: &FieldRef| field.ty.is_string() || field.ty == FieldType::Unknown;
    if left.ty.is_number() && right.ty.is_number() {
        let between = call(Function::Subtract, left, right, Case::Sensitive);
        let nothing = Op::Compare(Comparison::Equal, Scalar::Literal(Literal::Int(0)));
        return Some(Pred::test(between, nothing, span));
    }
    let case = match comparison {
        Comparison::EqualInsensitive => Case::Insensitive,
        _ => Case::Sensitive,
    };
    let begins = |one, other| Pred::test(call(Function::StartsWith, one, other, case), Op::IsTrue, span);
    (is_text(left) && is_text(right)).then(|| Pred::All(vec![begins(left, right), begins(right, left)]))
}

fn without_blanks(name: &str) -> Cow<'_, str> {
    // Nearly every name is of letters and dots alone.
    let graphic = name.bytes().all(|byte| byte.is_ascii_graphic());
    if !graphic && name.contains(char::is_whitespace) {
        name.chars().filter(|c| !c.is_whitespace()).collect()
    } else {
        name.into()
    }
}

/// Whether a name is one word.
fn is_plain(name: &str) -> bool {
    !name.is_empty() && name.chars().all(|c| c.is_alphanumeric() || matches!(c, '_' | '-'))
}

/// `riskEventType` as `risk_event_type`, segment by segment; `IP` stays one word.
fn snake_case(name: &str) -> String {
    let mut out = String::with_capacity(name.len() + 4);
    let mut before = '.';
    let mut letters = name.chars().peekable();
    while let Some(letter) = letters.next() {
        let starts = letter.is_uppercase()
            && before != '.'
            && before != '_'
            && (!before.is_uppercase() || letters.peek().is_some_and(|next| next.is_lowercase()));
        if starts {
            out.push('_');
        }
        out.extend(letter.to_lowercase());
        before = letter;
    }
    out
}
