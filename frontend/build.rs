//! Asks the linker to leave behind what is needed to cut the page's WebAssembly into parts.

use std::env;

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    let is_for_a_browser = env::var("CARGO_CFG_TARGET_FAMILY").is_ok_and(|family| family == "wasm");
    if is_for_a_browser && env::var_os("CARGO_FEATURE_SPLIT").is_some() {
        println!("cargo::rustc-link-arg-bins=--emit-relocs");
    }
}
