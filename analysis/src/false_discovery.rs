//! Control of false alarms where many questions are asked at once.
//!
//! The procedure of Benjamini and Hochberg (1995), "Controlling the false discovery rate: a
//! practical and powerful approach to multiple testing", Journal of the Royal Statistical Society B
//! 57(1), 289-300, in the form of adjusted p-values (Yekutieli and Benjamini 1999,
//! doi:10.1016/S0378-3758(99)00041-5). If the questions are independent, or depend on each other
//! positively (Benjamini and Yekutieli 2001, doi:10.1214/aos/1013699998), then at most the share
//! `rate` of what is called a change with `q <= rate` is none, on average. Where nothing changed at
//! all, anything is called a change in at most the share `rate` of the families.

/// The false-discovery rate at which each p-value would be called a change: its q-value, in the
/// order of `p`.
///
/// With the values in ascending order, `q_i` is the least of `p_j * m / j` over all `j >= i`, and
/// at most 1. Equal p-values have equal q-values. A p-value that is NaN stands for a question that
/// was not asked: it stays NaN and does not count in `m`. Values outside of 0 to 1, which only
/// rounding can bring about, count as the nearest end. An empty family has no q-values.
pub fn benjamini_hochberg(p: &[f64]) -> Vec<f64> {
    let mut ascending: Vec<(usize, f64)> = asked(p).collect();
    ascending.sort_by(|(_, a), (_, b)| a.total_cmp(b));
    let family = ascending.len() as f64;
    let mut q = vec![f64::NAN; p.len()];
    let mut least = 1.0_f64;
    for (rank, (place, value)) in ascending.iter().enumerate().rev() {
        let of_rank = value * (family / (rank + 1) as f64);
        // Rounding must not bring a q-value below its p-value.
        least = least.min(of_rank.max(*value));
        q[*place] = least;
    }
    q
}

/// The largest p-value of a family that is called a change at this false-discovery rate. `None`
/// where none is.
pub fn cut_off(p: &[f64], rate: f64) -> Option<f64> {
    let q = benjamini_hochberg(p);
    let called = asked(p).filter(|(place, _)| q[*place] <= rate);
    called.map(|(_, value)| value).max_by(f64::total_cmp)
}

fn asked(p: &[f64]) -> impl Iterator<Item = (usize, f64)> {
    let places = p.iter().enumerate();
    places
        .filter(|(_, value)| !value.is_nan())
        .map(|(place, value)| (place, value.clamp(0.0, 1.0)))
}

#[cfg(test)]
mod tests;
