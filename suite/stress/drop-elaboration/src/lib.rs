//! Stresses **drops**: where values are dropped, on which paths, and the flags that remember it.
//!
//! Values with destructors are moved away in some branches and kept in others, parts of structs are
//! moved out, loops are left early, and every call may unwind. A change of this benchmark is a
//! change of MIR building of scopes, of the analysis of moves, of drop elaboration or of the
//! cleaning of unwind paths.

/// A value whose end is noticed.
#[derive(Debug, Clone, Default)]
pub struct Guard {
    /// A name.
    pub name: String,
}

impl Drop for Guard {
    fn drop(&mut self) {
        self.name.clear();
    }
}

/// Several values that may go their own ways.
#[derive(Debug, Clone, Default)]
pub struct Bundle {
    /// One.
    pub first: Guard,
    /// Another.
    pub second: Option<Guard>,
    /// More.
    pub rest: Vec<Guard>,
    /// Two at once.
    pub pair: (Guard, Box<Guard>),
}

/// Takes a value away.
pub fn take(guard: Guard) -> usize {
    guard.name.len()
}

/// Repeats a piece of code in which parts are moved on some paths.
macro_rules! pieces {
    ($source:ident $total:ident $($limit:literal)*) => {
        $(
            let Bundle { first, second, mut rest, pair: (left, right) } = $source.clone();
            let kept;
            let late: Guard;
            if $total > $limit {
                kept = Some(first);
                late = *right;
            } else {
                $total += take(first);
                kept = None;
                if rest.is_empty() {
                    return Ok($total);
                }
                late = rest.remove(0);
            }
            let text = match second {
                Some(guard) if guard.name.len() > $limit => {
                    $total += take(guard);
                    String::new()
                }
                Some(mut guard) => std::mem::take(&mut guard.name),
                None => left.name.clone(),
            };
            let mut spare = Some(left);
            for guard in rest {
                let other = Guard { name: format!("{text}{}", guard.name) };
                if guard.name.is_empty() {
                    continue;
                }
                if other.name.len() == $limit {
                    $total += take(other);
                    break;
                }
                match spare.take() {
                    Some(old) if $total % 2 == 0 => $total += take(old) + take(other),
                    Some(old) => spare = Some(old),
                    None => return Err(guard),
                }
            }
            let closure = move || late.name.len() + kept.map_or($limit, take);
            $total += closure();
        )*
    };
}

/// Makes functions of such pieces.
macro_rules! functions {
    ($($name:ident)*) => {
        $(
            /// Moves parts of a bundle away, on some paths.
            pub fn $name(source: &Bundle) -> Result<usize, Guard> {
                let mut total = 0;
                pieces!(source total 1 2 3 4 5 6 7 8);
                Ok(total)
            }
        )*
    };
}

functions! {
    alpha beta gamma delta epsilon zeta eta theta iota kappa lambda mu nu xi omicron pi rho sigma
    tau upsilon phi chi psi omega
}
