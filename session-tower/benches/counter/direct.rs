//! The service itself, called in a loop on one thread.

use std::time::Instant;

use axum::{Router, body::Body};
use http::{Request, header};
use tower::{Service, ServiceExt};

use crate::{Pairs, app::App};

/// How many calls one round makes.
const CALLS: usize = 100_000;

/// Visitors that take turns.
const VISITORS: usize = 64;

/// Returns the ns per call of each round.
pub(crate) fn measure(rounds: usize) -> Pairs {
    let mut apps = [App::Plain, App::Sessions].map(Driven::new);
    for app in &mut apps {
        app.call(CALLS / 4);
    }
    (0..rounds)
        .map(|_| {
            let [plain, sessions] = apps.each_mut().map(Driven::time);
            (plain, sessions)
        })
        .collect()
}

/// Calls one application this often, for a profiler.
pub(crate) fn run(app: App, calls: usize) {
    Driven::new(app).call(calls);
}

struct Driven {
    runtime: tokio::runtime::Runtime,
    router: Router,
    cookies: Vec<String>,
}

impl Driven {
    fn new(app: App) -> Self {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        let mut driven = Self { runtime, router: app.router(), cookies: vec!["id=none".into(); VISITORS] };
        for visitor in 0..VISITORS {
            if let Some(cookie) =
                driven.runtime.block_on(request(&mut driven.router, &driven.cookies[visitor]))
            {
                driven.cookies[visitor] = cookie;
            }
        }
        driven
    }

    fn call(&mut self, calls: usize) {
        let Self { runtime, router, cookies } = self;
        runtime.block_on(async {
            for call in 0..calls {
                request(router, &cookies[call % VISITORS]).await;
            }
        });
    }

    #[expect(clippy::disallowed_methods, reason = "a benchmark measures time")]
    fn time(&mut self) -> f64 {
        let begun = Instant::now();
        self.call(CALLS);
        begun.elapsed().as_secs_f64() * 1e9 / CALLS as f64
    }
}

/// Sends one request, and returns the cookie that the answer sets.
async fn request(router: &mut Router, cookie: &str) -> Option<String> {
    let request = Request::get("/").header(header::COOKIE, cookie).body(Body::empty()).unwrap();
    let ready: &mut Router = ServiceExt::<Request<Body>>::ready(router).await.unwrap();
    let response = ready.call(request).await.unwrap();
    assert_eq!(response.status(), 200);
    let set = response.headers().get(header::SET_COOKIE)?.to_str().unwrap();
    set.split(';').next().map(Into::into)
}
