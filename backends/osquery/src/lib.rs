//! IR to osquery SQL and back.
