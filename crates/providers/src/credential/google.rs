//! Google Cloud: the file of a service account or of a login, a token, an API key.

use base64::{Engine, engine::general_purpose::STANDARD};
use serde::Deserialize;
use url::{Host, Url};
use zeroize::Zeroizing;

use super::{Credential, Identity};
use crate::{Category, ProviderError, Secret};

/// Where tokens are had unless a file says otherwise.
pub(crate) const TOKEN_URI: &str = "https://oauth2.googleapis.com/token";
/// No file of Google's is longer, in bytes.
const LONGEST: usize = 32 << 10;
/// A public name in such a file, in bytes.
const LONGEST_NAME: usize = 1_000;

/// What of such a file is read; the rest of it is not kept.
#[derive(Default, Deserialize)]
#[serde(default)]
struct File {
    r#type: String,
    client_email: String,
    private_key: Zeroizing<String>,
    private_key_id: String,
    project_id: String,
    token_uri: String,
    client_id: String,
    client_secret: Zeroizing<String>,
    refresh_token: Zeroizing<String>,
    quota_project_id: String,
}

/// See [`super::read`].
pub(super) fn read(text: &str) -> Result<Credential, ProviderError> {
    let text = text.trim();
    if text.len() > LONGEST {
        return Err(unreadable("this is too long for a file of Google Cloud's credentials"));
    }
    if text.starts_with('{') {
        // What the reader says of it could repeat it.
        let file = serde_json::from_str(text);
        return file.map_err(|_| unreadable("this is no whole JSON file: paste all of it")).and_then(of_file);
    }
    let plain = Credential::token(text);
    let bare = plain.secret.as_ref().map(Secret::expose).unwrap_or_default();
    if is_path(bare) {
        return Err(unreadable("this is the path of a file: open the file and paste what is in it"));
    }
    if bare.contains("PRIVATE KEY") {
        return Err(unreadable("this is a private key alone: paste the whole JSON file of the service account"));
    }
    if !bare.bytes().all(|byte| byte.is_ascii_graphic()) {
        return Err(unreadable("this is neither a JSON file nor a token nor an API key"));
    }
    Ok(plain)
}

fn of_file(file: File) -> Result<Credential, ProviderError> {
    match file.r#type.as_str() {
        "service_account" => service_account(file),
        "authorized_user" => login(file),
        "external_account"
        | "external_account_authorized_user"
        | "impersonated_service_account"
        | "gdch_service_account" => Err(unreadable(
            "files of this type are not supported: use a service account, a login of gcloud, or a token",
        )),
        "" if file.client_email.is_empty() => {
            Err(unreadable("this file is neither a service account's nor a login's: it names no type"))
        }
        "" => service_account(file),
        _ => Err(unreadable("this file is neither a service account's nor a login's")),
    }
}

fn service_account(file: File) -> Result<Credential, ProviderError> {
    let key = bare_key(&file.private_key).ok_or_else(|| unreadable("the file has no private_key that can be read"))?;
    let client_email = needed(file.client_email, "the file has no client_email")?;
    let token_uri = named(file.token_uri).filter(|uri| uri != TOKEN_URI);
    if token_uri.as_deref().is_some_and(|uri| !may_be_asked(uri)) {
        return Err(unreadable("the file's token_uri is no https address"));
    }
    let identity = Identity::ServiceAccount {
        client_email,
        private_key_id: named(file.private_key_id),
        project_id: named(file.project_id),
        token_uri,
    };
    Ok(Credential { secret: Some(Secret::verbatim(key)), identity: Some(identity) })
}

fn login(file: File) -> Result<Credential, ProviderError> {
    let fits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_graphic());
    if !fits(&file.client_secret) || !fits(&file.refresh_token) {
        return Err(unreadable("the file lacks its client_secret or its refresh_token"));
    }
    let client_id = needed(file.client_id, "the file has no client_id")?;
    let secret = Zeroizing::new(format!("{}\n{}", *file.client_secret, *file.refresh_token));
    let identity = Identity::GoogleLogin { client_id, quota_project_id: named(file.quota_project_id) };
    Ok(Credential { secret: Some(Secret::verbatim(secret)), identity: Some(identity) })
}

/// The private key without its first and last line and without line ends; `None` where it is none.
fn bare_key(pem: &str) -> Option<Zeroizing<String>> {
    let (_, rest) = pem.split_once("PRIVATE KEY-----")?;
    let (inner, _) = rest.split_once("-----END")?;
    // Copied through a shell, the line ends of the JSON may stand there as two characters.
    let inner = Zeroizing::new(inner.replace("\\n", ""));
    let key: Zeroizing<String> = Zeroizing::new(inner.chars().filter(|c| !c.is_ascii_whitespace()).collect());
    let decodes = STANDARD.decode(key.as_bytes()).map(Zeroizing::new).is_ok_and(|der| !der.is_empty());
    decodes.then_some(key)
}

/// Whether an assertion may be sent to an address that a file names: `https`, or this machine.
pub(crate) fn may_be_asked(uri: &str) -> bool {
    let Ok(url) = Url::parse(uri) else { return false };
    if !url.username().is_empty() || url.password().is_some() || url.fragment().is_some() {
        return false;
    }
    let is_here = match url.host() {
        Some(Host::Ipv4(ip)) => ip.is_loopback(),
        Some(Host::Ipv6(ip)) => ip.is_loopback(),
        Some(Host::Domain(name)) => name == "localhost",
        None => return false,
    };
    url.scheme() == "https" || url.scheme() == "http" && is_here
}

fn is_path(text: &str) -> bool {
    let bytes = text.as_bytes();
    let drive = bytes.first().is_some_and(u8::is_ascii_alphabetic) && bytes.get(1) == Some(&b':');
    text.ends_with(".json")
        || text.starts_with("file:")
        || text.starts_with(['~', '/', '\\'])
        || text.starts_with("./")
        || text.starts_with("../")
        || drive && matches!(bytes.get(2), Some(b'\\' | b'/'))
}

fn needed(text: String, missing: &'static str) -> Result<String, ProviderError> {
    named(text).ok_or_else(|| unreadable(missing))
}

/// A public name of the file; it goes into requests, so that nothing odd may be in it.
fn named(text: String) -> Option<String> {
    let fits = !text.is_empty() && text.len() <= LONGEST_NAME && text.bytes().all(|byte| byte.is_ascii_graphic());
    fits.then_some(text)
}

fn unreadable(why: &'static str) -> ProviderError {
    ProviderError::because(Category::RejectedKey, "unreadable_credential", why)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::{Value, json};

    use super::*;

    fn account() -> Value {
        json!({
            "type": "service_account",
            "project_id": "p-1",
            "private_key_id": "kid-1",
            "private_key": "-----BEGIN PRIVATE KEY-----\nQUJD\nREVG\n-----END PRIVATE KEY-----\n",
            "client_email": "robot@p-1.iam.gserviceaccount.com",
            "client_id": "1",
            "token_uri": TOKEN_URI,
        })
    }

    fn refused(text: &str) -> String {
        let Err(error) = read(text) else { panic!("{text} was read") };
        assert_eq!((error.category, error.cause), (Category::RejectedKey, Some("unreadable_credential")));
        error.message
    }

    #[test]
    fn of_a_service_account_only_the_private_key_is_secret() {
        let read = read(&account().to_string()).unwrap();
        assert_eq!(read.secret.unwrap().expose(), "QUJDREVG");
        let identity = read.identity.unwrap();
        assert_eq!(identity.shown(), "robot@p-1.iam.gserviceaccount.com");
        assert!(!serde_json::to_string(&identity).unwrap().contains("QUJD"));
        let Identity::ServiceAccount { private_key_id, project_id, token_uri, .. } = identity else { panic!() };
        assert_eq!((private_key_id.as_deref(), project_id.as_deref(), token_uri), (Some("kid-1"), Some("p-1"), None));
    }

    #[test]
    fn of_a_login_the_clients_secret_and_the_refresh_token_are() {
        let file = json!({ "type": "authorized_user", "client_id": "c-1", "client_secret": "s-1",
            "refresh_token": "1//r-1", "quota_project_id": "p-2", "account": "", "universe_domain": "googleapis.com" });
        let read = read(&file.to_string()).unwrap();
        assert_eq!(read.secret.unwrap().expose(), "s-1\n1//r-1");
        let want = Identity::GoogleLogin { client_id: "c-1".into(), quota_project_id: Some("p-2".into()) };
        assert_eq!(read.identity, Some(want));
    }

    #[test]
    fn what_is_written_down_reads_back() {
        let mut account = account();
        account["token_uri"] = "http://127.0.0.1:9/token".into();
        let login = json!({ "type": "authorized_user", "client_id": "c", "client_secret": "s", "refresh_token": "r" });
        for file in [account, login] {
            let first = read(&file.to_string()).unwrap();
            let (secret, identity) = (first.secret.unwrap(), first.identity.unwrap());
            let again = read(&crate::credential::whole(&identity, Some(&secret)).unwrap()).unwrap();
            assert_eq!(again.secret.unwrap().expose(), secret.expose());
            assert_eq!(again.identity, Some(identity.clone()));
            assert!(crate::credential::whole(&identity, None).is_none());
        }
    }

    #[test]
    fn tokens_and_api_keys_are_one_line() {
        for text in ["ya29.a0AfH6-x_y", " AIzaSyD-1_2 ", "\"AQ.Ab8RN6\""] {
            let read = read(text).unwrap();
            assert_eq!(read.identity, None);
            assert_eq!(read.secret.unwrap().expose(), text.trim().trim_matches('"'));
        }
    }

    #[test]
    fn the_path_of_a_file_is_called_one() {
        for path in ["/home/me/key.json", "~/key", "key.json", "C:\\keys\\key.json", "C:/k", "./k", "file:///k"] {
            assert!(refused(path).contains("path of a file"), "{path}");
        }
    }

    #[test]
    fn what_a_file_lacks_is_named_and_nothing_of_it_repeated() {
        let without = |field: &str| {
            let mut file = account();
            file.as_object_mut().unwrap().remove(field);
            refused(&file.to_string())
        };
        assert!(without("private_key").contains("private_key"));
        assert!(without("client_email").contains("client_email"));
        let text = account().to_string();
        assert!(!refused(&text[..text.len() - 2]).contains("QUJD"));
        assert!(refused(r#"{"type":"external_account","audience":"x"}"#).contains("not supported"));
        assert!(refused("{}").contains("names no type"));
        assert!(refused("-----BEGIN PRIVATE KEY-----\nQUJD\n-----END PRIVATE KEY-----").contains("alone"));
    }

    #[test]
    fn an_assertion_goes_only_to_tls_or_this_machine() {
        let with = |uri: &str| {
            let mut file = account();
            file["token_uri"] = uri.into();
            read(&file.to_string())
        };
        for uri in ["http://127.0.0.1:99/token", "http://[::1]/t", "http://localhost/t", "https://tokens.example/t"] {
            assert!(with(uri).is_ok(), "{uri}");
        }
        for uri in ["http://tokens.example/t", "http://localhost.example/t", "ftp://127.0.0.1/", "https://u:p@h/", "x"]
        {
            assert!(with(uri).is_err(), "{uri}");
        }
    }

    proptest! {
        #[test]
        fn no_text_of_google_breaks_the_reader(text in "\\PC{0,200}", key in "\\PC{0,60}") {
            let _ = read(&text);
            let mut file = account();
            file["private_key"] = key.into();
            let _ = read(&file.to_string());
        }
    }
}
