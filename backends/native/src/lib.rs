//! The native plan and its reference evaluator, which is the meaning of the IR.
