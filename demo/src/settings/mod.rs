//! What the command line and the file ask for, put together.

mod base;
mod fault;
mod file;

use std::{
    fs,
    path::{Path, PathBuf},
};

use session_tower::Config;

pub(crate) use self::base::Base;
use self::file::File;
use crate::{
    args::Args,
    store_url::{Cap, StoreUrl},
};

/// Where sessions go when nobody says where.
const STORE: &str = "disk:./sessions";

/// What the demo runs with.
#[derive(Debug)]
pub(crate) struct Settings {
    /// Where sessions are kept.
    pub(crate) store: StoreUrl,
    /// The most sessions that it may hold.
    pub(crate) cap: Cap,
    /// What the configuration started from.
    pub(crate) base: Base,
    /// The file that it was read from.
    pub(crate) file: Option<PathBuf>,
    /// The configuration, which is valid.
    pub(crate) config: Config,
}

impl Settings {
    /// Returns the settings that the command line asks for, and where it names a file, that file.
    ///
    /// # Errors
    ///
    /// What is wrong, and where: never the text of a line, which may hold a secret key.
    pub(crate) fn new(args: &Args) -> crate::Result<Self> {
        let base = Base::chosen(args.secure);
        let file = match &args.config {
            None => File { store: None, cap: None, config: base.config() },
            Some(path) => read(path, base)?,
        };
        let store = match &args.store {
            None => file.store.map_or_else(|| StoreUrl::parse(STORE), Ok),
            Some(url) => StoreUrl::parse(url).map_err(|why| format!("--store: {why}")),
        };
        Ok(Self {
            store: store?,
            cap: args.max_sessions.or(file.cap),
            base,
            file: args.config.clone(),
            config: file.config,
        })
    }
}

fn read(path: &Path, base: Base) -> crate::Result<File> {
    let shown = path.display();
    let text = fs::read_to_string(path).map_err(|error| format!("cannot read {shown}: {error}"))?;
    Ok(file::parse(&text, base).map_err(|fault| format!("{shown}{fault}"))?)
}
