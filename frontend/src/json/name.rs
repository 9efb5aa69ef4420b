//! Texts that serde reads as something else: names of fields, keys of maps, variants without a value.

use serde::de::{self, DeserializeSeed, Deserializer, Visitor};
use serde::forward_to_deserialize_any;

use super::reader::Refused;

/// The name of a field, the key of a map, or a variant without a value.
pub(super) struct Name<'n> {
    pub(super) name: &'n str,
}

macro_rules! quoted_numbers {
    ($($asked:ident)+ => $visit:ident) => {
        $(fn $asked<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Refused> {
            visitor.$visit(self.name.parse().map_err(|_| Refused)?)
        })+
    };
}

impl<'de> Deserializer<'de> for Name<'_> {
    type Error = Refused;

    quoted_numbers!(deserialize_u8 deserialize_u16 deserialize_u32 deserialize_u64 => visit_u64);
    quoted_numbers!(deserialize_i8 deserialize_i16 deserialize_i32 deserialize_i64 => visit_i64);

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Refused> {
        visitor.visit_str(self.name)
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Refused> {
        visitor.visit_some(self)
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        visitor: V,
    ) -> Result<V::Value, Refused> {
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Refused> {
        visitor.visit_enum(self)
    }

    forward_to_deserialize_any! {
        bool f32 f64 char str string bytes byte_buf unit unit_struct seq tuple tuple_struct map
        struct identifier ignored_any
    }
}

impl<'de> de::EnumAccess<'de> for Name<'_> {
    type Error = Refused;
    type Variant = Alone;

    fn variant_seed<S: DeserializeSeed<'de>>(self, seed: S) -> Result<(S::Value, Alone), Refused> {
        Ok((seed.deserialize(self)?, Alone))
    }
}

/// A variant that has no value.
pub(super) struct Alone;

impl<'de> de::VariantAccess<'de> for Alone {
    type Error = Refused;

    fn unit_variant(self) -> Result<(), Refused> {
        Ok(())
    }

    fn newtype_variant_seed<S: DeserializeSeed<'de>>(self, _: S) -> Result<S::Value, Refused> {
        Err(Refused)
    }

    fn tuple_variant<V: Visitor<'de>>(self, _: usize, _: V) -> Result<V::Value, Refused> {
        Err(Refused)
    }

    fn struct_variant<V: Visitor<'de>>(
        self,
        _: &'static [&'static str],
        _: V,
    ) -> Result<V::Value, Refused> {
        Err(Refused)
    }
}
