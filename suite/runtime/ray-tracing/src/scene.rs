//! Spheres over a chequered floor, in one light.

use runtime_benchmark::Numbers;

use crate::vector::{vector, Vector};

/// How often a ray is mirrored.
const MIRRORINGS_MAX: u32 = 4;

/// How far away something has to be to be hit, so that a surface does not hit itself.
const NEAR: f64 = 1e-6;

pub(crate) struct Scene {
    bodies: Vec<Box<dyn Body>>,
    light: Vector,
}

/// Where a ray meets a body.
struct Hit {
    distance: f64,
    normal: Vector,
    brightness: f64,
    mirroring: f64,
}

#[derive(Clone, Copy)]
struct Ray {
    origin: Vector,
    direction: Vector,
}

impl Ray {
    fn at(self, distance: f64) -> Vector {
        self.origin + self.direction * distance
    }
}

trait Body {
    fn hit(&self, ray: Ray) -> Option<Hit>;
}

struct Sphere {
    centre: Vector,
    radius: f64,
    mirroring: f64,
}

impl Body for Sphere {
    fn hit(&self, ray: Ray) -> Option<Hit> {
        let offset = ray.origin - self.centre;
        let half = offset.dot(ray.direction);
        let rest = half * half - (offset.dot(offset) - self.radius * self.radius);
        if rest < 0.0 {
            return None;
        }
        let root = rest.sqrt();
        let distances = [-half - root, -half + root];
        let distance = distances
            .iter()
            .copied()
            .find(|distance| *distance > NEAR)?;
        Some(Hit {
            distance,
            normal: (ray.at(distance) - self.centre).unit(),
            brightness: 0.9,
            mirroring: self.mirroring,
        })
    }
}

/// The plane of height 0.
struct Floor;

impl Body for Floor {
    fn hit(&self, ray: Ray) -> Option<Hit> {
        let distance = -ray.origin.y / ray.direction.y;
        if !distance.is_finite() || distance <= NEAR {
            return None;
        }
        let place = ray.at(distance);
        let is_dark = (place.x.floor() + place.z.floor()) as i64 % 2 == 0;
        Some(Hit {
            distance,
            normal: vector(0.0, 1.0, 0.0),
            brightness: if is_dark { 0.2 } else { 0.8 },
            mirroring: 0.1,
        })
    }
}

impl Scene {
    pub(crate) fn of_spheres(count: usize) -> Self {
        let mut numbers = Numbers::seeded(1);
        let mut bodies: Vec<Box<dyn Body>> = vec![Box::new(Floor)];
        for _ in 0..count {
            let radius = 0.3 + numbers.fraction() * 0.7;
            let (x, z) = (numbers.fraction() * 10.0 - 5.0, numbers.fraction() * 8.0);
            bodies.push(Box::new(Sphere {
                centre: vector(x, radius, z),
                radius,
                mirroring: numbers.fraction() * 0.8,
            }));
        }
        Self {
            bodies,
            light: vector(-4.0, 8.0, -3.0),
        }
    }

    /// The brightness of each point, line by line.
    pub(crate) fn picture(&self, width: usize, height: usize) -> Vec<u8> {
        let mut picture = Vec::with_capacity(width * height);
        for line in 0..height {
            for column in 0..width {
                let right = (column as f64 + 0.5) / width as f64 - 0.5;
                let up = 0.5 - (line as f64 + 0.5) / height as f64;
                let ray = Ray {
                    origin: vector(0.0, 2.0, -7.0),
                    direction: vector(right * 1.3, up, 1.0).unit(),
                };
                let brightness = self.brightness(ray, 0);
                picture.push((brightness.clamp(0.0, 1.0) * 255.0) as u8);
            }
        }
        picture
    }

    fn brightness(&self, ray: Ray, mirrorings: u32) -> f64 {
        let hit = match self.nearest(ray) {
            Some(hit) => hit,
            None => return 0.3 + 0.4 * ray.direction.y.max(0.0),
        };
        let place = ray.at(hit.distance);
        let to_light = (self.light - place).unit();
        let is_lit = self
            .nearest(Ray {
                origin: place,
                direction: to_light,
            })
            .is_none();
        let lit = if is_lit {
            hit.normal.dot(to_light).max(0.0)
        } else {
            0.0
        };
        let own = hit.brightness * (0.1 + 0.9 * lit);
        if mirrorings == MIRRORINGS_MAX || hit.mirroring == 0.0 {
            return own;
        }
        let mirrored = Ray {
            origin: place,
            direction: ray.direction.mirrored(hit.normal),
        };
        own * (1.0 - hit.mirroring) + hit.mirroring * self.brightness(mirrored, mirrorings + 1)
    }

    fn nearest(&self, ray: Ray) -> Option<Hit> {
        let hits = self.bodies.iter().filter_map(|body| body.hit(ray));
        hits.min_by(|one, other| one.distance.total_cmp(&other.distance))
    }
}
