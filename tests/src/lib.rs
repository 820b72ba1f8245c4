//! Helpers shared by the tests over the whole of eqlc.
