//! Base addresses: what is refused, what a key is bound to, what would travel in clear, how paths are joined.

use parlance_providers::{
    dialect::Dialect,
    dialects::openai_chat::OpenaiChat,
    transport::{BaseUrl, origin, sends_in_clear},
};

fn openai(typed: &str) -> String {
    OpenaiChat.base_path(typed)
}

#[test]
fn joins_paths_as_the_openai_family_does() {
    let table = [
        ("https://api.example.com", "https://api.example.com/v1/chat/completions"),
        ("https://api.example.com/", "https://api.example.com/v1/chat/completions"),
        ("https://api.example.com///", "https://api.example.com/v1/chat/completions"),
        ("https://api.example.com/v1", "https://api.example.com/v1/chat/completions"),
        ("https://api.example.com/v1/", "https://api.example.com/v1/chat/completions"),
        ("https://api.example.com/openai/v1", "https://api.example.com/openai/v1/chat/completions"),
        ("https://api.example.com/api/paas/v4", "https://api.example.com/api/paas/v4/chat/completions"),
        ("https://api.example.com/proxy", "https://api.example.com/proxy/chat/completions"),
        ("https://api.example.com/v1/chat/completions", "https://api.example.com/v1/chat/completions"),
        ("https://api.example.com/v1/chat/completions/", "https://api.example.com/v1/chat/completions"),
        ("https://api.example.com/chat/completions", "https://api.example.com/chat/completions"),
        ("  http://localhost:1234 ", "http://localhost:1234/v1/chat/completions"),
        ("http://[::1]:8080/v1", "http://[::1]:8080/v1/chat/completions"),
    ];
    for (base, expected) in table {
        let joined = BaseUrl::parse(base).unwrap().join(openai, "chat/completions");
        assert_eq!(joined.as_str(), expected, "{base}");
    }
}

#[test]
fn keeps_the_query_of_a_path_and_encodes_the_rest() {
    let base = BaseUrl::parse("https://api.example.com/v1").unwrap();
    assert_eq!(
        base.join(openai, "models?limit=1&after=a").as_str(),
        "https://api.example.com/v1/models?limit=1&after=a"
    );
    assert_eq!(base.join(openai, "models/a b#c").as_str(), "https://api.example.com/v1/models/a%20b%23c");
}

#[test]
fn refuses_what_is_no_base_url_without_repeating_it() {
    let table = [
        "",
        "api.example.com",
        "ftp://example.com/v1",
        "file:///etc/passwd",
        "javascript:alert(1)",
        "https://",
        "https://canary-user@example.com",
        "https://canary-user:canary-password@example.com",
        "https://:canary-password@example.com",
        "https://example.com/v1?key=canary-key",
        "https://example.com/v1#canary",
        "https://exa mple.com",
    ];
    for text in table {
        let error = BaseUrl::parse(text).unwrap_err();
        assert_eq!(error.cause, Some("bad_base_url"), "{text}");
        assert!(!format!("{error:?} {error}").contains("canary"), "{error:?}");
    }
}

#[test]
fn binds_a_key_to_scheme_host_and_port() {
    let table = [
        ("https://API.Example.com/v1", "https://api.example.com:443"),
        ("https://api.example.com:443/other", "https://api.example.com:443"),
        ("http://api.example.com", "http://api.example.com:80"),
        ("http://localhost:1234/v1", "http://localhost:1234"),
        ("http://[::1]:8080", "http://[::1]:8080"),
        ("http://2130706433:9", "http://127.0.0.1:9"),
        ("https://bücher.example", "https://xn--bcher-kva.example:443"),
    ];
    for (text, expected) in table {
        assert_eq!(origin(text).unwrap(), expected, "{text}");
    }
    assert!(origin("https://user@example.com").is_err());
}

#[test]
fn says_which_addresses_send_a_key_in_clear() {
    let table = [
        ("https://example.com", false),
        ("https://8.8.8.8", false),
        ("http://localhost", false),
        ("http://LOCALHOST:1234/v1", false),
        ("http://localhost.", false),
        ("http://models.localhost", false),
        ("http://localhost.example.com", true),
        ("http://notlocalhost", true),
        ("http://127.0.0.1:8080", false),
        ("http://127.9.9.9", false),
        ("http://127.0.0.1.", false),
        ("http://0.0.0.0:8080", false),
        ("http://127.0.0.1.example.com", true),
        ("http://2130706433", false),
        ("http://0x7f000001", false),
        ("http://0177.0.0.1", false),
        ("http://134744072", true),
        ("http://10.0.0.5", false),
        ("http://172.16.0.1", false),
        ("http://172.31.255.255", false),
        ("http://172.32.0.1", true),
        ("http://192.168.1.20:1234/v1", false),
        ("http://192.169.0.1", true),
        ("http://169.254.1.1", false),
        ("http://100.64.0.1", true),
        ("http://8.8.8.8", true),
        ("http://[::1]", false),
        ("http://[::]:80", false),
        ("http://[::ffff:127.0.0.1]", false),
        ("http://[::ffff:192.168.0.1]", false),
        ("http://[::ffff:8.8.8.8]", true),
        ("http://[fd00::1]", false),
        ("http://[fe80::1]", false),
        ("http://[2001:db8::1]", true),
        ("http://example.com", true),
        ("http://example.com.", true),
        ("http://nas", true),
        ("http://printer.local", true),
        ("http://127.0.0.1@example.com", true),
        ("http://user:password@localhost", false),
        ("not an address", true),
    ];
    for (text, expected) in table {
        assert_eq!(sends_in_clear(text), expected, "{text}");
    }
}
