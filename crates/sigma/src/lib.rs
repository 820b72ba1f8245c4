//! Sigma: documents with spans, condition parser, YAML writer.
