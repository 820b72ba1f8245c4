//! Codes of the family.

family! {}
