//! Reads a page's items out of its body one at a time: only one item's tree is in memory at once, and what a caller
//! does not want of an item is never built.

use std::fmt;

use serde::Deserializer as _;
use serde::de::{DeserializeSeed, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Value};

use crate::secrets::{DroppedSecret, Scrubber};

/// Takes the items of a page as they are read.
pub trait Sink: Send {
    /// A page begins. What came before is void: a body that turns out to be broken half-way is read again.
    fn begin(&mut self);
    /// The next item, secrets dropped.
    fn item(&mut self, item: Value);
}

impl Sink for Vec<Value> {
    fn begin(&mut self) {
        self.clear();
    }

    fn item(&mut self, item: Value) {
        self.push(item);
    }
}

/// What reading came to.
#[derive(Debug, Default)]
pub(crate) struct Read {
    pub items: usize,
    pub dropped: Vec<DroppedSecret>,
}

/// Reads the items of a body that is an array. `only` names the members that are kept of each; all where `None`.
pub(crate) fn array(
    route: &str,
    only: Option<&'static [&'static str]>,
    bytes: &[u8],
    sink: &mut dyn Sink,
) -> Result<Read, serde_json::Error> {
    sink.begin();
    let mut deserializer = serde_json::Deserializer::from_slice(bytes);
    let items = Items { only, sink, scrubber: Scrubber::new(route), count: 0 };
    let read = deserializer.deserialize_seq(items)?;
    deserializer.end()?;
    Ok(read)
}

struct Items<'a> {
    only: Option<&'static [&'static str]>,
    sink: &'a mut dyn Sink,
    scrubber: Scrubber,
    count: usize,
}

impl<'de> Visitor<'de> for Items<'_> {
    type Value = Read;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an array")
    }

    fn visit_seq<A: SeqAccess<'de>>(mut self, mut seq: A) -> Result<Read, A::Error> {
        while let Some(mut item) = seq.next_element_seed(Item(self.only))? {
            self.scrubber.item(self.count, &mut item);
            self.sink.item(item);
            self.count += 1;
        }
        Ok(Read { items: self.count, dropped: self.scrubber.into_dropped() })
    }
}

/// One item, whole or some members of it.
struct Item(Option<&'static [&'static str]>);

impl<'de> DeserializeSeed<'de> for Item {
    type Value = Value;

    fn deserialize<D: serde::Deserializer<'de>>(self, deserializer: D) -> Result<Value, D::Error> {
        match self.0 {
            None => serde::Deserialize::deserialize(deserializer),
            Some(only) => deserializer.deserialize_any(Members(only)),
        }
    }
}

struct Members(&'static [&'static str]);

impl<'de> Visitor<'de> for Members {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Value, A::Error> {
        let mut kept = Map::new();
        while let Some(key) = map.next_key::<std::borrow::Cow<'de, str>>()? {
            if self.0.contains(&key.as_ref()) {
                kept.insert(key.into_owned(), map.next_value()?);
            } else {
                map.next_value::<IgnoredAny>()?;
            }
        }
        Ok(Value::Object(kept))
    }

    // An item that is no object is odd; the caller sets it aside whole.
    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_bool<E>(self, v: bool) -> Result<Value, E> {
        Ok(v.into())
    }

    fn visit_i64<E>(self, v: i64) -> Result<Value, E> {
        Ok(v.into())
    }

    fn visit_u64<E>(self, v: u64) -> Result<Value, E> {
        Ok(v.into())
    }

    fn visit_f64<E>(self, v: f64) -> Result<Value, E> {
        Ok(v.into())
    }

    fn visit_str<E>(self, v: &str) -> Result<Value, E> {
        Ok(v.into())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Value, A::Error> {
        let mut items = Vec::new();
        while let Some(item) = seq.next_element()? {
            items.push(item);
        }
        Ok(Value::Array(items))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn read(
        only: Option<&'static [&'static str]>,
        body: &str,
    ) -> Result<(Vec<Value>, Read), serde_json::Error> {
        let mut items = vec![json!("void")];
        let read = array("/api/v1/apps", only, body.as_bytes(), &mut items)?;
        Ok((items, read))
    }

    #[test]
    fn items_are_those_of_the_whole_body() {
        let body = r#"[{"id":"a","x":{"client_secret":"s","n":1.5}},null,{"id":"b"}]"#;
        let (items, read) = read(None, body).expect("an array");
        assert_eq!(items[0], json!({"id": "a", "x": {"client_secret": {"$dropped": "secret"}, "n": 1.5}}));
        assert_eq!((&items[1], &items[2], read.items), (&Value::Null, &json!({"id": "b"}), 3));
        assert_eq!(read.dropped[0].path, "$[0].x.client_secret");
    }

    #[test]
    fn only_some_members_are_built_and_odd_items_survive() {
        let body = r#"[{"x":[1,{"y":2}],"id":"a","id\u0032":3},7,"t",[1],true,-1,1.5]"#;
        let (items, _) = read(Some(&["id", "id2"]), body).expect("an array");
        assert_eq!(json!(items), json!([{"id": "a", "id2": 3}, 7, "t", [1], true, -1, 1.5]));
    }

    #[test]
    fn what_is_no_array_or_goes_on_after_its_end_is_an_error() {
        for body in ["{}", "[1,", "[1] x", "", "null"] {
            assert!(read(None, body).is_err(), "{body}");
        }
    }
}
