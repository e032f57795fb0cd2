//! What a visitor and an application see of the layer, request by request.

#![cfg(test)]

mod addresses;
mod caching;
mod clear_site_data;
mod cookies;
mod counter;
mod csrf;
mod examples;
mod expiry;
mod failing_store;
mod guessing;
mod handler_errors;
mod keeping;
mod lazy;
mod logging;
mod on_disk;
mod rotation;
mod served;
mod support;
mod sweeping;
