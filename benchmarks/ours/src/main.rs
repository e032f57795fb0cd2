//! Ours, as a process that is measured: `ours WHAT STORE PLACE …`.

mod application;
mod bare;
mod decode;
mod handles;
mod keys;
mod million;
mod open;
mod sql;
mod stored;
mod tickets;

use std::env;

#[tokio::main]
async fn main() {
    let arguments: Vec<_> = env::args().skip(1).collect();
    let number = |n: usize| arguments[n].parse::<usize>().expect("a number");
    match arguments.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        ["store", name, place, _, _] => open::store(name, place, number(3), number(4)).await,
        ["handle", name, place, _, _] => handles::run(name, place, number(3), number(4)).await,
        ["serve", "bare", _] => bare::axum::serve().await,
        ["serve", "bare-counted", _] => bare::counted::serve().await,
        ["serve", name, place] => application::serve(name, place).await,
        ["decode", which, _, _] => decode::run(which, number(3)).await,
        ["million", work, name, place] => million::run(work, name, place).await,
        _ => panic!("there is nothing called {arguments:?} to be measured"),
    }
}
