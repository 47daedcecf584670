//! The vendors of the catalogue, as a person sees them.

use std::{path::Path, sync::Arc, time::Duration};

use parlance_providers::{
    catalog::{self, Catalog, DialectId, Vendor, VendorTimeouts},
    transport::{Clocks, key_header},
};

use super::Registry;
use crate::{
    secrets::EntryName,
    view::{
        CatalogueView, EnvName, KeyForm, KeyNeed, Mark, ModelDataView, NamedAddress, RejectedVendor, TimeoutSettings,
        VendorField, VendorView,
    },
};

impl Registry {
    /// The vendors a person may set up, those that most people use first.
    pub fn vendors(&self) -> Vec<VendorView> {
        let catalog = self.catalog();
        let mut offered: Vec<&Vendor> = catalog.iter().filter(|vendor| self.offers(vendor)).collect();
        offered.sort_by_cached_key(|vendor| (vendor.rank.unwrap_or(u32::MAX), vendor.name.to_lowercase()));
        offered.into_iter().map(|vendor| self.vendor_view(vendor)).collect()
    }

    pub(super) fn offers(&self, vendor: &Vendor) -> bool {
        (vendor.dialect == DialectId::Demo) == self.demo
    }

    fn vendor_view(&self, vendor: &Vendor) -> VendorView {
        VendorView {
            id: vendor.id.clone(),
            name: vendor.name.clone(),
            category: vendor.category.as_str().to_owned(),
            mark: mark(vendor),
            base_url: vendor.base_url.clone(),
            needs_base_url: vendor.base_url.is_none() && vendor.dialect.has_address(),
            key: key_need(vendor),
            env: vendor.env.iter().map(|name| self.env_name(name)).collect(),
            key_url: vendor.key_url.clone(),
            key_prefixes: vendor.key_prefixes.clone(),
            dialect: vendor.dialect.as_str().to_owned(),
            addresses: vendor.addresses.iter().map(named_address).collect(),
            fields: vendor.fields.iter().map(vendor_field).collect(),
            has_balance: vendor.balance.is_some() || vendor.sign_in.is_some(),
            key_form: match vendor.auth.key_form() {
                catalog::KeyForm::Token => KeyForm::Token,
                catalog::KeyForm::Aws => KeyForm::Aws,
                catalog::KeyForm::Google => KeyForm::Google,
                catalog::KeyForm::SignIn => KeyForm::SignIn,
            },
            notice: vendor.notice.clone(),
            key_header: key_header(vendor.auth).map(str::to_owned),
            timeouts: timeouts(vendor),
            own: is_own(vendor),
        }
    }

    fn env_name(&self, name: &str) -> EnvName {
        let set = EntryName::new(name).is_ok_and(|entry| self.secrets.env_is_set(&entry));
        EnvName { name: name.to_owned(), set }
    }

    /// How a vendor is drawn, also one that the catalogue no longer has.
    pub fn mark_of(&self, vendor: &str) -> (Mark, String) {
        match self.catalog().get(vendor) {
            Some(vendor) => (mark(vendor), vendor.category.as_str().to_owned()),
            None => {
                let letters = vendor.chars().take(2).collect();
                let mark = Mark { letters, hue: "graphite".to_owned(), hatched: false };
                (mark, "specialised".to_owned())
            }
        }
    }

    /// The catalogue with what the user added to it.
    pub fn catalogue_view(&self, folder: &Path, models_dev: Option<ModelDataView>) -> CatalogueView {
        let catalog = self.catalog();
        let offered: Vec<&Vendor> = catalog.iter().filter(|vendor| self.offers(vendor)).collect();
        let small = |count: usize| u32::try_from(count).unwrap_or(u32::MAX);
        CatalogueView {
            vendors: small(offered.len()),
            own: small(offered.iter().filter(|vendor| is_own(vendor)).count()),
            models: small(offered.iter().map(|vendor| vendor.models.len()).sum()),
            folder: folder.display().to_string(),
            rejected: catalog.rejected().iter().map(rejected).collect(),
            models_dev,
        }
    }

    /// Takes another catalogue: vendors that are new can be set up, and what is gone cannot be asked any more.
    pub fn replace_catalog(&self, catalog: Catalog) {
        *self.catalog.write().unwrap_or_else(std::sync::PoisonError::into_inner) = Arc::new(catalog);
    }

    /// The catalogue as it is now.
    pub fn catalog(&self) -> Arc<Catalog> {
        Arc::clone(&self.catalog.read().unwrap_or_else(std::sync::PoisonError::into_inner))
    }
}

fn rejected(file: &catalog::RejectedFile) -> RejectedVendor {
    let name = file.path.file_name().unwrap_or(file.path.as_os_str());
    RejectedVendor { file: name.to_string_lossy().into_owned(), reason: file.reason.clone() }
}

fn is_own(vendor: &Vendor) -> bool {
    Catalog::bundled().get(&vendor.id).is_none()
}

fn mark(vendor: &Vendor) -> Mark {
    Mark { letters: vendor.mark.letters.clone(), hue: vendor.mark.hue.clone(), hatched: vendor.mark.hatched }
}

fn timeouts(vendor: &Vendor) -> TimeoutSettings {
    let clocks = Clocks::of(vendor, &VendorTimeouts::default());
    let seconds = |time: Duration| u32::try_from(time.as_secs()).ok();
    TimeoutSettings {
        connect_s: seconds(clocks.connect),
        first_event_s: seconds(clocks.first_event),
        idle_s: seconds(clocks.idle),
        progress_s: seconds(clocks.progress),
    }
}

fn named_address(address: &catalog::NamedAddress) -> NamedAddress {
    NamedAddress { name: address.name.clone(), url: address.url.clone() }
}

fn vendor_field(field: &catalog::VendorField) -> VendorField {
    VendorField {
        id: field.id.clone(),
        name: field.name.clone(),
        help: field.help.clone(),
        choices: field.choices.clone(),
        required: field.required,
        usual: field.usual.clone(),
        addresses: field.addresses.clone(),
    }
}

pub(super) fn key_need(vendor: &Vendor) -> KeyNeed {
    match vendor.key {
        catalog::KeyNeed::Required => KeyNeed::Required,
        catalog::KeyNeed::Optional => KeyNeed::Optional,
        catalog::KeyNeed::None => KeyNeed::None,
    }
}
