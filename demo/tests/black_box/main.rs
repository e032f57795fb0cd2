//! The demo as its visitors and operators see it: the real program, over real HTTP.

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
mod server;
#[cfg(test)]
#[path = "../../../store-sql/tests/sql/servers.rs"]
#[expect(dead_code, reason = "the store's own tests use more of it")]
mod servers;
#[cfg(test)]
mod shutdown;
