//! One vector as the wires write it: numbers, or base64 of little-endian floats.

use std::fmt;

use base64::{Engine, engine::general_purpose::STANDARD};
use serde::{
    Deserialize, Deserializer,
    de::{SeqAccess, Visitor},
};
use serde_json::value::RawValue;

use crate::{Category, ProviderError};

/// Reads a vector. One without numbers, or with one that is none, compares with nothing.
///
/// # Errors
/// [`no_vector`].
pub(crate) fn vector(raw: Option<&RawValue>) -> Result<Vec<f32>, ProviderError> {
    let Some(Vector(numbers)) = raw.and_then(|raw| serde_json::from_str(raw.get()).ok()) else {
        return Err(no_vector());
    };
    if numbers.is_empty() || !numbers.iter().all(|n| n.is_finite()) {
        return Err(no_vector());
    }
    Ok(numbers)
}

/// The vendor gave no vector for an input.
pub(crate) fn no_vector() -> ProviderError {
    ProviderError::because(Category::BrokenStream, "no_vector", "The vendor gave no vector for this text")
}

struct Vector(Vec<f32>);

impl<'de> Deserialize<'de> for Vector {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(VectorVisitor)
    }
}

struct VectorVisitor;

impl<'de> Visitor<'de> for VectorVisitor {
    type Value = Vector;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("numbers, or base64 of floats")
    }
    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Self::Value, A::Error> {
        let mut numbers = Vec::new();
        while let Some(number) = seq.next_element::<f32>()? {
            numbers.push(number);
        }
        Ok(Vector(numbers))
    }
    fn visit_str<E: serde::de::Error>(self, v: &str) -> Result<Self::Value, E> {
        let bytes = STANDARD.decode(v.trim()).map_err(E::custom)?;
        let (floats, rest) = bytes.as_chunks::<4>();
        if !rest.is_empty() {
            return Err(E::custom("a float has four bytes"));
        }
        Ok(Vector(floats.iter().map(|f| f32::from_le_bytes(*f)).collect()))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn read(json: &str) -> Option<Vec<f32>> {
        let raw = RawValue::from_string(json.to_owned()).unwrap();
        let read = vector(Some(&raw));
        assert!(read.as_ref().err().is_none_or(|error| error.cause == Some("no_vector")), "{json}");
        read.ok()
    }

    #[test]
    fn what_is_no_vector_is_none() {
        for json in
            ["[]", "null", "\"\"", "\"AAAA\"", "\"?\"", "[1e39]", "\"AADAfw==\"", "[\"x\"]", "[null]", "{}", "7"]
        {
            assert_eq!(read(json), None, "{json}");
        }
        assert_eq!(vector(None).unwrap_err().cause, Some("no_vector"));
    }

    proptest! {
        #[test]
        fn numbers_and_base64_read_alike(
            floats in prop::collection::vec(any::<f32>().prop_filter("a number", |f| f.is_finite()), 1..40),
        ) {
            let bytes: Vec<u8> = floats.iter().flat_map(|f| f.to_le_bytes()).collect();
            prop_assert_eq!(read(&serde_json::to_string(&floats).unwrap()), Some(floats.clone()));
            prop_assert_eq!(read(&format!("\"{}\"", STANDARD.encode(bytes))), Some(floats));
        }
    }
}
