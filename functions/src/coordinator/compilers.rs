//! Whether the compilers of a request are there to be fetched.

use shared_types::ConfigurationId;
use shared_types::request::Request;

use crate::availability::{Availability, WAIT_MAX};
use crate::{Context, FunctionsError};

/// What a request waits for.
pub(super) enum Awaited {
    /// Its compilers are there.
    Nothing,
    /// One is not there yet, in words.
    Compiler(String),
    /// One is not there, and was waited for long enough.
    TooLong(String),
}

/// What a request waits for under a configuration.
pub(super) async fn awaited(
    context: &Context,
    request: &Request,
    id: &ConfigurationId,
) -> Result<Awaited, FunctionsError> {
    let Some(configuration) = context.store.index.configuration(id).await? else {
        return Ok(Awaited::Nothing);
    };
    let target = configuration.record.target.as_str();
    let (since, now) = (request.created_at, context.now());
    for run in request.runs() {
        let artifact = &run.artifact;
        let lately = context.asked_lately.answer(artifact, target, since, now);
        let answer = match lately {
            Some(answer) => answer,
            None => {
                let answer = context.availability.ask(artifact, target).await;
                context.asked_lately.note(artifact, target, now, &answer);
                answer
            }
        };
        let Availability::NotYet(reason) = answer else {
            continue;
        };
        return Ok(if now.duration_since(since) > WAIT_MAX {
            Awaited::TooLong(format!(
                "the compiler {artifact} was not there after {} hours ({reason}): ask once more when \
                 it is, with `perfleet rerun {}`",
                WAIT_MAX.as_hours(),
                request.id
            ))
        } else {
            Awaited::Compiler(format!(
                "the compiler {artifact}, which is not there yet ({reason})"
            ))
        });
    }
    Ok(Awaited::Nothing)
}
