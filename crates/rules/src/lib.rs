//! Rule documents: EQL, Elastic TOML, Sigma; metadata.
