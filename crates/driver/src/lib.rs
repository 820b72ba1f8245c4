//! The registry of backends, the pipeline and batches: all that the command line calls.
