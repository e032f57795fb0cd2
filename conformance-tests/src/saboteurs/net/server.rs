//! A server that keeps sessions in maps.

use std::{
    collections::HashMap,
    io::{self, BufRead, BufReader, Write},
    net::{SocketAddr, TcpListener, TcpStream},
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    thread,
};

use session_core::{Error, Key, Result, Stored};

use crate::{
    reference::Sessions,
    saboteurs::net::words::{Words, garbled, item},
};

/// A server on a port of its own of the loopback, which ends when it is dropped.
///
/// A client first says the name of a namespace, and then one request after the other. The answer is any number of
/// sessions and a last line: `ok` with a number, or `no` with a reason.
pub(super) struct Server {
    address: SocketAddr,
    is_over: Arc<AtomicBool>,
}

type Namespaces = Mutex<HashMap<String, Sessions>>;

impl Server {
    pub(super) fn start() -> io::Result<Self> {
        let listener = TcpListener::bind(("127.0.0.1", 0))?;
        let (address, is_over) = (listener.local_addr()?, Arc::new(AtomicBool::new(false)));
        let (over, namespaces) = (Arc::clone(&is_over), Arc::new(Namespaces::default()));
        thread::Builder::new().spawn(move || {
            for client in listener.incoming().flatten().take_while(|_| !over.load(Ordering::SeqCst)) {
                let namespaces = Arc::clone(&namespaces);
                // Whoever cannot be served is disconnected.
                let _ = thread::Builder::new().spawn(move || serve(&client, &namespaces));
            }
        })?;
        Ok(Self { address, is_over })
    }

    pub(super) fn address(&self) -> SocketAddr {
        self.address
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.is_over.store(true, Ordering::SeqCst);
        // It looks when somebody comes.
        let _ = TcpStream::connect(self.address);
    }
}

/// Answers every whole line until the client leaves.
fn serve(client: &TcpStream, namespaces: &Namespaces) -> io::Result<()> {
    client.set_nodelay(true)?;
    let (mut lines, mut client, mut line) = (BufReader::new(client), client, String::new());
    let mut namespace = None;
    while lines.read_line(&mut line)? > 0 && line.ends_with('\n') {
        let said = line.trim_end();
        let answer = match &namespace {
            None => {
                namespace = Some(said.to_owned());
                "ok 0\n".to_owned()
            }
            Some(name) => {
                let mut namespaces = namespaces.lock().unwrap_or_else(PoisonError::into_inner);
                say(carry_out(namespaces.entry(name.clone()).or_default(), said))
            }
        };
        client.write_all(answer.as_bytes())?;
        line.clear();
    }
    Ok(())
}

type Answer = Result<(Vec<(Key, Stored)>, i64)>;

fn carry_out(sessions: &mut Sessions, said: &str) -> Answer {
    let mut words = Words::of(said);
    let written = |revision: session_core::Revision| (Vec::new(), revision.as_i64());
    let listed = |items: Vec<(Key, Stored)>| (items, 0);
    match words.word()? {
        "load" => {
            let key = words.parse()?;
            let found = sessions.load(&key, words.time()?)?;
            Ok(listed(found.map(|stored| (key, stored)).into_iter().collect()))
        }
        "save" => {
            let (key, expect, now, record) =
                (words.parse()?, words.expect()?, words.time()?, words.record()?);
            sessions.save(&key, &record, expect, now).map(written)
        }
        "touch" => {
            let (key, expect) = (words.parse()?, words.revision()?);
            let (accessed_at, expires_at, now) = (words.time()?, words.time()?, words.time()?);
            sessions.touch(&key, expect, accessed_at, expires_at, now).map(written)
        }
        "delete" => Ok((Vec::new(), i64::from(sessions.delete(&words.parse()?)))),
        "sweep" => {
            let (now, limit) = (words.time()?, words.parse()?);
            Ok((Vec::new(), i64::try_from(sessions.delete_expired(now, limit)).unwrap_or(i64::MAX)))
        }
        "page" => {
            let (after, limit) = (words.word()?, words.parse()?);
            let after = if after == "-" { None } else { Some(after.parse()?) };
            Ok(listed(sessions.page(after.as_ref(), limit, words.time()?)))
        }
        "owned" => {
            let owner = words.owner()?.ok_or_else(garbled)?;
            Ok(listed(sessions.owned_by(&owner, words.time()?)))
        }
        "count" => Ok((Vec::new(), i64::try_from(sessions.count(words.time()?)).unwrap_or(i64::MAX))),
        _ => Err(garbled()),
    }
}

fn say(answer: Answer) -> String {
    match answer {
        Ok((items, number)) => {
            let items = items.iter().map(|(key, stored)| item(key, stored) + "\n").collect::<String>();
            format!("{items}ok {number}\n")
        }
        Err(Error::Exists) => "no exists\n".to_owned(),
        Err(Error::Missing) => "no missing\n".to_owned(),
        Err(Error::Conflict) => "no conflict\n".to_owned(),
        Err(_) => "no sense\n".to_owned(),
    }
}
