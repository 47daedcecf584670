//! The collection of language models.

use serde::Deserialize;

use crate::{ModelInfo, ProviderError, dialect::ResponseHead, failure, loose::Text};

#[derive(Deserialize)]
struct Collection<'a> {
    #[serde(borrow)]
    models: Vec<Listed<'a>>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Listed<'a> {
    #[serde(borrow)]
    owner: Text<'a>,
    #[serde(borrow)]
    name: Text<'a>,
}

pub(super) fn list(head: &ResponseHead, body: &[u8]) -> Result<Vec<ModelInfo>, ProviderError> {
    let Ok(collection) = serde_json::from_slice::<Collection<'_>>(body) else {
        return Err(failure::with_head(failure::instead(body), head));
    };
    let id = |listed: &Listed<'_>| Some(format!("{}/{}", listed.owner.some()?, listed.name.some()?));
    let info = |id: String| ModelInfo { id, ..ModelInfo::default() };
    Ok(collection.models.iter().filter_map(id).map(info).collect())
}
