//! Stores by their URL.

use std::{fmt, num::NonZero, pin::Pin, sync::Arc};

use session_tower::{Store, session_core::Result};
use store_disk::{DiskOptions, DiskStore};
use store_memory::{MemoryOptions, MemoryStore};
use store_shelf::{ShelfOptions, ShelfStore};
use store_sql::{SqlOptions, SqlStore};

/// A kind of store: what its URL looks like, and what opens it.
struct Kind {
    /// The scheme, and behind its colon what has to follow.
    form: &'static str,
    open: fn(StoreUrl, Cap) -> Opening,
}

/// The most sessions a store may hold; without one there is no limit.
pub(crate) type Cap = Option<NonZero<usize>>;

type Opening = Pin<Box<dyn Future<Output = Result<Opened>> + Send>>;

/// An open store, and what is to be awaited when it is not used any more.
pub(crate) struct Opened {
    pub(crate) store: Arc<dyn Store>,
    pub(crate) end: Pin<Box<dyn Future<Output = ()> + Send>>,
}

/// Every kind there is. A further one is a further line.
const KINDS: [Kind; 6] = [
    Kind { form: "memory:", open: memory },
    Kind { form: "disk:PATH", open: folder },
    Kind { form: "shelf:PATH", open: file },
    Kind { form: "sqlite:PATH", open: table },
    Kind { form: "postgres://USER@HOST/DATABASE", open: table },
    Kind { form: "mysql://USER@HOST/DATABASE", open: table },
];

fn memory(_: StoreUrl, cap: Cap) -> Opening {
    let options = capped(MemoryOptions::default(), MemoryOptions::max_sessions, cap);
    opened(async move { Ok(MemoryStore::with_options(options)) })
}

fn folder(url: StoreUrl, cap: Cap) -> Opening {
    let options = capped(DiskOptions::default(), DiskOptions::max_sessions, cap);
    opened(async move { DiskStore::open_with(url.rest(), options) })
}

fn file(url: StoreUrl, cap: Cap) -> Opening {
    let options = capped(ShelfOptions::default(), ShelfOptions::max_sessions, cap);
    Box::pin(async move { ShelfStore::open_with(url.rest(), options).map(closed_in_the_end) })
}

/// Opens the table `sessions`, which is made if it is missing.
fn table(url: StoreUrl, cap: Cap) -> Opening {
    let options = capped(SqlOptions::default(), SqlOptions::max_sessions, cap);
    opened(async move {
        SqlStore::migrate(&url.url, "sessions").await?;
        SqlStore::connect_with(&url.url, "sessions", options).await
    })
}

fn capped<O>(options: O, set: impl FnOnce(O, usize) -> O, cap: Cap) -> O {
    match cap {
        Some(max) => set(options, max.get()),
        None => options,
    }
}

fn opened<S: Store>(store: impl Future<Output = Result<S>> + Send + 'static) -> Opening {
    Box::pin(async { Ok(Opened { store: Arc::new(store.await?), end: Box::pin(async {}) }) })
}

/// A file that was not closed is read as a whole when it is opened the next time.
fn closed_in_the_end(store: ShelfStore) -> Opened {
    let handle = store.clone();
    Opened { store: Arc::new(store), end: Box::pin(async move { handle.close().await }) }
}

/// Where sessions are kept.
#[derive(Clone)]
pub(crate) struct StoreUrl {
    kind: &'static Kind,
    url: String,
}

impl StoreUrl {
    /// Returns the store that `url` names.
    ///
    /// # Errors
    ///
    /// What the URL should look like. The URL itself is not quoted, because it may hold a password.
    pub(crate) fn parse(url: &str) -> std::result::Result<Self, String> {
        let scheme = url.split_once(':').map(|(scheme, _)| scheme);
        let Some(kind) = KINDS.iter().find(|kind| Some(kind.scheme()) == scheme) else {
            return Err(match scheme {
                Some(scheme) => format!("there is no kind of store called `{scheme}:`; write {}", forms()),
                None => format!("a store begins with its kind and a colon; write {}", forms()),
            });
        };
        let parsed = Self { kind, url: url.into() };
        match (kind.wants_more(), parsed.rest().is_empty()) {
            (true, true) => Err(format!("something is missing behind the colon; write {}", kind.form)),
            (false, false) => Err(format!("nothing may follow the colon; write {}", kind.form)),
            (true, false) | (false, true) => Ok(parsed),
        }
    }

    /// Opens the store, which holds no more sessions than `cap` says.
    pub(crate) async fn open(&self, cap: Cap) -> Result<Opened> {
        (self.kind.open)(self.clone(), cap).await
    }

    /// Returns whether the sessions are this process's own, and end with it.
    pub(crate) fn is_in_memory(&self) -> bool {
        self.kind.scheme() == "memory"
    }

    /// Returns what follows the colon.
    fn rest(&self) -> &str {
        self.url.split_once(':').map_or("", |(_, rest)| rest)
    }
}

impl Kind {
    fn scheme(&self) -> &'static str {
        self.form.split_once(':').map_or(self.form, |(scheme, _)| scheme)
    }

    fn wants_more(&self) -> bool {
        !self.form.ends_with(':')
    }

    fn is_server(&self) -> bool {
        self.form.contains("://")
    }
}

/// Returns what URLs can look like: "memory:, disk:PATH, shelf:PATH" and so on.
pub(crate) fn forms() -> String {
    let [first @ .., last] = KINDS.map(|kind| kind.form);
    format!("{} or {last}", first.join(", "))
}

impl fmt::Display for StoreUrl {
    /// Shows the URL of a server without what may be a password: where nobody can tell, its scheme alone.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let scheme = self.kind.scheme();
        match self.rest().strip_prefix("//") {
            None if !self.kind.is_server() => f.write_str(&self.url),
            server => match server.and_then(place) {
                Some(place) => write!(f, "{scheme}://{place}"),
                None => f.write_str(scheme),
            },
        }
    }
}

/// Returns host and database of a server: what stands behind an `@` and before a `?`.
///
/// There is none where an `@` stands behind the `?`, which may be in a password, nor where a port is no
/// number, which may be a password itself.
fn place(server: &str) -> Option<&str> {
    let (server, parameters) = server.split_once('?').unwrap_or((server, ""));
    let place = server.rsplit_once('@').map_or(server, |(_, place)| place);
    let host = place.split_once('/').map_or(place, |(host, _)| host);
    let port = host.rsplit_once(':').map_or("", |(_, port)| port);
    // The last part of an address of IPv6 is none.
    let is_port = port.ends_with(']') || port.bytes().all(|byte| byte.is_ascii_digit());
    (is_port && !parameters.contains('@')).then_some(place)
}

impl fmt::Debug for StoreUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "StoreUrl({self})")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_is_known_by_its_form() {
        for kind in &KINDS {
            let url = StoreUrl::parse(kind.form).unwrap();
            assert_eq!(url.to_string(), kind.form.replace("USER@", ""));
            assert_eq!(url.rest().is_empty(), !kind.wants_more());
        }
    }

    #[test]
    fn what_names_no_store_is_refused_with_what_to_write() {
        for (url, says) in [
            ("", "begins with its kind"),
            ("sessions", "begins with its kind"),
            (":", "no kind of store called `:`"),
            (
                "redis://host",
                "no kind of store called `redis:`; write memory:, disk:PATH, shelf:PATH, sqlite:PATH",
            ),
            ("Memory:", "no kind of store called `Memory:`"),
            ("disk:", "something is missing behind the colon; write disk:PATH"),
            ("memory:here", "nothing may follow the colon; write memory:"),
        ] {
            let error = StoreUrl::parse(url).unwrap_err();
            assert!(error.contains(says), "{url:?}: {error}");
        }
    }

    #[test]
    fn a_password_is_never_shown() {
        assert!(!StoreUrl::parse("redis://me:hunter2@host").unwrap_err().contains("hunter2"));
        for (url, shown) in [
            ("disk://me:hunter2@host/sessions", "disk://host/sessions"),
            ("disk://me:hunter2@still@host/sessions", "disk://host/sessions"),
            ("disk://host/sessions?password=hunter2", "disk://host/sessions"),
            ("mysql://me:hunter2@[::1]/sessions", "mysql://[::1]/sessions"),
            ("mysql://me:hunter2@[::1]:3306/sessions", "mysql://[::1]:3306/sessions"),
            // Slashes or a host were forgotten, or a `?` in a password was not encoded.
            ("postgres:me:hunter2@host/sessions", "postgres"),
            ("postgres:/me:hunter2@host/sessions", "postgres"),
            ("mysql:me:hunter2@host/sessions", "mysql"),
            ("mysql:/me:hunter2@host/sessions", "mysql"),
            ("mysql://me:hunter2/sessions", "mysql"),
            ("mysql://me:hunter2", "mysql"),
            ("mysql://me:902?hunter2@host/sessions", "mysql"),
            ("mysql://me:what@902?hunter2@host/sessions", "mysql"),
        ] {
            let url = StoreUrl::parse(url).unwrap();
            assert_eq!(format!("{url} {url:?}"), format!("{shown} StoreUrl({shown})"));
        }
    }
}
