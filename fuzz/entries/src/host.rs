//! The texts of `/proc` and `/sys`, and the names that are made of them.

use collector::execution::parent_of;
use collector::host::proc_text::{cpu_field, kilobytes, number, switched_on};
use collector::host::{proposed_configuration, proposed_id};
use shared_types::Backend;
use shared_types::host::HostFacts;

use crate::{assert_says_why, texts};

/// A fact is found in its text, or absent; and whatever a processor calls itself, its host has a
/// configuration.
pub(crate) fn text(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    if let Some(model) = cpu_field(&text, "model name") {
        assert!(!model.is_empty() && text.contains(&model));
    }
    if let Some(kilobytes) = kilobytes(&text, "MemTotal") {
        assert!(text.contains("MemTotal:") && text.contains("kB"));
        // Written without leading zeros or a sign, or with them: it is the same number.
        assert!(text.contains(&kilobytes.to_string()));
    }
    if let Some(number) = number(&text) {
        assert!(number > 0, "`{text}` names no processor");
    }
    let _ = switched_on(&text);
    if let Some(parent) = parent_of(&text) {
        assert!(text.contains(&parent.to_string()));
    }
    let mut facts = HostFacts::named("host", "x86_64-unknown-linux-gnu");
    facts.cpu_model = Some(text.into_owned());
    let record = proposed_configuration(&facts, Backend::Llvm, 1);
    if let Err(refusal) = proposed_id(&record, &record.target) {
        assert_says_why(&refusal);
        panic!("`{}` gives no configuration", record.hardware_model);
    }
}

pub(crate) fn text_seeds() -> Vec<Vec<u8>> {
    texts([
        "processor\t: 0\nmodel name\t: AMD EPYC 9354P\nmicrocode\t: 0xa101144\nflags\t\t: fpu vme hypervisor\n",
        "MemTotal:       24683312 kB\nSwapTotal:             0 kB\n",
        "0-3,6,8-9\n",
        "1\n",
        "71 (a (b) c) S 70 71 1 0 -1 4194560 0 0",
        "Intel(R) Xeon(R) CPU E5-2680 v4 @ 2.40GHz",
    ])
}
