//! Paths of fields.

use std::borrow::Cow;

use eqlc_diagnostics::{Node, Span};
use smol_str::SmolStr;

use crate::token::is_plain_path;

/// The path of a field: segments, each without back-ticks; one at least.
///
/// Nearly every path is written `a.b.c`. Such a path is one text, and what its segments are and where they stand
/// follows from it; others keep each segment.
#[derive(Clone, Debug)]
pub struct FieldPath(Repr);

#[derive(Clone, Debug)]
enum Repr {
    /// Names that need no back-ticks, with dots between. Their places follow from that of the whole, unless it is not
    /// as long as the text.
    Plain(Node<SmolStr>),
    /// Segments that may hold dots, or that stand apart from each other.
    Apart(Box<[Node<SmolStr>]>),
}

impl FieldPath {
    /// A path by its text, in which `.` separates segments. Without a place.
    #[must_use]
    pub fn dotted(text: &str) -> Self {
        let span = Span::default();
        if is_plain_path(text) {
            return Self::plain(text, span);
        }
        Self::of(text.split('.').map(|segment| Node::new(segment.into(), span)))
    }

    /// A path by its text: plain names with `.` between. The span is that of the text.
    pub(crate) fn plain(text: &str, span: Span) -> Self {
        debug_assert!(is_plain_path(text));
        Self(Repr::Plain(Node::new(text.into(), span)))
    }

    /// The text, if it can be written as it is.
    pub(crate) fn as_plain(&self) -> Option<&str> {
        match &self.0 {
            Repr::Plain(path) => Some(&path.value),
            Repr::Apart(_) => None,
        }
    }

    /// A path by its segments, which may hold dots.
    pub fn of(segments: impl IntoIterator<Item = Node<SmolStr>>) -> Self {
        Self(Repr::Apart(segments.into_iter().collect()))
    }

    /// The segments, each with its place.
    #[must_use]
    pub fn segments(&self) -> Segments<'_> {
        match &self.0 {
            Repr::Plain(path) => {
                let exact = path.span.range().len() == path.value.len();
                Segments(Rest::Plain { text: Some(&path.value), span: path.span, exact })
            }
            Repr::Apart(segments) => Segments(Rest::Apart(segments.iter())),
        }
    }

    /// The segments with `.` between.
    #[must_use]
    pub fn text(&self) -> Cow<'_, str> {
        match &self.0 {
            Repr::Plain(path) => Cow::Borrowed(&path.value),
            Repr::Apart(segments) => Cow::Owned(
                segments.iter().map(|segment| segment.value.as_str()).collect::<Vec<_>>().join("."),
            ),
        }
    }

    /// The segments with `.` between, as a text of its own.
    #[must_use]
    pub fn to_text(&self) -> SmolStr {
        match &self.0 {
            Repr::Plain(path) => path.value.clone(),
            Repr::Apart(_) => self.text().into(),
        }
    }

    /// From the first segment to the last.
    #[must_use]
    pub fn span(&self) -> Span {
        match &self.0 {
            Repr::Plain(path) => path.span,
            Repr::Apart(segments) => {
                segments.iter().map(|segment| segment.span).reduce(Span::to).unwrap_or_default()
            }
        }
    }

    /// The first segment and the path below it; none for a path of one segment.
    #[must_use]
    pub fn split_first(&self) -> Option<(Node<&str>, Self)> {
        let mut segments = self.segments();
        let first = segments.next()?;
        let below: Vec<_> = segments.map(|segment| segment.map(SmolStr::from)).collect();
        (!below.is_empty()).then(|| (first, Self::of(below)))
    }
}

/// Two paths are equal when their segments are, however they are written.
impl PartialEq for FieldPath {
    fn eq(&self, other: &Self) -> bool {
        self.segments().eq(other.segments())
    }
}

/// The segments of a [`FieldPath`].
#[derive(Clone, Debug)]
pub struct Segments<'p>(Rest<'p>);

#[derive(Clone, Debug)]
enum Rest<'p> {
    Plain {
        text: Option<&'p str>,
        span: Span,
        /// Whether the text stands at the place as it is.
        exact: bool,
    },
    Apart(std::slice::Iter<'p, Node<SmolStr>>),
}

impl<'p> Iterator for Segments<'p> {
    type Item = Node<&'p str>;

    fn next(&mut self) -> Option<Self::Item> {
        match &mut self.0 {
            Rest::Apart(segments) => {
                segments.next().map(|segment| Node::new(segment.value.as_str(), segment.span))
            }
            Rest::Plain { text, span, exact } => {
                let whole = (*text)?;
                let dot = whole.bytes().position(|byte| byte == b'.');
                let (first, below) = dot.and_then(|at| whole.split_at_checked(at)).unwrap_or((whole, ""));
                *text = below.get(1..);
                let mut place = *span;
                if *exact {
                    place.end = place.start + u32::try_from(first.len()).unwrap_or(u32::MAX);
                    span.start = place.end + 1;
                }
                Some(Node::new(first, place))
            }
        }
    }
}
