//! What serde asks of a reader of JSON.

use std::fmt::Display;

use serde::de::{self, DeserializeSeed, Deserializer, Expected, Unexpected, Visitor};
use serde::forward_to_deserialize_any;

use super::fields::Fields;
use super::name::Name;
use super::text::{Number, Text};

/// Lists and objects within each other at most.
const DEPTH_MAX: u16 = 120;

/// Something was not as expected. The reader knows where.
#[derive(Debug)]
pub(super) struct Refused;

impl Display for Refused {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("not understood")
    }
}

impl std::error::Error for Refused {}

// What was expected is thrown away before it is put into words: so the words are not in the program.
#[rustfmt::skip]
impl de::Error for Refused {
    #[inline(always)] fn custom<T: Display>(_: T) -> Self { Self }
    #[inline(always)] fn invalid_type(_: Unexpected<'_>, _: &dyn Expected) -> Self { Self }
    #[inline(always)] fn invalid_value(_: Unexpected<'_>, _: &dyn Expected) -> Self { Self }
    #[inline(always)] fn invalid_length(_: usize, _: &dyn Expected) -> Self { Self }
    #[inline(always)] fn unknown_variant(_: &str, _: &'static [&'static str]) -> Self { Self }
    #[inline(always)] fn unknown_field(_: &str, _: &'static [&'static str]) -> Self { Self }
    #[inline(always)] fn missing_field(_: &'static str) -> Self { Self }
    #[inline(always)] fn duplicate_field(_: &'static str) -> Self { Self }
}

pub(super) fn required(is_there: bool) -> Result<(), Refused> {
    if is_there { Ok(()) } else { Err(Refused) }
}

/// Reads one document.
pub(super) struct Reader<'a> {
    pub(super) text: Text<'a>,
    depth: u16,
}

/// A place in a document.
pub(super) struct Place<'a> {
    text: (&'a str, usize),
    depth: u16,
}

impl Place<'_> {
    /// The beginning of a document that is `null`.
    pub(super) fn of_null() -> Self {
        Self {
            text: ("null", 0),
            depth: 0,
        }
    }
}

impl<'a> Reader<'a> {
    pub(super) fn new(document: &'a str) -> Self {
        Self {
            text: Text::new(document),
            depth: 0,
        }
    }

    pub(super) fn place(&self) -> usize {
        self.text.place()
    }

    /// Whether nothing follows.
    pub(super) fn end(&mut self) -> Result<(), Refused> {
        required(self.text.peek() == 0 && self.text.is_at_end())
    }

    #[inline(never)]
    fn enter(&mut self, opening: u8) -> Result<(), Refused> {
        self.depth += 1;
        required(self.depth <= DEPTH_MAX && self.text.take(opening))
    }

    #[inline(never)]
    pub(super) fn leave(&mut self, closing: u8) -> Result<(), Refused> {
        self.depth -= 1;
        required(self.text.take(closing))
    }

    /// Whether another item follows before `closing`, which is not passed.
    #[inline(never)]
    pub(super) fn has_next(&mut self, is_first: bool, closing: u8) -> Result<bool, Refused> {
        if self.text.peek() == closing {
            return Ok(false);
        }
        if !is_first {
            required(self.text.take(b','))?;
        }
        Ok(true)
    }

    #[inline(never)]
    pub(super) fn name(&mut self) -> Result<(), Refused> {
        required(self.text.take_text() && self.text.take(b':'))
    }

    #[inline(never)]
    fn number(&mut self) -> Result<Number<'a>, Refused> {
        self.text.take_number().ok_or(Refused)
    }

    #[inline(never)]
    fn unsigned(&mut self) -> Result<u64, Refused> {
        self.number()?.digits.parse().map_err(|_| Refused)
    }

    #[inline(never)]
    fn signed(&mut self) -> Result<i64, Refused> {
        self.number()?.digits.parse().map_err(|_| Refused)
    }

    #[inline(never)]
    fn float(&mut self) -> Result<f64, Refused> {
        float(self.number()?)
    }

    #[inline(never)]
    fn boolean(&mut self) -> Result<bool, Refused> {
        let is_true = self.text.take_word("true");
        required(is_true || self.text.take_word("false"))?;
        Ok(is_true)
    }

    #[inline(never)]
    fn string(&mut self) -> Result<(), Refused> {
        required(self.text.take_text())
    }

    /// Goes to another place. Returns the one where it was.
    pub(super) fn exchange(&mut self, place: Place<'a>) -> Place<'a> {
        Place {
            depth: std::mem::replace(&mut self.depth, place.depth),
            text: self.text.exchange(place.text),
        }
    }

    /// Passes a value, whatever it is.
    #[inline(never)]
    pub(super) fn pass(&mut self) -> Result<(), Refused> {
        match self.text.peek() {
            b'[' => {
                self.enter(b'[')?;
                let mut is_first = true;
                while self.has_next(is_first, b']')? {
                    is_first = false;
                    self.pass()?;
                }
                self.leave(b']')
            }
            b'{' => {
                self.enter(b'{')?;
                let mut is_first = true;
                while self.has_next(is_first, b'}')? {
                    is_first = false;
                    self.name()?;
                    self.pass()?;
                }
                self.leave(b'}')
            }
            b'"' => self.string(),
            b't' | b'f' => self.boolean().map(drop),
            b'n' => required(self.text.take_word("null")),
            _ => self.number().map(drop),
        }
    }
}

#[inline(never)]
fn float(number: Number<'_>) -> Result<f64, Refused> {
    super::float::float(number.digits).ok_or(Refused)
}

macro_rules! numbers {
    ($($asked:ident)+ => $read:ident $visit:ident) => {
        $(fn $asked<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Refused> {
            visitor.$visit(self.$read()?)
        })+
    };
}

impl<'de> Deserializer<'de> for &mut Reader<'_> {
    type Error = Refused;

    numbers!(deserialize_u8 deserialize_u16 deserialize_u32 deserialize_u64 => unsigned visit_u64);
    numbers!(deserialize_i8 deserialize_i16 deserialize_i32 deserialize_i64 => signed visit_i64);
    numbers!(deserialize_f32 deserialize_f64 => float visit_f64);
    numbers!(deserialize_bool => boolean visit_bool);

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Refused> {
        match self.text.peek() {
            b'[' => self.deserialize_seq(visitor),
            b'{' => self.deserialize_map(visitor),
            b'"' => self.deserialize_str(visitor),
            b't' | b'f' => self.deserialize_bool(visitor),
            b'n' => self.deserialize_unit(visitor),
            _ => {
                let number = self.number()?;
                if number.is_whole {
                    if let Ok(value) = number.digits.parse() {
                        return visitor.visit_u64(value);
                    }
                    if let Ok(value) = number.digits.parse()
                        && value != 0
                    {
                        return visitor.visit_i64(value);
                    }
                }
                visitor.visit_f64(float(number)?)
            }
        }
    }

    fn deserialize_str<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Refused> {
        self.string()?;
        visitor.visit_str(&self.text.scratch)
    }

    fn deserialize_string<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Refused> {
        self.deserialize_str(visitor)
    }

    fn deserialize_char<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Refused> {
        self.deserialize_str(visitor)
    }

    fn deserialize_identifier<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Refused> {
        self.deserialize_str(visitor)
    }

    fn deserialize_unit<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Refused> {
        required(self.text.take_word("null"))?;
        visitor.visit_unit()
    }

    fn deserialize_unit_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        visitor: V,
    ) -> Result<V::Value, Refused> {
        self.deserialize_unit(visitor)
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Refused> {
        if self.text.take_word("null") {
            visitor.visit_none()
        } else {
            visitor.visit_some(self)
        }
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        visitor: V,
    ) -> Result<V::Value, Refused> {
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_seq<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Refused> {
        self.enter(b'[')?;
        let value = visitor.visit_seq(Items::of(self))?;
        self.leave(b']')?;
        Ok(value)
    }

    fn deserialize_tuple<V: Visitor<'de>>(self, _: usize, visitor: V) -> Result<V::Value, Refused> {
        self.deserialize_seq(visitor)
    }

    fn deserialize_tuple_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: usize,
        visitor: V,
    ) -> Result<V::Value, Refused> {
        self.deserialize_seq(visitor)
    }

    fn deserialize_map<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Refused> {
        self.enter(b'{')?;
        let value = visitor.visit_map(Items::of(self))?;
        self.leave(b'}')?;
        Ok(value)
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        names: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Refused> {
        self.enter(b'{')?;
        let mut fields = Fields::of(self, names);
        let value = visitor.visit_seq(&mut fields)?;
        fields.leave()?;
        Ok(value)
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Refused> {
        if self.text.peek() == b'"' {
            self.string()?;
            return visitor.visit_enum(Name {
                name: &self.text.scratch,
            });
        }
        self.enter(b'{')?;
        let value = visitor.visit_enum(&mut *self)?;
        self.leave(b'}')?;
        Ok(value)
    }

    fn deserialize_ignored_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Refused> {
        self.pass()?;
        visitor.visit_unit()
    }

    forward_to_deserialize_any! { bytes byte_buf }
}

/// The items of a list or an object, one after the other.
struct Items<'r, 'a> {
    reader: &'r mut Reader<'a>,
    is_first: bool,
}

impl<'r, 'a> Items<'r, 'a> {
    fn of(reader: &'r mut Reader<'a>) -> Self {
        Self {
            reader,
            is_first: true,
        }
    }

    fn has_next(&mut self, closing: u8) -> Result<bool, Refused> {
        let has_next = self.reader.has_next(self.is_first, closing);
        self.is_first = false;
        has_next
    }
}

impl<'de> de::SeqAccess<'de> for Items<'_, '_> {
    type Error = Refused;

    fn next_element_seed<S: DeserializeSeed<'de>>(
        &mut self,
        seed: S,
    ) -> Result<Option<S::Value>, Refused> {
        if self.has_next(b']')? {
            seed.deserialize(&mut *self.reader).map(Some)
        } else {
            Ok(None)
        }
    }
}

impl<'de> de::MapAccess<'de> for Items<'_, '_> {
    type Error = Refused;

    fn next_key_seed<S: DeserializeSeed<'de>>(
        &mut self,
        seed: S,
    ) -> Result<Option<S::Value>, Refused> {
        if self.has_next(b'}')? {
            self.reader.name()?;
            let name = &self.reader.text.scratch;
            seed.deserialize(Name { name }).map(Some)
        } else {
            Ok(None)
        }
    }

    fn next_value_seed<S: DeserializeSeed<'de>>(&mut self, seed: S) -> Result<S::Value, Refused> {
        seed.deserialize(&mut *self.reader)
    }
}

/// An enum's variant that has a value.
impl<'de> de::EnumAccess<'de> for &mut Reader<'_> {
    type Error = Refused;
    type Variant = Self;

    fn variant_seed<S: DeserializeSeed<'de>>(self, seed: S) -> Result<(S::Value, Self), Refused> {
        self.name()?;
        let name = &self.text.scratch;
        let variant = seed.deserialize(Name { name })?;
        Ok((variant, self))
    }
}

impl<'de> de::VariantAccess<'de> for &mut Reader<'_> {
    type Error = Refused;

    fn unit_variant(self) -> Result<(), Refused> {
        required(self.text.take_word("null"))
    }

    fn newtype_variant_seed<S: DeserializeSeed<'de>>(self, seed: S) -> Result<S::Value, Refused> {
        seed.deserialize(self)
    }

    fn tuple_variant<V: Visitor<'de>>(self, _: usize, visitor: V) -> Result<V::Value, Refused> {
        self.deserialize_seq(visitor)
    }

    fn struct_variant<V: Visitor<'de>>(
        self,
        names: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Refused> {
        self.deserialize_struct("", names, visitor)
    }
}
