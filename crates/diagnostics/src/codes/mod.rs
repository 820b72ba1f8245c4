//! The codes, a module a family; the explanations stand in the `.yml` file beside each module.

use crate::Code;

/// Declares the constants of a family and their list.
macro_rules! family {
    ($($(#[$doc:meta])* $name:ident = $code:literal;)*) => {
        $($(#[$doc])* pub const $name: crate::Code = crate::Code::new($code);)*
        pub(crate) const ALL: &[crate::Code] = &[$($name),*];
    };
}

pub mod eql_syntax;
pub mod files;
pub mod lints;
pub mod losses;
pub mod sigma;
pub mod sigma_lints;
pub mod targets;
pub mod types;
pub mod verify;

pub(crate) const FILES: &[&str] = &[
    include_str!("eql_syntax.yml"),
    include_str!("files.yml"),
    include_str!("lints.yml"),
    include_str!("losses.yml"),
    include_str!("sigma.yml"),
    include_str!("sigma_lints.yml"),
    include_str!("targets.yml"),
    include_str!("types.yml"),
    include_str!("verify.yml"),
];

/// Every code there is.
pub fn all() -> impl Iterator<Item = Code> {
    let families: [&[Code]; 9] = [
        eql_syntax::ALL,
        files::ALL,
        lints::ALL,
        losses::ALL,
        sigma::ALL,
        sigma_lints::ALL,
        targets::ALL,
        types::ALL,
        verify::ALL,
    ];
    families.into_iter().flatten().copied()
}
