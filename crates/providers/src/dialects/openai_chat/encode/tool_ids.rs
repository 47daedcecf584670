//! Ids of tool calls for vendors that take only nine letters and digits.

use std::{
    borrow::Cow,
    collections::{HashMap, HashSet},
};

use crate::{Message, Part};

/// How long an id must be.
const LENGTH: usize = 9;
const ALPHABET: &[u8; 62] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

/// Which id goes out for which; those that are not in it go out as they are.
#[derive(Debug, Default)]
pub(super) struct ToolIds(HashMap<String, String>);

impl ToolIds {
    /// An id of nine letters and digits for every id in `messages` that is none, the same one for the same id in
    /// every request, and never one that is taken.
    pub(super) fn short(messages: &[Message]) -> Self {
        let all = || messages.iter().flat_map(|m| &m.parts).filter_map(id);
        let mut taken: HashSet<Cow<'_, str>> = all().filter(|id| fits(id)).map(Cow::Borrowed).collect();
        let mut short = HashMap::new();
        for long in all().filter(|id| !fits(id)) {
            if !short.contains_key(long) {
                let free = (0_u32..).map(|salt| shortened(long, salt)).find(|id| !taken.contains(&**id));
                // There are more of them than a request can hold calls.
                let free = free.unwrap_or_default();
                taken.insert(Cow::Owned(free.clone()));
                short.insert(long.to_owned(), free);
            }
        }
        Self(short)
    }

    /// The id that goes out.
    pub(super) fn of<'a>(&'a self, id: &'a str) -> &'a str {
        self.0.get(id).map_or(id, String::as_str)
    }
}

fn id(part: &Part) -> Option<&str> {
    match part {
        Part::ToolCall { id, .. } => Some(id),
        Part::ToolResult { call_id, .. } => Some(call_id),
        _ => None,
    }
}

fn fits(id: &str) -> bool {
    id.len() == LENGTH && id.bytes().all(|b| b.is_ascii_alphanumeric())
}

/// FNV-1a of the id, written in letters and digits: the same with every version of the program.
fn shortened(id: &str, salt: u32) -> String {
    let bytes = id.bytes().chain(salt.to_le_bytes());
    let mut hash = bytes.fold(0xcbf2_9ce4_8422_2325_u64, |h, b| (h ^ u64::from(b)).wrapping_mul(0x0100_0000_01b3));
    let mut short = String::with_capacity(LENGTH);
    for _ in 0..LENGTH {
        let at = usize::try_from(hash % 62).unwrap_or_default();
        short.push(char::from(ALPHABET[at]));
        hash /= 62;
    }
    short
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::Role;

    fn message(ids: &[String]) -> Vec<Message> {
        let parts = ids.iter().map(|id| Part::tool_call(id.as_str(), "f", "{}")).collect();
        vec![Message { role: Role::Assistant, parts }]
    }

    #[test]
    fn an_id_that_fits_stays_even_where_another_would_become_it() {
        let stolen = shortened("call_1", 0);
        let ids = ToolIds::short(&message(&["call_1".to_owned(), stolen.clone(), "D681PevKs".to_owned()]));
        assert_eq!((ids.of(&stolen), ids.of("D681PevKs")), (stolen.as_str(), "D681PevKs"));
        assert_eq!(ids.of("call_1"), shortened("call_1", 1));
    }

    #[test]
    fn a_result_follows_its_call() {
        let result =
            Part::ToolResult { call_id: "call_1".into(), name: "f".into(), content: String::new(), is_error: false };
        let mut messages = message(&["call_1".to_owned()]);
        let alone = ToolIds::short(&messages).of("call_1").to_owned();
        messages.push(Message { role: Role::User, parts: vec![result] });
        assert_eq!(ToolIds::short(&messages).of("call_1"), alone);
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn different_ids_stay_different(ids in prop::collection::hash_set("[a-zA-Z0-9_]{0,12}", 0..60)) {
            let ids: Vec<String> = ids.into_iter().collect();
            let short = ToolIds::short(&message(&ids));
            let out: HashSet<&str> = ids.iter().map(|id| short.of(id)).collect();
            prop_assert_eq!(out.len(), ids.len());
            prop_assert!(out.iter().all(|id| fits(id)));
        }
    }
}
