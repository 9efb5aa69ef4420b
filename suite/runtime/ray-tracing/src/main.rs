//! Ray tracing: arithmetic on vectors of floating-point numbers, options, recursion.
//!
//! Only operations that IEEE 754 gives one answer for (no sine, no power), so that the picture is the
//! same to the last bit wherever it is made.

mod scene;
mod vector;

use std::process::ExitCode;

use runtime_benchmark::{checksum, Group};
use scene::Scene;

fn main() -> ExitCode {
    let mut group = Group::new();
    group.benchmark("mirrored-spheres", 15_688_799_929_517_871_488, || {
        let scene = Scene::of_spheres(24);
        move || checksum(&scene.picture(160, 120))
    });
    group.main()
}
