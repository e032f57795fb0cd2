//! The ticket: what a visitor shows to get at a session.
//!
//! A ticket has two halves. The key is what the store files the session under; the secret is what only the visitor
//! has. A session keeps the secret's [`Digest`], so a stolen store opens no session.

mod csrf;
mod digest;
mod id;
mod key;
mod secret;

use self::secret::Secret;
pub(crate) use self::{
    csrf::{CsrfTag, CsrfToken},
    digest::{Digest, Proofs},
};
pub use self::{id::SessionId, key::Key};
