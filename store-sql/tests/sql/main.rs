//! What a table of sessions does, seen from outside, on every database that this machine has.

// The attribute tells clippy that the modules are tests all through, helpers included.
#[cfg(test)]
mod batches;
#[cfg(test)]
mod cancel;
#[cfg(test)]
mod cap;
#[cfg(test)]
mod close;
#[cfg(test)]
mod common;
#[cfg(test)]
mod crowd;
#[cfg(test)]
mod cut;
#[cfg(test)]
mod damage;
#[cfg(test)]
mod deadline;
#[cfg(test)]
mod deaf;
#[cfg(test)]
mod explain;
#[cfg(test)]
mod failures;
#[cfg(test)]
mod fill;
#[cfg(test)]
mod foreign;
#[cfg(test)]
mod held;
#[cfg(test)]
mod killed;
#[cfg(test)]
mod mariadb;
#[cfg(test)]
mod migrate;
#[cfg(test)]
mod outage;
#[cfg(test)]
mod place;
#[cfg(test)]
mod pools;
#[cfg(test)]
mod private;
#[cfg(test)]
mod processes;
#[cfg(test)]
mod servers;
#[cfg(test)]
mod sqlite;
#[cfg(test)]
mod sweep;
#[cfg(test)]
#[cfg(feature = "tls-rustls")]
mod tls;
#[cfg(test)]
mod together;
#[cfg(test)]
mod webpy;
