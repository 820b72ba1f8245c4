//! Join keys.

use eqlc_diagnostics::Diagnostic;
use eqlc_diagnostics::codes::types;
use eqlc_eql::ast::{Expr, ExprKind};
use eqlc_ir::{FieldType, Key};
use eqlc_schema::Origin;

use super::types::noun;
use super::{Lowering, every};

impl Lowering<'_> {
    /// The parser lets nothing but fields and error nodes through.
    pub(super) fn keys(&mut self, keys: &[Expr]) -> Option<Vec<Key>> {
        every(keys.iter().map(|key| match &key.kind {
            ExprKind::Field { path, optional } => {
                let field = self.resolve(path, *optional)?;
                let field = self.value_field(field)?;
                Some(Key { field })
            }
            _ => None,
        }))
    }

    /// Keys in the same position must be able to be equal (`eql-semantics.md` §3, "key types differ"). Only
    /// types that ECS fixes are held against a rule.
    pub(super) fn check_key_types(&mut self, terms: &[&[Key]]) {
        let Some((first, rest)) = terms.split_first() else { return };
        for (at, key) in first.iter().enumerate() {
            let other =
                rest.iter().filter_map(|keys| keys.get(at)).find(|other| !self.may_be_equal(key, other));
            if let Some(other) = other {
                let (a, b) = (&key.field, &other.field);
                let message = format!("the join keys `{}` and `{}` are never equal", a.path, b.path);
                self.report(
                    Diagnostic::error(types::KEY_TYPES, message)
                        .at(b.span, format!("holds {}", noun(b.ty)))
                        .and_at(a.span, format!("holds {}", noun(a.ty))),
                );
            }
        }
    }

    fn may_be_equal(&self, a: &Key, b: &Key) -> bool {
        let certain = |key: &Key| {
            self.context
                .schema
                .field(&key.field.path)
                .is_some_and(|info| matches!(info.origin, Origin::Ecs | Origin::User))
        };
        let (one, two) = (a.field.ty, b.field.ty);
        one == two
            || (one.is_string() && two.is_string())
            || (one.is_number() && two.is_number())
            || one == FieldType::Unknown
            || two == FieldType::Unknown
            || !certain(a)
            || !certain(b)
    }
}
