//! IR to Sigma YAML and back.
