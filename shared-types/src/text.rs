//! One way to give a validated text type its conversions, so that a text is checked in exactly one
//! place and JSON, command line and database go through it.

/// Implements `FromStr`-based `TryFrom<String>`, `Into<String>` and serde for a type that already
/// has `FromStr<Err = InvalidInput>` and `Display`.
macro_rules! text_conversions {
    ($type:ty) => {
        impl TryFrom<String> for $type {
            type Error = crate::InvalidInput;

            fn try_from(text: String) -> Result<Self, Self::Error> {
                text.parse()
            }
        }

        impl From<$type> for String {
            fn from(value: $type) -> Self {
                value.to_string()
            }
        }

        impl serde::Serialize for $type {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.collect_str(self)
            }
        }

        impl<'de> serde::Deserialize<'de> for $type {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let text =
                    <std::borrow::Cow<'de, str> as serde::Deserialize>::deserialize(deserializer)?;
                text.parse().map_err(serde::de::Error::custom)
            }
        }
    };
}

/// An enum whose variants are plain words.
macro_rules! word_enum {
    (
        $(#[$outer:meta])*
        $name:ident, $expected:literal {
            $( $(#[$inner:meta])* $variant:ident => $word:literal ),+ $(,)?
        }
    ) => {
        $(#[$outer])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum $name { $( $(#[$inner])* $variant ),+ }

        impl $name {
            /// Every value, in the order in which people list them.
            pub const ALL: &'static [Self] = &[ $( Self::$variant ),+ ];

            /// The word used in JSON, in URLs and on the command line.
            pub fn as_str(self) -> &'static str {
                match self { $( Self::$variant => $word ),+ }
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                formatter.pad(self.as_str())
            }
        }

        impl std::str::FromStr for $name {
            type Err = crate::InvalidInput;

            fn from_str(text: &str) -> Result<Self, Self::Err> {
                match text {
                    $( $word => Ok(Self::$variant), )+
                    _ => Err(crate::InvalidInput::word(text, $expected)),
                }
            }
        }

        crate::text::text_conversions!($name);
    };
}

pub(crate) use text_conversions;
pub(crate) use word_enum;

/// Whether `text` is 1 to `longest` bytes of ASCII letters, digits and the bytes of `also`, and
/// begins with a letter or digit.
pub(crate) fn is_slug(text: &str, longest: usize, also: &[u8]) -> bool {
    let bytes = text.as_bytes();
    (1..=longest).contains(&bytes.len())
        && bytes[0].is_ascii_alphanumeric()
        && bytes
            .iter()
            .all(|byte| byte.is_ascii_alphanumeric() || also.contains(byte))
}
