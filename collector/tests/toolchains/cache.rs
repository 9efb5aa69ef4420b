//! What stays in a cache, and what leaves it.

use collector::CollectorError;

use crate::archive_server::Fault;
use crate::place::{Place, TOOLCHAIN_BYTES, artifacts, commit, obtain};

/// Room for so many made-up toolchains, and not for one more.
fn room_for(toolchains: u64) -> u64 {
    toolchains * TOOLCHAIN_BYTES + TOOLCHAIN_BYTES / 2
}

#[test]
fn the_toolchain_that_was_not_used_for_longest_leaves_a_full_cache() {
    let place = Place::new();
    let cache = place.cache_with("", room_for(2));
    for number in [1, 2] {
        place.serve(&commit(number));
        drop(obtain(&cache, &commit(number)).unwrap());
    }
    assert_eq!(artifacts(&cache), [commit(1), commit(2)]);
    // The use is on the disk: another collector sees it.
    drop(obtain(&place.cache(), &commit(1)).unwrap());
    assert_eq!(artifacts(&cache), [commit(2), commit(1)]);
    place.serve(&commit(3));
    drop(obtain(&cache, &commit(3)).unwrap());
    assert_eq!(artifacts(&cache), [commit(1), commit(3)]);
    assert_eq!(place.files_in("fetching"), [] as [&str; 0]);
}

#[test]
fn a_toolchain_in_use_stays_however_full_the_cache_is() {
    let place = Place::new();
    let cache = place.cache_with("", room_for(1));
    for number in [1, 2, 3] {
        place.serve(&commit(number));
    }
    let held = obtain(&cache, &commit(1)).unwrap();
    drop(obtain(&cache, &commit(2)).unwrap());
    drop(obtain(&cache, &commit(3)).unwrap());
    assert_eq!(artifacts(&cache), [commit(1), commit(3)]);
    assert!(held.toolchain.rustc.is_file());
    let in_use: Vec<bool> = cache
        .toolchains()
        .unwrap()
        .iter()
        .map(|toolchain| toolchain.in_use)
        .collect();
    assert_eq!(in_use, [true, false]);
    let refused = cache.remove(&commit(1), false);
    assert!(matches!(
        refused,
        Err(CollectorError::ToolchainInUse { .. })
    ));

    drop(held);
    let removed = cache.evict(0).unwrap();
    assert_eq!(removed.len(), 2);
    assert_eq!(artifacts(&cache), []);
    assert_eq!(place.files_in("locks"), [] as [&str; 0]);
}

#[test]
fn what_a_failed_fetch_has_left_leaves_before_any_toolchain() {
    let place = Place::new();
    let cache = place.cache();
    place.serve(&commit(1));
    drop(obtain(&cache, &commit(1)).unwrap());
    place.serve(&commit(2));
    let path = Place::path(&commit(2), "rustc");
    let faults = [
        Fault::BreakAfter(60_000),
        Fault::Status(503),
        Fault::Status(503),
    ];
    place.server.fail(&path, &faults);
    obtain(&cache, &commit(2)).unwrap_err();
    assert_eq!(place.files_in("fetching").len(), 2, "a part, and what of");
    assert_eq!(cache.evict(room_for(1)).unwrap(), []);
    assert_eq!(place.files_in("fetching"), [] as [&str; 0]);
    assert_eq!(artifacts(&cache), [commit(1)]);
}

#[test]
fn a_toolchain_that_is_damaged_on_the_disk_is_fetched_anew() {
    let place = Place::new();
    place.serve(&commit(1));
    let cache = place.cache();
    let held = obtain(&cache, &commit(1)).unwrap();
    std::fs::write(&held.toolchain.rustc, "").unwrap();
    drop(held);
    let held = obtain(&cache, &commit(1)).unwrap();
    assert!(held.toolchain.is_artifact(&commit(1)));
    assert_eq!(place.server.requests(), 6);
}

#[test]
fn threads_that_want_one_toolchain_at_once_fetch_it_once() {
    let place = Place::new();
    place.serve(&commit(1));
    let rustc = std::thread::scope(|scope| {
        let threads = [(), (), ()].map(|()| {
            scope.spawn(|| {
                let cache = place.cache();
                obtain(&cache, &commit(1)).unwrap().toolchain.rustc
            })
        });
        threads.map(|thread| thread.join().unwrap())
    });
    assert_eq!(rustc[0], rustc[2]);
    assert_eq!(place.server.requests(), 3);
}

#[test]
fn the_paths_of_all_toolchains_have_one_length() {
    let place = Place::new();
    let cache = place.cache();
    let lengths = [1, 200].map(|number| {
        place.serve(&commit(number));
        let held = obtain(&cache, &commit(number)).unwrap();
        held.toolchain.rustc.as_os_str().len()
    });
    assert_eq!(lengths[0], lengths[1]);
}
