//! The Node-API surface. Functions here only convert; every decision is made in [`crate::runtime`].
//!
//! Every export catches panics (`catch_unwind`): the shim turns whatever is thrown into a denial.

pub mod capability;
mod error;
pub mod loader;
pub mod tools;
