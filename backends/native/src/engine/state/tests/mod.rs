mod agreement;
mod bounds;
mod generate;
mod harness;
mod measure;
mod order;
