//! What a session costs: the counter of the front page on memory, against an axum application that counts without one.
//!
//! ```text
//! cargo bench -p session-tower --bench counter                  the whole table
//! cargo bench -p session-tower --bench counter -- direct sessions 100000     one service, for a profiler
//! ```
//!
//! The first table drives the services themselves, without sockets, and shows the time of one call. The second one
//! serves each in a process of its own on the loopback device, and shows what its requests cost that process in
//! processor time, the kernel's part included. All rows run in turn, and the medians count.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::print_stdout,
    clippy::indexing_slicing,
    reason = "a benchmark that cannot go on has failed, and it reports to a terminal"
)]

mod app;
mod client;
mod direct;
mod server;
mod sockets;

use app::App;

/// How often each row runs.
const ROUNDS: usize = 7;

fn main() {
    let (bench, args): (Vec<_>, Vec<_>) = std::env::args().skip(1).partition(|arg| arg == "--bench");
    let args: Vec<_> = args.iter().map(String::as_str).collect();
    match args[..] {
        // `cargo test` asks without `--bench` whether it runs at all.
        [] if bench.is_empty() => show(&direct::measure(1)),
        [] => report(),
        ["direct", app, calls] => direct::run(App::parse(app), calls.parse().unwrap()),
        ["serve", app] => server::serve(App::parse(app)),
        _ => println!("usage: counter [direct plain|sessions CALLS]"),
    }
}

fn report() {
    println!("without sockets, ns per call");
    show(&direct::measure(ROUNDS));
    for connections in [1, 64] {
        let (cpu, rate) = sockets::measure(ROUNDS, connections);
        println!("\non loopback, {connections} connections: processor time of the server, ns per request");
        show(&cpu);
        println!("on loopback, {connections} connections: requests per second");
        show(&rate);
    }
}

/// One measured pair per round: plain, with sessions.
type Pairs = Vec<(f64, f64)>;

fn show(pairs: &Pairs) {
    let of = |pick: fn(&(f64, f64)) -> f64| -> Vec<f64> {
        let mut sorted: Vec<f64> = pairs.iter().map(pick).collect();
        sorted.sort_by(f64::total_cmp);
        sorted
    };
    let columns: [(&str, Vec<f64>); 3] = [
        ("plain", of(|pair| pair.0)),
        ("sessions", of(|pair| pair.1)),
        ("ratio", of(|pair| pair.1 / pair.0)),
    ];
    for (name, sorted) in columns {
        let decimals = if name == "ratio" { 3 } else { 0 };
        let [least, median, most] = [0, sorted.len() / 2, sorted.len() - 1].map(|index| sorted[index]);
        println!("  {name:9} {median:10.decimals$}   ({least:.decimals$} to {most:.decimals$})");
    }
}
