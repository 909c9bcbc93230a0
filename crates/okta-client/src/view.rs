//! Typed views over raw documents.
//!
//! Okta sends fields its spec does not name, `null` where the spec says string, and enum values newer than any
//! client [rec]. So a view *is* the document, and an accessor is a question put to it: absent, null and
//! wrongly typed all answer "nothing", and nothing is ever lost.

use serde_json::Value;

/// A typed reading of one raw Okta document.
pub trait View: From<Value> + Send + 'static {
    /// JSON pointers of what its accessors read.
    const POINTERS: &'static [&'static str];
    /// The document as Okta sent it, less the secrets dropped at the boundary.
    fn raw(&self) -> &Value;
    /// Gives the document back.
    fn into_raw(self) -> Value;
}

/// The document itself, for calls that have no view.
impl View for Value {
    const POINTERS: &'static [&'static str] = &[];

    fn raw(&self) -> &Value {
        self
    }

    fn into_raw(self) -> Value {
        self
    }
}

/// Declares a view: a tuple struct over the raw document with one accessor per line.
///
/// Each line is `name: kind "/json/pointer"`. Kinds: `id` (`&str`, empty when absent), `text` (`Option<&str>`),
/// `flag` (`Option<bool>`), `number` (`Option<i64>`), `time` (`Option<Timestamp>`), `value` (`Option<&Value>`, null
/// counts as absent), `list` (`&[Value]`), `texts` (`Vec<&str>`), or an open enum in brackets, `[UserStatus]`.
macro_rules! view {
    (
        $(#[$meta:meta])*
        $name:ident {
            $( $(#[$field_meta:meta])* $field:ident : $kind:tt $pointer:literal ),* $(,)?
        }
    ) => {
        $(#[$meta])*
        #[derive(Clone, Debug, PartialEq)]
        pub struct $name(serde_json::Value);

        impl $name {
            $( $crate::view::accessor!($(#[$field_meta])* $field $kind $pointer); )*
        }

        impl From<serde_json::Value> for $name {
            fn from(raw: serde_json::Value) -> Self {
                Self(raw)
            }
        }

        impl $crate::View for $name {
            const POINTERS: &'static [&'static str] = &[$($pointer),*];

            fn raw(&self) -> &serde_json::Value {
                &self.0
            }

            fn into_raw(self) -> serde_json::Value {
                self.0
            }
        }
    };
}

macro_rules! accessor {
    ($(#[$m:meta])* $f:ident id $p:literal) => {
        $(#[$m])*
        /// Empty when Okta sent none.
        #[must_use]
        pub fn $f(&self) -> &str {
            $crate::view::text(&self.0, $p).unwrap_or_default()
        }
    };
    ($(#[$m:meta])* $f:ident text $p:literal) => {
        $(#[$m])*
        #[must_use]
        pub fn $f(&self) -> Option<&str> {
            $crate::view::text(&self.0, $p)
        }
    };
    ($(#[$m:meta])* $f:ident flag $p:literal) => {
        $(#[$m])*
        #[must_use]
        pub fn $f(&self) -> Option<bool> {
            self.0.pointer($p).and_then(serde_json::Value::as_bool)
        }
    };
    ($(#[$m:meta])* $f:ident number $p:literal) => {
        $(#[$m])*
        #[must_use]
        pub fn $f(&self) -> Option<i64> {
            self.0.pointer($p).and_then(serde_json::Value::as_i64)
        }
    };
    ($(#[$m:meta])* $f:ident time $p:literal) => {
        $(#[$m])*
        #[must_use]
        pub fn $f(&self) -> Option<jiff::Timestamp> {
            $crate::view::text(&self.0, $p).and_then(|t| t.parse().ok())
        }
    };
    ($(#[$m:meta])* $f:ident value $p:literal) => {
        $(#[$m])*
        #[must_use]
        pub fn $f(&self) -> Option<&serde_json::Value> {
            self.0.pointer($p).filter(|v| !v.is_null())
        }
    };
    ($(#[$m:meta])* $f:ident list $p:literal) => {
        $(#[$m])*
        /// Empty when absent.
        #[must_use]
        pub fn $f(&self) -> &[serde_json::Value] {
            self.0.pointer($p).and_then(serde_json::Value::as_array).map_or(&[], Vec::as_slice)
        }
    };
    ($(#[$m:meta])* $f:ident texts $p:literal) => {
        $(#[$m])*
        /// Empty when absent.
        #[must_use]
        pub fn $f(&self) -> Vec<&str> {
            self.0
                .pointer($p)
                .and_then(serde_json::Value::as_array)
                .map(|all| all.iter().filter_map(serde_json::Value::as_str).collect())
                .unwrap_or_default()
        }
    };
    ($(#[$m:meta])* $f:ident [$t:ty] $p:literal) => {
        $(#[$m])*
        /// `Other("")` when Okta sent none.
        #[must_use]
        pub fn $f(&self) -> $t {
            $crate::view::text(&self.0, $p).unwrap_or_default().into()
        }
    };
}

/// Declares an enum that keeps values it does not know in `Other`.
macro_rules! open_enum {
    ($(#[$meta:meta])* $name:ident { $( $(#[$v_meta:meta])* $variant:ident = $text:literal ),* $(,)? }) => {
        $(#[$meta])*
        #[derive(Clone, Debug, PartialEq, Eq, Hash)]
        #[non_exhaustive]
        pub enum $name {
            $( $(#[$v_meta])* #[doc = concat!("`", $text, "`")] $variant, )*
            /// A value this version does not know, kept as sent.
            Other(String),
        }

        impl $name {
            /// Every value known to this version, in the spec's order.
            pub const KNOWN: &[$name] = &[$( $name::$variant ),*];

            /// The text Okta uses for it.
            #[must_use]
            pub fn as_str(&self) -> &str {
                match self {
                    $( Self::$variant => $text, )*
                    Self::Other(text) => text,
                }
            }
        }

        impl From<&str> for $name {
            fn from(text: &str) -> Self {
                match text {
                    $( $text => Self::$variant, )*
                    other => Self::Other(other.to_owned()),
                }
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(self.as_str())
            }
        }
    };
}

pub(crate) use {accessor, open_enum, view};

pub(crate) fn text<'a>(document: &'a Value, pointer: &str) -> Option<&'a str> {
    document.pointer(pointer).and_then(Value::as_str)
}
