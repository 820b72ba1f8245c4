//! Engines to run artifacts on, agreement between them, and the report.
