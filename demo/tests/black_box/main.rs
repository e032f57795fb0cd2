//! The demo as its visitors and operators see it: the real program, over real HTTP.
//!
//! What it tries, most of it on every store that is here (in memory, a folder, one file, SQLite, PostgreSQL, MariaDB):
//!
//! - `applications`: the manuals' login and logout, the form that is remembered until the session is closed, and that
//!   nothing a visitor types becomes markup.
//! - `counter`: it counts from one with the cookie of the first answer, and a reset starts over.
//! - `parallel`: 2,048 increments over 64 connections, and through two processes on one store, are exact.
//! - `frames`: four frames write at once, after the page that holds them did; all values and the exact count are there.
//! - `login`: rotation and login while requests are in flight lose nothing and let nobody in with an old ticket.
//! - `logout`: no slow request brings a session back that was killed.
//! - `crash`: every answered count is there after `kill -9`; `shutdown`: a signal ends the program, and no request.
//! - `expiry`, `addresses`: the message for a session that has expired, or that is shown from another address.
//! - `cookies`: hostile cookies open nothing, are never adopted, and hide no good one.
//! - `devices`, `csrf`: a user's sessions listed and ended, by forms of this session and from this origin alone.
//! - `cap`: who is evicted at `--max-sessions`, and that it is told; `live`: objects, in memory alone.
//! - `configuration`: what the command line and the file can say, and what they refuse.
//! - `dump`, `logs`: nothing that a store keeps or the log says holds a part of a ticket's secret.

#[cfg(test)]
mod addresses;
#[cfg(test)]
mod applications;
#[cfg(test)]
mod browser;
#[cfg(test)]
mod cap;
#[cfg(test)]
mod client;
#[cfg(test)]
mod configuration;
#[cfg(test)]
mod cookies;
#[cfg(test)]
mod counter;
#[cfg(test)]
mod crash;
#[cfg(test)]
mod csrf;
#[cfg(test)]
mod databases;
#[cfg(test)]
mod devices;
#[cfg(test)]
mod dump;
#[cfg(test)]
mod expiry;
#[cfg(test)]
mod frames;
#[cfg(test)]
mod live;
#[cfg(test)]
mod login;
#[cfg(test)]
mod logout;
#[cfg(test)]
mod logs;
#[cfg(test)]
mod parallel;
#[cfg(test)]
#[path = "../../../session-core/tests/laws/secrets.rs"]
mod secrets;
#[cfg(test)]
mod server;
#[cfg(test)]
#[path = "../../../store-sql/tests/sql/servers.rs"]
#[expect(dead_code, reason = "the store's own tests use more of it")]
mod servers;
#[cfg(test)]
mod shutdown;
