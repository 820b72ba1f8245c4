//! Fields and types (ECS), Sigma log sources and taxonomy, field maps.
