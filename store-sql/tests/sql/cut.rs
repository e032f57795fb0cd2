//! Calls that go together over a line that breaks: each hears what is known of its own.

use std::sync::{
    Arc,
    atomic::{AtomicI64, AtomicUsize, Ordering},
};

use session_core::{Expect, Store};
use store_sql::SqlStore;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream, tcp},
};

use crate::{
    common::{at, ends, key, record, words},
    crowd::at_once,
    place::{Place, SERVERS, each},
    servers::with_authority,
};

const SESSIONS: u64 = 12;

/// Which way bytes go.
#[derive(Clone, Copy, Debug)]
enum Way {
    There = 0,
    Back = 1,
}

/// A line to a server, which breaks when so many bytes have passed.
#[derive(Clone, Debug, Default)]
struct Line {
    /// How many more may pass each way; less than none while it does not break.
    left: Arc<[AtomicI64; 2]>,
    passed: Arc<[AtomicUsize; 2]>,
}

impl Line {
    /// Lays it, and returns it with the URL that leads over it.
    async fn lay(url: &str) -> (Self, String) {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap().to_string();
        let mut server = String::new();
        let url = with_authority(url, |user, host| {
            server = host.to_owned();
            format!("{user}@{address}")
        });
        let line = Self::default();
        line.mend();
        let laid = line.clone();
        tokio::spawn(async move {
            while let Ok((near, _)) = listener.accept().await {
                let far = TcpStream::connect(&server).await.unwrap();
                let ((from, back), (answers, to)) = (near.into_split(), far.into_split());
                let line = laid.clone();
                tokio::spawn(async move {
                    // Both ends are closed when one way has broken.
                    tokio::select! {
                        () = line.pass(Way::There, from, to) => {}
                        () = line.pass(Way::Back, answers, back) => {}
                    }
                });
            }
        });
        (line, url)
    }

    async fn pass(&self, way: Way, mut from: tcp::OwnedReadHalf, mut to: tcp::OwnedWriteHalf) {
        let mut buffer = vec![0; 4_096];
        while let Ok(read @ 1..) = from.read(&mut buffer).await {
            let left = self.left[way as usize].fetch_sub(i64::try_from(read).unwrap(), Ordering::SeqCst);
            let passes = usize::try_from(left).unwrap_or(0).min(read);
            self.passed[way as usize].fetch_add(passes, Ordering::SeqCst);
            if to.write_all(&buffer[..passes]).await.is_err() || passes < read {
                return;
            }
        }
    }

    fn mend(&self) {
        self.left.iter().for_each(|left| left.store(i64::MAX, Ordering::SeqCst));
        self.passed.iter().for_each(|passed| passed.store(0, Ordering::SeqCst));
    }

    fn break_after(&self, way: Way, bytes: usize) {
        self.left[way as usize].store(i64::try_from(bytes).unwrap(), Ordering::SeqCst);
    }

    fn passed(&self, way: Way) -> usize {
        self.passed[way as usize].load(Ordering::SeqCst)
    }
}

/// Saves all sessions at once, and returns what was answered and what is there.
async fn save_all(store: &SqlStore, direct: &SqlStore, text: &'static str) -> Vec<(String, bool)> {
    let saves = at_once(store, SESSIONS, |store, n| {
        let direct = direct.clone();
        async move {
            let before = direct.load(&key(n), at(0)).await.unwrap().unwrap();
            let expect = Expect::Revision(before.revision);
            let answer = ends(store.save(&key(n), &record(text), expect, at(0))).await;
            (before.revision, answer)
        }
    });
    let mut ended = Vec::new();
    for (n, (before, answer)) in (0..).zip(saves.await) {
        let after = direct.load(&key(n), at(0)).await.unwrap().unwrap();
        let is_saved = after.revision != before;
        assert_eq!(after.record.data == text, is_saved);
        let told = match answer {
            Ok(revision) => {
                assert!(is_saved && after.revision == revision, "{n} was answered and is not there");
                "ok".to_owned()
            }
            Err(error) if error.is_unknown() => "unknown".to_owned(),
            Err(error) => {
                assert!(!is_saved, "{n} is there: {}", words(&error));
                "not applied".to_owned()
            }
        };
        ended.push((told, is_saved));
    }
    ended
}

async fn open(place: &Place) -> (SqlStore, Line, SqlStore) {
    let direct = place.open().await;
    let (line, url) = Line::lay(&place.url).await;
    let store = SqlStore::connect(&url, "sessions").await.unwrap();
    at_once(&direct, SESSIONS, |store, n| async move {
        store.save(&key(n), &record("first"), Expect::Absent, at(0)).await.unwrap();
    })
    .await;
    (direct, line, store)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn saves_that_went_together_are_told_as_far_as_they_are_known() {
    each(&SERVERS, async |place| {
        let (direct, line, store) = open(place).await;
        save_all(&store, &direct, "before").await;
        let mut lost_after = 0;
        for way in [Way::There, Way::Back] {
            line.mend();
            save_all(&store, &direct, "whole").await;
            let most = line.passed(way);
            for spot in 0..40 {
                let text = if spot % 2 == 0 { "even" } else { "odd" };
                line.break_after(way, most * spot / 40);
                let ended = save_all(&store, &direct, text).await;
                lost_after += ended.iter().filter(|(told, is_saved)| told == "unknown" && *is_saved).count();
                line.mend();
                // The next ones go through again, on connections that nothing is left on.
                let again = save_all(&store, &direct, "again").await;
                assert!(again.iter().all(|(told, _)| told == "ok"), "{again:?} after {way:?} {spot}");
            }
        }
        assert!(lost_after > 0, "no answer was lost: {:?}", place.dialect);
    })
    .await;
}
