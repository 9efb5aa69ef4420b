//! Writes the seeds of every entry as files, a folder for each: what fuzzing starts from. Called by
//! `cargo xtask fuzz` with the folder for all of them.

use std::io;
use std::path::PathBuf;

use fuzz_entries::ENTRIES;
use shared_types::object_key::ContentHash;

fn main() -> io::Result<()> {
    let Some(corpus) = std::env::args_os().nth(1).map(PathBuf::from) else {
        return Err(io::Error::other("name the folder for the seeds"));
    };
    for entry in ENTRIES {
        let folder = corpus.join(entry.name);
        std::fs::create_dir_all(&folder)?;
        for seed in (entry.seeds)() {
            let name = format!("seed-{}", ContentHash::of(&seed));
            std::fs::write(folder.join(name), seed)?;
        }
    }
    Ok(())
}
