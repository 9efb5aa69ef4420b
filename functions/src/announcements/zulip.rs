//! Posts to a channel of Zulip, as a bot (`POST /api/v1/messages`).

mod reply;

use std::time::Duration;

use async_trait::async_trait;
use base64::Engine;
use base64::engine::general_purpose::STANDARD as BASE64;

use super::{AnnouncementError, Announcements};
use crate::{FunctionsError, Secret};

/// The address of the organisation.
pub const SITE_VARIABLE: &str = "PERFLEET_ZULIP_SITE";
/// The e-mail address of the bot.
pub const BOT_VARIABLE: &str = "PERFLEET_ZULIP_BOT_EMAIL";
/// The bot's key, a secret.
pub const KEY_VARIABLE: &str = "PERFLEET_ZULIP_API_KEY";
/// The channel.
pub const CHANNEL_VARIABLE: &str = "PERFLEET_ZULIP_CHANNEL";

/// The topic under which everything is posted.
const TOPIC: &str = "performance triage";
/// What Zulip takes in one message.
const CHARACTERS_MAX: usize = 10_000;
/// How long a post may take.
const ANSWER_MAX: Duration = Duration::from_secs(30);
/// How much of an answer is read, in bytes.
const ANSWER_BYTES_MAX: u64 = 64 * 1024;

/// Where and as whom to post.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ZulipSettings {
    site: String,
    bot_email: String,
    api_key: Secret,
    channel: String,
}

impl ZulipSettings {
    /// What the environment says; `None` where it says nothing. `variable` reads one variable.
    ///
    /// # Errors
    /// When some variables are set and others are not, or the site is no address to which a key may
    /// be sent.
    pub fn read(variable: impl Fn(&str) -> Option<String>) -> Result<Option<Self>, FunctionsError> {
        let set = |name: &str| variable(name).filter(|value| !value.trim().is_empty());
        let names = [SITE_VARIABLE, BOT_VARIABLE, KEY_VARIABLE, CHANNEL_VARIABLE];
        let values = names.map(set);
        let [Some(site), Some(bot_email), Some(key), Some(channel)] = &values else {
            if values.iter().all(Option::is_none) {
                return Ok(None);
            }
            let missing: Vec<&str> = names
                .into_iter()
                .zip(&values)
                .filter(|(_, value)| value.is_none())
                .map(|(name, _)| name)
                .collect();
            return Err(FunctionsError::Usage(format!(
                "posting to Zulip needs all of {}; {} is not set. Set it, or take the others away \
                 to post nothing",
                names.join(", "),
                missing.join(", ")
            )));
        };
        let site = site.trim().trim_end_matches('/');
        if !is_safe(site) {
            return Err(FunctionsError::Usage(format!(
                "{SITE_VARIABLE} is `{site}`: write an address that begins with https://, since the \
                 bot's key is sent there"
            )));
        }
        Ok(Some(Self {
            site: site.to_owned(),
            bot_email: bot_email.trim().to_owned(),
            api_key: Secret::new(key.trim()),
            channel: channel.trim().to_owned(),
        }))
    }
}

/// Whether nobody on the way can read what is sent.
fn is_safe(site: &str) -> bool {
    let here = ["http://127.0.0.1:", "http://localhost:", "http://[::1]:"];
    let is_here = here.iter().any(|prefix| {
        let port = site.strip_prefix(prefix);
        port.is_some_and(|port| port.bytes().all(|byte| byte.is_ascii_digit()))
    });
    is_here || (site.starts_with("https://") && !site.contains([' ', '@', '?', '#']))
}

/// A channel of Zulip.
pub struct Zulip {
    agent: ureq::Agent,
    settings: ZulipSettings,
}

impl Zulip {
    /// Posts by these settings.
    pub fn new(settings: ZulipSettings) -> Self {
        let agent = ureq::Agent::config_builder()
            .timeout_global(Some(ANSWER_MAX))
            .http_status_as_error(false)
            // Whoever sends us elsewhere must not get the key.
            .max_redirects(0)
            .max_redirects_will_error(false)
            .build()
            .new_agent();
        Self { agent, settings }
    }

    fn request(&self, text: &str) -> String {
        form_urlencoded::Serializer::new(String::new())
            .append_pair("type", "stream")
            .append_pair("to", &self.settings.channel)
            .append_pair("topic", TOPIC)
            .append_pair("content", text)
            .finish()
    }
}

#[async_trait]
impl Announcements for Zulip {
    fn characters_max(&self) -> usize {
        CHARACTERS_MAX
    }

    fn mention(&self, owner: &str) -> String {
        // Groups and whatever else people write with an `@` are left as they are.
        if owner.starts_with('@') {
            owner.to_owned()
        } else {
            format!("@**{}**", owner.replace('*', ""))
        }
    }

    async fn post(&self, text: &str) -> Result<(), AnnouncementError> {
        let ZulipSettings {
            site,
            bot_email,
            api_key,
            ..
        } = &self.settings;
        let url = format!("{site}/api/v1/messages");
        let credentials = BASE64.encode(format!("{bot_email}:{}", api_key.reveal()));
        let (agent, body) = (self.agent.clone(), self.request(text));
        let posted = tokio::task::spawn_blocking(move || send(&agent, &url, &credentials, &body));
        let reply = posted
            .await
            .map_err(|error| AnnouncementError::MaybePosted(error.to_string()))??;
        reply.understood(&self.settings)
    }
}

fn send(
    agent: &ureq::Agent,
    url: &str,
    credentials: &str,
    body: &str,
) -> Result<reply::Reply, AnnouncementError> {
    let sent = agent
        .post(url)
        .header("authorization", format!("Basic {credentials}"))
        .content_type("application/x-www-form-urlencoded")
        .send(body);
    let mut response = sent.map_err(|error| reply::of_failure(&error))?;
    let status = response.status().as_u16();
    let retry_after = response.headers().get("retry-after");
    let retry_after = retry_after
        .and_then(|value| value.to_str().ok())
        .map(str::to_owned);
    let body = response
        .body_mut()
        .with_config()
        .limit(ANSWER_BYTES_MAX)
        .read_to_vec()
        .map_err(|error| AnnouncementError::MaybePosted(error.to_string()))?;
    Ok(reply::Reply {
        status,
        retry_after,
        body,
    })
}
