//! The configuration under which a host would measure.

use shared_types::host::HostFacts;
use shared_types::{Backend, ConfigurationId, ConfigurationRecord, InvalidInput};

/// The longest part of a slug that names the processor.
const PROCESSOR_LETTERS_MAX: usize = 24;

/// The longest slug.
const SLUG_LETTERS_MAX: usize = 48;

/// Parts of a target's triple that say nothing.
const SAYS_NO_TARGET: [&str; 3] = ["unknown", "pc", "none"];

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

/// The slug that is proposed for a record of a host of the target `host`:
/// `x86_64-amd-epyc-9354p-llvm-t1`, and `wasm32-on-amd-epyc-9354p-llvm-t1` where it compiles for
/// another.
///
/// # Errors
/// When the record's texts make no slug.
pub fn proposed_id(
    record: &ConfigurationRecord,
    host: &str,
) -> Result<ConfigurationId, InvalidInput> {
    let ConfigurationRecord {
        target,
        hardware_model,
        backend,
        frontend_threads,
        ..
    } = record;
    let settings = format!("{backend}-t{frontend_threads}");
    let begin = match target == host {
        true => architecture(target).to_owned(),
        false => format!("{}-on", target_words(target)),
    };
    let left = SLUG_LETTERS_MAX.saturating_sub(begin.len() + settings.len() + 2);
    let letters_max = left.min(PROCESSOR_LETTERS_MAX);
    let processor = processor_words(hardware_model, architecture(host), letters_max);
    let parts = [begin, processor, settings];
    let parts: Vec<String> = parts.into_iter().filter(|part| !part.is_empty()).collect();
    parts.join("-").parse()
}

fn architecture(target: &str) -> &str {
    target.split('-').next().unwrap_or_default()
}

/// The words of a target that tell it from others, with `-` between them.
fn target_words(target: &str) -> String {
    let words = target.split('-');
    let words: Vec<&str> = words
        .filter(|word| !SAYS_NO_TARGET.contains(word))
        .collect();
    // A slug has no dots.
    words.join("-").replace('.', "_")
}

/// The words of a processor's name that tell it from others of its architecture, with `-` between
/// them.
fn processor_words(model: &str, architecture: &str, letters_max: usize) -> String {
    const SAYS_NOTHING: [&str; 7] = ["r", "tm", "cpu", "processor", "with", "core", "ghz"];
    let lower = model.to_ascii_lowercase();
    let before_frequency = lower.split('@').next().unwrap_or_default();
    let mut slug = String::new();
    let words = before_frequency
        .split(|letter: char| !letter.is_ascii_alphanumeric())
        .filter(|word| !word.is_empty() && !SAYS_NOTHING.contains(word) && *word != architecture);
    for word in words {
        let separated = usize::from(!slug.is_empty());
        if slug.len() + separated + word.len() > letters_max {
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
        proposed_id(&record, &facts.target).unwrap().to_string()
    }

    fn cross_id(target: &str, model: &str, backend: Backend) -> Result<String, InvalidInput> {
        let record = ConfigurationRecord {
            target: target.to_owned(),
            hardware_model: model.to_owned(),
            backend,
            frontend_threads: 4,
            flags: Vec::new(),
        };
        let id = proposed_id(&record, "x86_64-unknown-linux-gnu")?;
        Ok(id.to_string())
    }

    proptest! {
        #[test]
        fn every_processor_has_a_slug(model in ".{0,60}", threads in 1u32..999) {
            prop_assert!(id(&model, threads).len() <= 48);
        }
    }

    #[test]
    fn targets_of_one_host_have_slugs_of_their_own_and_say_where_they_were_compiled() {
        let cross = |target: &str| cross_id(target, "AMD EPYC 9354P", Backend::Llvm).unwrap();
        assert_eq!(
            [
                "wasm32-unknown-unknown",
                "x86_64-unknown-linux-musl",
                "aarch64-unknown-linux-gnu",
                "thumbv8m.main-none-eabi",
            ]
            .map(cross),
            [
                "wasm32-on-amd-epyc-9354p-llvm-t4",
                "x86_64-linux-musl-on-amd-epyc-9354p-llvm-t4",
                "aarch64-linux-gnu-on-amd-epyc-9354p-llvm-t4",
                "thumbv8m_main-eabi-on-amd-epyc-9354p-llvm-t4",
            ]
        );
        let long = cross_id(
            "armv7-unknown-linux-gnueabihf",
            "Intel Xeon E5-2680 v4",
            Backend::Cranelift,
        );
        assert_eq!(
            long.unwrap(),
            "armv7-linux-gnueabihf-on-intel-xeon-cranelift-t4"
        );
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
