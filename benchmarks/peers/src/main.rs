//! The peers, as a process that is measured: `peers WHAT STORE PLACE …`.

mod application;
mod async_session;
mod bulk;
mod decode;
mod durable_files;
mod handles;
mod million;
mod open;
mod record;
mod stored;

use std::env;

#[tokio::main]
async fn main() {
    let arguments: Vec<_> = env::args().skip(1).collect();
    let number = |n: usize| arguments[n].parse::<usize>().expect("a number");
    match arguments.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        ["store", "async-memory", _, _, _] => async_session::store(number(3), number(4)).await,
        ["store", name, place, _, _] => open::store(name, place, number(3), number(4)).await,
        ["handle", "async-memory", _, _, _] => async_session::handle(number(3), number(4)).await,
        ["handle", name, place, _, _] => open::handle(name, place, number(3), number(4)).await,
        ["serve", name, place] => open::serve(name, place).await,
        ["decode", which, _, _] => decode::run(which, number(3)).await,
        ["million", work, name, place] => million::run(work, name, place).await,
        _ => panic!("there is nothing called {arguments:?} to be measured"),
    }
}
