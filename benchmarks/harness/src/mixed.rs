//! The keys that places stand for.

/// Returns the key of a place: neighbours in number are none in the store, as keys are random in life.
#[must_use]
pub fn mixed(place: usize) -> [u8; 16] {
    (place as u128 + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15_f39c_c060_5ced_c835).to_be_bytes()
}
