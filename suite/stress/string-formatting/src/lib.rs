//! Stresses **formatting**: parsing and lowering of format strings with many arguments, and the calls
//! that they become.
//!
//! Every kind of argument is there: positional, named, captured, with width, precision, fill and
//! sign. A change of this benchmark is a change of the format macros, of their lowering or of the
//! type checking of long argument lists.

use std::fmt::{self, Display, Formatter, Write};

/// Something to be written.
#[derive(Debug, Clone, Default)]
pub struct Record {
    /// A name.
    pub name: String,
    /// A number.
    pub number: i64,
    /// A share of 1.
    pub share: f64,
    /// More of the same.
    pub rest: Vec<Record>,
}

/// Makes functions that write a record in many ways, and a wrapper that shows it in one.
macro_rules! writers {
    ($($name:ident $Wrapper:ident $label:literal)*) => {
        $(
            /// Writes a record in many ways.
            pub fn $name(record: &Record, out: &mut String) -> fmt::Result {
                let Record { name, number, share, rest } = record;
                let (width, precision, count) = (name.len() + 3, 2, rest.len());
                writeln!(out, concat!($label, " {} {} {:?}"), name, number, share)?;
                writeln!(out, "{name:>width$}|{number:+}|{share:.precision$}|{count:#06x}")?;
                writeln!(out, "{0:<20}{1:^10}{0:>20}{2:08.3}{1:e}", name, number, share)?;
                writeln!(out, "{name:?} {name:#?} {number:#b} {number:#o} {number:x} {number:X}")?;
                writeln!(out, "{:*^1$} {0:->2$.3$} {4:.3$}", name, width, count, precision, share)?;
                writeln!(out, "{{{number}}} {{{{{share}}}}} {a} {b:?} {c:>w$}",
                    a = number + 1, b = share * 2.0, c = name.to_uppercase(), w = width)?;
                write!(out, "{:p} {:?} {}", record, Some(number), $Wrapper(record))?;
                for (index, inner) in rest.iter().enumerate() {
                    let line = format!("{index:>3}. {} = {:>9.1} %", inner.name, inner.share * 1e2);
                    let total = format_args!("{line}\t{}\t{:?}", inner.number, inner.rest).to_string();
                    assert!(!total.is_empty(), "{} has nothing in {index} of {count}", $label);
                    writeln!(out, "{line:-<60}{total:.40}")?;
                    if inner.number < 0 {
                        panic!("{name}: {} at {index} is {:+e}", inner.name, inner.number);
                    }
                }
                writeln!(out, "a\tb\n{}\u{1F600}{}\x41\\{}\"{}", 1, 'c', "d", 5.0_f32)?;
                Ok(())
            }

            /// Shows a record in one way.
            pub struct $Wrapper<'a>(pub &'a Record);

            impl Display for $Wrapper<'_> {
                fn fmt(&self, formatter: &mut Formatter<'_>) -> fmt::Result {
                    let Record { name, number, share, .. } = self.0;
                    match formatter.alternate() {
                        true => write!(formatter, "{}: {name} {number:>5} {share:<8.2}", $label),
                        false => write!(formatter, "{name}={number}/{share} ({})", $label),
                    }
                }
            }
        )*
    };
}

writers! {
    alpha Alpha "alpha" beta Beta "beta" gamma Gamma "gamma" delta Delta "delta"
    epsilon Epsilon "epsilon" zeta Zeta "zeta" eta Eta "eta" theta Theta "theta"
    iota Iota "iota" kappa Kappa "kappa" lambda Lambda "lambda" mu Mu "mu" nu Nu "nu" xi Xi "xi"
    omicron Omicron "omicron" pi Pi "pi" rho Rho "rho" sigma Sigma "sigma" tau Tau "tau"
    upsilon Upsilon "upsilon" phi Phi "phi" chi Chi "chi" psi Psi "psi" omega Omega "omega"
}
