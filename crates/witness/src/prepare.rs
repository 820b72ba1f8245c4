//! Conditions about more than the event itself, put in words of the event.

use eqlc_backend_native::reference;
use eqlc_diagnostics::{Node, Span};
use eqlc_ir::fold::{Fold, walk_pred, walk_scalar, walk_test};
use eqlc_ir::{
    Case, Category, Comparison, EventQuery, FieldRef, FieldType, Literal, Op, Owner, Pred, Scalar, Taxonomy,
    Test,
};

/// A condition, and the events that must stand above the process.
pub(crate) struct Prepared {
    /// The category as a test, if it is one, and the condition.
    pub(crate) filter: Pred,
    pub(crate) above: Vec<EventQuery>,
    /// Whether what satisfies the query satisfies the condition too: a proof that nothing satisfies the condition is
    /// one for the query.
    pub(crate) exact: bool,
}

/// The entity id of the process that is made to stand above.
pub(crate) const ABOVE: &str = "process-above";

/// Rewrites what must hold of elements of arrays into tests below the array, which stands for its only element, and
/// what must stand above the process into a test of its parent. A way to satisfy the result satisfies the condition;
/// not the other way round.
pub(crate) fn prepare(query: &EventQuery, category_field: &str) -> Prepared {
    let mut rewrite = Rewrite { above: Vec::new(), exact: true };
    let filter = rewrite.of(&query.filter, true);
    let category = match &query.category {
        Category::OneOf(names) => Some(Pred::Test(category_test(names, category_field))),
        Category::Any | Category::LogSource(_) => None,
    };
    let filter = Pred::All(category.into_iter().chain([filter]).collect());
    Prepared { filter, above: rewrite.above, exact: rewrite.exact }
}

fn keyword(path: &str, span: Span) -> Scalar {
    let (path, taxonomy, ty) = (path.to_owned(), Taxonomy::Ecs, FieldType::Keyword);
    Scalar::Field(FieldRef { path: path.into(), taxonomy, ty, optional: false, span })
}

fn category_test(names: &[Node<String>], field: &str) -> Test {
    let span = names.first().map_or(Span::default(), |name| name.span);
    let items = names.iter().map(|name| Literal::Str(name.value.clone().into())).collect();
    Test { subject: keyword(field, span), op: Op::OneOf(items, Case::Sensitive), span }
}

fn parent_is_above() -> Test {
    let value = Scalar::Literal(Literal::Str(ABOVE.into()));
    let subject = keyword("process.parent.entity_id", Span::default());
    Test { subject, op: Op::Compare(Comparison::Equal, value), span: Span::default() }
}

struct Rewrite {
    above: Vec<EventQuery>,
    exact: bool,
}

impl Rewrite {
    fn of(&mut self, pred: &Pred, wanted: bool) -> Pred {
        let mut each = |list: &[Pred]| list.iter().map(|pred| self.of(pred, wanted)).collect();
        match pred {
            Pred::All(list) => Pred::All(each(list)),
            Pred::Any(list) => Pred::Any(each(list)),
            Pred::AtLeast(count, list) => Pred::AtLeast(*count, each(list)),
            Pred::Not(inner) => self.of(inner, !wanted).not(),
            Pred::Element(element) if wanted => {
                self.exact = false;
                let inner = self.of(&element.pred, wanted);
                InElement { variable: &element.variable, array: &element.array.path }.pred(inner)
            }
            Pred::Descendant(query) => {
                self.exact = false;
                if !wanted {
                    // Nothing stands above the process of an event by itself.
                    return Pred::Const(false);
                }
                self.above.push((**query).clone());
                Pred::Test(parent_is_above())
            }
            other => other.clone(),
        }
    }
}

/// Names the fields of an element by their place in the event.
struct InElement<'a> {
    variable: &'a str,
    array: &'a str,
}

impl Fold for InElement<'_> {
    fn scalar(&mut self, scalar: Scalar) -> Scalar {
        match scalar {
            Scalar::Of(Owner::Element(name), mut field) if name == self.variable => {
                field.path = match field.path.as_str() {
                    "" => self.array.into(),
                    below => format!("{}.{below}", self.array).into(),
                };
                Scalar::Field(*field)
            }
            other => walk_scalar(self, other),
        }
    }
}

/// The value of a field of the event at hand, or of another owner, where it is known.
pub(crate) type Known<'a> = &'a dyn Fn(Option<&Owner>, &FieldRef) -> Option<Literal>;

/// A condition with the fields that are known as constants.
pub(crate) fn bound(pred: &Pred, known: Known<'_>) -> Pred {
    Bind { known }.pred(pred.clone())
}

/// The same of a test.
pub(crate) fn bound_test(test: &Test, known: Known<'_>) -> Test {
    match (Bind { known }).test(test.clone()) {
        Pred::Test(test) => test,
        _ => test.clone(),
    }
}

struct Bind<'a> {
    known: Known<'a>,
}

impl Fold for Bind<'_> {
    fn pred(&mut self, pred: Pred) -> Pred {
        match pred {
            // The query looks at another event by itself.
            Pred::Descendant(_) => pred,
            other => walk_pred(self, other),
        }
    }

    fn test(&mut self, test: Test) -> Pred {
        let Test { subject, op, span } = walk_test(self, test);
        // A constant stands on the right.
        let (subject, op) = match (&subject, op) {
            (Scalar::Literal(_), Op::Compare(comparison, right)) if !matches!(right, Scalar::Literal(_)) => {
                (right, Op::Compare(comparison.mirrored(), subject))
            }
            (_, op) => (subject, op),
        };
        let op = match op {
            Op::Compare(Comparison::EqualInsensitive, Scalar::Literal(item)) => {
                Op::OneOf(vec![item], Case::Insensitive)
            }
            op => op,
        };
        Pred::Test(Test { subject, op, span })
    }

    fn scalar(&mut self, scalar: Scalar) -> Scalar {
        let value = match &scalar {
            Scalar::Field(field) => (self.known)(None, field),
            Scalar::Of(owner, field) => (self.known)(Some(owner), field),
            _ => None,
        };
        if let Some(value) = value {
            return Scalar::Literal(value);
        }
        let scalar = walk_scalar(self, scalar);
        match &scalar {
            Scalar::Call { .. } if scalar.is_constant() => Scalar::Literal(reference::constant(&scalar)),
            _ => scalar,
        }
    }
}

/// A test of one field as a test of another.
pub(crate) fn renamed(test: &Test, from: &str, to: &FieldRef) -> Test {
    struct Rename<'a>(&'a str, &'a FieldRef);
    impl Fold for Rename<'_> {
        fn scalar(&mut self, scalar: Scalar) -> Scalar {
            match scalar {
                Scalar::Field(field) if field.path == self.0 => Scalar::Field(self.1.clone()),
                other => walk_scalar(self, other),
            }
        }
    }
    walk_test(&mut Rename(from, to), test.clone())
}
