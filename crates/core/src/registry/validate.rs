//! Which providers can be set up.

use parlance_providers::{catalog::Vendor, transport};

use super::{
    Registry, connection, model_name,
    tables::{ProviderFields, ProviderRow},
};
use crate::{error::Error, view::ProviderInput};

/// In characters.
const LONGEST_NAME: usize = 100;
/// In bytes.
const LONGEST_ADDRESS: usize = 2_048;

impl Registry {
    /// Checks what a person entered for a provider, which `before` is where there is one; nothing is stored. Its vendor
    /// stays what it was, also where the catalogue no longer has it.
    ///
    /// # Errors
    /// [`Error::Invalid`] naming the field: `in_clear` for an address that a key travels to in clear, until the person
    /// agrees.
    pub fn validate(&self, input: &ProviderInput, before: Option<&ProviderRow>) -> Result<ProviderFields, Error> {
        let vendor = match before {
            Some(row) => self.catalog().shared(&row.vendor),
            None => Some(self.vendor(&input.vendor)?),
        };
        let vendor = vendor.as_deref();
        if before.is_none() && vendor.is_some_and(|vendor| !self.offers(vendor)) {
            return Err(Error::invalid("vendor", "not_offered"));
        }
        let name = input.name.trim();
        if name.chars().count() > LONGEST_NAME {
            return Err(Error::invalid("name", "too_long"));
        }
        let usual = vendor.map(|vendor| &vendor.name).or(before.map(|row| &row.name));
        let name = if name.is_empty() { usual.cloned().unwrap_or_default() } else { name.to_owned() };
        let base_url = address(vendor, input.base_url.trim())?;
        Ok(ProviderFields {
            clear_origin: clear_origin(vendor, input, before, &base_url)?,
            vendor: before.map_or_else(|| input.vendor.clone(), |row| row.vendor.clone()),
            name,
            base_url,
            enabled: input.enabled,
            default_model: input.default_model.as_deref().map(model_name).transpose()?,
        })
    }
}

fn address(vendor: Option<&Vendor>, given: &str) -> Result<String, Error> {
    let usual = vendor.and_then(|vendor| vendor.base_url.as_ref());
    match (given, usual) {
        ("", Some(usual)) => Ok(usual.clone()),
        ("", None) if vendor.is_some_and(|vendor| !vendor.dialect.has_address()) => Ok(String::new()),
        ("", None) => Err(Error::invalid("baseUrl", "empty")),
        (_, None) if vendor.is_some_and(|vendor| !vendor.dialect.has_address()) => {
            Err(Error::invalid("baseUrl", "no_address"))
        }
        (given, _) if given.len() > LONGEST_ADDRESS => Err(Error::invalid("baseUrl", "too_long")),
        (given, _) => {
            transport::origin(given).map_err(|_| Error::invalid("baseUrl", "not_a_url"))?;
            Ok(given.to_owned())
        }
    }
}

/// What a person agrees to holds for this origin, until the address is another one.
fn clear_origin(
    vendor: Option<&Vendor>,
    input: &ProviderInput,
    before: Option<&ProviderRow>,
    base_url: &str,
) -> Result<Option<String>, Error> {
    let settings = before.map(|row| row.settings.clone()).unwrap_or_default();
    if !connection::in_clear(vendor, &settings, base_url) {
        return Ok(None);
    }
    let origin = transport::origin(base_url).map_err(|_| Error::invalid("baseUrl", "not_a_url"))?;
    let known = before.and_then(|row| row.clear_origin.as_ref()) == Some(&origin);
    if input.in_clear || known { Ok(Some(origin)) } else { Err(Error::invalid("baseUrl", "in_clear")) }
}
