//! The second pass: from note to note, checking the grammar and picking the values that are read.

use fearless_simd::{Level, Simd, dispatch};

use super::super::paths::{FieldId, NodeId, Paths};
use super::super::values::{Found, Shape};
use super::keys::Keys;
use super::{Odd, is_scalar, is_short_integer};

/// Deeper objects and arrays are odd. The reader of the reference goes a little deeper.
const MAX_DEPTH: usize = 100;

/// What is kept from event to event.
#[derive(Debug)]
pub(in super::super) struct Walker {
    keys: Keys,
    /// The object that a node was last reached in, so that a key that an object has twice shows.
    reached: Vec<u64>,
    /// Objects so far.
    objects: u64,
    level: Level,
}

impl Default for Walker {
    fn default() -> Self {
        Self { keys: Keys::default(), reached: Vec::new(), objects: 0, level: Level::new() }
    }
}

impl Walker {
    /// The values of an event that some path leads to, in the order of the text.
    ///
    /// # Errors
    /// The text is no object by JSON's grammar, an object has a key twice that is read, or it nests deeply.
    pub(in super::super) fn walk(
        &mut self,
        (text, places): (&[u8], &[u32]),
        paths: &Paths,
        found: &mut Vec<Found>,
    ) -> Result<(), Odd> {
        self.reached.resize(paths.nodes(), 0);
        let level = self.level;
        let mut walk = Walk { text, places, at: 0, paths, kept: self, found };
        dispatch!(level, simd => walk.event(simd))
    }
}

/// White space of JSON.
fn is_blank(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t' | b'\n' | b'\r')
}

struct Walk<'a> {
    text: &'a [u8],
    places: &'a [u32],
    /// The next place.
    at: usize,
    paths: &'a Paths,
    kept: &'a mut Walker,
    found: &'a mut Vec<Found>,
}

/// All that is done for each member of an object is inlined, so that it is compiled for the processor that
/// [`fearless_simd::dispatch`] found; objects in objects are rarer.
impl Walk<'_> {
    #[inline(always)]
    fn event<S: Simd>(&mut self, _: S) -> Result<(), Odd> {
        let start = self.next()?;
        if self.byte(start) != b'{' || !self.blank(0, start) {
            return Err(Odd);
        }
        let end = self.object(Some(NodeId::ROOT), start + 1, 0)?;
        if self.at == self.places.len() && self.blank(end, self.text.len()) { Ok(()) } else { Err(Odd) }
    }

    /// The members of an object in another, or in an array.
    #[inline(never)]
    fn inner(&mut self, node: Option<NodeId>, from: usize, depth: usize) -> Result<usize, Odd> {
        self.object(node, from, depth)
    }

    #[inline(always)]
    fn peek(&self) -> Result<usize, Odd> {
        self.places.get(self.at).map(|place| *place as usize).ok_or(Odd)
    }

    #[inline(always)]
    fn next(&mut self) -> Result<usize, Odd> {
        let place = self.peek()?;
        self.at += 1;
        Ok(place)
    }

    #[inline(always)]
    fn byte(&self, at: usize) -> u8 {
        self.text.get(at).copied().unwrap_or(0)
    }

    /// Whether nothing but white space stands between two places.
    #[inline(always)]
    fn blank(&self, from: usize, to: usize) -> bool {
        from == to || self.text.get(from..to).is_some_and(|gap| gap.iter().copied().all(is_blank))
    }

    /// The members of an object behind its brace; the place behind its end.
    #[inline(always)]
    fn object(&mut self, node: Option<NodeId>, mut from: usize, depth: usize) -> Result<usize, Odd> {
        let node = node.filter(|node| self.paths.goes_on(*node));
        self.kept.objects += 1;
        let object = self.kept.objects;
        let mut place = self.next()?;
        if self.byte(place) == b'}' && self.blank(from, place) {
            return Ok(place + 1);
        }
        loop {
            if self.byte(place) != b'"' || !self.blank(from, place) {
                return Err(Odd);
            }
            let (close, colon) = (self.next()?, self.next()?);
            if self.byte(colon) != b':' || !self.blank(close + 1, colon) {
                return Err(Odd);
            }
            let child = match node {
                Some(node) => {
                    let child = self.kept.keys.lead(self.paths, node, (self.text, place + 1..close));
                    self.reach(child, object)?;
                    child
                }
                None => None,
            };
            let end = self.value(child, colon + 1, depth)?;
            let separator = self.next()?;
            if !self.blank(end, separator) {
                return Err(Odd);
            }
            match self.byte(separator) {
                b',' => {}
                b'}' => return Ok(separator + 1),
                _ => return Err(Odd),
            }
            (from, place) = (separator + 1, self.next()?);
        }
    }

    /// A key that an object has twice: readers take the last, so it is theirs to read.
    #[inline(always)]
    fn reach(&mut self, child: Option<NodeId>, object: u64) -> Result<(), Odd> {
        let reached = child.and_then(|child| self.kept.reached.get_mut(child.at()));
        match reached {
            // One that was opened later lies in this one, and may stand between two keys of the same name.
            Some(reached) if *reached >= object => Err(Odd),
            Some(reached) => {
                *reached = object;
                Ok(())
            }
            None => Ok(()),
        }
    }

    /// A value behind a colon, a comma or a bracket; the place behind its end.
    #[inline(always)]
    fn value(&mut self, node: Option<NodeId>, from: usize, depth: usize) -> Result<usize, Odd> {
        let place = self.peek()?;
        let field = node.and_then(|node| self.paths.field_at(node));
        match self.byte(place) {
            b'"' if self.blank(from, place) => {
                self.at += 1;
                let close = self.next()?;
                self.hand_on(field, Shape::Raw, place + 1, close);
                Ok(close + 1)
            }
            b',' | b'}' | b']' => {
                let (start, text) = self.trimmed(from, place);
                if !is_short_integer(self.text, start..start + text.len()) && !is_scalar(text) {
                    return Err(Odd);
                }
                if field.is_some() {
                    let shape = if text == b"null" { Shape::Empty } else { Shape::Scalar };
                    self.hand_on(field, shape, start, start + text.len());
                }
                Ok(place)
            }
            _ => self.composite(node, field, from, depth),
        }
    }

    /// What stands between two places without the white space around it, and where it starts.
    #[inline(always)]
    fn trimmed(&self, from: usize, to: usize) -> (usize, &[u8]) {
        let mut text = self.text.get(from..to).unwrap_or_default();
        let mut start = from;
        while let Some((first, rest)) = text.split_first()
            && is_blank(*first)
        {
            (start, text) = (start + 1, rest);
        }
        while let Some((last, rest)) = text.split_last()
            && is_blank(*last)
        {
            text = rest;
        }
        (start, text)
    }

    #[inline(never)]
    fn composite(
        &mut self,
        node: Option<NodeId>,
        field: Option<FieldId>,
        from: usize,
        depth: usize,
    ) -> Result<usize, Odd> {
        let place = self.next()?;
        if !self.blank(from, place) || depth >= MAX_DEPTH {
            return Err(Odd);
        }
        match self.byte(place) {
            b'{' => {
                self.hand_on(field, Shape::Composite, place, place + 1);
                self.inner(node, place + 1, depth + 1)
            }
            b'[' => {
                self.hand_on(field, Shape::Composite, place, place + 1);
                self.array(node, place + 1, depth + 1)
            }
            _ => Err(Odd),
        }
    }

    /// The items of an array behind its bracket, each as if it stood in its place (`eql-semantics.md` §4.2).
    fn array(&mut self, node: Option<NodeId>, mut from: usize, depth: usize) -> Result<usize, Odd> {
        let place = self.peek()?;
        if self.byte(place) == b']' && self.blank(from, place) {
            self.at += 1;
            return Ok(place + 1);
        }
        loop {
            let end = self.value(node, from, depth)?;
            let separator = self.next()?;
            if !self.blank(end, separator) {
                return Err(Odd);
            }
            match self.byte(separator) {
                b',' => from = separator + 1,
                b']' => return Ok(separator + 1),
                _ => return Err(Odd),
            }
        }
    }

    #[inline(always)]
    fn hand_on(&mut self, field: Option<FieldId>, shape: Shape, start: usize, end: usize) {
        if let Some(field) = field {
            #[expect(clippy::cast_possible_truncation, reason = "the length of the text was checked")]
            self.found.push(Found { field, shape, start: start as u32, end: end as u32 });
        }
    }
}
