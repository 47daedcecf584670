//! Settings of a file against the rules that settings are kept by: what they refuse is named and left out.

use super::{PlannedSecret, Settling};
use crate::{
    error::Error,
    view::{ImportCode, ProviderSettings, ProxySetting},
};

/// Our names of fields, the names that a refusal has, and how one is left out.
type Reset = (&'static str, &'static str, fn(&mut ProviderSettings));

const RESETS: [Reset; 10] = [
    ("headers", "headers", |settings| settings.headers.clear()),
    ("fields", "fields", |settings| settings.fields.clear()),
    ("timeouts", "timeouts", |settings| settings.timeouts = Default::default()),
    ("limits", "limits", |settings| settings.limits = Default::default()),
    ("parameters", "parameters", |settings| settings.parameters = Default::default()),
    ("proxy", "proxy", |settings| settings.proxy = ProxySetting::System),
    ("ca_pem", "caPem", |settings| settings.ca_pem.clear()),
    ("model_mapping", "modelMapping", |settings| settings.model_mapping.clear()),
    ("embedding_model", "embeddingModel", |settings| settings.embedding_model = None),
    ("extras", "extras", |settings| settings.extras.clear()),
];

impl Settling<'_> {
    /// Settings that will be kept, and the secrets that have a place in them.
    pub(super) fn kept(
        &mut self,
        vendor: &str,
        mut settings: ProviderSettings,
        mut secrets: Vec<PlannedSecret>,
    ) -> (ProviderSettings, Vec<PlannedSecret>) {
        // Each round leaves something out, so there are no more rounds than things.
        let most = settings.headers.len() + settings.fields.len() + RESETS.len();
        for _ in 0..=most {
            match (self.around.check)(vendor, settings.clone()) {
                Ok(checked) => {
                    settings = checked;
                    break;
                }
                Err(error) if self.leave_out(&error, &mut settings) => {}
                // A field that must be filled: the page asks for it.
                Err(_) => break,
            }
        }
        let slots = settings.slots();
        secrets.retain(|secret| slots.contains(&secret.slot));
        (settings, secrets)
    }

    /// Leaves out what was refused; false where there is nothing to leave out.
    fn leave_out(&mut self, error: &Error, settings: &mut ProviderSettings) -> bool {
        let (field, part, reason) = match error {
            Error::Invalid { field, reason } => (*field, None, *reason),
            Error::InvalidPart { field, part, reason } => (*field, Some(part.as_str()), *reason),
            _ => return false,
        };
        let before = settings.clone();
        let Some((ours, _, reset)) = RESETS.iter().find(|(_, theirs, _)| *theirs == field) else { return false };
        match (field, part) {
            ("headers", Some(name)) => settings.headers.retain(|header| header.name != name),
            ("fields", Some(id)) => {
                settings.fields.remove(id);
            }
            _ => {}
        }
        let one = *settings != before;
        if !(one || field == "fields" && reason == "empty") {
            reset(settings);
        }
        if *settings == before {
            return false;
        }
        let path = match part.filter(|_| one).and_then(crate::exchange::said) {
            Some(part) => format!("{ours}.{part}"),
            None => (*ours).to_owned(),
        };
        let header = matches!(field, "headers");
        self.note(&path, if header { ImportCode::LeftOut } else { ImportCode::BadValue }, None);
        true
    }
}
