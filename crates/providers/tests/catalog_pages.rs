//! Every vendor has a page, and the page says what the catalogue does.
#![allow(clippy::unwrap_used)]

use std::{fs, path::PathBuf};

use parlance_providers::catalog::{Catalog, DialectId, KeyNeed, Vendor};

const SECTIONS: [&str; 6] =
    ["## Set-up", "## Configuration", "## Limits", "## Quirks", "## Costs", "## Troubleshooting"];

fn folder() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../docs/providers")
}

fn page(vendor: &Vendor) -> String {
    let path = folder().join(format!("{}.md", vendor.id));
    fs::read_to_string(&path).unwrap_or_else(|_| panic!("{} has no page", vendor.id))
}

/// The rows of the table at the top, by their first cell.
fn row<'a>(page: &'a str, name: &str) -> &'a str {
    let begins = format!("| {name} | ");
    page.lines().find_map(|line| line.strip_prefix(begins.as_str())).unwrap_or_default()
}

#[test]
fn every_page_has_every_section_with_something_in_it() {
    for vendor in Catalog::bundled().iter() {
        let page = page(vendor);
        assert!(page.starts_with(&format!("# {}\n", vendor.name)), "{}", vendor.id);
        let mut rest = page.as_str();
        for section in SECTIONS {
            let (_, after) = rest.split_once(&format!("\n{section}\n\n")).unwrap_or_else(|| {
                panic!("{}: no {section}, or not in its place", vendor.id);
            });
            assert!(!after.starts_with("## ") && !after.trim().is_empty(), "{}: {section} is empty", vendor.id);
            rest = after;
        }
    }
}

#[test]
fn every_page_says_what_the_catalogue_does() {
    for vendor in Catalog::bundled().iter() {
        let (id, page) = (&vendor.id, page(vendor));
        assert_eq!(row(&page, "id"), format!("`{id}` |"), "{id}");
        for url in vendor.base_url.iter().chain(vendor.addresses.iter().map(|address| &address.url)) {
            assert!(row(&page, "address").contains(&format!("`{url}`")), "{id}: {url}");
        }
        let need = match vendor.key {
            KeyNeed::Required => "required",
            KeyNeed::Optional => "optional",
            KeyNeed::None => "none",
        };
        assert!(row(&page, "key").starts_with(need), "{id}");
        for prefix in &vendor.key_prefixes {
            assert!(row(&page, "key").contains(&format!("`{prefix}`")), "{id}: {prefix}");
        }
        if let Some(url) = &vendor.key_url {
            assert!(row(&page, "key").contains(url.trim_start_matches("https://")), "{id}: {url}");
        }
        for name in &vendor.env {
            assert!(row(&page, "environment").contains(&format!("`{name}`")), "{id}: {name}");
        }
        if vendor.dialect != DialectId::Demo {
            assert!(row(&page, "wire").starts_with(&format!("`{}`", vendor.dialect.as_str())), "{id}");
        }
        for rule in &vendor.rules {
            let named = rule.dialect.is_none_or(|id| row(&page, "wire").contains(&format!("`{}`", id.as_str())));
            assert!(named, "{id}: the wire of {}", rule.prefix);
        }
        assert_eq!(row(&page, "balance").is_empty(), vendor.balance.is_none(), "{id}");
        for field in &vendor.fields {
            let shown = field.header.as_ref().or(field.query.as_ref()).unwrap_or(&field.id);
            let named = row(&page, "settings of its own").contains(&format!("`{shown}`"));
            assert!(named, "{id}: {}", field.id);
        }
    }
}

#[test]
fn every_example_can_be_read_and_names_its_vendor() {
    for vendor in Catalog::bundled().iter().filter(|vendor| vendor.dialect != DialectId::Demo) {
        let (id, page) = (&vendor.id, page(vendor));
        let example = page.split_once("```toml\n").and_then(|(_, rest)| rest.split_once("```")).unwrap().0;
        let example: toml::Table = example.parse().unwrap_or_else(|e| panic!("{id}: {e}"));
        let provider = &example["providers"][0];
        assert_eq!(provider["vendor"].as_str(), Some(id.as_str()));
        assert_eq!(
            provider.get("base_url").is_none(),
            vendor.base_url.is_some() || !vendor.dialect.has_address(),
            "{id}: an address where one is wanted"
        );
        let key = provider.get("accounts").and_then(|accounts| accounts[0].get("key")).and_then(toml::Value::as_str);
        assert_eq!(key.is_some(), vendor.key != KeyNeed::None, "{id}: a key where one is wanted");
        let Some(key) = key else { continue };
        let name = key.strip_prefix("${").and_then(|key| key.strip_suffix('}')).unwrap();
        assert!(vendor.env.is_empty() || vendor.env[0] == name, "{id}: {name}");
        let embeds = vendor.models.iter().any(|model| model.can.embeddings == Some(true));
        for (setting, embedding) in [("default_model", false), ("embedding_model", true)] {
            let Some(model) = provider.get(setting) else { continue };
            let known = vendor.known(model.as_str().unwrap());
            let does = known.is_none_or(|model| (model.can.embeddings == Some(true)) == embedding);
            assert!(does && (known.is_some() || vendor.models.is_empty()), "{id}: {setting}");
        }
        assert!(!embeds || provider.get("embedding_model").is_some(), "{id} embeds");
    }
}

#[test]
fn no_page_is_left_of_a_vendor_that_is_gone() {
    for entry in fs::read_dir(folder()).unwrap() {
        let path = entry.unwrap().path();
        let id = path.file_stem().unwrap().to_str().unwrap();
        assert!(Catalog::bundled().get(id).is_some(), "{id}");
    }
}
