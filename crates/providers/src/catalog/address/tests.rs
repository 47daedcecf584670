use proptest::prelude::*;

use super::*;
use crate::catalog::Catalog;

fn fields(pairs: &[(&str, &str)]) -> Fields {
    pairs.iter().map(|(id, value)| ((*id).to_owned(), (*value).to_owned())).collect()
}

fn vertex() -> &'static Vendor {
    Catalog::bundled().get("vertex").unwrap()
}

fn azure() -> &'static Vendor {
    Catalog::bundled().get("azure").unwrap()
}

#[test]
fn the_usual_address_is_filled_from_fields() {
    let of = |pairs: &[(&str, &str)]| vertex().usual_address(&fields(pairs)).map(Option::unwrap);
    let host = "https://aiplatform.googleapis.com/v1/projects/p-1/locations/global";
    assert_eq!(of(&[("project", "p-1"), ("location", "global")]).as_deref(), Ok(host));
    assert_eq!(of(&[("project", " p-1 ")]).as_deref(), Ok(host), "the usual place");
    let host = "https://europe-west4-aiplatform.googleapis.com/v1/projects/p-1/locations/europe-west4";
    assert_eq!(of(&[("project", "p-1"), ("location", "europe-west4")]).as_deref(), Ok(host));
    let host = "https://aiplatform.eu.rep.googleapis.com/v1/projects/a.example%3Ap-1/locations/eu";
    assert_eq!(of(&[("project", "a.example:p-1"), ("location", "eu")]).as_deref(), Ok(host));
    let unfit = |field: &str, reason| Err(UnfitField { field: field.to_owned(), reason });
    assert_eq!(of(&[]), unfit("project", "empty"));
    assert_eq!(of(&[("project", "..")]), unfit("project", "not_a_segment"));
    for place in ["evil.example/x", "a.b", "-a", "A", "a@b", "a:1", "é"] {
        assert_eq!(of(&[("project", "p"), ("location", place)]), unfit("location", "not_a_label"), "{place}");
    }
}

#[test]
fn an_address_follows_its_fields_while_it_is_the_usual_one() {
    let (old, new) = (fields(&[("project", "p"), ("location", "us-east1")]), fields(&[("project", "q")]));
    let usual = vertex().usual_address(&old).unwrap().unwrap();
    let moved = vertex().followed(&usual, &old, &new).unwrap();
    assert_eq!(moved.as_deref(), Some("https://aiplatform.googleapis.com/v1/projects/q/locations/global"));
    assert_eq!(vertex().followed("https://proxy.example/v1", &old, &new), Ok(None));
    assert_eq!(vertex().followed(&usual, &old, &old), Ok(None));
    assert!(vertex().followed(&usual, &old, &fields(&[])).is_err());
    let openai = Catalog::bundled().get("openai").unwrap();
    assert_eq!(openai.followed("https://api.openai.com/v1", &old, &new), Ok(None));
}

#[test]
fn a_vendor_is_at_home_wherever_its_fields_lead() {
    for home in [
        "https://aiplatform.googleapis.com/v1/projects/p/locations/global",
        "https://us-central1-aiplatform.googleapis.com/v1/projects/p/locations/us-central1",
        "https://aiplatform.us.rep.googleapis.com/v1",
    ] {
        assert!(vertex().is_home(home), "{home}");
    }
    for other in [
        "https://us-central1-aiplatform.googleapis.com.example/v1",
        "https://a.b-aiplatform.googleapis.com/v1",
        "https://-aiplatform.googleapis.com/v1",
        "http://us-central1-aiplatform.googleapis.com/v1",
        "https://us-central1-aiplatform.googleapis.com:444/v1",
        "https://evil.example/aiplatform.googleapis.com",
        "no address",
    ] {
        assert!(!vertex().is_home(other), "{other}");
    }
}

#[test]
fn whatever_the_portal_shows_becomes_an_address() {
    const O: &str = "https://res.openai.azure.com";
    const F: &str = "https://res.services.ai.azure.com";
    let table: &[(String, &str, &str, &str)] = &[
        (O.into(), "https://res.openai.azure.com/openai/v1", "", ""),
        (format!(" {O}/ "), "https://res.openai.azure.com/openai/v1", "", ""),
        (format!("{O}/openai"), "https://res.openai.azure.com/openai/v1", "", ""),
        (format!("{O}/openai/v1/"), "https://res.openai.azure.com/openai/v1", "", ""),
        (format!("{O}/openai/v1/chat/completions?api-version=v1"), "https://res.openai.azure.com/openai/v1", "", ""),
        (
            format!("{O}/openai/v1/responses?api-version=preview"),
            "https://res.openai.azure.com/openai/v1",
            "preview",
            "",
        ),
        (
            format!("{O}/openai/deployments/my-gpt.4/chat/completions?api-version=2025-01-01-preview"),
            "https://res.openai.azure.com/openai",
            "2025-01-01-preview",
            "my-gpt.4",
        ),
        (format!("{O}/openai/deployments/my-gpt"), "https://res.openai.azure.com/openai/v1", "", "my-gpt"),
        (
            format!("{O}/openai/responses?api-version=2025-04-01-preview#x"),
            "https://res.openai.azure.com/openai",
            "2025-04-01-preview",
            "",
        ),
        (format!("{O}?api-version=2024-10-21"), "https://res.openai.azure.com/openai", "2024-10-21", ""),
        (format!("{F}/api/projects/mine"), "https://res.services.ai.azure.com/openai/v1", "", ""),
        (format!("{F}/api/projects/mine/openai/v1"), "https://res.services.ai.azure.com/openai/v1", "", ""),
        (format!("{F}/models"), "https://res.services.ai.azure.com/models/chat/completions", "2024-05-01-preview", ""),
        (
            format!("{F}/models/chat/completions?api-version=2025-05-15-preview"),
            "https://res.services.ai.azure.com/models/chat/completions",
            "2025-05-15-preview",
            "",
        ),
        (
            "https://m-1.swedencentral.models.ai.azure.com/v1/chat/completions".into(),
            "https://m-1.swedencentral.models.ai.azure.com/v1",
            "",
            "",
        ),
        (
            "https://gate.example/team/openai/deployments/x/embeddings?api-version=2024-10-21".into(),
            "https://gate.example/team/openai",
            "2024-10-21",
            "x",
        ),
        ("http://127.0.0.1:4010/v1".into(), "http://127.0.0.1:4010/v1", "", ""),
        ("https://res.openai.azure.com/elsewhere?x=1".into(), "https://res.openai.azure.com/elsewhere?x=1", "", ""),
        ("https://u:p@res.openai.azure.com".into(), "https://u:p@res.openai.azure.com", "", ""),
        ("no address".into(), "no address", "", ""),
    ];
    for (text, address, version, model) in table {
        let read = azure().pasted(text, &Fields::new());
        assert_eq!(read.address, *address, "{text}");
        assert_eq!(read.fields.get("api_version").map_or("", String::as_str), *version, "{text}");
        assert_eq!(read.model.as_deref().unwrap_or_default(), *model, "{text}");
    }
}

#[test]
fn the_version_decides_which_api_an_address_of_azure_leads_to() {
    let (none, dated) = (Fields::new(), fields(&[("api_version", "2024-10-21")]));
    let v1 = "https://res.openai.azure.com/openai/v1";
    let classic = "https://res.openai.azure.com/openai";
    assert_eq!(azure().pasted("https://res.openai.azure.com", &dated).address, classic);
    assert_eq!(azure().followed(v1, &none, &dated).unwrap().as_deref(), Some(classic));
    assert_eq!(azure().followed(classic, &dated, &none).unwrap().as_deref(), Some(v1));
    assert_eq!(azure().followed("https://proxy.example/x", &none, &dated), Ok(None));
    // An address that says its API has the last word.
    let read = azure().pasted(v1, &dated);
    assert_eq!((read.address.as_str(), read.fields), (v1, none));
}

proptest! {
    #[test]
    fn what_is_pasted_for_azure_keeps_its_origin_and_is_read_once(
        host in "(res\\.openai\\.azure\\.com|a\\.models\\.ai\\.azure\\.com|\\[::1\\]:9|[a-z]{1,8}\\.example(:[1-9][0-9]{0,3})?)",
        path in "(/(openai|v1|deployments|models|chat|completions|api|projects|[a-z%./]{0,6})){0,6}/?",
        query in "(\\?(api-version|x)=[ -~]{0,12})?",
        known in "(2024-10-21|preview|)",
    ) {
        let known = if known.is_empty() { Fields::new() } else { fields(&[("api_version", &known)]) };
        let text = format!("https://{host}{path}{query}");
        let once = azure().pasted(&text, &known);
        if let Ok(url) = Url::parse(&text) {
            prop_assert_eq!(Url::parse(&once.address).unwrap().origin(), url.origin());
        }
        let again = azure().pasted(&once.address, &once.fields);
        prop_assert_eq!((&again.address, &again.fields), (&once.address, &once.fields));
    }

    #[test]
    fn no_text_breaks_the_reader_of_pasted_addresses(text in "\\PC{0,120}") {
        let _ = azure().pasted(&text, &Fields::new());
        let _ = azure().followed(&text, &Fields::new(), &fields(&[("api_version", "2024-10-21")]));
    }

    #[test]
    fn no_value_of_a_field_leaves_its_place(project in "\\PC{1,20}", location in "[a-z0-9.:@/?#-]{1,12}") {
        let given = fields(&[("project", &project), ("location", &location)]);
        if let Ok(Some(address)) = vertex().usual_address(&given) {
            let url = Url::parse(&address).unwrap();
            prop_assert!(url.host_str().unwrap().ends_with("googleapis.com"));
            prop_assert_eq!(url.path_segments().unwrap().count(), 5);
            prop_assert!(url.query().is_none() && url.fragment().is_none() && url.username().is_empty());
        }
    }
}
