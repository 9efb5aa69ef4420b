//! A parser of arithmetic over whole numbers, which evaluates while it reads.

use runtime_benchmark::Numbers;

/// The value of an expression; overflow wraps around. `None` where it is not one.
pub(crate) fn evaluate(text: &str) -> Option<i64> {
    let mut parser = Parser {
        bytes: text.as_bytes(),
        position: 0,
    };
    let value = parser.sum()?;
    (parser.next().is_none()).then(|| value)
}

struct Parser<'a> {
    bytes: &'a [u8],
    position: usize,
}

impl Parser<'_> {
    /// The next byte that is no space, left where it is.
    fn next(&mut self) -> Option<u8> {
        while self.bytes.get(self.position) == Some(&b' ') {
            self.position += 1;
        }
        self.bytes.get(self.position).copied()
    }

    fn sum(&mut self) -> Option<i64> {
        let mut value = self.product()?;
        loop {
            match self.next() {
                Some(b'+') => {
                    self.position += 1;
                    value = value.wrapping_add(self.product()?);
                }
                Some(b'-') => {
                    self.position += 1;
                    value = value.wrapping_sub(self.product()?);
                }
                _ => return Some(value),
            }
        }
    }

    fn product(&mut self) -> Option<i64> {
        let mut value = self.factor()?;
        while self.next() == Some(b'*') {
            self.position += 1;
            value = value.wrapping_mul(self.factor()?);
        }
        Some(value)
    }

    fn factor(&mut self) -> Option<i64> {
        match self.next()? {
            b'(' => {
                self.position += 1;
                let value = self.sum()?;
                let is_closed = self.next() == Some(b')');
                self.position += 1;
                is_closed.then(|| value)
            }
            b'-' => {
                self.position += 1;
                self.factor().map(i64::wrapping_neg)
            }
            _ => self.number(),
        }
    }

    fn number(&mut self) -> Option<i64> {
        let start = self.position;
        let mut value: i64 = 0;
        while let Some(digit @ b'0'..=b'9') = self.bytes.get(self.position) {
            value = value.wrapping_mul(10).wrapping_add(i64::from(digit - b'0'));
            self.position += 1;
        }
        (self.position > start).then(|| value)
    }
}

/// An expression whose brackets are at most `depth` deep.
pub(crate) fn text(numbers: &mut Numbers, depth: usize) -> String {
    if depth == 0 {
        return numbers.below(10_000).to_string();
    }
    let left = text(numbers, depth - 1);
    match numbers.below(5) {
        0 => format!("({left})"),
        1 => format!("-{left} + {}", text(numbers, depth - 1)),
        2 => format!("({left}) * {}", text(numbers, depth / 2)),
        3 => format!("{left} - ({})", text(numbers, depth - 1)),
        _ => format!("{left}+{}", text(numbers, depth - 1)),
    }
}
