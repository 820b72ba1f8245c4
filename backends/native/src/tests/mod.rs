mod backend;
mod plan;
