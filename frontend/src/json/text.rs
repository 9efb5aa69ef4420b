//! The letters of a JSON document: spaces, texts and numbers.

/// What is read, and how far.
pub(super) struct Text<'a> {
    document: &'a str,
    place: usize,
    /// The text that was read last, without its escapes.
    pub(super) scratch: String,
}

/// A number as it is written.
#[derive(Clone, Copy)]
pub(super) struct Number<'a> {
    pub(super) digits: &'a str,
    /// Whether it has a fraction or an exponent.
    pub(super) is_whole: bool,
}

impl<'a> Text<'a> {
    pub(super) fn new(document: &'a str) -> Self {
        Self {
            document,
            place: 0,
            scratch: String::new(),
        }
    }

    pub(super) fn place(&self) -> usize {
        self.place
    }

    /// Goes on at a place that was passed before.
    pub(super) fn go_to(&mut self, place: usize) {
        self.place = place;
    }

    /// Goes on in another document, at a place in it. Returns those where it was.
    pub(super) fn exchange(&mut self, (document, place): (&'a str, usize)) -> (&'a str, usize) {
        (
            std::mem::replace(&mut self.document, document),
            std::mem::replace(&mut self.place, place),
        )
    }

    pub(super) fn is_at_end(&self) -> bool {
        self.place == self.document.len()
    }

    fn here(&self) -> Option<u8> {
        self.document.as_bytes().get(self.place).copied()
    }

    /// The next letter that is no space, without passing it. 0 at the end.
    #[inline(never)]
    pub(super) fn peek(&mut self) -> u8 {
        while let Some(letter) = self.here() {
            if !matches!(letter, b' ' | b'\n' | b'\r' | b'\t') {
                return letter;
            }
            self.place += 1;
        }
        0
    }

    /// Passes a letter, if it is the next one.
    #[inline(never)]
    pub(super) fn take(&mut self, letter: u8) -> bool {
        let is_next = self.peek() == letter && self.place < self.document.len();
        self.place += usize::from(is_next);
        is_next
    }

    /// Passes a word, if it is next.
    #[inline(never)]
    pub(super) fn take_word(&mut self, word: &str) -> bool {
        self.peek();
        let is_next = self.document[self.place..].starts_with(word);
        if is_next {
            self.place += word.len();
        }
        is_next
    }

    /// Reads a text in quotes into [`Text::scratch`]. Returns whether there was one.
    #[inline(never)]
    pub(super) fn take_text(&mut self) -> bool {
        self.scratch.clear();
        if !self.take(b'"') {
            return false;
        }
        loop {
            let start = self.place;
            while self
                .here()
                .is_some_and(|letter| letter >= b' ' && letter != b'"' && letter != b'\\')
            {
                self.place += 1;
            }
            // The letters at which this stops are never a part of another one.
            self.scratch.push_str(&self.document[start..self.place]);
            match self.here() {
                Some(b'"') => {
                    self.place += 1;
                    return true;
                }
                Some(b'\\') => match self.take_escape() {
                    Some(letter) => self.scratch.push(letter),
                    None => return false,
                },
                _ => return false,
            }
        }
    }

    fn take_escape(&mut self) -> Option<char> {
        self.place += 1;
        let letter = self.here()?;
        self.place += 1;
        Some(match letter {
            b'"' | b'\\' | b'/' => char::from(letter),
            b'b' => '\u{8}',
            b'f' => '\u{c}',
            b'n' => '\n',
            b'r' => '\r',
            b't' => '\t',
            b'u' => return self.take_code(),
            _ => return None,
        })
    }

    /// A letter by its code, or by the two halves of one.
    fn take_code(&mut self) -> Option<char> {
        let first = self.take_four_digits()?;
        if !(0xd800..0xdc00).contains(&first) {
            return char::from_u32(first);
        }
        if !self.document.as_bytes()[self.place..].starts_with(b"\\u") {
            return None;
        }
        self.place += 2;
        let second = self.take_four_digits()?;
        let low = second.checked_sub(0xdc00).filter(|low| *low < 0x400)?;
        char::from_u32(0x1_0000 + ((first - 0xd800) << 10) + low)
    }

    fn take_four_digits(&mut self) -> Option<u32> {
        let mut code = 0;
        for _ in 0..4 {
            code = code * 16 + char::from(self.here()?).to_digit(16)?;
            self.place += 1;
        }
        Some(code)
    }

    /// Reads a number.
    #[inline(never)]
    pub(super) fn take_number(&mut self) -> Option<Number<'a>> {
        self.peek();
        let start = self.place;
        self.pass_sign(b"-");
        let leading_zero = self.here() == Some(b'0');
        let whole = self.pass_digits();
        if whole == 0 || (leading_zero && whole > 1) {
            return None;
        }
        let mut is_whole = true;
        if self.here() == Some(b'.') {
            is_whole = false;
            self.place += 1;
            if self.pass_digits() == 0 {
                return None;
            }
        }
        if matches!(self.here(), Some(b'e' | b'E')) {
            is_whole = false;
            self.place += 1;
            self.pass_sign(b"+-");
            if self.pass_digits() == 0 {
                return None;
            }
        }
        Some(Number {
            digits: &self.document[start..self.place],
            is_whole,
        })
    }

    fn pass_sign(&mut self, signs: &[u8]) {
        if self.here().is_some_and(|letter| signs.contains(&letter)) {
            self.place += 1;
        }
    }

    fn pass_digits(&mut self) -> usize {
        let start = self.place;
        while self.here().is_some_and(|letter| letter.is_ascii_digit()) {
            self.place += 1;
        }
        self.place - start
    }
}
