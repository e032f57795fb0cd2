//! The rules of a store, written down as plainly as they can be.

mod bytes;
mod objects;
mod sessions;

pub(crate) use self::{
    bytes::{decode, decode_body, encode},
    sessions::Sessions,
};
