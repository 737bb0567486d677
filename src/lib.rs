//! Will the clients that connect to this server accept its certificate for this name?
pub mod certificate;
pub mod escape;
pub mod identity;
