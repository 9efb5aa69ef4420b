//! A parser of JSON into a tree that borrows what it can.

use std::borrow::Cow;

use runtime_benchmark::{checksum, Numbers};

/// A value of JSON.
#[derive(Debug, PartialEq)]
pub(crate) enum Value<'a> {
    Null,
    Boolean(bool),
    Number(f64),
    Text(Cow<'a, str>),
    List(Vec<Value<'a>>),
    Object(Vec<(Cow<'a, str>, Value<'a>)>),
}

impl Value<'_> {
    /// A number that almost every mistake of the parser changes.
    pub(crate) fn checksum(&self) -> u64 {
        match self {
            Self::Null => 1,
            Self::Boolean(value) => 2 + u64::from(*value),
            Self::Number(value) => value.to_bits(),
            Self::Text(text) => checksum(text.as_bytes()),
            Self::List(values) => values.iter().fold(5, |sum: u64, value| {
                sum.wrapping_mul(31).wrapping_add(value.checksum())
            }),
            Self::Object(fields) => fields.iter().fold(7, |sum: u64, (name, value)| {
                let field = checksum(name.as_bytes()) ^ value.checksum();
                sum.wrapping_mul(37).wrapping_add(field)
            }),
        }
    }
}

/// Reads a document, or returns `None` where it is not one.
pub(crate) fn parse(text: &str) -> Option<Value<'_>> {
    let mut parser = Parser { text, position: 0 };
    let value = parser.value()?;
    parser.skip_space();
    (parser.position == text.len()).then(|| value)
}

struct Parser<'a> {
    text: &'a str,
    position: usize,
}

impl<'a> Parser<'a> {
    fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.position).copied()
    }

    fn skip_space(&mut self) {
        while matches!(self.peek(), Some(b' ' | b'\n' | b'\t' | b'\r')) {
            self.position += 1;
        }
    }

    /// Takes `byte` where it is the next one behind space.
    fn takes(&mut self, byte: u8) -> bool {
        self.skip_space();
        let is_next = self.peek() == Some(byte);
        self.position += usize::from(is_next);
        is_next
    }

    fn takes_word(&mut self, word: &str) -> bool {
        let is_next = self.text[self.position..].starts_with(word);
        self.position += if is_next { word.len() } else { 0 };
        is_next
    }

    fn value(&mut self) -> Option<Value<'a>> {
        self.skip_space();
        match self.peek()? {
            b'{' => self.object(),
            b'[' => self.list(),
            b'"' => self.text().map(Value::Text),
            b't' => self.takes_word("true").then(|| Value::Boolean(true)),
            b'f' => self.takes_word("false").then(|| Value::Boolean(false)),
            b'n' => self.takes_word("null").then(|| Value::Null),
            _ => self.number(),
        }
    }

    fn object(&mut self) -> Option<Value<'a>> {
        self.position += 1;
        let mut fields = Vec::new();
        if self.takes(b'}') {
            return Some(Value::Object(fields));
        }
        loop {
            self.skip_space();
            let name = self.text()?;
            if !self.takes(b':') {
                return None;
            }
            fields.push((name, self.value()?));
            if self.takes(b'}') {
                return Some(Value::Object(fields));
            }
            if !self.takes(b',') {
                return None;
            }
        }
    }

    fn list(&mut self) -> Option<Value<'a>> {
        self.position += 1;
        let mut values = Vec::new();
        if self.takes(b']') {
            return Some(Value::List(values));
        }
        loop {
            values.push(self.value()?);
            if self.takes(b']') {
                return Some(Value::List(values));
            }
            if !self.takes(b',') {
                return None;
            }
        }
    }

    /// A text in quotes, which borrows from the document unless something in it is escaped.
    fn text(&mut self) -> Option<Cow<'a, str>> {
        if self.peek() != Some(b'"') {
            return None;
        }
        let start = self.position + 1;
        let mut rest = start;
        let mut unescaped = String::new();
        loop {
            let found = self.text[rest..].find(|letter| letter == '"' || letter == '\\')?;
            let plain = &self.text[rest..rest + found];
            let end = rest + found;
            if self.text.as_bytes()[end] == b'"' {
                self.position = end + 1;
                return Some(match rest == start {
                    true => Cow::Borrowed(plain),
                    false => Cow::Owned(unescaped + plain),
                });
            }
            unescaped.push_str(plain);
            let (letter, length) = escaped(&self.text[end + 1..])?;
            unescaped.push(letter);
            rest = end + 1 + length;
        }
    }

    fn number(&mut self) -> Option<Value<'a>> {
        let rest = &self.text[self.position..];
        let is_part = |letter: char| letter.is_ascii_digit() || "+-.eE".contains(letter);
        let length = rest
            .find(|letter| !is_part(letter))
            .unwrap_or_else(|| rest.len());
        self.position += length;
        rest[..length].parse().ok().map(Value::Number)
    }
}

/// The letter that stands behind a backslash, and how many bytes that takes.
fn escaped(rest: &str) -> Option<(char, usize)> {
    let letter = match rest.as_bytes().first()? {
        b'n' => '\n',
        b't' => '\t',
        b'u' => {
            let code = u32::from_str_radix(rest.get(1..5)?, 16).ok()?;
            return Some((char::from_u32(code)?, 5));
        }
        other => char::from(*other),
    };
    Some((letter, 1))
}

/// A document with so many records of the kinds of values that there are.
pub(crate) fn document(numbers: &mut Numbers, records: usize) -> String {
    let mut text = "[".to_owned();
    for number in 0..records {
        let (name, other) = (numbers.word(), numbers.word());
        let fraction = numbers.fraction() * 1e3;
        let comma = if number == 0 { "" } else { ",\n" };
        text.push_str(&format!(
            "{comma}{{\"id\": {number}, \"name\": \"{name}\", \"path\": \"\\u002f{other}\\n\", \
             \"share\": {fraction}, \"tags\": [\"{other}\", null, {}], \"inner\": {{}}}}",
            numbers.below(2) == 0
        ));
    }
    text.push(']');
    text
}
