//! The cookie that carries a ticket: how it is written and read.

mod change;
mod set_cookie;
mod values;

pub use self::{change::CookieChange, set_cookie::SetCookie};
pub(crate) use self::{
    set_cookie::{removal, set_cookie},
    values::values,
};
