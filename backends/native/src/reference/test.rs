//! Conditions: the two-valued tree, existential tests, three values inside a test (`eql-semantics.md` §5).

use eqlc_ir::{Element, FieldRef, FieldType, Literal, Op, Owner, Pred, Scalar, Taxonomy, Test};

use super::compare::{self, Kind};
use super::query::Queries;
use super::scope::Scope;
use super::values::{self, Choice, Choices, typed};
use super::{MAX_CHOICES, RunError, functions, net, numbers};

impl Queries {
    /// Whether a condition holds of an event. Two-valued: a test with no value to test does not hold, and
    /// `not` of it does (§5.1).
    pub(super) fn holds(&self, pred: &Pred, scope: Scope<'_>) -> Result<bool, RunError> {
        match pred {
            Pred::All(list) => self.at_least(list.len(), list, scope),
            Pred::Any(list) => self.at_least(1, list, scope),
            Pred::AtLeast(count, list) => self.at_least(*count, list, scope),
            Pred::Not(inner) => Ok(!self.holds(inner, scope)?),
            Pred::Const(value) => Ok(*value),
            Pred::Test(test) => self.some_choice(test, scope),
            Pred::Element(element) => self.some_element(element, scope),
            Pred::Descendant(query) => Ok(self.lineage.holds(query, scope.index)),
            Pred::Anywhere(wanted) => Ok(self.first_anywhere(&wanted.op, scope).is_some()),
        }
    }

    /// Some element of an array satisfies a condition of its own (§14). Every element is looked at, so that
    /// whether a run fails does not hang on their order.
    fn some_element(&self, wanted: &Element, scope: Scope<'_>) -> Result<bool, RunError> {
        let mut any = false;
        for json in scope.event.elements(&wanted.array.path) {
            let element = scope.element(&wanted.variable, json);
            any |= self.holds(&wanted.pred, scope.inside(&element))?;
        }
        Ok(any)
    }

    /// The first value of the event, of whatever field, that satisfies a test of its text.
    pub(super) fn first_anywhere(&self, op: &Op, scope: Scope<'_>) -> Option<String> {
        let texts = scope.event.all_values();
        let mut texts = texts.iter().filter_map(|value| numbers::text(&values::literal(value)));
        texts.find(|text| self.answer(op, &Literal::Str(text.as_str().into())))
    }

    /// Every condition is looked at where one may fail, so that whether a run fails does not hang on their order.
    fn at_least(&self, count: usize, list: &[Pred], scope: Scope<'_>) -> Result<bool, RunError> {
        let mut holding = 0;
        for (at, pred) in list.iter().enumerate() {
            let is_decided = holding >= count || holding + (list.len() - at) < count;
            if is_decided && scope.is_small {
                break;
            }
            holding += usize::from(self.holds(pred, scope)?);
        }
        Ok(holding >= count)
    }

    /// A test holds when some choice of one value for each field in it makes it true (§5.4).
    fn some_choice(&self, test: &Test, scope: Scope<'_>) -> Result<bool, RunError> {
        if test.op == Op::Exists {
            return Ok(test.subject.as_field().is_some_and(|field| scope.event.has(&field.path)));
        }
        if let Some(field) = lone_field(test) {
            let values = scope.values(None, field);
            if values.len() > MAX_CHOICES {
                return Err(RunError::TooManyChoices { span: test.span, event: scope.event.ordinal() });
            }
            let holds = |value| self.truth_of(test, &typed(value, field.ty), &Choice::default());
            let nothing = values.is_empty().then_some(Literal::Null);
            return Ok(values.into_iter().chain(nothing).any(|value| holds(value) == Some(true)));
        }
        let choices = Choices::new(&inputs(test), scope, test.span)?;
        Ok(choices.some(|choice| self.truth(test, choice) == Some(true)))
    }

    /// A condition used as a value: Kleene's three values over one choice (§5.5).
    fn kleene(&self, pred: &Pred, choice: &Choice<'_>) -> Option<bool> {
        match pred {
            Pred::All(list) => self.count(list.len(), list, choice),
            Pred::Any(list) => self.count(1, list, choice),
            Pred::AtLeast(count, list) => self.count(*count, list, choice),
            Pred::Not(inner) => self.kleene(inner, choice).map(|value| !value),
            Pred::Const(value) => Some(*value),
            Pred::Test(test) => self.truth(test, choice),
            // Refused before the first event.
            Pred::Element(_) | Pred::Descendant(_) | Pred::Anywhere(_) => None,
        }
    }

    /// At least so many are true: true if enough are, false if not even the nulls could make it enough.
    fn count(&self, count: usize, list: &[Pred], choice: &Choice<'_>) -> Option<bool> {
        let results: Vec<Option<bool>> = list.iter().map(|pred| self.kleene(pred, choice)).collect();
        let holding = results.iter().filter(|result| **result == Some(true)).count();
        let possible = results.iter().filter(|result| **result != Some(false)).count();
        if holding >= count {
            Some(true)
        } else if possible < count {
            Some(false)
        } else {
            None
        }
    }

    /// Whether a test is true for one choice.
    pub(super) fn is_true(&self, test: &Test, choice: &Choice<'_>) -> bool {
        self.truth(test, choice) == Some(true)
    }

    /// A test for one choice: true, false or null. Only [`Op::IsNull`] is never null.
    fn truth(&self, test: &Test, choice: &Choice<'_>) -> Option<bool> {
        self.truth_of(test, &self.scalar(&test.subject, choice), choice)
    }

    /// The same of a subject that is known.
    fn truth_of(&self, test: &Test, subject: &Literal, choice: &Choice<'_>) -> Option<bool> {
        if test.op == Op::IsNull {
            return Some(*subject == Literal::Null);
        }
        if *subject == Literal::Null {
            return None;
        }
        let loose = is_text_to_rule(&test.subject);
        match &test.op {
            Op::Compare(comparison, right) => {
                let ty = compare::type_of(&test.subject, Some(right));
                let other = self.scalar(right, choice);
                // A constant on the left is compared as if it stood on the right (§3.2).
                if test.subject.as_literal().is_some() && right.as_literal().is_none() {
                    let kind = Kind { ty, constant: true, dates: self.dates };
                    return compare::compare(&other, comparison.mirrored(), subject, kind);
                }
                let kind = Kind { ty, constant: right.as_literal().is_some(), dates: self.dates };
                if loose {
                    return compare::loosely(subject, *comparison, &other, kind);
                }
                compare::compare(subject, *comparison, &other, kind)
            }
            Op::OneOf(items, case) => {
                let ty = compare::type_of(&test.subject, None);
                let kind = Kind { ty, constant: true, dates: self.dates };
                let equal = |item| {
                    compare::equals(subject, item, *case, kind) == Some(true)
                        || (loose && compare::same_text(subject, item, *case))
                };
                Some(items.iter().any(equal))
            }
            Op::TimePart(part, comparison, number) => Some(
                compare::part_of(subject, *part).is_some_and(|found| comparison.accepts(found.cmp(number))),
            ),
            op if loose => {
                let text = numbers::text(subject).map_or(Literal::Null, |text| Literal::Str(text.into()));
                Some(self.answer(op, &text))
            }
            op => Some(self.answer(op, subject)),
        }
    }

    /// Tests of a value that is not null and that look at nothing else; false of a value of another kind.
    fn answer(&self, op: &Op, subject: &Literal) -> bool {
        match (op, subject) {
            (Op::IsTrue, Literal::Bool(value)) => *value,
            (Op::Text(patterns, case), Literal::Str(text)) => {
                patterns.iter().any(|pattern| pattern.matches(text, *case))
            }
            (Op::Regex(regex), Literal::Str(text)) => self.regex_matches(regex, text),
            (Op::InNet(nets), Literal::Str(text)) => {
                net::address(text).is_some_and(|address| nets.iter().any(|net| net::contains(net, address)))
            }
            _ => false,
        }
    }

    /// The value of a scalar without fields.
    pub(super) fn constant(&self, scalar: &Scalar) -> Literal {
        self.scalar(scalar, &Choice::default())
    }

    /// A value for one choice.
    pub(super) fn scalar(&self, scalar: &Scalar, choice: &Choice<'_>) -> Literal {
        match scalar {
            Scalar::Field(field) => choice.value(None, field),
            Scalar::Of(owner, field) => choice.value(Some(owner), field),
            Scalar::Literal(value) => value.clone(),
            Scalar::Call { function, args, case } => {
                let value = |arg| match self.scalar(arg, choice) {
                    value @ (Literal::Null | Literal::Str(_)) => value,
                    value if is_text_to_rule(arg) => {
                        numbers::text(&value).map_or(Literal::Null, |text| Literal::Str(text.into()))
                    }
                    value => value,
                };
                let args: Vec<Literal> = args.iter().map(value).collect();
                functions::call(*function, &args, *case)
            }
            Scalar::Logic(pred) => self.kleene(pred, choice).map_or(Literal::Null, Literal::Bool),
        }
    }
}

/// Whether the values of a field are texts to the rule, whatever they are in the event.
fn is_text_to_rule(scalar: &Scalar) -> bool {
    let field = scalar.as_input();
    field.is_some_and(|field| field.taxonomy == Taxonomy::Sigma && field.ty == FieldType::Unknown)
}

/// The field of a test that is about one field of the event and constants: there is nothing to choose beside its values.
fn lone_field(test: &Test) -> Option<&FieldRef> {
    let field = test.subject.as_field()?;
    match &test.op {
        Op::Compare(_, right) if right.as_literal().is_none() => None,
        _ => Some(field),
    }
}

/// The fields of a test, with their owners.
pub(super) fn inputs(test: &Test) -> Vec<(Option<&Owner>, &FieldRef)> {
    let mut inputs = test.subject.inputs();
    if let Op::Compare(_, right) = &test.op {
        inputs.extend(right.inputs());
    }
    inputs
}
