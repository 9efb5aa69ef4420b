//! Which address shows which page.

use std::pin::Pin;

use crate::prelude::*;

use crate::app::NotFound;
use crate::page::artifact::ArtifactPage;
use crate::page::artifacts::ArtifactsPage;
use crate::page::collector::CollectorPage;
use crate::page::compare::ComparePage;
use crate::page::graphs::GraphsPage;
use crate::page::help::HelpPage;
use crate::page::job::JobPage;
use crate::page::overview::OverviewPage;
use crate::page::releases::ReleasesPage;
use crate::page::request::RequestPage;
use crate::page::status::StatusPage;
use crate::page::test_case::TestCasePage;
use crate::page::toolchain::ToolchainPage;
use crate::page::triage::{FindingPage, ReportPage, TriagePage};

/// Makes a page.
pub(super) type PageView = fn() -> AnyView;

/// A page, when its part of the WebAssembly is there.
type Loading = Pin<Box<dyn Future<Output = Result<PageView, NotFetched>>>>;

#[cfg(feature = "split")]
pub(crate) use wasm_split_helpers::SplitLoaderError as NotFetched;

/// Without parts there is nothing to fetch.
#[cfg(not(feature = "split"))]
pub(crate) type NotFetched = std::convert::Infallible;

/// The pages: a name, the address, and the component. Each is a part of the WebAssembly, which has
/// that name. An address that ends in a star has one more part.
macro_rules! pages {
    ($($name:ident, $variant:ident: $address:literal => $component:ident;)+) => {
        /// A page.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub(super) enum Route {
            $($variant,)+
            /// There is no such page.
            Nothing,
        }

        /// Every address, in the form in which it is declared.
        #[cfg(test)]
        const ADDRESSES: &[&str] = &[$($address),+];

        impl Route {
            /// The page at a path.
            pub(super) fn of(path: &str) -> Self {
                match path {
                    $(path if matches(path, $address) => Self::$variant,)+
                    _ => Self::Nothing,
                }
            }

            /// Fetches it.
            pub(super) fn load(self) -> Loading {
                match self {
                    $(Self::$variant => Box::pin($name()),)+
                    Self::Nothing => Box::pin(async { Ok((|| NotFound().into_any()) as PageView) }),
                }
            }
        }

        $(
            #[cfg(feature = "split")]
            #[wasm_split_helpers::wasm_split($name, fallible)]
            fn $name() -> Result<PageView, NotFetched> {
                Ok(|| $component().into_any())
            }

            #[cfg(not(feature = "split"))]
            #[allow(clippy::unused_async, reason = "it is the same where it has to be fetched")]
            async fn $name() -> Result<PageView, NotFetched> {
                Ok(|| $component().into_any())
            }
        )+
    };
}

pages! {
    overview, Overview: "/" => OverviewPage;
    compare, Compare: "/compare" => ComparePage;
    graphs, Graphs: "/graphs" => GraphsPage;
    test_case, TestCase: "/test-case" => TestCasePage;
    status, Status: "/status" => StatusPage;
    request, Request: "/requests/*" => RequestPage;
    artifacts, Artifacts: "/artifacts" => ArtifactsPage;
    artifact, Artifact: "/artifacts/*" => ArtifactPage;
    releases, Releases: "/releases" => ReleasesPage;
    toolchain, Toolchain: "/toolchain" => ToolchainPage;
    help, Help: "/help" => HelpPage;
    job, Job: "/jobs/*" => JobPage;
    collector, Collector: "/collectors/*" => CollectorPage;
    triage, Triage: "/triage" => TriagePage;
    finding, Finding: "/triage/finding" => FindingPage;
    report, Report: "/triage/report" => ReportPage;
}

fn matches(path: &str, address: &str) -> bool {
    let path = match path.strip_suffix('/') {
        Some(path) if !path.is_empty() => path,
        _ => path,
    };
    match address.strip_suffix('*') {
        None => path == address,
        Some(start) => path
            .strip_prefix(start)
            .is_some_and(|part| !part.is_empty() && !part.contains('/')),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::router::{BELOW, NAVIGATION};

    #[test]
    fn every_page_that_shows_no_one_thing_can_be_gone_to_from_anywhere() {
        let places = NAVIGATION.iter().chain(&BELOW).map(|(_, address)| *address);
        let places: Vec<&str> = places.collect();
        for address in &places {
            assert!(ADDRESSES.contains(address), "{address} is no page");
        }
        let of_no_one_thing = ADDRESSES
            .iter()
            .filter(|address| !address.ends_with('*') && **address != "/triage/finding");
        for address in of_no_one_thing {
            assert!(places.contains(address), "nothing leads to {address}");
        }
    }

    #[test]
    fn every_address_leads_to_its_page_and_any_other_to_none() {
        for (path, route) in [
            ("/", Route::Overview),
            ("/compare", Route::Compare),
            ("/compare/", Route::Compare),
            ("/graphs", Route::Graphs),
            ("/requests/one", Route::Request),
            ("/requests/", Route::Nothing),
            ("/requests", Route::Nothing),
            ("/requests/one/two", Route::Nothing),
            ("/compares", Route::Nothing),
            ("", Route::Nothing),
        ] {
            assert_eq!(Route::of(path), route, "{path}");
        }
    }
}
