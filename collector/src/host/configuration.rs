//! The configuration under which a host would measure.

use shared_types::host::HostFacts;
use shared_types::{Backend, ConfigurationId, ConfigurationRecord, InvalidInput};

/// The longest part of a slug that names the processor, so that the whole stays below 48 letters.
const PROCESSOR_LETTERS_MAX: usize = 24;

/// The record of a configuration of this host.
pub fn proposed_configuration(
    facts: &HostFacts,
    backend: Backend,
    frontend_threads: u32,
) -> ConfigurationRecord {
    ConfigurationRecord {
        target: facts.target.clone(),
        hardware_model: hardware_model(facts),
        backend,
        frontend_threads,
        flags: Vec::new(),
    }
}

/// The model of a host, as a configuration's record names it.
pub fn hardware_model(facts: &HostFacts) -> String {
    let model = facts.cpu_model.as_deref();
    model.unwrap_or("unknown processor").to_owned()
}

/// The slug that is proposed for a record: `x86_64-amd-epyc-9354p-llvm-t1`.
///
/// # Errors
/// When the record's texts make no slug.
pub fn proposed_id(record: &ConfigurationRecord) -> Result<ConfigurationId, InvalidInput> {
    let architecture = record.target.split('-').next().unwrap_or_default();
    let processor = processor_words(&record.hardware_model, architecture);
    let separated = if processor.is_empty() { "" } else { "-" };
    let ConfigurationRecord {
        backend,
        frontend_threads,
        ..
    } = record;
    format!("{architecture}{separated}{processor}-{backend}-t{frontend_threads}").parse()
}

/// The words of a processor's name that tell it from others of its architecture, with `-` between
/// them.
fn processor_words(model: &str, architecture: &str) -> String {
    const SAYS_NOTHING: [&str; 7] = ["r", "tm", "cpu", "processor", "with", "core", "ghz"];
    let lower = model.to_ascii_lowercase();
    let before_frequency = lower.split('@').next().unwrap_or_default();
    let mut slug = String::new();
    let words = before_frequency
        .split(|letter: char| !letter.is_ascii_alphanumeric())
        .filter(|word| !word.is_empty() && !SAYS_NOTHING.contains(word) && *word != architecture);
    for word in words {
        let separated = usize::from(!slug.is_empty());
        if slug.len() + separated + word.len() > PROCESSOR_LETTERS_MAX {
            break;
        }
        if separated == 1 {
            slug.push('-');
        }
        slug.push_str(word);
    }
    slug
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn id(model: &str, threads: u32) -> String {
        let mut facts = HostFacts::named("bench-1", "x86_64-unknown-linux-gnu");
        facts.cpu_model = Some(model.to_owned());
        let record = proposed_configuration(&facts, Backend::Llvm, threads);
        proposed_id(&record).unwrap().to_string()
    }

    proptest! {
        #[test]
        fn every_processor_has_a_slug(model in ".{0,60}", threads in 1u32..999) {
            prop_assert!(id(&model, threads).len() <= 48);
        }
    }

    #[test]
    fn the_slug_keeps_the_words_that_tell_processors_apart() {
        assert_eq!(id("AMD EPYC", 1), "x86_64-amd-epyc-llvm-t1");
        assert_eq!(
            id("Intel(R) Xeon(R) CPU E5-2680 v4 @ 2.40GHz", 2),
            "x86_64-intel-xeon-e5-2680-v4-llvm-t2"
        );
    }
}
