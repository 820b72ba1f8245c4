//! EQL: tokens, parser with recovery, syntax tree, printer.
