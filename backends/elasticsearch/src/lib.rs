//! IR to Elasticsearch EQL and back.
