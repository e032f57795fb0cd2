//! The half of the ticket that only the visitor has.

use std::fmt;

use zeroize::Zeroizing;

use crate::{Error, Result};

/// The half of the ticket that only the visitor has: 20 random bytes, wiped from memory when dropped.
#[derive(Clone)]
pub(crate) struct Secret(Zeroizing<[u8; Self::BYTES]>);

impl Secret {
    pub(crate) const BYTES: usize = 20;

    pub(crate) fn generate() -> Result<Self> {
        let mut bytes = Zeroizing::new([0; Self::BYTES]);
        getrandom::fill(bytes.as_mut_slice()).map_err(Error::randomness)?;
        Ok(Self(bytes))
    }

    pub(crate) fn from_bytes(bytes: [u8; Self::BYTES]) -> Self {
        Self(Zeroizing::new(bytes))
    }

    pub(crate) fn as_bytes(&self) -> &[u8; Self::BYTES] {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(..)")
    }
}
