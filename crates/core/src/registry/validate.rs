//! Which providers can be set up.

use parlance_providers::{
    catalog::{Fields, Pasted, UnfitField, Vendor},
    transport,
};

use super::{
    Registry, connection, model_name,
    settings::check_values,
    tables::{ProviderFields, ProviderRow},
    usual_limits,
};
use crate::{
    error::Error,
    view::{ProviderInput, ProviderSettings},
};

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
    /// agrees; [`Error::InvalidPart`] naming one of the vendor's own fields that the address needs. Beside what is set of
    /// the provider its settings come back, where the address or the input says something of them.
    pub fn validate(
        &self,
        input: &ProviderInput,
        before: Option<&ProviderRow>,
    ) -> Result<(ProviderFields, Option<ProviderSettings>), Error> {
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
        let known = before.map(|row| row.settings.clone()).unwrap_or_default();
        let mut settings = known.clone();
        if let (Some(vendor), None) = (vendor, before) {
            settings.fields = check_values(vendor, vendor.with_usual(input.fields.clone()))?;
            settings.limits = usual_limits(vendor.dialect.as_str(), settings.limits);
        }
        let Pasted { address: base_url, fields, model } = address(vendor, input.base_url.trim(), settings.fields)?;
        let settings = ProviderSettings { fields, ..settings };
        let named = input.default_model.clone().or(model.filter(|_| before.is_none()));
        let set = ProviderFields {
            clear_origin: clear_origin(vendor, input, before, &base_url)?,
            vendor: before.map_or_else(|| input.vendor.clone(), |row| row.vendor.clone()),
            name,
            base_url,
            enabled: input.enabled,
            default_model: named.as_deref().map(model_name).transpose()?,
        };
        Ok((set, (settings != known).then_some(settings)))
    }

    /// The address of a provider for an address as it was pasted, or for none, and these values of its vendor's fields;
    /// with what the address says of them.
    ///
    /// # Errors
    /// [`Error::Invalid`] and [`Error::InvalidPart`] naming the field.
    pub fn address_for(&self, vendor: &str, given: Option<&str>, fields: Fields) -> Result<(String, Fields), Error> {
        let vendor = self.vendor(vendor)?;
        let Pasted { address, fields, .. } = address(Some(&*vendor), given.unwrap_or_default().trim(), fields)?;
        Ok((address, fields))
    }
}

fn address(vendor: Option<&Vendor>, given: &str, fields: Fields) -> Result<Pasted, Error> {
    let plain = |address, fields| Ok(Pasted { address, fields, model: None });
    let nowhere = vendor.is_some_and(|vendor| !vendor.dialect.has_address());
    if given.is_empty() {
        return match vendor.map(|vendor| vendor.usual_address(&fields)).transpose().map_err(unfit)?.flatten() {
            Some(usual) => plain(usual, fields),
            None if nowhere => plain(String::new(), fields),
            None => Err(Error::invalid("baseUrl", "empty")),
        };
    }
    if nowhere {
        return Err(Error::invalid("baseUrl", "no_address"));
    }
    if given.len() > LONGEST_ADDRESS {
        return Err(Error::invalid("baseUrl", "too_long"));
    }
    let pasted = match vendor {
        Some(vendor) => vendor.pasted(given, &fields),
        None => plain(given.to_owned(), fields)?,
    };
    transport::origin(&pasted.address).map_err(|_| Error::invalid("baseUrl", "not_a_url"))?;
    Ok(pasted)
}

/// A field that cannot stand in the address.
pub(crate) fn unfit(UnfitField { field, reason }: UnfitField) -> Error {
    Error::invalid_part("fields", &field, reason)
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
