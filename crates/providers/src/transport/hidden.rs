//! Secrets that a vendor may repeat in its refusal, taken out of it.

use std::sync::Arc;

use super::{Authority, Endpoint, proxy::Hop};
use crate::traffic::{Mask, found, spellings};
use crate::{ProviderError, Secret};

/// Shorter values occur in ordinary words.
const SHORTEST: usize = 8;
/// The same for the password of a proxy, which no word of a vendor needs.
const SHORTEST_PASSWORD: usize = 4;
const INSTEAD: &str = "[hidden]";

/// The key, the user's own header values, the proxy's password of one endpoint, and what opens its door.
#[derive(Default)]
pub struct Hidden {
    given: Vec<Secret>,
    authority: Option<Arc<dyn Authority>>,
}

impl Hidden {
    pub(super) fn of(endpoint: &Endpoint, hop: Option<&Hop>) -> Self {
        let key = endpoint.key.as_ref().map(Secret::duplicate);
        let values = endpoint.headers.iter().map(|(_, value)| Secret::from_pasted(value));
        let long = |least| move |secret: &Secret| secret.expose().len() >= least;
        let proxy = hop.map(Hop::secrets).unwrap_or_default().into_iter().filter(long(SHORTEST_PASSWORD));
        let given = key.into_iter().chain(values).filter(long(SHORTEST)).chain(proxy).collect();
        Self { given, authority: None }
    }

    /// What was given in other ways.
    pub(crate) fn over(given: Vec<Secret>) -> Self {
        let long = |secret: &Secret| secret.expose().len() >= SHORTEST;
        Self { given: given.into_iter().filter(long).collect(), authority: None }
    }

    /// What this one is given and obtains is hidden, too.
    pub(super) fn and_of(&mut self, authority: Option<&Arc<dyn Authority>>) {
        self.authority = authority.cloned();
    }

    /// The same error without them.
    pub(crate) fn clean(&self, mut error: ProviderError) -> ProviderError {
        let obtained = self.authority.as_ref().map(|authority| authority.secrets()).unwrap_or_default();
        let obtained = obtained.iter().filter(|secret| secret.expose().len() >= SHORTEST);
        let spelled = spellings(self.given.iter().chain(obtained).map(Secret::expose));
        let texts = [Some(&mut error.message), error.code.as_mut(), error.request_id.as_mut()];
        for text in texts.into_iter().flatten() {
            spelled.iter().for_each(|spelling| take_out(text, spelling));
        }
        error
    }

    /// What no record of traffic may hold: these, and what else says who asks.
    pub(crate) fn mask<'a>(&'a self, others: impl Iterator<Item = &'a str>) -> Mask {
        let long = |value: &&str| value.len() >= SHORTEST;
        Mask::of(self.given.iter().map(Secret::expose).chain(others.map(str::trim).filter(long)))
    }
}

/// A secret out of a text, in escapes, too. Whole: how a key begins may be what the vendor wants to say.
fn take_out(text: &mut String, secret: &[u8]) {
    for range in found(text.as_bytes(), secret, usize::MAX).into_iter().rev() {
        // A whole secret begins and ends where characters do.
        if text.is_char_boundary(range.start) && text.is_char_boundary(range.end) {
            text.replace_range(range, INSTEAD);
        }
    }
}

/// What no record of traffic may hold: the same, and the vendor's own fields, which say who pays.
pub(super) fn mask(endpoint: &Endpoint, hidden: &Hidden) -> Mask {
    let mask = hidden.mask(endpoint.fields.values().map(String::as_str));
    let long = |secret: &Secret| secret.expose().len() >= SHORTEST;
    match hidden.authority.clone() {
        // It obtains its own while exchanges go on.
        Some(authority) => mask.and_later(Arc::new(move || authority.secrets().into_iter().filter(long).collect())),
        None => mask,
    }
}

#[cfg(test)]
mod tests {
    use base64::{Engine, engine::general_purpose::STANDARD};

    use super::*;
    use crate::Category;

    #[test]
    fn escapes_hide_no_secret_and_its_beginning_is_none() {
        let hidden = Hidden::over(vec![Secret::from_pasted("sk-canary/0123+4567=é")]);
        let clean = |message: &str| hidden.clean(ProviderError::new(Category::RejectedKey, message)).message;
        let every: String = "sk-canary/0123+4567=é".bytes().map(|byte| format!("%{byte:02x}")).collect();
        for said in ["sk-canary%2F0123%2B4567%3D%C3%A9", "sk-canary\\/0123\\u002b4567=é", &every] {
            assert_eq!(clean(&format!("é ?key={said}&é, key={said}")), "é ?key=[hidden]&é, key=[hidden]", "{said}");
        }
        assert_eq!(clean("keys begin with sk-canary"), "keys begin with sk-canary");
    }

    #[test]
    fn a_secret_is_taken_out_as_it_is_and_out_of_base64() {
        let key = "sk-canary-0123456789abcdef";
        let hidden = Hidden::over(vec![Secret::from_pasted(key)]);
        for said in [key.to_owned(), STANDARD.encode(format!("Bearer {key}")), STANDARD.encode(format!("x{key}y"))] {
            let error = ProviderError::new(Category::RejectedKey, format!("not {said} here"));
            let error = ProviderError { code: Some(said.clone()), request_id: Some(said.clone()), ..error };
            let clean = hidden.clean(error);
            // What stands beside the secret shapes the first and the last characters of its base64.
            let core = said.get(12..said.len() - 8).unwrap();
            for text in [Some(clean.message), clean.code, clean.request_id].into_iter().flatten() {
                assert!(text.contains(INSTEAD) && !text.contains(core), "{text}");
            }
        }
    }
}
