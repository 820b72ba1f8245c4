//! The typed rule, the meaning of every operator, text form and normaliser.
