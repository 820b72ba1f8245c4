//! The backend trait, targets, field mapping, legalisation, losses, artifacts.
