//! Event readers and the event view: path to zero or more typed values.
