//! Knowledge as data: tables compiled in, parsed on first use only.

pub mod client_errors;
pub mod examples;
pub mod fixes;
pub mod schemes;
pub mod wellknown;
