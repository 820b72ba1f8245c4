//! Lints of Sigma documents: what the specification advises and what the rules of SigmaHQ keep to, with repairs.
