//! The configuration file.

use std::num::NonZero;

use serde::Deserialize;
use session_tower::{Config, session_core::Error};
use toml::{
    Spanned,
    de::{DeTable, DeValue, Deserializer, ValueDeserializer},
};

use super::{
    Base,
    fault::{Fault, Places},
};
use crate::store_url::{Cap, StoreUrl};

/// Parameters that have a second name.
const SECOND_NAMES: [[&str; 2]; 3] =
    [["same_site", "samesite"], ["http_only", "httponly"], ["secret_keys", "secret_key"]];

/// The parameter that the command line has as `--max-sessions`.
const MAX_SESSIONS: &str = "max_sessions";

/// What a file says.
#[derive(Debug)]
pub(crate) struct File {
    pub(crate) store: Option<StoreUrl>,
    pub(crate) cap: Cap,
    pub(crate) config: Config,
}

/// Reads a file: `store`, which is Karrigell's `persistent_session`, its `max_sessions`, and the parameters of `Config` at top
/// level. What it leaves out is as in `base`.
///
/// # Errors
///
/// The first fault, with its line and field.
pub(crate) fn parse(text: &str, base: Base) -> Result<File, Fault> {
    let (document, errors) = DeTable::parse_recoverable(text);
    let mut table = document.into_inner();
    let places = Places::new(text, &table);
    if let Some(error) = errors.first() {
        return Err(places.on_line(error.span(), error.message(), is_parameter));
    }
    refuse_second_names(&places)?;
    refuse_insecure(&table, base, &places)?;
    refuse_keys_that_are_no_text(&table, &places)?;
    let store = take_store(&mut table, &places)?;
    let cap = take_cap(&mut table, &places)?;
    base.complete(&mut table);
    let read = Config::deserialize(Deserializer::from(Spanned::new(0..text.len(), table)));
    let config = read.map_err(|error| places.at(error.span(), in_place(error.message())))?;
    config.validate().map_err(|error| unacceptable(error, &places))?;
    Ok(File { store, cap, config })
}

/// The usual error would not say where the second one is.
fn refuse_second_names(places: &Places<'_>) -> Result<(), Fault> {
    for names in SECOND_NAMES {
        if let Some(second) = places.second_of(&names) {
            let [name, other] = names;
            return Err(
                places.of(&[second], format!("`{name}` and `{other}` are the same; leave one of them out"))
            );
        }
    }
    Ok(())
}

/// Somebody who says `--secure` must not get less.
fn refuse_insecure(table: &DeTable<'_>, base: Base, places: &Places<'_>) -> Result<(), Fault> {
    let insecure = table.get("secure").is_some_and(|value| value.get_ref().as_bool() == Some(false));
    if insecure && base == Base::Secure {
        return Err(places.of(&["secure"], "it is false, but --secure was given; leave one of them out"));
    }
    Ok(())
}

/// The usual error would quote an integer, and with it a key of digits that lacks its quotation marks.
fn refuse_keys_that_are_no_text(table: &DeTable<'_>, places: &Places<'_>) -> Result<(), Fault> {
    for name in ["secret_key", "secret_keys"] {
        let Some(value) = table.get(name) else { continue };
        let texts = match value.get_ref() {
            DeValue::Array(keys) => keys.iter().all(|key| key.get_ref().is_str()),
            value => value.is_str(),
        };
        if !texts {
            let why = "a key is a text in quotation marks; write one, or a list of them";
            return Err(places.of(&[name], why));
        }
    }
    Ok(())
}

fn take_store(table: &mut DeTable<'_>, places: &Places<'_>) -> Result<Option<StoreUrl>, Fault> {
    let Some(value) = table.remove("store") else { return Ok(None) };
    let url = value.get_ref().as_str().ok_or("it is no text; write one such as \"disk:./sessions\"".into());
    url.and_then(StoreUrl::parse).map(Some).map_err(|why: String| places.of(&["store"], why))
}

fn take_cap(table: &mut DeTable<'_>, places: &Places<'_>) -> Result<Cap, Fault> {
    let Some(value) = table.remove(MAX_SESSIONS) else { return Ok(None) };
    let cap = NonZero::deserialize(ValueDeserializer::from(value)).map(Some);
    cap.map_err(|_| places.of(&[MAX_SESSIONS], "it is no number from 1 on; leave it out for no limit"))
}

/// The configuration does not know of our own two when it lists what a file can say, nor that the place names the parameter.
fn in_place(message: &str) -> String {
    let named = message.strip_prefix("configuration parameter `").and_then(|rest| rest.split_once("`: "));
    match named {
        Some((_, why)) => why.into(),
        None if message.starts_with("unknown field") => format!("{message}, `store` or `{MAX_SESSIONS}`"),
        None => message.into(),
    }
}

fn unacceptable(error: Error, places: &Places<'_>) -> Fault {
    match error {
        Error::Config { field, why } => {
            let names = SECOND_NAMES.iter().find(|names| names.contains(&field));
            places.of(names.map_or(&[field], |names| names), why)
        }
        error => places.at(None, error.to_string()),
    }
}

/// Asks the configuration itself, so that there is no second list of its names.
fn is_parameter(name: &str) -> bool {
    let mut table = DeTable::new();
    table.insert(Spanned::new(0..0, name.into()), Spanned::new(0..0, DeValue::Boolean(true)));
    let read = Config::deserialize(Deserializer::from(Spanned::new(0..0, table)));
    name == "store"
        || name == MAX_SESSIONS
        || !read.is_err_and(|error| error.message().starts_with("unknown field"))
}

#[cfg(test)]
mod tests;
