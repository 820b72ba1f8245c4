//! Fields and types (ECS), Sigma log sources and taxonomy, field maps.

mod categories;
mod fields;
mod nearest;
mod streams;
mod user;

pub use categories::{EVENT_CATEGORIES, nearest_category};
pub use fields::{FieldInfo, Origin, Schema};
pub use streams::{Mapped, mapped, mapping_patterns};
pub use user::{Typed, UserFields, read_fields};
