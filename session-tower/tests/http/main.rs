//! What a visitor and an application see of the layer, request by request.

#![cfg(test)]

mod addresses;
mod caching;
mod cookies;
mod counter;
mod expiry;
mod failing_store;
mod handler_errors;
mod keeping;
mod lazy;
mod logging;
mod rotation;
mod served;
mod support;
mod sweeping;
