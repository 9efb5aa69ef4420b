//! A server of its own for each test.

use std::cell::RefCell;
use std::io::{BufRead, BufReader, Read};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::mpsc;
use std::time::Duration;

use tempfile::TempDir;
use ureq::http::Response;

/// How long the start or the end of a server may take before a test gives up. Generous, since the
/// machine may be busy with much else.
const PATIENCE: Duration = Duration::from_secs(120);

/// A running server. Killed when it goes out of scope.
pub(crate) struct Server {
    child: Child,
    pub(crate) url: String,
    errors: mpsc::Receiver<String>,
    said: RefCell<String>,
}

/// An answer, as it came over the wire.
pub(crate) struct Answer {
    pub(crate) status: u16,
    headers: Vec<(String, String)>,
    pub(crate) body: Vec<u8>,
}

impl Answer {
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        let mut headers = self.headers.iter();
        headers
            .find(|(other, _)| other == name)
            .map(|(_, value)| value.as_str())
    }

    pub(crate) fn text(&self) -> String {
        String::from_utf8(self.body.clone()).unwrap()
    }
}

/// The command that serves a data folder on any free port.
pub(crate) fn serve(data_dir: &Path, page: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_perfleet"));
    command
        .args(["serve", "--listen", "127.0.0.1:0", "--data-dir"])
        .arg(data_dir)
        .arg("--page")
        .arg(page)
        .env_remove("PERFLEET_PAGE_DIR")
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    command
}

impl Server {
    pub(crate) fn start(data_dir: &Path, page: &Path) -> Self {
        Self::start_by(&mut serve(data_dir, page))
    }

    /// As [`Self::start`], by a command that was changed.
    pub(crate) fn start_by(command: &mut Command) -> Self {
        let mut child = command.spawn().unwrap();
        let mut stderr = child.stderr.take().unwrap();
        let (errors, said) = mpsc::channel();
        std::thread::spawn(move || {
            let mut buffer = [0; 4096];
            while let Ok(length @ 1..) = stderr.read(&mut buffer) {
                let text = String::from_utf8_lossy(&buffer[..length]).into_owned();
                if errors.send(text).is_err() {
                    break;
                }
            }
        });
        let (lines, line) = mpsc::channel();
        let stdout = BufReader::new(child.stdout.take().unwrap());
        std::thread::spawn(move || {
            for text in stdout.lines().map_while(Result::ok) {
                if lines.send(text).is_err() {
                    break;
                }
            }
        });
        let first = line.recv_timeout(PATIENCE).unwrap_or_else(|_| {
            let said: String = said.try_iter().collect();
            panic!("the server did not start: {said}")
        });
        let url = first
            .strip_prefix("listening on ")
            .unwrap_or_else(|| panic!("{first}"))
            .to_owned();
        Self {
            child,
            url,
            errors: said,
            said: RefCell::default(),
        }
    }

    /// The token that the first start shows.
    pub(crate) fn token(&self) -> String {
        let mut said = self.said.borrow_mut();
        loop {
            // The end of the line, too, so that no half of a token is taken for one.
            let token = said
                .split_once("pft_")
                .and_then(|(_, rest)| rest.split_once('\n'))
                .map(|(rest, _)| format!("pft_{rest}"));
            if let Some(token) = token {
                return token;
            }
            match self.errors.recv_timeout(PATIENCE) {
                Ok(text) => said.push_str(&text),
                Err(_) => panic!("no token in: {said}"),
            }
        }
    }

    /// All that it said on standard error, once it has ended.
    pub(crate) fn last_words(&self) -> String {
        let mut said = self.said.borrow_mut();
        said.extend(self.errors.iter());
        said.clone()
    }

    pub(crate) fn get(&self, path: &str) -> Answer {
        self.get_with(path, &[])
    }

    pub(crate) fn get_with(&self, path: &str, headers: &[(&str, &str)]) -> Answer {
        let mut request = agent().get(format!("{}{path}", self.url));
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        answer(request.call().unwrap())
    }

    pub(crate) fn post(&self, path: &str, token: Option<&str>, body: &str) -> Answer {
        let mut request = agent().post(format!("{}{path}", self.url));
        if let Some(token) = token {
            request = request.header("X-Perfleet-Token", token);
        }
        answer(request.send(body).unwrap())
    }

    pub(crate) fn post_with(&self, path: &str, headers: &[(&str, &str)], body: &str) -> Answer {
        let mut request = agent().post(format!("{}{path}", self.url));
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        answer(request.send(body).unwrap())
    }

    /// Asks the server to end, and waits until it has.
    pub(crate) fn terminate(&mut self) -> ExitStatus {
        let signalled = Command::new("kill")
            .args(["-TERM", &self.child.id().to_string()])
            .status()
            .unwrap();
        assert!(signalled.success());
        self.child.wait().unwrap()
    }

    pub(crate) fn kill(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn agent() -> ureq::Agent {
    ureq::Agent::config_builder()
        .http_status_as_error(false)
        .build()
        .new_agent()
}

fn answer(mut response: Response<ureq::Body>) -> Answer {
    let headers = response
        .headers()
        .iter()
        .map(|(name, value)| (name.as_str().to_owned(), value.to_str().unwrap().to_owned()));
    Answer {
        status: response.status().as_u16(),
        headers: headers.collect(),
        body: response.body_mut().read_to_vec().unwrap(),
    }
}

/// A data folder and a built page, beside a file that is nobody's business.
pub(crate) struct Folders {
    folder: TempDir,
}

impl Folders {
    pub(crate) fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let page = folder.path().join("page");
        std::fs::create_dir(&page).unwrap();
        let html = "<!doctype html><html><script type=\"module\">start()</script></html>";
        std::fs::write(page.join("index.html"), html).unwrap();
        std::fs::write(page.join("page-0123456789abcdef_bg.wasm"), vec![0; 5000]).unwrap();
        std::fs::write(folder.path().join("secret.txt"), "secret").unwrap();
        Self { folder }
    }

    pub(crate) fn data(&self) -> PathBuf {
        self.folder.path().join("data")
    }

    pub(crate) fn page(&self) -> PathBuf {
        self.folder.path().join("page")
    }

    pub(crate) fn serve(&self) -> Server {
        Server::start(&self.data(), &self.page())
    }
}
