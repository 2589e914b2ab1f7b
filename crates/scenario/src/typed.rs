//! Tree to types: serde reads the tree that was checked, so nothing is spelled out again to be read again.
//!
//! ```text
//!   serde asks for         the tree has
//!   anything               "text", 7, true, […], {…}; a word alone counts as a text; else a variant
//!   an option              None, Some(value), or the value itself
//!   a struct               Name(field: value, …); the name may be left out and is not compared
//!   a variant              Name, Name(value, …), Name(field: value, …)
//!   a variant of a struct  Name(field: value, …): the parentheses are those of the struct
//! ```
//!
//! Invariants:
//! * In the tree of a group, every text gets the number of the member while it is read; the tree stays as it is.
//! * What the rows let pass can be read, as the same value. Anything else is an error, never a panic and never skipped: the
//!   value of a text, an integer without a sign that fits 64 bits, every item, every field.

use core::iter;

use serde::de::value::{BorrowedStrDeserializer, Error, MapDeserializer, SeqDeserializer};
use serde::de::{
    Deserialize, DeserializeSeed, Deserializer, EnumAccess, Error as _, IntoDeserializer, VariantAccess,
    Visitor,
};
use serde::forward_to_deserialize_any;

use crate::groups::fill;
use crate::tree::{Args, Kind, Name, Node};

/// Reads a value from its tree; in texts, the number of the member takes the place of placeholders if there is one.
///
/// # Errors
/// If the type has no such value, or a text has a brace that belongs to no placeholder.
pub(crate) fn from_tree<'de, T: Deserialize<'de>>(node: &'de Node, member: Option<u32>) -> Result<T, String> {
    T::deserialize(Value { node, member }).map_err(|error| error.to_string())
}

/// A value of the tree.
#[derive(Debug, Clone, Copy)]
struct Value<'de> {
    node: &'de Node,
    member: Option<u32>,
}

/// A value that is a variant.
#[derive(Debug, Clone, Copy)]
struct Variant<'de> {
    value: Value<'de>,
    name: &'de Name,
    args: &'de Args,
}

impl<'de> Value<'de> {
    fn other<T>(self) -> Result<T, Error> {
        Err(Error::custom(format!("unexpected {}", self.node.describe())))
    }

    fn text<V: Visitor<'de>>(self, text: &'de str, visitor: V) -> Result<V::Value, Error> {
        match self.member {
            Some(member) if text.contains(['{', '}']) => {
                visitor.visit_string(fill(text, member).map_err(Error::custom)?)
            }
            Some(_) | None => visitor.visit_borrowed_str(text),
        }
    }

    fn list<V: Visitor<'de>>(self, nodes: &'de [Node], visitor: V) -> Result<V::Value, Error> {
        let mut values = SeqDeserializer::new(nodes.iter().map(|node| Self { node, ..self }));
        let list = visitor.visit_seq(&mut values)?;
        values.end()?;
        Ok(list)
    }

    fn fields<V: Visitor<'de>>(self, fields: &'de [(Name, Node)], visitor: V) -> Result<V::Value, Error> {
        let named = |(name, node): &'de (Name, Node)| (name.text.as_str(), Self { node, ..self });
        let mut values = MapDeserializer::new(fields.iter().map(named));
        let found = visitor.visit_map(&mut values)?;
        values.end()?;
        Ok(found)
    }
}

impl<'de> IntoDeserializer<'de> for Value<'de> {
    type Deserializer = Self;

    fn into_deserializer(self) -> Self {
        self
    }
}

impl<'de> Deserializer<'de> for Value<'de> {
    type Error = Error;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        match &self.node.kind {
            Kind::Text(text) => self.text(text, visitor),
            Kind::Integer(Some(value)) => match u64::try_from(*value) {
                Ok(value) => visitor.visit_u64(value),
                Err(_) => self.other(),
            },
            Kind::Bool(value) => visitor.visit_bool(*value),
            Kind::List(nodes) => self.list(nodes, visitor),
            Kind::Map(pairs) => {
                let pair =
                    |(key, node): &'de (Node, Node)| (Self { node: key, ..self }, Self { node, ..self });
                let mut pairs = MapDeserializer::new(pairs.iter().map(pair));
                let map = visitor.visit_map(&mut pairs)?;
                pairs.end()?;
                Ok(map)
            }
            Kind::Call(Some(name), Args::None) => visitor.visit_borrowed_str(&name.text),
            // What could be of several types is kept by serde first, which knows variants as maps of one pair.
            Kind::Call(Some(name), Args::Tuple(values)) => {
                let values = Values { value: self, nodes: values };
                visitor.visit_map(MapDeserializer::new(iter::once((name.text.as_str(), values))))
            }
            Kind::Call(..) | Kind::Integer(None) | Kind::Float | Kind::Bad => self.other(),
        }
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        let Kind::Call(Some(name), args) = &self.node.kind else { return visitor.visit_some(self) };
        match (name.text.as_str(), args) {
            ("None", Args::None) => visitor.visit_none(),
            ("Some", Args::Tuple(values)) if values.len() == 1 => {
                visitor.visit_some(Self { node: &values[0], ..self })
            }
            _ => visitor.visit_some(self),
        }
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Error> {
        let Kind::Call(_, Args::Fields(fields, values)) = &self.node.kind else { return self.other() };
        if values.is_empty() { self.fields(fields, visitor) } else { self.other() }
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Error> {
        let Kind::Call(Some(name), args) = &self.node.kind else { return self.other() };
        visitor.visit_enum(Variant { value: self, name, args })
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 u8 u16 u32 u64 f32 f64 char str string bytes byte_buf unit unit_struct newtype_struct seq tuple
        tuple_struct map identifier
    }

    fn deserialize_ignored_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        visitor.visit_unit()
    }
}

/// The values in the parentheses of a variant.
#[derive(Debug, Clone, Copy)]
struct Values<'de> {
    value: Value<'de>,
    nodes: &'de [Node],
}

impl<'de> IntoDeserializer<'de, Error> for Values<'de> {
    type Deserializer = Self;

    fn into_deserializer(self) -> Self {
        self
    }
}

impl<'de> Deserializer<'de> for Values<'de> {
    type Error = Error;

    /// One value is itself, as serde has it.
    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        match self.nodes {
            [node] => Value { node, ..self.value }.deserialize_any(visitor),
            nodes => self.value.list(nodes, visitor),
        }
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 u8 u16 u32 u64 f32 f64 char str string bytes byte_buf unit unit_struct newtype_struct seq tuple
        tuple_struct map identifier option struct enum ignored_any
    }
}

impl<'de> EnumAccess<'de> for Variant<'de> {
    type Error = Error;
    type Variant = Self;

    fn variant_seed<V: DeserializeSeed<'de>>(self, seed: V) -> Result<(V::Value, Self), Error> {
        let name: BorrowedStrDeserializer<'de, Error> = BorrowedStrDeserializer::new(&self.name.text);
        Ok((seed.deserialize(name)?, self))
    }
}

impl<'de> VariantAccess<'de> for Variant<'de> {
    type Error = Error;

    fn unit_variant(self) -> Result<(), Error> {
        if matches!(self.args, Args::None) { Ok(()) } else { self.value.other() }
    }

    fn newtype_variant_seed<T: DeserializeSeed<'de>>(self, seed: T) -> Result<T::Value, Error> {
        match self.args {
            Args::Tuple(values) if values.len() == 1 => {
                seed.deserialize(Value { node: &values[0], ..self.value })
            }
            Args::Fields(..) => seed.deserialize(self.value),
            Args::Tuple(_) | Args::None => self.value.other(),
        }
    }

    fn tuple_variant<V: Visitor<'de>>(self, _: usize, visitor: V) -> Result<V::Value, Error> {
        match self.args {
            Args::Tuple(values) => self.value.list(values, visitor),
            Args::Fields(..) | Args::None => self.value.other(),
        }
    }

    fn struct_variant<V: Visitor<'de>>(
        self,
        fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Error> {
        self.value.deserialize_struct("", fields, visitor)
    }
}

#[cfg(test)]
mod tests {
    use core::fmt::Debug;
    use core::net::IpAddr;

    use serde::de::DeserializeOwned;

    use super::*;
    use crate::action::Action;
    use crate::plan::{Delivery, Dest, Expectation, Snapshot};
    use crate::reader;

    fn read<T: DeserializeOwned>(text: &str) -> Result<T, String> {
        let (root, mistakes) = reader::read(text);
        assert!(mistakes.is_empty(), "{text}: {mistakes:?}");
        from_tree(&root, Some(300))
    }

    fn check<T: DeserializeOwned + PartialEq + Debug>(text: &str, expected: T) {
        assert_eq!(read(text), Ok(expected), "{text}");
    }

    #[test]
    fn options_may_be_spelled_out() {
        check("7", Some(7u16));
        check("Some(7)", Some(7u16));
        check("None", None::<u16>);
        check("None", None::<Delivery>);
        check("Some(None)", Some(Delivery::None));
        check("None", Delivery::None);
    }

    #[test]
    fn every_text_gets_the_number_of_the_member() {
        check(r#"["{n}", "a{n/256}.{n%256}", "a"]"#, ["300", "a1.44", "a"].map(str::to_owned).to_vec());
        check(r#""10.{n/256}.{n%256}.1""#, IpAddr::from([10, 1, 44, 1]));
        check(r#"Set("f{n}")"#, Action::<Dest, IpAddr>::Set("f300".to_owned()));
        check("Whole", Snapshot::Whole);
    }

    #[test]
    fn what_a_type_does_not_have_is_an_error() {
        let refused = [
            read::<u16>("65536").err(),
            read::<u64>("-1").err(),
            read::<bool>("7").err(),
            read::<String>("\"{m}\"").err(),
            read::<String>("Name(7)").err(),
            read::<Option<u8>>("Some(1, 2)").err(),
            read::<Snapshot>("Whole(1)").err(),
            read::<Snapshot>("Actor(\"a\", \"b\")").err(),
            read::<Snapshot>("Nobody").err(),
            read::<Expectation>("Before(\"a/b\", \"a/c\", \"a/d\")").err(),
            read::<Action<Dest, IpAddr>>("DeleteRoute(route: \"a\", \"b\")").err(),
            read::<Action<Dest, IpAddr>>("DeleteRoute(road: \"a\")").err(),
        ];
        for (index, error) in refused.iter().enumerate() {
            assert!(error.is_some(), "number {index} was read");
        }
    }
}
