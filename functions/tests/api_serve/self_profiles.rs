//! Raw self-profiles are handed out as they are stored.

use crate::server::Folders;

const KEY: &str = "self-profile/v1/0190163d-8694-739b-aea5-966c26f8ad91/1/0.mm_profdata.zst";

#[test]
fn a_raw_profile_is_handed_out_as_it_is_stored_and_may_be_kept_for_ever() {
    let folders = Folders::new();
    let file = folders.data().join("objects").join(KEY);
    std::fs::create_dir_all(file.parent().unwrap()).unwrap();
    let bytes = zstd::encode_all(&b"MMPD and what follows"[..], 3).unwrap();
    std::fs::write(&file, &bytes).unwrap();
    let server = folders.serve();
    let answer = server.get(&format!("/{KEY}"));
    assert_eq!(answer.status, 200);
    assert_eq!(answer.body, bytes);
    assert_eq!(answer.header("content-type"), Some("application/zstd"));
    let cache = answer.header("cache-control").unwrap();
    assert!(cache.contains("immutable"), "{cache}");
    // Whoever unpacks it does so on purpose.
    assert_eq!(answer.header("content-encoding"), None);
}

#[test]
fn a_raw_profile_that_is_deleted_and_other_objects_are_not_handed_out() {
    let folders = Folders::new();
    std::fs::create_dir_all(folders.data()).unwrap();
    let server = folders.serve();
    let gone = server.get(&format!("/{KEY}"));
    assert_eq!(gone.status, 404);
    assert!(
        gone.text().contains("deleted after some weeks"),
        "{}",
        gone.text()
    );
    for path in [
        "/self-profile/v1/",
        "/self-profile/../index.sqlite3",
        "/self-profile/v2/x",
    ] {
        assert_eq!(server.get(path).status, 404, "{path}");
    }
}
