//! `collector host`: this host's facts, and the configuration that it would measure under.

use std::process::ExitCode;

use clap::Args;
use serde::Serialize;
use shared_types::host::HostFacts;
use shared_types::{Backend, ConfigurationId, ConfigurationRecord};

use super::{answer, answer_json};
use crate::CollectorError;
use crate::host::{EmulatedArchitecture, EmulatedHost, facts, proposed_configuration, proposed_id};

#[derive(Debug, Args)]
pub(super) struct HostArguments {
    /// Threads of the compiler's front end in the proposed configuration
    #[arg(long, default_value_t = 1, value_parser = clap::value_parser!(u32).range(1..=256))]
    threads: u32,
    /// The code generator of the proposed configuration: llvm or cranelift
    #[arg(long, default_value_t = Backend::Llvm)]
    backend: Backend,
    /// What the proposed configuration compiles for: the triple of a target [default: this host's own]
    #[arg(long, value_name = "TARGET")]
    target: Option<String>,
    /// Not this host, but one of this architecture that a program on it emulates: aarch64
    #[arg(long, value_name = "ARCHITECTURE")]
    emulated: Option<EmulatedArchitecture>,
    /// Prints JSON
    #[arg(long)]
    json: bool,
}

/// The answer as JSON.
#[derive(Serialize)]
struct HostAnswer {
    schema: u32,
    facts: HostFacts,
    proposed: ProposedConfiguration,
}

#[derive(Serialize)]
struct ProposedConfiguration {
    id: ConfigurationId,
    record: ConfigurationRecord,
}

pub(super) fn run(arguments: &HostArguments) -> Result<ExitCode, CollectorError> {
    let facts = match arguments.emulated {
        Some(architecture) => EmulatedHost::find(architecture)?.facts(),
        None => facts(),
    };
    let mut record = proposed_configuration(&facts, arguments.backend, arguments.threads);
    if let Some(target) = &arguments.target {
        record.target.clone_from(target);
    }
    let id = proposed_id(&record, &facts.target)?;
    if arguments.json {
        answer_json(&HostAnswer {
            schema: 1,
            facts,
            proposed: ProposedConfiguration { id, record },
        })?;
    } else {
        answer(&format!(
            "host {}: {}, {}\nproposed configuration: {id}\n",
            facts.name, facts.target, record.hardware_model
        ))?;
    }
    Ok(ExitCode::SUCCESS)
}
