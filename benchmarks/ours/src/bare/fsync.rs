//! Files that are written in place and synced, and nothing else: how often this machine can do that.

use std::{
    fs::{File, OpenOptions},
    os::unix::fs::FileExt,
    path::Path,
    sync::Arc,
};

use harness::{Saves, Values};
use tokio::task::spawn_blocking;

/// One file for each place, as long as a session from the start.
pub(crate) struct Fsync {
    folder: std::path::PathBuf,
}

pub(crate) struct Hand {
    bytes: Vec<u8>,
    file: Option<Arc<File>>,
}

impl Fsync {
    pub(crate) fn open(folder: &Path) -> Self {
        Self { folder: folder.to_owned() }
    }
}

impl Saves for Fsync {
    type Hand = Hand;

    fn hand(&self, values: &Values) -> Hand {
        let texts: String = values.pairs.iter().map(|(_, text)| text.as_str()).collect();
        Hand { bytes: texts.into(), file: None }
    }

    async fn create(&self, hand: &mut Hand, place: usize) {
        std::fs::write(self.folder.join(place.to_string()), &hand.bytes).unwrap();
    }

    /// Writes to one file for each task, opened once.
    async fn save(&self, hand: &mut Hand, place: usize, change: u64) {
        let open = || OpenOptions::new().write(true).open(self.folder.join(place.to_string())).unwrap();
        let file = Arc::clone(hand.file.get_or_insert_with(|| Arc::new(open())));
        let change = Values::change(change);
        hand.bytes[..change.len()].copy_from_slice(change.as_bytes());
        let bytes = hand.bytes.clone();
        let write = move || file.write_all_at(&bytes, 0).and_then(|()| file.sync_data());
        spawn_blocking(write).await.unwrap().unwrap();
    }
}
