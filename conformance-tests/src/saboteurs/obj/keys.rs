//! Flaws of the key by which objects are kept.

use std::sync::Arc;

use session_core::{Error, Key, Object, Result, Timestamp};

use crate::{
    reference::Sessions,
    saboteurs::{Flaw, Put, World, saboteurs},
};

saboteurs! {
    objects_are_kept_by_half_of_the_key ObjectsAreKeptByHalfOfTheKey caught by "OBJ-001": "Objects are kept by the first half of the key.";
    objects_are_kept_by_the_end_of_the_key ObjectsAreKeptByTheEndOfTheKey caught by "OBJ-001": "Objects are kept by the second half of the key.";
    objects_are_kept_without_the_last_byte ObjectsAreKeptWithoutTheLastByte caught by "OBJ-001": "Objects are kept by the key without its last byte.";
    objects_are_kept_in_either_case ObjectsAreKeptInEitherCase caught by "OBJ-001": "Objects are kept by the key, whose letters are all alike in either case.";
}

/// Returns the part of a key by which objects are kept.
trait Part: Send + Sync + 'static {
    fn part(key: &Key) -> Vec<u8>;

    /// Finds the object of that name under a key that has the same part.
    fn find(sessions: &Sessions, key: &Key, name: &str) -> Option<(Key, String)> {
        let mut all = sessions.objects.keys();
        all.find(|(other, its)| its == name && Self::part(other) == Self::part(key)).cloned()
    }
}

macro_rules! by_part {
    ($($flaw:ident $part:expr;)*) => {$(
        impl Part for $flaw {
            fn part(key: &Key) -> Vec<u8> {
                let part: fn(&[u8; Key::BYTES]) -> Vec<u8> = $part;
                part(key.as_bytes())
            }
        }

        impl Flaw for $flaw {
            fn put(&self, world: &World, call: Put<'_>) -> Result<Option<Object>> {
                world.with(|sessions| {
                    if sessions.live(call.key, call.now).is_none() {
                        sessions.gone.push(call.object);
                        return Err(Error::Missing);
                    }
                    let found = Self::find(sessions, call.key, call.name);
                    let replaced = found.and_then(|found| sessions.objects.remove(&found));
                    sessions.objects.insert((*call.key, call.name.to_owned()), call.object);
                    Ok(replaced)
                })
            }

            fn object(&self, world: &World, key: &Key, name: &str, now: Timestamp) -> Option<Object> {
                let sessions = world.lock();
                sessions.live(key, now)?;
                let found = Self::find(&sessions, key, name)?;
                sessions.objects.get(&found).map(Arc::clone)
            }

            fn remove(&self, world: &World, key: &Key, name: &str, now: Timestamp) -> Option<Object> {
                let mut sessions = world.lock();
                sessions.live(key, now)?;
                let found = Self::find(&sessions, key, name)?;
                sessions.objects.remove(&found)
            }
        }
    )*};
}

by_part! {
    ObjectsAreKeptByHalfOfTheKey |key| key.iter().take(8).copied().collect();
    ObjectsAreKeptByTheEndOfTheKey |key| key.iter().skip(8).copied().collect();
    ObjectsAreKeptWithoutTheLastByte |key| key.iter().take(15).copied().collect();
    ObjectsAreKeptInEitherCase |key| key.to_ascii_lowercase();
}
