//! Checks and vectors.

use std::path::Path;

use parlance_core::view::{FailureView, Target};

use crate::{
    Failure,
    args::texts,
    lines::{self, Line},
    setup::Asking,
};

/// Texts that go out in one call.
const BATCH: usize = 64;

/// Checks every account that is switched on, with free requests.
pub(crate) async fn check(asking: &Asking) -> Result<bool, Failure> {
    let (provider, _) = asking.provider()?;
    let mut good = true;
    for account in provider.accounts.iter().filter(|account| account.enabled) {
        let line = Line::of("check").with("provider", asking.name(&provider.id));
        let line = line.with("account", Some(account.label.clone()).filter(|label| !label.is_empty()));
        let checked = asking.app.check_provider(&provider.id, Some(&account.id)).await?;
        good &= checked.ok;
        let line = line.with("ok", checked.ok).with_failure(checked.error.as_ref());
        line.with("models", checked.ok.then_some(checked.models)).with("duration_ms", checked.duration_ms).print();
    }
    Ok(good)
}

/// Vectors of the texts of a file.
pub(crate) async fn embed(asking: &Asking, file: &Path) -> Result<bool, Failure> {
    let texts = texts(file)?;
    let (provider, model) = asking.provider()?;
    let target = Target { provider_id: provider.id.clone(), model: model.unwrap_or_default().to_owned() };
    let mut good = true;
    for batch in texts.chunks(BATCH) {
        let inputs = batch.iter().map(|text| text.text.clone()).collect();
        let embedded = asking.app.embed(&target, inputs, None).await?;
        for (text, vector) in batch.iter().zip(&embedded.vectors) {
            let line = Line::of("embedding").with("prompt", text.id.as_str()).with("run", embedded.run_id.as_str());
            match vector {
                Ok(vector) => line.with("dimensions", vector.len()).with("vector", vector.as_slice()).print(),
                Err(error) => {
                    good = false;
                    line.with_failure(Some(&FailureView::from(error))).print();
                }
            }
        }
        let base = Line::of("attempt").with("run", embedded.run_id.as_str());
        lines::attempt(&base, asking, &embedded.attempt);
        if let Some(error) = &embedded.error {
            good = false;
            let ids: Vec<_> = batch.iter().map(|text| text.id.clone()).collect();
            let line = Line::of("error").with("run", embedded.run_id.as_str()).with("prompts", ids);
            line.with_failure(Some(&FailureView::from(error))).print();
        }
    }
    Ok(good)
}
