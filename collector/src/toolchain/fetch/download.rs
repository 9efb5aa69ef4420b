//! Downloading a file by HTTP: tried again after failures, gone on with where it broke off.

use std::io::Read;
use std::path::Path;
use std::time::Duration;

use ureq::http::{HeaderMap, Response, header};

use super::authorities::Authorities;
use super::partial_file::PartialFile;
use super::reply::{Part, Reply, ReplyHead, judge, validator};
use super::retry::RetryPace;
use super::watch::FetchWatch;
use crate::CollectorError;

/// How long a server may be silent.
const SILENCE_MAX: Duration = Duration::from_secs(30);

/// How many redirections are followed.
const REDIRECTS_MAX: u32 = 5;

/// The longest text that is read, in bytes. Texts are checksums.
const TEXT_BYTES_MAX: u64 = 4_096;

/// How much is read at once, in bytes.
const CHUNK_BYTES: usize = 64 * 1_024;

/// However much a server gives each time, it is asked no more often for one file.
const REQUESTS_MAX: u32 = 100;

/// How a download ended that did not fail.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Downloaded {
    /// The file is there, from one answer.
    InOne,
    /// The file is there, put together from what several answers gave.
    InParts,
    /// The server has no such file.
    Missing,
}

/// What one attempt came to.
enum Step<T> {
    Done(T),
    /// It failed, for a reason that may pass.
    Again {
        reason: String,
        after: Option<Duration>,
        /// Whether more is here than before.
        progressed: bool,
    },
}

/// A file that is being received.
struct Transfer<'a> {
    url: &'a str,
    file: &'a PartialFile,
    /// How many bytes of it were there before.
    begun: u64,
}

/// Downloads files.
pub(super) struct Downloader {
    http: ureq::Agent,
    pace: RetryPace,
    file_bytes_max: u64,
}

impl Downloader {
    /// A downloader that takes no file larger than `file_bytes_max`, and believes the certificates of
    /// these authorities.
    pub(super) fn new(pace: RetryPace, file_bytes_max: u64, authorities: &Authorities) -> Self {
        let config = ureq::Agent::config_builder();
        #[cfg(feature = "https")]
        let config = config.tls_config(authorities.tls_config());
        // There is nothing else to believe.
        #[cfg(not(feature = "https"))]
        let _ = authorities;
        let config = config
            .http_status_as_error(false)
            .max_redirects(REDIRECTS_MAX)
            .timeout_resolve(Some(SILENCE_MAX))
            .timeout_connect(Some(SILENCE_MAX))
            .timeout_recv_response(Some(SILENCE_MAX))
            .timeout_per_read(Some(SILENCE_MAX))
            .user_agent(concat!("perfleet-collector/", env!("CARGO_PKG_VERSION")))
            // A checksum is that of the file as it lies on the server.
            .accept_encoding("identity")
            .build();
        Self {
            http: config.new_agent(),
            pace,
            file_bytes_max,
        }
    }

    /// Brings the file at `url` to `path`. What an earlier download has left there is gone on with,
    /// if the server's file is still the same.
    ///
    /// # Errors
    /// [`CollectorError::DownloadFailed`] where trying again later may help,
    /// [`CollectorError::DownloadRefused`] where it will not.
    pub(super) fn file(
        &self,
        url: &str,
        path: &Path,
        watch: &FetchWatch<'_>,
    ) -> Result<Downloaded, CollectorError> {
        let file = PartialFile::at(path);
        let mut most_bytes = 0;
        self.persistently(url, watch, || {
            self.file_once(url, &file, &mut most_bytes, watch)
        })
    }

    /// The text at `url`, or `None` where the server has none.
    ///
    /// # Errors
    /// As [`Downloader::file`].
    pub(super) fn text(
        &self,
        url: &str,
        watch: &FetchWatch<'_>,
    ) -> Result<Option<String>, CollectorError> {
        self.persistently(url, watch, || self.text_once(url))
    }

    fn persistently<T>(
        &self,
        url: &str,
        watch: &FetchWatch<'_>,
        mut attempt: impl FnMut() -> Result<Step<T>, CollectorError>,
    ) -> Result<T, CollectorError> {
        let mut failures = 0;
        for request in 1..=REQUESTS_MAX {
            watch.check(url)?;
            let (reason, after, progressed) = match attempt()? {
                Step::Done(done) => return Ok(done),
                Step::Again {
                    reason,
                    after,
                    progressed,
                } => (reason, after, progressed),
            };
            failures = if progressed { 1 } else { failures + 1 };
            match self.pace.pause(failures, after) {
                Some(pause) if request < REQUESTS_MAX => watch.pause(pause, url)?,
                _ => {
                    return Err(CollectorError::DownloadFailed {
                        url: url.to_owned(),
                        reason: format!("{reason}; it was tried {request} times"),
                    });
                }
            }
        }
        given_up(url)
    }

    fn text_once(&self, url: &str) -> Result<Step<Option<String>>, CollectorError> {
        let (head, body) = match self.ask(url, &Part::default())? {
            Ok(answer) => answer,
            Err(again) => return Ok(again),
        };
        match judge(&Part::default(), &head) {
            Reply::Missing => Ok(Step::Done(None)),
            Reply::Whole { .. } => {
                let mut text = String::new();
                let mut body = body.into_reader().take(TEXT_BYTES_MAX);
                match body.read_to_string(&mut text) {
                    Ok(_) => Ok(Step::Done(Some(text))),
                    Err(error) if error.kind() == std::io::ErrorKind::InvalidData => {
                        Err(refused(url, "it is not text"))
                    }
                    Err(error) => Ok(again(error.to_string())),
                }
            }
            reply => without_content(url, reply),
        }
    }

    fn file_once(
        &self,
        url: &str,
        file: &PartialFile,
        most_bytes: &mut u64,
        watch: &FetchWatch<'_>,
    ) -> Result<Step<Downloaded>, CollectorError> {
        let part = file.part(url);
        *most_bytes = part.bytes.max(*most_bytes);
        if part.is_whole() {
            return Ok(Step::Done(Downloaded::InParts));
        }
        let (head, body) = match self.ask(url, &part)? {
            Ok(answer) => answer,
            Err(again) => return Ok(again),
        };
        let (begun, length) = match judge(&part, &head) {
            Reply::Missing => return Ok(Step::Done(Downloaded::Missing)),
            Reply::Rest { length } => (part.bytes, Some(length)),
            Reply::Whole { length } => {
                let described = Part {
                    bytes: 0,
                    length,
                    validator: head.validator,
                };
                file.begin(url, &described)?;
                (0, length)
            }
            Reply::StartOver => {
                file.discard()?;
                return Ok(again("the file on the server has changed".to_owned()));
            }
            reply => return without_content(url, reply),
        };
        self.check_length(url, length.unwrap_or_default())?;
        let transfer = Transfer { url, file, begun };
        let (received, broken) = self.receive(&transfer, body, watch)?;
        let progressed = received > *most_bytes;
        *most_bytes = received.max(*most_bytes);
        let reason = match (broken, length) {
            (Some(reason), _) => reason,
            (None, Some(length)) if received != length => {
                format!("it broke off after {received} of {length} bytes")
            }
            (None, _) if begun == 0 => return Ok(Step::Done(Downloaded::InOne)),
            (None, _) => return Ok(Step::Done(Downloaded::InParts)),
        };
        Ok(Step::Again {
            reason,
            after: None,
            progressed,
        })
    }

    /// Writes what follows behind what is there. Says how many bytes are there then, and why no more
    /// came, if that was not the end.
    fn receive(
        &self,
        transfer: &Transfer<'_>,
        body: ureq::Body,
        watch: &FetchWatch<'_>,
    ) -> Result<(u64, Option<String>), CollectorError> {
        let Transfer { url, file, begun } = *transfer;
        let mut received = begun;
        let mut appending = file.append()?;
        let mut reader = body.into_reader();
        let mut chunk = vec![0; CHUNK_BYTES];
        let broken = loop {
            watch.check(url)?;
            match reader.read(&mut chunk) {
                Ok(0) => break None,
                Ok(length) => {
                    received += length as u64;
                    self.check_length(url, received)?;
                    appending.write(&chunk[..length])?;
                }
                Err(error) => break Some(format!("it broke off after {received} bytes: {error}")),
            }
        };
        appending.keep()?;
        Ok((received, broken))
    }

    fn check_length(&self, url: &str, bytes: u64) -> Result<(), CollectorError> {
        let max = self.file_bytes_max;
        if bytes <= max {
            return Ok(());
        }
        Err(refused(
            url,
            &format!(
                "it is larger than {max} bytes: raise `archive_bytes_max` in the file of toolchain \
                 sources if that is meant"
            ),
        ))
    }

    /// Asks for what is missing behind `part`. The inner error is one that may pass.
    #[allow(clippy::type_complexity, reason = "the pair is taken apart at once")]
    fn ask<T>(
        &self,
        url: &str,
        part: &Part,
    ) -> Result<Result<(ReplyHead, ureq::Body), Step<T>>, CollectorError> {
        let is_https = url.starts_with("https://");
        if is_https && !cfg!(feature = "https") {
            return Err(refused(
                url,
                "this collector was built without HTTPS: build it with \
                 `cargo build --release --package collector --features https`",
            ));
        }
        // What was asked for safely is not to come from an unsafe place in the end.
        let mut request = self.http.get(url).config().https_only(is_https).build();
        if let Some(validator) = part.resumes_by() {
            request = request
                .header(header::RANGE, format!("bytes={}-", part.bytes))
                .header(header::IF_RANGE, validator);
        }
        match request.call() {
            Ok(response) => Ok(Ok(taken_apart(response))),
            Err(
                error @ (ureq::Error::BadUri(_)
                | ureq::Error::RequireHttpsOnly(_)
                | ureq::Error::TooManyRedirects
                | ureq::Error::RedirectFailed
                | ureq::Error::InvalidProxyUrl),
            ) => Err(refused(url, &error.to_string())),
            Err(error) => Ok(Err(again(error.to_string()))),
        }
    }
}

fn taken_apart(response: Response<ureq::Body>) -> (ReplyHead, ureq::Body) {
    let (head, body) = response.into_parts();
    let field = |name| field(&head.headers, name);
    let reply = ReplyHead {
        status: head.status.as_u16(),
        length: field(header::CONTENT_LENGTH).and_then(|length| length.parse().ok()),
        content_range: field(header::CONTENT_RANGE).map(str::to_owned),
        validator: validator(field(header::ETAG), field(header::LAST_MODIFIED)),
        retry_after: field(header::RETRY_AFTER)
            .and_then(|seconds| seconds.parse().ok())
            .map(Duration::from_secs),
    };
    (reply, body)
}

fn field(headers: &HeaderMap, name: header::HeaderName) -> Option<&str> {
    headers.get(name)?.to_str().ok()
}

/// What an answer means that brings nothing.
fn without_content<T>(url: &str, reply: Reply) -> Result<Step<T>, CollectorError> {
    match reply {
        Reply::Refused(reason) => Err(refused(url, &reason)),
        Reply::Later { reason, after } => Ok(Step::Again {
            reason,
            after,
            progressed: false,
        }),
        reply => Ok(again(format!(
            "the server's answer made no sense: {reply:?}"
        ))),
    }
}

fn again<T>(reason: String) -> Step<T> {
    Step::Again {
        reason,
        after: None,
        progressed: false,
    }
}

fn refused(url: &str, reason: &str) -> CollectorError {
    CollectorError::DownloadRefused {
        url: url.to_owned(),
        reason: reason.to_owned(),
    }
}

fn given_up<T>(url: &str) -> Result<T, CollectorError> {
    Err(CollectorError::DownloadFailed {
        url: url.to_owned(),
        reason: format!("it was tried {REQUESTS_MAX} times"),
    })
}
