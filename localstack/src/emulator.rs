//! The programs that can play AWS.

mod localstack_image;
mod localstack_process;
mod ministack;

use std::fmt;
use std::str::FromStr;

use crate::LocalAwsError;
use crate::process::{Launch, Place};

/// What plays AWS.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Emulator {
    /// ministack 1.5.33: small, young, ready in a second. The default.
    Ministack,
    /// LocalStack 4.14.0, the last that wants no token.
    Localstack,
}

/// What an emulator can and cannot do, as far as a test must know it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Capabilities {
    /// Whether Terraform can make a CloudFront distribution in it.
    pub cloud_front: bool,
    /// Whether SQS can send dead letters back by itself (`StartMessageMoveTask`).
    pub message_move_tasks: bool,
}

/// How an emulator is run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Way {
    Ministack,
    /// LocalStack's own program, with what it cannot have here substituted.
    LocalstackProcess,
    /// LocalStack's own image.
    LocalstackImage,
}

impl Emulator {
    /// Every one.
    pub const ALL: [Self; 2] = [Self::Ministack, Self::Localstack];

    /// The one that `PERFLEET_LOCAL_AWS_EMULATOR` names, else ministack.
    pub fn chosen() -> Result<Self, LocalAwsError> {
        match std::env::var("PERFLEET_LOCAL_AWS_EMULATOR") {
            Ok(name) if !name.is_empty() => name.parse(),
            _ => Ok(Self::Ministack),
        }
    }

    /// `ministack` or `localstack`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Ministack => "ministack",
            Self::Localstack => "localstack",
        }
    }

    /// What it can and cannot do.
    pub fn capabilities(self) -> Capabilities {
        match self {
            Self::Ministack => Capabilities {
                cloud_front: true,
                message_move_tasks: false,
            },
            Self::Localstack => Capabilities {
                cloud_front: false,
                message_move_tasks: true,
            },
        }
    }

    /// Installs it into the project's cache folder, unless it is there. The first time needs the
    /// Python package registry and ten seconds to a minute, or an engine that fetches the image.
    pub fn prepare(self) -> Result<(), LocalAwsError> {
        match self.way() {
            Way::LocalstackImage => localstack_image::pull(),
            way => way.prepare(),
        }
    }

    /// How it is run on this machine if nothing else is asked for.
    pub(crate) fn way(self) -> Way {
        match self {
            Self::Ministack => Way::Ministack,
            Self::Localstack if localstack_image::engine_answers() => Way::LocalstackImage,
            Self::Localstack => Way::LocalstackProcess,
        }
    }

    /// The same as processes on this machine, which is asked for by those who want to look between
    /// its functions and itself.
    pub(crate) fn way_without_containers(self) -> Way {
        match self {
            Self::Ministack => Way::Ministack,
            Self::Localstack => Way::LocalstackProcess,
        }
    }
}

impl fmt::Display for Emulator {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.name())
    }
}

impl FromStr for Emulator {
    type Err = LocalAwsError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let found = Self::ALL.into_iter().find(|known| known.name() == text);
        found.ok_or_else(|| LocalAwsError::NoEmulator(text.into()))
    }
}

impl Way {
    /// What it is, and what in it is not what its name says.
    pub(crate) fn describes(self) -> &'static str {
        match self {
            Self::Ministack => ministack::DESCRIPTION,
            Self::LocalstackProcess => localstack_process::DESCRIPTION,
            Self::LocalstackImage => localstack_image::DESCRIPTION,
        }
    }

    /// Installs what is missing. An engine fetches its images by itself.
    pub(crate) fn prepare(self) -> Result<(), LocalAwsError> {
        match self {
            Self::Ministack => ministack::ensure().map(drop),
            Self::LocalstackProcess => localstack_process::ensure().map(drop),
            Self::LocalstackImage => Ok(()),
        }
    }

    /// What to start so that it answers at `place`. Installs what is missing.
    pub(crate) fn launch(self, place: &Place) -> Result<Launch, LocalAwsError> {
        match self {
            Self::Ministack => Ok(ministack::ensure()?.launch(place)),
            Self::LocalstackProcess => localstack_process::ensure()?.launch(place),
            Self::LocalstackImage => Ok(localstack_image::launch(place)),
        }
    }
}
