//! What every handler is given: the ports, the clock, the source of randomness, the settings.

use std::path::PathBuf;
use std::sync::Arc;

use analysis::schedule::upkeep::UpkeepRules;
use jiff::Timestamp;
use shared_types::{JobId, RequestId, RetractionId};
use store::Store;

use crate::FunctionsError;
use crate::announcements::Announcements;
use crate::availability::{ArtifactAvailability, AskedLately, AssumedThere};
use crate::clock::{Clock, SystemClock};
use crate::compare::ComparisonCache;
use crate::github::{GitHub, GitHubSettings, TeamCache};
use crate::overview::OverviewCache;
use crate::shadow::Shadow;

/// What every handler is given. Cheap to clone.
#[derive(Clone)]
pub struct Context {
    /// The ports to what survives.
    pub store: Store,
    /// What an administrator can choose.
    pub settings: Arc<Settings>,
    /// What an administrator chose about GitHub, where it is used.
    pub github: Option<Arc<GitHubSettings>>,
    github_api: Option<Arc<dyn GitHub>>,
    pub(crate) github_team: Arc<TeamCache>,
    announcements: Option<Arc<dyn Announcements>>,
    /// What this environment is the shadow of, where it is one.
    pub shadow: Option<Arc<Shadow>>,
    /// Comparisons that were made lately.
    pub(crate) comparisons: Arc<ComparisonCache>,
    /// The overview as it was lately.
    pub(crate) overview: Arc<OverviewCache>,
    /// Whether compilers are there yet.
    pub(crate) availability: Arc<dyn ArtifactAvailability>,
    pub(crate) asked_lately: Arc<AskedLately>,
    clock: Arc<dyn Clock>,
    random: Arc<dyn RandomSource>,
}

impl Context {
    /// A context over a store, with the clock and the randomness of the machine.
    pub fn new(store: Store, settings: Settings) -> Self {
        Self::with_sources(
            store,
            settings,
            Arc::new(SystemClock),
            Arc::new(SystemRandom),
        )
    }

    /// A context whose clock and randomness the caller decides.
    pub fn with_sources(
        store: Store,
        settings: Settings,
        clock: Arc<dyn Clock>,
        random: Arc<dyn RandomSource>,
    ) -> Self {
        Self {
            store,
            settings: Arc::new(settings),
            github: None,
            github_api: None,
            github_team: Arc::default(),
            announcements: None,
            shadow: None,
            comparisons: Arc::default(),
            overview: Arc::default(),
            availability: Arc::new(AssumedThere),
            asked_lately: Arc::default(),
            clock,
            random,
        }
    }

    /// The same, with other rules for what is measured of own accord.
    pub fn with_upkeep(self, upkeep: UpkeepRules) -> Self {
        let settings = Settings {
            upkeep,
            ..(*self.settings).clone()
        };
        Self {
            settings: Arc::new(settings),
            ..self
        }
    }

    /// The same, with a place where announcements are posted.
    pub fn with_announcements(self, announcements: Option<Arc<dyn Announcements>>) -> Self {
        Self {
            announcements,
            ..self
        }
    }

    /// The same, with the address under which people reach the page.
    pub fn with_page_url(self, page_url: Option<String>) -> Self {
        let settings = Settings {
            page_url,
            ..(*self.settings).clone()
        };
        Self {
            settings: Arc::new(settings),
            ..self
        }
    }

    /// The same, where it is asked whether compilers are there before they are measured.
    pub fn with_availability(self, availability: Arc<dyn ArtifactAvailability>) -> Self {
        Self {
            availability,
            ..self
        }
    }

    /// The same, which takes GitHub's webhooks, and speaks with GitHub where it is given `api`.
    pub fn with_github(self, settings: GitHubSettings, api: Option<Arc<dyn GitHub>>) -> Self {
        Self {
            github: Some(Arc::new(settings)),
            github_api: api,
            ..self
        }
    }

    /// The same in shadow mode, where there is something to follow. Whatever it was or will be given,
    /// nothing is posted anywhere.
    pub fn with_shadow(self, shadow: Option<Shadow>) -> Self {
        Self {
            shadow: shadow.map(Arc::new),
            ..self
        }
    }

    /// GitHub, where this program may speak with it: never in shadow mode.
    pub(crate) fn github_api(&self) -> Option<Arc<dyn GitHub>> {
        self.github_api.clone().filter(|_| self.shadow.is_none())
    }

    /// Where announcements are posted: nowhere where nobody said, and never in shadow mode.
    pub(crate) fn announcements(&self) -> Option<Arc<dyn Announcements>> {
        self.announcements.clone().filter(|_| self.shadow.is_none())
    }

    /// What tells the time.
    pub(crate) fn clock(&self) -> Arc<dyn Clock> {
        Arc::clone(&self.clock)
    }

    /// The time.
    pub fn now(&self) -> Timestamp {
        self.clock.now()
    }

    /// A new request's id.
    ///
    /// # Errors
    /// When the machine has no randomness to give.
    pub fn new_request_id(&self) -> Result<RequestId, FunctionsError> {
        Ok(RequestId::from_parts(self.unix_ms(), &self.random_bytes()?))
    }

    /// A new job's id.
    ///
    /// # Errors
    /// When the machine has no randomness to give.
    pub fn new_job_id(&self) -> Result<JobId, FunctionsError> {
        Ok(JobId::from_parts(self.unix_ms(), &self.random_bytes()?))
    }

    /// A new retraction's id.
    ///
    /// # Errors
    /// When the machine has no randomness to give.
    pub fn new_retraction_id(&self) -> Result<RetractionId, FunctionsError> {
        let random = self.random_bytes()?;
        Ok(RetractionId::from_parts(self.unix_ms(), &random))
    }

    /// Random bytes, good enough for secrets.
    ///
    /// # Errors
    /// When the machine has no randomness to give.
    pub fn random_bytes<const N: usize>(&self) -> Result<[u8; N], FunctionsError> {
        let mut bytes = [0; N];
        self.random.fill(&mut bytes)?;
        Ok(bytes)
    }

    fn unix_ms(&self) -> u64 {
        u64::try_from(self.now().as_millisecond()).unwrap_or(0)
    }
}

/// What an administrator can choose.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Settings {
    /// Iterations of each test case where a request names none.
    pub default_iterations: u32,
    /// The longest that one compilation may take where a request names no limit, in seconds.
    pub default_time_limit_s: u64,
    /// The measured time that one job is to take at most, in seconds.
    pub job_target_seconds: u64,
    /// What is measured of own accord: how often against itself, and once more within which budget.
    pub upkeep: UpkeepRules,
    /// The file of the policy; the built-in one is used where there is no such file.
    pub policy_file: Option<PathBuf>,
    /// Where people reach the page, without a slash at its end: for links in what is posted. What is
    /// posted has no links where nobody said.
    pub page_url: Option<String>,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            default_iterations: 3,
            default_time_limit_s: 30 * 60,
            job_target_seconds: 30 * 60,
            upkeep: UpkeepRules::default(),
            policy_file: None,
            page_url: None,
        }
    }
}

/// Gives random bytes.
pub trait RandomSource: Send + Sync {
    /// Fills `bytes`.
    ///
    /// # Errors
    /// When there is no randomness to be had.
    fn fill(&self, bytes: &mut [u8]) -> Result<(), FunctionsError>;
}

/// The randomness of the machine.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemRandom;

impl RandomSource for SystemRandom {
    fn fill(&self, bytes: &mut [u8]) -> Result<(), FunctionsError> {
        getrandom::fill(bytes).map_err(|error| FunctionsError::Randomness {
            reason: error.to_string(),
        })
    }
}
