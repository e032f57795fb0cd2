//! What a file of sessions does, seen from outside.

// The attribute tells clippy that the modules are tests all through, helpers included.
#[cfg(test)]
mod cancel;
#[cfg(test)]
mod cap;
#[cfg(test)]
mod close;
#[cfg(test)]
mod common;
#[cfg(test)]
mod contract;
#[cfg(test)]
mod damage;
#[cfg(test)]
mod directory;
#[cfg(test)]
mod foreign;
#[cfg(test)]
mod full;
#[cfg(test)]
mod model;
#[cfg(test)]
mod mount;
#[cfg(test)]
mod processes;
#[cfg(test)]
mod readonly;
#[cfg(test)]
mod sweep;
#[cfg(test)]
mod threads;
#[cfg(test)]
mod victim;
