//! A secret cannot be printed, copied or serialised by accident.

use std::fmt::{Debug, Display};
use std::marker::PhantomData;

use parlance_providers::Secret;

/// True where the type has the trait: an inherent constant wins over the one every type gets from `Lacks`.
macro_rules! has {
    ($type:ty: $($bound:tt)+) => {{
        struct Asked<T>(PhantomData<T>);
        #[allow(dead_code)]
        trait Lacks {
            const ANSWER: bool = false;
        }
        impl<T> Lacks for Asked<T> {}
        #[allow(dead_code)]
        impl<T: $($bound)+> Asked<T> {
            const ANSWER: bool = true;
        }
        <Asked<$type>>::ANSWER
    }};
}

#[test]
fn the_question_can_be_answered_both_ways() {
    assert!(has!(String: Debug) && has!(String: Clone) && has!(String: serde::Serialize));
    assert!(has!(String: Display) && has!(String: AsRef<str>) && has!(u8: Copy));
    assert!(!has!(PhantomData<u8>: Display) && !has!(String: Copy));
}

#[test]
fn a_secret_has_no_way_out_but_expose() {
    assert!(!has!(Secret: Debug));
    assert!(!has!(Secret: Display));
    assert!(!has!(Secret: Clone));
    assert!(!has!(Secret: Copy));
    assert!(!has!(Secret: serde::Serialize));
    assert!(!has!(Secret: serde::de::DeserializeOwned));
    assert!(!has!(Secret: AsRef<str>));
    assert!(!has!(Secret: std::ops::Deref<Target = str>));
    assert!(!has!(Secret: Into<String>));
    assert!(!has!(Secret: PartialEq), "a comparison would leak through its time");
}
