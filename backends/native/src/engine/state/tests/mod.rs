mod agreement;
mod bounds;
mod generate;
mod harness;
mod order;
