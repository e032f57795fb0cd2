//! Looking for what only a ticket may hold, in whatever form somebody might have written it down.

use std::collections::HashSet;

use base64::{
    Engine,
    engine::general_purpose::{STANDARD, URL_SAFE},
};

/// How many bytes of a ticket are its key, which is no secret.
const KEY_BYTES: usize = 16;

/// So many bytes in a row are no accident, wherever they are.
const PART_BYTES: usize = 8;

/// The fewest letters or digits in a row in which a part of a secret can be written.
const RUN_MIN: usize = 11;

/// The secrets of the tickets that a test was given.
#[derive(Debug, Default)]
pub(crate) struct Secrets {
    tickets: HashSet<String>,
    parts: HashSet<[u8; PART_BYTES]>,
}

impl Secrets {
    /// Notes the ticket of this cookie; a browser without one has an empty cookie.
    pub(crate) fn add(&mut self, cookie: &str) {
        let Some((_, ticket)) = cookie.split_once('=') else { return };
        let secret = URL_SAFE.decode(ticket).unwrap().split_off(KEY_BYTES);
        self.parts.extend(secret.array_windows());
        self.tickets.insert(ticket.into());
    }

    pub(crate) fn len(&self) -> usize {
        self.tickets.len()
    }

    /// Returns whether a part of a secret is among the bytes: as it is, as base64, base64url, hexadecimal or decimal
    /// numbers, each of them in UTF-8 or UTF-16.
    pub(crate) fn are_in(&self, bytes: &[u8]) -> bool {
        let is_part = |window: &[u8; PART_BYTES]| self.parts.contains(window);
        readings(bytes).iter().any(|reading| reading.array_windows().any(is_part))
    }
}

/// Returns the bytes, and what they mean if they are text: once, and once more where that is text again, as a value is in
/// the base64 of a table.
pub(crate) fn readings(bytes: &[u8]) -> Vec<Vec<u8>> {
    let mut readings = meanings(bytes);
    let again: Vec<_> = readings.iter().flat_map(|reading| meanings(reading)).collect();
    readings.extend(again);
    readings.push(bytes.to_vec());
    readings
}

fn meanings(bytes: &[u8]) -> Vec<Vec<u8>> {
    // In UTF-16, every other byte of such text is zero.
    let text: Vec<u8> = bytes.iter().copied().filter(|byte| *byte != 0).collect();
    vec![from_base64(&text), from_hexadecimal(&text), from_decimal(&text)]
}

/// Where base64 begins within a run of its letters cannot be told, so that each of four places is tried.
fn from_base64(text: &[u8]) -> Vec<u8> {
    let standard: Vec<u8> = text
        .iter()
        .map(|byte| match byte {
            b'-' => b'+',
            b'_' => b'/',
            other => *other,
        })
        .collect();
    runs(&standard, |byte| byte.is_ascii_alphanumeric() || b"+/".contains(&byte))
        .flat_map(|run| (0..4).map(move |start| &run[start..]))
        .flat_map(|run| STANDARD.decode(&run[..run.len() / 4 * 4]).unwrap())
        .collect()
}

fn from_hexadecimal(text: &[u8]) -> Vec<u8> {
    let digit = |byte: u8| char::from(byte).to_digit(16).and_then(|digit| u8::try_from(digit).ok()).unwrap();
    runs(text, |byte| byte.is_ascii_hexdigit())
        .flat_map(|run| (0..2).map(move |start| &run[start..]))
        .flat_map(|run| run.chunks_exact(2).map(move |pair| digit(pair[0]) * 16 + digit(pair[1])))
        .collect()
}

/// Reads `[1, 2, 255]`, as `Debug` shows bytes; what is no byte in between counts as zero.
fn from_decimal(text: &[u8]) -> Vec<u8> {
    runs(text, |byte| byte.is_ascii_digit() || b", \n".contains(&byte))
        .flat_map(|run| run.split(|byte| !byte.is_ascii_digit()).filter(|number| !number.is_empty()))
        .map(|number| str::from_utf8(number).unwrap().parse().unwrap_or_default())
        .collect()
}

fn runs(text: &[u8], belongs: impl Fn(u8) -> bool) -> impl Iterator<Item = &[u8]> {
    text.split(move |byte| !belongs(*byte)).filter(|run| run.len() >= RUN_MIN)
}

#[test]
fn a_secret_is_found_in_every_form_and_what_is_none_is_not() {
    let ticket: Vec<u8> = (100..136).collect();
    let mut secrets = Secrets::default();
    secrets.add(&format!("id={}", URL_SAFE.encode(&ticket)));
    let secret = &ticket[KEY_BYTES..];
    let hex: String = secret.iter().map(|byte| format!("{byte:02X}")).collect();
    let texts = [
        URL_SAFE.encode(&ticket),
        STANDARD.encode(secret),
        STANDARD.encode([b"x", secret].concat()),
        STANDARD.encode([b"xx", secret].concat()),
        STANDARD.encode(&hex),
        hex.to_lowercase(),
        format!("0{hex}"),
        format!("{secret:?}"),
        format!("{secret:#?}"),
    ];
    for text in texts {
        let wide: Vec<u8> = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
        for bytes in [text.as_bytes(), &wide] {
            let among = [b"before \xff", bytes, b"\x00 behind"].concat();
            assert!(secrets.are_in(&among), "{text}");
        }
    }
    assert!(secrets.are_in(&[b"before", &secret[3..11], b"behind"].concat()));
    let key = URL_SAFE.encode(&ticket[..KEY_BYTES]);
    for harmless in [key.as_bytes(), &ticket[..KEY_BYTES + 7], b"", &hex.as_bytes()[..14]] {
        assert!(!secrets.are_in(harmless), "{harmless:?}");
    }
}
