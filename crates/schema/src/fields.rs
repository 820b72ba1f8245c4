//! The fields there are, with their types.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::ops::Bound;
use std::sync::OnceLock;

use eqlc_ir::FieldType;
use foldhash::fast::FixedState;

use crate::UserFields;
use crate::nearest::Index;

/// Who defines a field.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Origin {
    /// Elastic Common Schema.
    Ecs,
    /// An integration or agent; known, and not ECS.
    Integration,
    /// A schema of the user.
    User,
    /// Nobody by name: it stands under a prefix whose names are not fixed, such as `labels`.
    Open,
}

/// What is known about a field.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FieldInfo {
    /// How operators see its values.
    pub ty: FieldType,
    /// The type of its mapping as Elasticsearch names it (`wildcard`, `long`, `nested`, …).
    pub mapping: &'static str,
    /// Whether events normally hold a list of values.
    pub array: bool,
    /// Who defines it.
    pub origin: Origin,
}

/// A set of fields by path.
#[derive(Debug)]
pub struct Schema {
    fields: BTreeMap<Path, FieldInfo>,
    /// The same without an order: nearly every look-up asks for one path.
    by_path: HashMap<Path, FieldInfo, FixedState>,
    /// Those of users that are mapped as `nested`.
    nested: BTreeSet<String>,
    /// Prefixes under which every name is taken, without the `.*`, and the mapping of such a field.
    open: BTreeMap<String, FieldInfo>,
    /// Every proper prefix of a field, at the dots.
    prefixes: BTreeSet<Path>,
    /// Fields whose types differ between indices, with the types in words.
    conflicts: BTreeMap<String, String>,
    /// The files of users in it.
    names: Vec<String>,
    /// Made for the first name that no field has.
    index: OnceLock<Index>,
}

/// The path of a field, which is one of thousands: those that are compiled in are not copied.
type Path = Cow<'static, str>;

const ECS: &str = include_str!("../data/ecs.tsv");
const INTEGRATIONS: &str = include_str!("../data/integrations.tsv");

impl Schema {
    /// ECS and the fields of integrations; read on first use.
    #[must_use]
    pub fn ecs() -> &'static Self {
        static SCHEMA: OnceLock<Schema> = OnceLock::new();
        SCHEMA.get_or_init(|| {
            let files = [(ECS, Origin::Ecs), (INTEGRATIONS, Origin::Integration)];
            let rows = files.into_iter().flat_map(|(text, origin)| rows(text, origin));
            Self::build(rows.map(|(path, info)| (path.into(), info)))
        })
    }

    /// A schema of these fields alone: path and mapping as in [`FieldInfo::mapping`], `[]` behind the mapping
    /// where events hold lists; a path that ends in `.*` opens its prefix to any name. A mapping that
    /// Elasticsearch does not have gives [`FieldType::Unknown`].
    #[must_use]
    pub fn of<'t>(fields: impl IntoIterator<Item = (&'t str, &'t str)>) -> Self {
        Self::build(fields.into_iter().map(|(path, mapping)| owned(row(path, mapping, Origin::Integration))))
    }

    /// This schema and the fields of a user, which win over those of the same path.
    #[must_use]
    pub fn extended(&self, user: &UserFields) -> Self {
        let added = user
            .iter()
            .filter_map(|(path, types)| Some(owned(row(path, &types.first()?.mapping, Origin::User))));
        let mut schema = Self::build(self.rows().chain(added));
        schema.names.clone_from(&user.names);
        for (path, types) in user.iter() {
            if let Some(words) = UserFields::conflict(types) {
                schema.conflicts.insert(path.to_owned(), words);
            }
        }
        schema
    }

    /// This schema with values of an unknown type at these paths, whatever it says of them.
    #[must_use]
    pub fn with_values<'t>(&self, paths: impl IntoIterator<Item = &'t str>) -> Self {
        let added = paths.into_iter().map(|path| owned(row(path, "unknown", Origin::User)));
        let mut schema = Self::build(self.rows().chain(added));
        schema.names.clone_from(&self.names);
        schema.conflicts.clone_from(&self.conflicts);
        schema
    }

    /// The types of a field that different indices map differently, in words: "`long` in `a`, `keyword` in
    /// `b`". Such a field cannot be tested (`eql-semantics.md` §3, "field of wrong kind").
    #[must_use]
    pub fn conflict(&self, path: &str) -> Option<&str> {
        self.conflicts.get(path).map(String::as_str)
    }

    /// The nested field of a user in which the path lies. Nothing in it can be tested (`eql-semantics.md` §3, "field
    /// of wrong kind").
    #[must_use]
    pub fn nested<'p>(&self, path: &'p str) -> Option<&'p str> {
        if self.nested.is_empty() {
            return None;
        }
        ancestors(path).find(|prefix| self.nested.contains(*prefix))
    }

    /// The names of the files of users that are in the schema.
    #[must_use]
    pub fn user_files(&self) -> &[String] {
        &self.names
    }

    /// What the schema was made of, nested fields, conflicts and names aside.
    fn rows(&self) -> impl Iterator<Item = (Path, FieldInfo)> {
        let own = self.fields.iter().map(|(path, info)| (path.clone(), *info));
        own.chain(self.open.iter().map(|(path, info)| (format!("{path}.*").into(), *info)))
    }

    fn build(rows: impl Iterator<Item = (Path, FieldInfo)>) -> Self {
        let mut open = BTreeMap::new();
        let named = rows.filter(|(path, info)| match path.strip_suffix(".*") {
            Some(prefix) => {
                open.insert(prefix.to_owned(), FieldInfo { origin: Origin::Open, ..*info });
                false
            }
            None => true,
        });
        let fields: BTreeMap<Path, FieldInfo> = named.collect();
        let prefixes = prefixes_of(&fields);
        for (path, info) in &fields {
            if opens(info, || prefixes.contains(path)) {
                let (_, info) = row(path, "keyword", Origin::Open);
                open.insert(path.to_string(), info);
            }
        }
        let by_path = fields.iter().map(|(path, info)| (path.clone(), *info)).collect();
        let is_nested = |info: &FieldInfo| info.mapping == "nested" && info.origin == Origin::User;
        let nested =
            fields.iter().filter(|(_, info)| is_nested(info)).map(|(path, _)| path.to_string()).collect();
        let conflicts = BTreeMap::new();
        Self { fields, by_path, nested, open, prefixes, conflicts, names: Vec::new(), index: OnceLock::new() }
    }

    /// What is known about the field of this path, exactly as written (names are case sensitive).
    #[must_use]
    pub fn field(&self, path: &str) -> Option<FieldInfo> {
        self.by_path.get(path).copied().or_else(|| self.under_open_prefix(path))
    }

    /// The innermost open prefix decides.
    fn under_open_prefix(&self, path: &str) -> Option<FieldInfo> {
        ancestors(path).filter_map(|prefix| self.open.get(prefix).copied()).last()
    }

    /// Whether the path names an object rather than a value: some known field lies under it, so that only
    /// its sub-fields can be tested (`eql-semantics.md` §3, "field of wrong kind").
    #[must_use]
    pub fn is_object(&self, path: &str) -> bool {
        match self.fields.get(path) {
            Some(info) => info.ty == FieldType::Object,
            None => self.prefixes.contains(path) || self.open.contains_key(path),
        }
    }

    /// Known fields right under an object, those that people use most first, at most `limit`.
    #[must_use]
    pub fn sub_fields<'s>(&'s self, path: &str, limit: usize) -> Vec<&'s str> {
        let prefix = format!("{path}.");
        let mut found: Vec<(usize, &'s str)> = self
            .fields
            .range::<str, _>((Bound::Included(prefix.as_str()), Bound::Unbounded))
            .take_while(|(field, _)| field.starts_with(&prefix))
            .filter(|(_, info)| info.ty != FieldType::Object)
            .filter_map(|(field, _)| {
                let name = field.strip_prefix(&prefix).filter(|rest| !rest.contains('.'))?;
                Some((USUAL.iter().position(|usual| *usual == name).unwrap_or(USUAL.len()), field.as_ref()))
            })
            .collect();
        found.sort_unstable();
        found.into_iter().take(limit).map(|(_, field)| field).collect()
    }

    /// Known fields that `path` is probably a slip of, best first, at most three. Looks at the path segment
    /// by segment: letters, an abbreviation (`src`), a segment left out or put in, and the wrong separator.
    #[must_use]
    pub fn nearest<'s>(&'s self, path: &str) -> Vec<&'s str> {
        let paths = || self.fields.iter().map(|(path, info)| (path.as_ref(), info.origin));
        self.index.get_or_init(|| Index::new(paths())).nearest(path)
    }

    /// The first segments of all known fields of several segments, in the order of the names.
    pub fn top_levels(&self) -> impl Iterator<Item = &str> {
        self.prefixes.iter().map(Cow::as_ref).filter(|prefix| !prefix.contains('.'))
    }

    /// Every known field, in the order of the names.
    pub fn fields(&self) -> impl Iterator<Item = (&str, FieldInfo)> {
        self.fields.iter().map(|(path, info)| (path.as_ref(), *info))
    }
}

/// The sub-fields to name first for an object.
const USUAL: &[&str] = &["name", "path", "executable", "ip", "port", "id", "type", "sha256"];

/// `a.b.c` gives `a`, `a.b`.
fn ancestors(path: &str) -> impl Iterator<Item = &str> {
    path.match_indices('.').filter_map(|(at, _)| path.get(..at))
}

/// Every proper prefix of a field. Fields that follow each other share most of theirs.
fn prefixes_of(fields: &BTreeMap<Path, FieldInfo>) -> BTreeSet<Path> {
    let mut before = "";
    let mut prefixes: Vec<Path> = Vec::new();
    for path in fields.keys() {
        let is_new = |prefix: &&str| !before.strip_prefix(*prefix).is_some_and(|rest| rest.starts_with('.'));
        match path {
            Cow::Borrowed(path) => prefixes.extend(ancestors(path).filter(is_new).map(Cow::Borrowed)),
            Cow::Owned(path) => {
                prefixes.extend(ancestors(path).filter(is_new).map(|prefix| prefix.to_owned().into()));
            }
        }
        before = path;
    }
    prefixes.into_iter().collect()
}

/// Whether names under the field are made by its users.
fn opens(info: &FieldInfo, has_known_fields: impl Fn() -> bool) -> bool {
    match info.mapping {
        "flattened" => true,
        "object" | "nested" => !has_known_fields(),
        _ => false,
    }
}

fn owned((path, info): (&str, FieldInfo)) -> (Path, FieldInfo) {
    (path.to_owned().into(), info)
}

fn rows(text: &str, origin: Origin) -> impl Iterator<Item = (&str, FieldInfo)> {
    text.lines().filter(|line| !line.starts_with('#')).filter_map(move |line| {
        let (path, mapping) = line.split_once('\t')?;
        Some(row(path, mapping, origin))
    })
}

fn row<'t>(path: &'t str, mapping: &str, origin: Origin) -> (&'t str, FieldInfo) {
    let (mapping, array) = mapping.strip_suffix("[]").map_or((mapping, false), |bare| (bare, true));
    let known = MAPPINGS.iter().find(|(name, _)| *name == mapping);
    let (mapping, ty) = known.copied().unwrap_or(("unknown", FieldType::Unknown));
    (path, FieldInfo { ty, mapping, array, origin })
}

/// The mappings of Elasticsearch, and how operators see them (`eql-semantics.md` §4.3).
const MAPPINGS: &[(&str, FieldType)] = &[
    ("keyword", FieldType::Keyword),
    ("constant_keyword", FieldType::Keyword),
    ("wildcard", FieldType::Keyword),
    ("text", FieldType::Text),
    ("match_only_text", FieldType::Text),
    ("long", FieldType::Integer),
    ("integer", FieldType::Integer),
    ("short", FieldType::Integer),
    ("byte", FieldType::Integer),
    ("unsigned_long", FieldType::Integer),
    ("float", FieldType::Float),
    ("double", FieldType::Float),
    ("scaled_float", FieldType::Float),
    ("half_float", FieldType::Float),
    ("boolean", FieldType::Boolean),
    ("date", FieldType::Date),
    ("date_nanos", FieldType::Date),
    ("ip", FieldType::Ip),
    ("version", FieldType::Version),
    ("object", FieldType::Object),
    ("nested", FieldType::Object),
    ("flattened", FieldType::Object),
    ("geo_point", FieldType::Object),
    ("geo_shape", FieldType::Object),
    ("binary", FieldType::Object),
    ("dense_vector", FieldType::Object),
    ("integer_range", FieldType::Object),
    ("long_range", FieldType::Object),
    ("date_range", FieldType::Object),
    ("ip_range", FieldType::Object),
    ("histogram", FieldType::Object),
    ("counted_keyword", FieldType::Keyword),
];

/// Whether Elasticsearch has the mapping.
pub(crate) fn is_mapping(name: &str) -> bool {
    mappings().any(|known| known == name)
}

/// The names of all mappings.
pub(crate) fn mappings() -> impl Iterator<Item = &'static str> {
    MAPPINGS.iter().map(|(name, _)| *name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_row_has_a_type_that_is_known() {
        for (text, origin) in [(ECS, Origin::Ecs), (INTEGRATIONS, Origin::Integration)] {
            let lines = text.lines().filter(|line| !line.starts_with('#')).count();
            assert_eq!(rows(text, origin).count(), lines);
            for (path, info) in rows(text, origin) {
                let known = info.ty != FieldType::Unknown || info.mapping == "unknown";
                assert!(known, "{path}: {}", info.mapping);
            }
        }
        assert!(Schema::ecs().fields().count() > 3_000);
    }

    #[test]
    fn objects_can_be_taken_for_values() {
        let schema = Schema::ecs().with_values(["host", "process.name"]);
        assert!(Schema::ecs().is_object("host") && !schema.is_object("host"));
        for path in ["host", "process.name"] {
            assert_eq!(schema.field(path).map(|info| info.ty), Some(FieldType::Unknown), "{path}");
        }
        for path in ["host.name", "labels.any", "process.args"] {
            assert_eq!(schema.field(path), Schema::ecs().field(path), "{path}");
        }
    }

    #[test]
    fn fields_have_types_and_origins() {
        let of = |path: &str| Schema::ecs().field(path).map(|info| (info.ty, info.array, info.origin));
        assert_eq!(of("process.args"), Some((FieldType::Keyword, true, Origin::Ecs)));
        assert_eq!(of("process.pid"), Some((FieldType::Integer, false, Origin::Ecs)));
        assert_eq!(of("process.name.text"), Some((FieldType::Text, false, Origin::Ecs)));
        assert_eq!(of("file.Ext.entropy"), Some((FieldType::Float, false, Origin::Integration)));
        assert_eq!(of("winlog.event_data.Whatever"), Some((FieldType::Keyword, false, Origin::Open)));
        assert_eq!(of("labels.team"), Some((FieldType::Keyword, false, Origin::Open)));
        assert_eq!(of("okta.some.new.field"), Some((FieldType::Unknown, false, Origin::Open)));
        assert_eq!(of("process.nme"), None);
        assert_eq!(of("Process.Name"), None);
    }

    #[test]
    fn a_schema_can_be_made_of_fields() {
        let schema = Schema::of([("a.b", "ip"), ("c", "long[]"), ("d.*", "keyword"), ("e", "strange")]);
        let of = |path: &str| schema.field(path).map(|info| (info.ty, info.array));
        assert_eq!(of("a.b"), Some((FieldType::Ip, false)));
        assert_eq!(of("c"), Some((FieldType::Integer, true)));
        assert_eq!(of("d.x.y"), Some((FieldType::Keyword, false)));
        assert_eq!(of("e"), Some((FieldType::Unknown, false)));
        assert_eq!(of("process.name"), None);
        assert!(schema.is_object("a"));
        assert_eq!(schema.nearest("a.bc"), ["a.b"]);
    }

    #[test]
    fn objects_are_told_from_values() {
        let schema = Schema::ecs();
        assert!(schema.is_object("process"));
        assert!(schema.is_object("process.parent"));
        assert!(schema.is_object("winlog.event_data"));
        assert!(!schema.is_object("process.name"));
        assert!(!schema.is_object("procss"));
        assert_eq!(schema.sub_fields("process.hash", 2), ["process.hash.sha256", "process.hash.cdhash"]);
    }
}
