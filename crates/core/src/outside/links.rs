//! What a link really is, before anybody follows it: models and web pages write them, and both may deceive.

use std::net::{Ipv4Addr, Ipv6Addr};

use parlance_providers::fetch;
use unicode_security::{MixedScript as _, confusable_detection::skeleton};
use url::{Host, Url};

use crate::{
    attachments::misleads,
    error::Error,
    view::{LinkDoubt, LinkView},
};

/// The longest address, in bytes.
const LONGEST: usize = 8 * 1024;
/// What a mail address may bring along; others, such as `attach`, make some mail programs read files.
const MAIL_FIELDS: [&str; 6] = ["to", "cc", "bcc", "subject", "body", "in-reply-to"];
/// Endings of names that are not on the internet.
const PRIVATE_ENDINGS: [&str; 6] = ["localhost", "local", "internal", "lan", "home.arpa", "intranet"];

/// Reads an address. Whatever would be opened or fetched goes through here.
///
/// # Errors
/// [`Error::Invalid`] for the field `address`: `empty`, `too_long`, `control` (control characters and invisible ones),
/// `whitespace`, `backslash`, `scheme` (neither http, https nor mailto), `not_an_address`.
pub fn inspect(address: &str) -> Result<LinkView, Error> {
    check_letters(address)?;
    let (scheme, rest) = address.split_once(':').ok_or(refused("not_an_address"))?;
    match scheme.to_ascii_lowercase().as_str() {
        "http" | "https" => inspect_web(address, rest),
        "mailto" => inspect_mail(address),
        _ => Err(refused("scheme")),
    }
}

/// Readers of addresses drop or replace some characters without a word; with none of them there is one reading.
fn check_letters(address: &str) -> Result<(), Error> {
    if address.is_empty() {
        return Err(refused("empty"));
    }
    if address.len() > LONGEST {
        return Err(refused("too_long"));
    }
    if address.chars().any(|c| c.is_control() || misleads(c)) || address.contains("%00") {
        return Err(refused("control"));
    }
    if address.chars().any(char::is_whitespace) {
        return Err(refused("whitespace"));
    }
    if address.contains('\\') {
        return Err(refused("backslash"));
    }
    Ok(())
}

fn refused(reason: &'static str) -> Error {
    Error::invalid("address", reason)
}

fn inspect_web(address: &str, rest: &str) -> Result<LinkView, Error> {
    // `http:host`, `http:/host` and `http:///host` all mean `http://host` to some readers and not to others.
    let authority = rest.strip_prefix("//").ok_or(refused("not_an_address"))?;
    let authority = authority.split(['/', '?', '#']).next().unwrap_or_default();
    let host = authority.rsplit('@').next().unwrap_or_default();
    // A host behind percent signs is written so only to hide it.
    if host.is_empty() || host.contains('%') {
        return Err(refused("not_an_address"));
    }
    let url = Url::parse(address).map_err(|_| refused("not_an_address"))?;
    let (Some(host), true) = (url.host(), matches!(url.scheme(), "http" | "https")) else {
        return Err(refused("not_an_address"));
    };
    let name = url.host_str().unwrap_or_default().to_owned();
    let shown = if matches!(host, Host::Domain(_)) { idna::domain_to_unicode(&name) } else { (name.clone(), Ok(())) };
    let shown_host = if shown.1.is_ok() { shown.0 } else { name.clone() };
    let doubts = [
        (LinkDoubt::Plain, url.scheme() == "http"),
        (LinkDoubt::Lookalike, shown.1.is_err() || shown_host.split('.').any(deceives)),
        (LinkDoubt::Credentials, !url.username().is_empty() || url.password().is_some()),
        (LinkDoubt::Number, !matches!(host, Host::Domain(_))),
        (LinkDoubt::Private, is_private(&host)),
        (LinkDoubt::Port, url.port().is_some()),
    ];
    Ok(LinkView {
        address: url.to_string(),
        host: name,
        shown_host,
        scheme: url.scheme().to_owned(),
        doubts: doubts.into_iter().filter(|(_, holds)| *holds).map(|(doubt, _)| doubt).collect(),
    })
}

fn inspect_mail(address: &str) -> Result<LinkView, Error> {
    let url = Url::parse(address).map_err(|_| refused("not_an_address"))?;
    let named = |name: &str| MAIL_FIELDS.iter().any(|field| name.eq_ignore_ascii_case(field));
    let is_mail = url.scheme() == "mailto" && url.path().contains('@') && url.cannot_be_a_base();
    if !is_mail || !url.query_pairs().all(|(name, _)| named(&name)) {
        return Err(refused("not_an_address"));
    }
    let (host, shown_host) = (String::new(), String::new());
    Ok(LinkView { address: url.to_string(), host, shown_host, scheme: "mailto".to_owned(), doubts: Vec::new() })
}

/// Whether a piece of a name is written in letters of several scripts, or wholly in ones that look like plain Latin.
fn deceives(label: &str) -> bool {
    let looks_plain = || skeleton(label).all(|c| c.is_ascii());
    !label.is_ascii() && (!label.is_single_script() || looks_plain())
}

fn is_private(host: &Host<&str>) -> bool {
    match host {
        Host::Domain(name) => {
            let name = name.strip_suffix('.').unwrap_or(name);
            let ends =
                |ending: &str| name.strip_suffix(ending).is_some_and(|rest| rest.is_empty() || rest.ends_with('.'));
            !name.contains('.') || PRIVATE_ENDINGS.iter().any(|ending| ends(ending))
        }
        Host::Ipv4(ip) => !fetch::is_public(Ipv4Addr::into(*ip)),
        Host::Ipv6(ip) => !fetch::is_public(Ipv6Addr::into(*ip)),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use LinkDoubt::{Credentials, Lookalike, Number, Plain, Port, Private};

    #[test]
    fn what_is_no_link_is_refused() {
        for (address, why) in [
            ("", "empty"),
            ("example.com", "not_an_address"),
            ("//example.com", "not_an_address"),
            ("file:///etc/passwd", "scheme"),
            ("FILE:///etc/passwd", "scheme"),
            ("smb://host/share", "scheme"),
            ("ms-msdt:/id", "scheme"),
            ("ms-settings:", "scheme"),
            ("search-ms:query=x", "scheme"),
            ("javascript:alert(1)", "scheme"),
            ("data:text/html,hi", "scheme"),
            ("vscode://file/x", "scheme"),
            ("blob:https://example.com/1", "scheme"),
            ("view-source:https://example.com", "scheme"),
            ("tauri://localhost/", "scheme"),
            ("-a:b", "scheme"),
            (r"\\server\share", "backslash"),
            (r"http:/\evil.example", "backslash"),
            (r"http://good.example\@evil.example/", "backslash"),
            (" https://example.com", "whitespace"),
            ("https://example.com ", "whitespace"),
            ("https://exam ple.com", "whitespace"),
            ("https://example.com/\u{3000}x", "whitespace"),
            ("https://example.com/\u{a0}x", "whitespace"),
            ("java\tscript:alert(1)", "control"),
            ("https://exam\nple.com", "control"),
            ("https://example.com/\0", "control"),
            ("https://example.com/\u{7f}", "control"),
            ("https://example.com/\u{202e}gpj.exe", "control"),
            ("https://exam\u{200b}ple.com", "control"),
            ("https://example.com/%00", "control"),
            ("http:example.com", "not_an_address"),
            ("http:/example.com", "not_an_address"),
            ("http:///example.com", "not_an_address"),
            ("http://", "not_an_address"),
            ("https://@/", "not_an_address"),
            ("https://ex%61mple.com/", "not_an_address"),
            ("https://good.example%2f@%65vil.example", "not_an_address"),
            ("https://[::1", "not_an_address"),
            ("https://example.com:99999/", "not_an_address"),
            ("https://1.2.3.4.5/", "not_an_address"),
            ("mailto:", "not_an_address"),
            ("mailto:nobody", "not_an_address"),
            ("mailto://a@b", "not_an_address"),
            ("mailto:a@b.example?attach=/etc/passwd", "not_an_address"),
            ("mailto:a@b.example?subject=x&ATTACHMENT=y", "not_an_address"),
        ] {
            match inspect(address) {
                Err(Error::Invalid { field, reason }) => assert_eq!((field, reason), ("address", why), "{address:?}"),
                other => panic!("{address:?}: {other:?}"),
            }
        }
        assert!(inspect(&format!("https://example.com/{}", "a".repeat(LONGEST))).is_err());
    }

    #[test]
    fn a_link_is_shown_as_it_is() {
        let table: &[(&str, &str, &str, &[LinkDoubt])] = &[
            ("https://example.com", "example.com", "example.com", &[]),
            ("HTTPS://EXAMPLE.com/a?b#c", "example.com", "example.com", &[]),
            ("http://example.com/", "example.com", "example.com", &[Plain]),
            ("https://example.com:8443/", "example.com", "example.com", &[Port]),
            ("https://example.com:443/", "example.com", "example.com", &[]),
            ("https://good.example@evil.example/", "evil.example", "evil.example", &[Credentials]),
            ("https://good.example%2f:x@evil.example/", "evil.example", "evil.example", &[Credentials]),
            ("https://8.8.8.8/", "8.8.8.8", "8.8.8.8", &[Number]),
            ("http://2130706433/", "127.0.0.1", "127.0.0.1", &[Plain, Number, Private]),
            ("http://0x7f.1/", "127.0.0.1", "127.0.0.1", &[Plain, Number, Private]),
            ("https://[::ffff:10.0.0.1]/", "[::ffff:a00:1]", "[::ffff:a00:1]", &[Number, Private]),
            ("https://169.254.169.254/latest", "169.254.169.254", "169.254.169.254", &[Number, Private]),
            ("https://localhost/", "localhost", "localhost", &[Private]),
            ("https://printer.local./", "printer.local.", "printer.local.", &[Private]),
            ("https://router/", "router", "router", &[Private]),
            ("https://notlocal.example/", "notlocal.example", "notlocal.example", &[]),
            ("https://müller.example/", "xn--mller-kva.example", "müller.example", &[]),
            ("https://пример.рф/", "xn--e1afmkfd.xn--p1ai", "пример.рф", &[]),
            ("https://例え.jp/", "xn--r8jz45g.jp", "例え.jp", &[]),
            ("https://xn--80ak6aa92e.com/", "xn--80ak6aa92e.com", "аррӏе.com", &[Lookalike]),
            ("https://раypal.com/", "xn--ypal-43d9g.com", "раypal.com", &[Lookalike]),
            ("https://\u{261}oogle.com/", "xn--oogle-qmc.com", "\u{261}oogle.com", &[Lookalike]),
        ];
        for (address, host, shown, doubts) in table {
            let link = inspect(address).unwrap_or_else(|error| panic!("{address}: {error}"));
            assert_eq!((link.host.as_str(), link.shown_host.as_str()), (*host, *shown), "{address}");
            assert_eq!(link.doubts, *doubts, "{address}");
            assert_eq!(inspect(&link.address).unwrap(), link, "what is shown is what is opened: {address}");
        }
        let mail = inspect("mailto:a@b.example?subject=Hi&Body=x%0Ay").unwrap();
        assert_eq!((mail.scheme.as_str(), mail.host.as_str()), ("mailto", ""));
    }

    proptest! {
        #[test]
        fn whatever_passes_is_plain_and_reads_the_same_twice(address in "(https?|mailto|file)?:?/{0,3}\\PC{0,40}") {
            if let Ok(link) = inspect(&address) {
                let begins = ["http://", "https://", "mailto:"].iter().any(|scheme| link.address.starts_with(scheme));
                prop_assert!(begins);
                prop_assert!(link.address.is_ascii() && !link.address.contains(|c: char| c.is_control() || c == ' '));
                if let Ok(again) = inspect(&link.address) {
                    prop_assert_eq!(again, link);
                }
            }
        }
    }
}
