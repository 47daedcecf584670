//! Paths: what a person typed, and where a model's methods are.

pub(super) use crate::catalog::segment;
use crate::catalog::{Quirk, Vendor};

/// The version that a path gets which has none.
const VERSION: &str = "v1beta";

/// See [`crate::dialect::Dialect::base_path`].
pub(super) fn base_path(typed: &str) -> String {
    let base = match typed.rfind("/models/") {
        Some(at) => &typed[..at],
        None => typed.strip_suffix("/models").unwrap_or(typed),
    };
    if base.split('/').any(is_version) { base.to_owned() } else { format!("{base}/{VERSION}") }
}

/// `v1`, `v1beta`, `v1alpha`, `v1beta1`.
fn is_version(segment: &str) -> bool {
    let Some(rest) = segment.strip_prefix('v') else { return false };
    let number = rest.trim_start_matches(|c: char| c.is_ascii_digit());
    let stage = ["alpha", "beta"].iter().find_map(|stage| number.strip_prefix(stage)).unwrap_or(number);
    number.len() < rest.len() && stage.bytes().all(|b| b.is_ascii_digit())
}

/// The path of a method of a model, e.g. `models/gemini-3.6-flash:generateContent`.
pub(super) fn method(vendor: &Vendor, model: &str, method: &str) -> String {
    let publisher = if vendor.has(Quirk::PublisherPaths) { "publishers/google/" } else { "" };
    format!("{publisher}{}:{method}", encoded(&resource(model)))
}

/// The full name of a model: `models/…`, or the name of a tuned one as it is.
pub(super) fn resource(model: &str) -> String {
    let named = ["models/", "tunedModels/"].iter().any(|folder| model.starts_with(folder));
    if named { model.to_owned() } else { format!("models/{model}") }
}

/// The short name of a model, which is what people and price lists say.
pub(super) fn short(model: &str) -> &str {
    model.strip_prefix("models/").unwrap_or(model)
}

/// Percent-encodes all but the first slash, so that no name reaches another path or a query.
fn encoded(resource: &str) -> String {
    let (folder, name) = resource.split_once('/').unwrap_or(("models", resource));
    format!("{folder}/{}", segment(name))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_typed_path_becomes_the_base() {
        let table = [
            ("", "/v1beta"),
            ("/v1beta", "/v1beta"),
            ("/v1", "/v1"),
            ("/v1alpha", "/v1alpha"),
            ("/v1beta1", "/v1beta1"),
            ("/v1beta/models", "/v1beta"),
            ("/models", "/v1beta"),
            ("/v1beta/models/gemini-3.6-flash:generateContent", "/v1beta"),
            ("/v1/models/gemini-3.6-flash:streamGenerateContent", "/v1"),
            ("/models/gemini-3.6-flash:generateContent", "/v1beta"),
            ("/proxy/gemini", "/proxy/gemini/v1beta"),
            ("/proxy/gemini/v1beta", "/proxy/gemini/v1beta"),
            ("/proxy/gemini/v1beta/models/m:generateContent", "/proxy/gemini/v1beta"),
            ("/vault", "/vault/v1beta"),
            ("/v", "/v/v1beta"),
            ("/v1gamma", "/v1gamma/v1beta"),
            ("/v1/projects/p/locations/l/publishers/google", "/v1/projects/p/locations/l/publishers/google"),
            (
                "/v1/projects/p/locations/l/publishers/google/models/m:generateContent",
                "/v1/projects/p/locations/l/publishers/google",
            ),
        ];
        for (typed, base) in table {
            assert_eq!(base_path(typed), base, "{typed}");
            assert_eq!(base_path(base), base, "{base} again");
        }
    }

    #[test]
    fn no_model_name_leaves_its_segment() {
        let table = [
            ("gemini-3.6-flash", "models/gemini-3.6-flash:m"),
            ("models/gemini-3.6-flash", "models/gemini-3.6-flash:m"),
            ("tunedModels/mine", "tunedModels/mine:m"),
            ("a/b", "models/a%2Fb:m"),
            ("../../v1/x", "models/..%2F..%2Fv1%2Fx:m"),
            ("a?key=b#c", "models/a%3Fkey%3Db%23c:m"),
            ("a:b", "models/a%3Ab:m"),
            ("a%2e", "models/a%252e:m"),
            ("ä b", "models/%C3%A4%20b:m"),
            ("models/", "models/:m"),
        ];
        let vendor = |id: &str| crate::catalog::Catalog::bundled().get(id).unwrap();
        for (model, path) in table {
            assert_eq!(method(vendor("gemini"), model, "m"), path, "{model}");
            assert_eq!(method(vendor("vertex"), model, "m"), format!("publishers/google/{path}"), "{model}");
        }
    }
}
