//! Flaws of keys.

use async_trait::async_trait;
use session_core::{Key, Result, Revision, Stored, Timestamp};

use super::{Flaw, Save, Touch, World, saboteurs};

saboteurs! {
    keys_have_15_bytes KeysHave15Bytes caught by "KEY-001": "The last byte of a key is not looked at.";
    keys_have_no_case KeysHaveNoCase caught by "KEY-004": "Keys are compared without case.";
    keys_end_at_nul KeysEndAtNul caught by "KEY-004": "A key ends at its first NUL.";
    keys_have_127_bits KeysHave127Bits caught by "KEY-002": "The highest bit of a key is not looked at.";
}

#[async_trait]
impl Flaw for KeysHave15Bytes {
    async fn save(&self, world: &World, call: Save<'_>) -> Result<Revision> {
        world.with(|sessions| Save { key: &without_the_last(call.key), ..call }.on(sessions))
    }

    async fn load(&self, world: &World, key: &Key, now: Timestamp) -> Result<Option<Stored>> {
        world.lock().load(&without_the_last(key), now)
    }

    async fn touch(&self, world: &World, call: Touch<'_>) -> Result<Revision> {
        world.with(|sessions| Touch { key: &without_the_last(call.key), ..call }.on(sessions))
    }

    async fn delete(&self, world: &World, key: &Key) -> Result<()> {
        world.with(|sessions| sessions.delete(&without_the_last(key)));
        Ok(())
    }
}

#[async_trait]
impl Flaw for KeysHaveNoCase {
    async fn save(&self, world: &World, call: Save<'_>) -> Result<Revision> {
        world.with(|sessions| Save { key: &in_lower_case(call.key), ..call }.on(sessions))
    }

    async fn load(&self, world: &World, key: &Key, now: Timestamp) -> Result<Option<Stored>> {
        world.lock().load(&in_lower_case(key), now)
    }

    async fn touch(&self, world: &World, call: Touch<'_>) -> Result<Revision> {
        world.with(|sessions| Touch { key: &in_lower_case(call.key), ..call }.on(sessions))
    }

    async fn delete(&self, world: &World, key: &Key) -> Result<()> {
        world.with(|sessions| sessions.delete(&in_lower_case(key)));
        Ok(())
    }
}

#[async_trait]
impl Flaw for KeysEndAtNul {
    async fn save(&self, world: &World, call: Save<'_>) -> Result<Revision> {
        world.with(|sessions| Save { key: &up_to_nul(call.key), ..call }.on(sessions))
    }

    async fn load(&self, world: &World, key: &Key, now: Timestamp) -> Result<Option<Stored>> {
        world.lock().load(&up_to_nul(key), now)
    }

    async fn touch(&self, world: &World, call: Touch<'_>) -> Result<Revision> {
        world.with(|sessions| Touch { key: &up_to_nul(call.key), ..call }.on(sessions))
    }

    async fn delete(&self, world: &World, key: &Key) -> Result<()> {
        world.with(|sessions| sessions.delete(&up_to_nul(key)));
        Ok(())
    }
}

#[async_trait]
impl Flaw for KeysHave127Bits {
    async fn save(&self, world: &World, call: Save<'_>) -> Result<Revision> {
        world.with(|sessions| Save { key: &without_the_highest_bit(call.key), ..call }.on(sessions))
    }

    async fn load(&self, world: &World, key: &Key, now: Timestamp) -> Result<Option<Stored>> {
        world.lock().load(&without_the_highest_bit(key), now)
    }

    async fn touch(&self, world: &World, call: Touch<'_>) -> Result<Revision> {
        world.with(|sessions| Touch { key: &without_the_highest_bit(call.key), ..call }.on(sessions))
    }

    async fn delete(&self, world: &World, key: &Key) -> Result<()> {
        world.with(|sessions| sessions.delete(&without_the_highest_bit(key)));
        Ok(())
    }
}

fn without_the_last(key: &Key) -> Key {
    changed(key, |bytes| bytes[15] = 0)
}

fn in_lower_case(key: &Key) -> Key {
    changed(key, |bytes| bytes.make_ascii_lowercase())
}

fn up_to_nul(key: &Key) -> Key {
    let length = key.as_bytes().iter().take_while(|byte| **byte != 0).count();
    changed(key, |bytes| bytes.iter_mut().skip(length).for_each(|byte| *byte = 0))
}

fn without_the_highest_bit(key: &Key) -> Key {
    changed(key, |bytes| bytes[0] &= 0x7f)
}

fn changed(key: &Key, change: impl FnOnce(&mut [u8; Key::BYTES])) -> Key {
    let mut bytes = *key.as_bytes();
    change(&mut bytes);
    Key::from_bytes(bytes)
}
