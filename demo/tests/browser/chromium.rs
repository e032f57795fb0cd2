//! Chromium and its driver, each with a folder of its own.

use std::{
    io::{BufRead, BufReader, ErrorKind, Read, Write},
    net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream},
    os::unix::process::CommandExt,
    process::{Child, ChildStdout, Command, Stdio},
    time::Duration,
};

use fantoccini::{Client, ClientBuilder, Locator};
use hyper_util::client::legacy::connect::HttpConnector;
use serde_json::json;
use tempfile::TempDir;
use tokio::time::{sleep, timeout};

use crate::{server::Server, servers::not_run};

/// No page takes that long, however busy the machine is.
const PATIENCE: Duration = Duration::from_secs(60);

/// How often a driver is started: another program may take its port first.
const STARTS: usize = 20;

/// Nothing that a test of ours is about: no network of its own, no first steps, no graphics card. Root cannot have the sandbox,
/// and every page is ours.
const ARGUMENTS: [&str; 10] = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--hide-scrollbars",
];

/// A running driver, which takes its browsers with it when it is dropped.
#[derive(Debug)]
pub(crate) struct Driver {
    child: Child,
    address: SocketAddr,
    folder: TempDir,
    // It must not write to a closed pipe.
    _stdout: BufReader<ChildStdout>,
}

/// How wide a screen is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Screen {
    Desktop,
    Phone,
}

/// What a visitor has told the browser to prefer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Colors {
    Light,
    Dark,
}

/// A browser in front of the demo.
#[derive(Debug)]
pub(crate) struct Browser {
    client: Client,
    server: SocketAddr,
}

impl Driver {
    /// Starts a driver; without one, or without a browser, says so and returns `None`.
    pub(crate) fn start() -> Option<Self> {
        for program in ["chromium", "chromedriver"] {
            let probe =
                Command::new(program).arg("--version").stdout(Stdio::null()).stderr(Stdio::null()).status();
            match probe {
                Ok(_) => {}
                Err(error) if error.kind() == ErrorKind::NotFound => {
                    not_run(&format!("the demo in a browser: {program} is not installed"));
                    return None;
                }
                Err(error) => panic!("{program}: {error}"),
            }
        }
        let driver = (0..STARTS).find_map(|_| Self::try_start());
        Some(driver.expect("chromedriver says where it listens"))
    }

    /// Starts a driver on a port that was free in IPv4 a moment ago; it gives up where it is not, or not in IPv6.
    fn try_start() -> Option<Self> {
        let folder = tempfile::tempdir().unwrap();
        let free = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap().local_addr().unwrap().port();
        let mut child = Command::new("chromedriver")
            .arg(format!("--port={free}"))
            .env("TMPDIR", folder.path())
            .process_group(0)
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let mut stdout = BufReader::new(child.stdout.take().unwrap());
        let Some(port) = port(&mut stdout) else {
            child.wait().unwrap();
            return None;
        };
        Some(Self { child, address: ([127, 0, 0, 1], port).into(), folder, _stdout: stdout })
    }

    /// Starts a browser that has never been anywhere.
    pub(crate) async fn browser(&self, screen: Screen, server: &Server) -> Browser {
        self.browser_in(Colors::Light, screen, server).await
    }

    /// Returns `used` in front of another server, or else a browser that is started: that takes longer than many pages.
    pub(crate) async fn browser_again(
        &self,
        used: Option<Browser>,
        screen: Screen,
        server: &Server,
    ) -> Browser {
        match used {
            Some(used) => {
                used.client.delete_all_cookies().await.unwrap();
                Browser { server: server.address, ..used }
            }
            None => self.browser(screen, server).await,
        }
    }

    /// Starts a browser of somebody who prefers these colors.
    pub(crate) async fn browser_in(&self, colors: Colors, screen: Screen, server: &Server) -> Browser {
        let profile = tempfile::tempdir_in(self.folder.path()).unwrap().keep();
        let mut arguments = ARGUMENTS.map(str::to_owned).to_vec();
        arguments.push(format!("--user-data-dir={}", profile.display()));
        if colors == Colors::Dark {
            arguments.push("--force-dark-mode".into());
        }
        let mut options = json!({ "args": arguments });
        match screen {
            Screen::Desktop => arguments.push("--window-size=1280,900".into()),
            // A window does not become that narrow.
            Screen::Phone => {
                let metrics = json!({ "width": 375, "height": 800, "pixelRatio": 1, "touch": true });
                options["mobileEmulation"] = json!({ "deviceMetrics": metrics });
            }
        }
        options["args"] = json!(arguments);
        let mut wanted = serde_json::Map::new();
        wanted.insert("goog:chromeOptions".into(), options);
        let mut builder = ClientBuilder::new(HttpConnector::new());
        let client = builder.capabilities(wanted).connect(&format!("http://{}", self.address)).await.unwrap();
        Browser { client, server: server.address }
    }
}

/// Returns where the driver listens, which it prints; `None` when it has ended.
fn port(stdout: &mut impl BufRead) -> Option<u16> {
    let lines = stdout.lines().map(Result::unwrap);
    let mut ports = lines.filter_map(|line| {
        let (_, port) = line.split_once("started successfully on port ")?;
        Some(port.trim_end_matches('.').parse().unwrap())
    });
    ports.next()
}

impl Drop for Driver {
    fn drop(&mut self) {
        // It ends its browsers when it is asked to, and not when it is killed.
        if let Ok(mut stream) = TcpStream::connect(self.address) {
            let _ = write!(
                stream,
                "GET /shutdown HTTP/1.1\r\nHost: {}\r\nConnection: close\r\n\r\n",
                self.address
            );
            let _ = stream.set_read_timeout(Some(PATIENCE));
            let _ = stream.read_to_end(&mut Vec::new());
        }
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Browser {
    pub(crate) fn client(&self) -> &Client {
        &self.client
    }

    /// Loads a page, with all that is in it.
    pub(crate) async fn goto(&self, path: &str) {
        self.client.goto(&format!("http://{}{path}", self.server)).await.unwrap();
    }

    /// Returns what is read on the page.
    pub(crate) async fn text(&self) -> String {
        self.client.find(Locator::Css("body")).await.unwrap().text().await.unwrap()
    }

    /// Clicks what the page has first of this kind, and waits for the page that comes then.
    pub(crate) async fn click(&self, css: &str) {
        self.client.execute("window.left = false", vec![]).await.unwrap();
        self.client.find(Locator::Css(css)).await.unwrap().click().await.unwrap();
        timeout(PATIENCE, async {
            // In between, there may be no page to ask.
            let arrived = "return window.left === undefined && document.readyState === 'complete'";
            while !self.client.execute(arrived, vec![]).await.is_ok_and(|answer| answer == true) {
                sleep(Duration::from_millis(5)).await;
            }
        })
        .await
        .expect("the next page comes in the end");
    }

    /// Types into a field, over what is there.
    pub(crate) async fn fill(&self, name: &str, text: &str) {
        let field = self.client.find(Locator::Css(&format!("input[name={name}]"))).await.unwrap();
        field.clear().await.unwrap();
        field.send_keys(text).await.unwrap();
    }

    /// Waits until the page has this element.
    pub(crate) async fn wait_for(&self, css: &str) {
        self.client.wait().at_most(PATIENCE).for_element(Locator::Css(css)).await.unwrap();
    }

    /// Returns the path that the browser is at.
    pub(crate) async fn path(&self) -> String {
        self.client.current_url().await.unwrap().path().into()
    }

    /// Logs in as this user, by the form.
    pub(crate) async fn log_in(&self, user: &str) {
        self.goto("/login/form").await;
        self.fill("user", user).await;
        self.click("form button").await;
        assert!(self.text().await.contains(&format!("You are logged in as {user}.")));
    }
}
