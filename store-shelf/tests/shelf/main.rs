//! What is particular to a file of sessions, seen from outside; `conformance-tests` decides the rest.

// The attribute tells clippy that the modules are tests all through, helpers included.
#[cfg(test)]
mod bounds;
#[cfg(test)]
mod cap;
#[cfg(test)]
mod close;
#[cfg(test)]
mod common;
#[cfg(test)]
mod damage;
#[cfg(test)]
mod foreign;
#[cfg(test)]
mod full;
#[cfg(test)]
mod mount;
#[cfg(test)]
mod processes;
#[cfg(test)]
mod readonly;
#[cfg(test)]
mod seal;
#[cfg(test)]
mod victim;
