//! `docs/capabilities.md` is written from the catalogue: `PARLANCE_WRITE_DOCS=1` writes it, every other run compares.
#![allow(clippy::unwrap_used)]

use std::{env, fmt::Write as _, fs, path::PathBuf};

use parlance_providers::{
    EmbedRequest,
    catalog::{Catalog, DialectId, KeyNeed, KnownModel, Quirk, Vendor, VendorCategory},
    dialects::dialect,
};

const HEAD: &str = "# What vendors and models can do

Written from `crates/providers/catalog/` by the test `catalog_capabilities`; `PARLANCE_WRITE_DOCS=1` writes it anew. It
is what Parlance knows without a network. What a vendor's own list says goes first; an empty cell is not known.

";

#[test]
fn the_page_says_what_the_catalogue_does() {
    let page = page();
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../docs/capabilities.md");
    if env::var_os("PARLANCE_WRITE_DOCS").is_some() {
        fs::write(&path, &page).unwrap();
    }
    let written = fs::read_to_string(&path).unwrap_or_default();
    assert!(written == page, "docs/capabilities.md is older than the catalogue: write it with PARLANCE_WRITE_DOCS=1");
}

#[test]
fn it_knows_enough_without_a_network() {
    let catalog = Catalog::bundled();
    assert!(catalog.len() >= 34, "{} vendors", catalog.len());
    let models: usize = catalog.iter().map(|vendor| vendor.models.len()).sum();
    assert!(models >= 300, "{models} models");
    let embedding = catalog.iter().flat_map(|v| &v.models).filter(|m| m.can.embeddings == Some(true)).count();
    assert!(embedding >= 20, "{embedding} of them make embeddings");
}

/// The makers of Claude took prefill away with the 4.6 generation: a request with it is refused.
#[test]
fn prefill_is_known_of_older_models_alone() {
    let catalog = Catalog::bundled();
    let claude = |vendor: &str, model: &str| catalog.get(vendor).unwrap().prefills(model);
    for model in ["claude-opus-4-5", "claude-opus-4-5-20251101", "claude-haiku-4-5", "claude-3-5-haiku-latest"] {
        assert!(claude("anthropic", model), "{model}");
    }
    for model in ["claude-opus-4-6", "claude-sonnet-4-6", "claude-opus-4-8", "claude-sonnet-5", "claude-new-6", "m"] {
        assert!(!claude("anthropic", model), "{model}");
    }
    assert!(claude("bedrock", "eu.anthropic.claude-haiku-4-5") && !claude("bedrock", "anthropic.claude-opus-5"));
    let others = catalog.iter().filter(|vendor| vendor.rules.iter().any(|rule| rule.prefill)).count();
    assert_eq!(others, 4, "nobody else says so");
}

fn page() -> String {
    let catalog = Catalog::bundled();
    let mut out = HEAD.to_owned();
    let models: usize = catalog.iter().map(|vendor| vendor.models.len()).sum();
    writeln!(out, "{} vendors, {models} models.\n", catalog.len()).unwrap();
    out += "## Vendors\n\n| vendor | kind | wire | key | model list | embeddings | usage in streams | cost | balance | \
            models known |\n| --- | --- | --- | --- | --- | --- | --- | --- | --- | --: |\n";
    for vendor in catalog.iter() {
        out += &vendor_row(vendor);
    }
    for vendor in catalog.iter().filter(|vendor| !vendor.models.is_empty()) {
        write!(out, "\n## {}\n\n", vendor.name).unwrap();
        out += "| model | name | context | output | images | PDF | sound | tools | reasoning | schema | makes |\n\
                | --- | --- | --: | --: | --- | --- | --- | --- | --- | --- | --- |\n";
        for model in &vendor.models {
            out += &model_row(vendor, model);
        }
    }
    out
}

fn vendor_row(vendor: &Vendor) -> String {
    let key = match vendor.key {
        KeyNeed::Required => "required",
        KeyNeed::Optional => "optional",
        KeyNeed::None => "none",
    };
    let wire = dialect(vendor.dialect);
    let lists = if wire.is_some_and(|wire| wire.models(vendor, None).is_some()) { "yes" } else { "no" };
    let cost = match (&vendor.prices, vendor.category) {
        (Some(_), _) => "priced",
        (None, VendorCategory::Local) => "free",
        (None, _) if vendor.dialect == DialectId::HumanRelay => "free",
        (None, _) => "as reported",
    };
    let cells = [
        format!("[{}](providers/{}.md)", vendor.name, vendor.id),
        vendor.category.as_str().into(),
        wires(vendor),
        key.into(),
        lists.into(),
        embeddings(vendor),
        usage(vendor).into(),
        cost.into(),
        if vendor.balance.is_some() { "yes" } else { "" }.into(),
        vendor.models.len().to_string(),
    ];
    line(&cells)
}

/// Its own wire first, then those of some of its models.
fn wires(vendor: &Vendor) -> String {
    let mut wires = vec![vendor.dialect.as_str()];
    for wire in vendor.rules.iter().filter_map(|rule| rule.dialect) {
        if !wires.contains(&wire.as_str()) {
            wires.push(wire.as_str());
        }
    }
    wires.join(", ")
}

fn embeddings(vendor: &Vendor) -> String {
    let request = EmbedRequest { model: "m".into(), inputs: vec!["text".into()], dimensions: None, purpose: None };
    let goes_out = dialect(vendor.dialect).is_some_and(|wire| wire.embed(vendor, &request).is_ok());
    let known = vendor.models.iter().any(|model| model.can.embeddings == Some(true));
    let batch = vendor.embed_batch.map(|most| format!(", {most} at once")).unwrap_or_default();
    match (goes_out, known) {
        (false, _) => "no".into(),
        (true, true) => format!("yes{batch}"),
        // What stands behind such an address is anybody's.
        (true, false) if vendor.models.is_empty() => format!("where the server has them{batch}"),
        (true, false) => String::new(),
    }
}

fn usage(vendor: &Vendor) -> &'static str {
    match vendor.dialect {
        DialectId::OpenaiChat if vendor.has(Quirk::AskForUsage) => "asked for",
        DialectId::Demo | DialectId::HumanRelay => "none",
        _ => "unasked",
    }
}

fn model_row(vendor: &Vendor, model: &KnownModel) -> String {
    let can = vendor.abilities(&model.id);
    let says = |flag: Option<bool>| match flag {
        Some(true) => "yes".to_owned(),
        Some(false) => "no".to_owned(),
        None => String::new(),
    };
    let number = |n: Option<u64>| n.map(|n| n.to_string()).unwrap_or_default();
    let makes = [(can.embeddings, "embeddings"), (can.makes_images, "images"), (can.makes_audio, "sound")];
    let makes: Vec<_> = makes.iter().filter(|(flag, _)| *flag == Some(true)).map(|(_, word)| *word).collect();
    let cells = [
        format!("`{}`", model.id),
        model.name.clone().unwrap_or_default(),
        number(model.context),
        number(vendor.max_output(&model.id)),
        says(can.images),
        says(can.pdf),
        says(can.audio),
        says(can.tools),
        says(can.reasoning),
        says(can.structured),
        makes.join(", "),
    ];
    line(&cells)
}

fn line(cells: &[String]) -> String {
    format!("| {} |\n", cells.join(" | "))
}
