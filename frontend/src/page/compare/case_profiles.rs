//! The raw self-profiles of a test case, to download, and the commands that open them.

use crate::prelude::*;
use shared_types::ObjectKey;
use shared_types::api::{ComparedSide, TestCaseDetail};

/// The raw profiles, to download, and what opens them.
pub(super) fn raw_profiles(detail: &TestCaseDetail) -> AnyView {
    let profiled: Vec<_> = detail
        .replicates
        .iter()
        .filter(|it| it.has_self_profile)
        .collect();
    if profiled.is_empty() {
        return ().into_any();
    }
    let name_of = |side: ComparedSide, replicate: u32| format!("{side}-{replicate}.mm_profdata");
    let links = profiled.iter().map(|it| {
        let name = name_of(it.side, it.replicate.number());
        let what = format!("{} #{} ({})", it.artifact.short(), it.replicate.number(), it.side);
        match &it.raw_profile {
            Some(key) => view! {
                <li>
                    <a href=format!("/{key}") download=format!("{name}.zst") data-testid="raw-profile">
                        {what}
                    </a>
                </li>
            }
            .into_any(),
            None => view! {
                <li class="muted">{what} ": deleted by now, as raw profiles are after some weeks"</li>
            }
            .into_any(),
        }
    });
    let first = |side: ComparedSide| {
        let mut of_side = profiled.iter().filter(|it| it.side == side);
        let found = of_side.find(|it| it.raw_profile.is_some())?;
        Some((
            name_of(side, found.replicate.number()),
            found.raw_profile.clone()?,
        ))
    };
    let files: Vec<(String, ObjectKey)> = [ComparedSide::Base, ComparedSide::Head]
        .into_iter()
        .filter_map(first)
        .collect();
    let commands = (!files.is_empty()).then(|| {
        let commands = opening(&files, &own_address());
        view! {
            <p class="small">"Open them with measureme\u{2019}s tools:"</p>
            <pre><code data-testid="open-profiles">{commands}</code></pre>
        }
    });
    view! {
        <details data-testid="raw-profiles">
            <summary>"Raw self-profiles"</summary>
            <ul>{links.collect_view()}</ul>
            {commands}
        </details>
    }
    .into_any()
}

/// The address of this server.
fn own_address() -> String {
    window().location().origin().unwrap_or_default()
}

/// The commands that fetch the files and look into them.
fn opening(files: &[(String, ObjectKey)], origin: &str) -> String {
    let mut lines = vec![
        "cargo install --git https://github.com/rust-lang/measureme crox flamegraph summarize"
            .to_owned(),
    ];
    for (name, key) in files {
        lines.push(format!("curl -fsS {origin}/{key} | zstd -d > {name}"));
    }
    if let [(base, _), (head, _)] = files {
        lines.push(format!("summarize diff {base} {head}"));
    }
    if let Some((name, _)) = files.last() {
        lines.push(format!("summarize summarize {name}"));
        lines.push(format!(
            "crox {name}   # chrome_profiler.json, for ui.perfetto.dev"
        ));
        lines.push(format!("flamegraph {name}   # rustc.svg"));
    }
    lines.join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(number: u32) -> ObjectKey {
        format!("self-profile/v1/0190163d-8694-739b-aea5-966c26f8ad91/1/{number}.mm_profdata.zst")
            .parse()
            .unwrap()
    }

    #[test]
    fn the_commands_fetch_both_profiles_and_hold_them_against_each_other() {
        let files = [
            ("base-1.mm_profdata".to_owned(), key(0)),
            ("head-1.mm_profdata".to_owned(), key(1)),
        ];
        let path = "https://perf.example/self-profile/v1/0190163d-8694-739b-aea5-966c26f8ad91/1";
        let expected = [
            "cargo install --git https://github.com/rust-lang/measureme crox flamegraph summarize",
            &format!("curl -fsS {path}/0.mm_profdata.zst | zstd -d > base-1.mm_profdata"),
            &format!("curl -fsS {path}/1.mm_profdata.zst | zstd -d > head-1.mm_profdata"),
            "summarize diff base-1.mm_profdata head-1.mm_profdata",
            "summarize summarize head-1.mm_profdata",
            "crox head-1.mm_profdata   # chrome_profiler.json, for ui.perfetto.dev",
            "flamegraph head-1.mm_profdata   # rustc.svg",
        ];
        assert_eq!(opening(&files, "https://perf.example"), expected.join("\n"));
        let one = opening(&files[..1], "https://perf.example");
        assert!(!one.contains("diff"), "{one}");
    }
}
