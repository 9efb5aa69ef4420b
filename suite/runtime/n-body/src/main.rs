//! Bodies that attract each other: a loop of floating-point arithmetic with divisions and roots, which
//! a good compiler makes vector instructions of.
//!
//! Only operations that IEEE 754 gives one answer for, so that the bodies are in the same place to the
//! last bit wherever they are moved.

use std::process::ExitCode;

use runtime_benchmark::{Group, Numbers};

fn main() -> ExitCode {
    let mut group = Group::new();
    group.benchmark("five-bodies", 151_812_006_700_683_746, || {
        let bodies = drawn(1, 5);
        move || moved::<Vec<Body>>(bodies.clone(), 200_000, step)
    });
    group.benchmark("many-bodies", 17_250_044_856_954_740_020, || {
        let bodies = Columns::of(&drawn(2, 256));
        move || moved(bodies.clone(), 40, Columns::step)
    });
    group.main()
}

const STEP: f64 = 1e-3;

/// Keeps bodies that come close from being thrown out of sight.
const SOFTENING: f64 = 1e-2;

#[derive(Debug, Clone, Copy)]
struct Body {
    place: [f64; 3],
    speed: [f64; 3],
    mass: f64,
}

fn drawn(seed: u64, count: usize) -> Vec<Body> {
    let mut numbers = Numbers::seeded(seed);
    let mut fraction = || numbers.fraction() - 0.5;
    let mut body = || Body {
        place: [fraction() * 4.0, fraction() * 4.0, fraction() * 4.0],
        speed: [fraction(), fraction(), fraction()],
        mass: 0.6 + fraction(),
    };
    (0..count).map(|_| body()).collect()
}

/// A checksum of where the bodies are after so many steps.
fn moved<Bodies: Places>(mut bodies: Bodies, steps: usize, step: impl Fn(&mut Bodies)) -> u64 {
    for _ in 0..steps {
        step(&mut bodies);
    }
    let places = bodies.places();
    places
        .iter()
        .fold(0, |sum: u64, place| sum.rotate_left(7) ^ place.to_bits())
}

trait Places {
    fn places(&self) -> Vec<f64>;
}

impl Places for Vec<Body> {
    fn places(&self) -> Vec<f64> {
        self.iter().flat_map(|body| body.place.to_vec()).collect()
    }
}

/// Moves bodies by a step, each pair looked at once.
fn step(bodies: &mut Vec<Body>) {
    for one in 0..bodies.len() {
        for other in one + 1..bodies.len() {
            let (a, b) = (bodies[one], bodies[other]);
            let mut offset = [0.0; 3];
            for axis in 0..3 {
                offset[axis] = a.place[axis] - b.place[axis];
            }
            let square: f64 = offset.iter().map(|part| part * part).sum::<f64>() + SOFTENING;
            let force = STEP / (square * square.sqrt());
            for axis in 0..3 {
                bodies[one].speed[axis] -= offset[axis] * b.mass * force;
                bodies[other].speed[axis] += offset[axis] * a.mass * force;
            }
        }
    }
    for body in bodies {
        for axis in 0..3 {
            body.place[axis] += body.speed[axis] * STEP;
        }
    }
}

/// Bodies by columns, which is how vector instructions want them.
#[derive(Debug, Clone)]
struct Columns {
    places: [Vec<f64>; 3],
    speeds: [Vec<f64>; 3],
    masses: Vec<f64>,
}

impl Places for Columns {
    fn places(&self) -> Vec<f64> {
        self.places.concat()
    }
}

impl Columns {
    fn of(bodies: &[Body]) -> Self {
        let column = |value: &dyn Fn(&Body) -> f64| bodies.iter().map(value).collect();
        let places = |axis: usize| column(&move |body: &Body| body.place[axis]);
        let speeds = |axis: usize| column(&move |body: &Body| body.speed[axis]);
        Self {
            places: [places(0), places(1), places(2)],
            speeds: [speeds(0), speeds(1), speeds(2)],
            masses: column(&|body: &Body| body.mass),
        }
    }

    /// Moves bodies by a step, each one drawn by all.
    fn step(&mut self) {
        let count = self.masses.len();
        for one in 0..count {
            let place = [
                self.places[0][one],
                self.places[1][one],
                self.places[2][one],
            ];
            let mut pull = [0.0; 3];
            let columns = self.places[0]
                .iter()
                .zip(&self.places[1])
                .zip(&self.places[2])
                .zip(&self.masses);
            for (((x, y), z), mass) in columns {
                let offset = [x - place[0], y - place[1], z - place[2]];
                let square = offset[0] * offset[0]
                    + offset[1] * offset[1]
                    + offset[2] * offset[2]
                    + SOFTENING;
                let force = mass / (square * square.sqrt());
                for axis in 0..3 {
                    pull[axis] += offset[axis] * force;
                }
            }
            for axis in 0..3 {
                self.speeds[axis][one] += pull[axis] * STEP;
            }
        }
        for axis in 0..3 {
            let speeds = self.speeds[axis].iter();
            for (place, speed) in self.places[axis].iter_mut().zip(speeds) {
                *place += speed * STEP;
            }
        }
    }
}
