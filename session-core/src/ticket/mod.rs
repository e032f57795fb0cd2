//! The ticket: what a visitor shows to get at a session.

mod key;

pub use self::key::Key;
