//! The demo in Chromium, as its visitors see it.
//!
//! It needs `chromium` and `chromedriver`. With `SCREENSHOTS=FOLDER` the test of the pages leaves a picture of each there.

#[cfg(test)]
mod chromium;
#[cfg(test)]
#[path = "../black_box/databases.rs"]
mod databases;
#[cfg(test)]
mod devices;
#[cfg(test)]
mod frames;
#[cfg(test)]
mod layout;
#[cfg(test)]
mod manuals;
#[cfg(test)]
#[path = "../black_box/server.rs"]
#[expect(dead_code, reason = "the tests over plain HTTP use more of it")]
mod server;
#[cfg(test)]
#[path = "../../../store-sql/tests/sql/servers.rs"]
#[expect(dead_code, reason = "the store's own tests use more of it")]
mod servers;
