//! The scale on which values are compared: ratios where that is possible.

/// Values on the scale on which they are compared, and the way back.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Scaled {
    /// Logarithms, or parts of the largest value.
    pub(super) values: Vec<f64>,
    scale: Scale,
}

/// How values were scaled.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Scale {
    /// By the natural logarithm: differences are ratios.
    Ratio,
    /// Divided by this, so that differences of huge values stay finite.
    Difference(f64),
}

impl Scaled {
    /// Scales finite values: by ratio where all of them are positive.
    pub(super) fn new(values: &[f64]) -> Self {
        if values.iter().all(|value| *value > 0.0) {
            return Self {
                values: values.iter().map(|value| value.ln()).collect(),
                scale: Scale::Ratio,
            };
        }
        let largest = values
            .iter()
            .fold(0.0, |max: f64, value| max.max(value.abs()));
        let largest = if largest > 0.0 { largest } else { 1.0 };
        Self {
            values: values.iter().map(|value| value / largest).collect(),
            scale: Scale::Difference(largest),
        }
    }

    /// The way back.
    pub(super) fn scale(&self) -> Scale {
        self.scale
    }
}

impl Scale {
    /// The value whose scaled form is `scaled`, kept finite.
    pub(super) fn back(self, scaled: f64) -> f64 {
        let value = match self {
            Self::Ratio => scaled.exp(),
            Self::Difference(largest) => scaled * largest,
        };
        value.clamp(f64::MIN, f64::MAX)
    }

    /// A deviation on the scale, at the level `level`, in the unit of the values.
    pub(super) fn deviation_back(self, deviation: f64, level: f64) -> f64 {
        let value = match self {
            Self::Ratio => level * deviation,
            Self::Difference(largest) => deviation * largest,
        };
        value.clamp(0.0, f64::MAX)
    }
}
