//! AWS: a Bedrock API key, an access key pair, a profile.

use serde::Deserialize;
use zeroize::Zeroizing;

use super::{Credential, Identity};
use crate::{Category, ProviderError, Secret};

/// How ids of access keys begin: of a user, and of a session.
const KEY_IDS: [&str; 2] = ["AKIA", "ASIA"];
/// The fewest and the most characters of an id.
const KEY_ID: std::ops::RangeInclusive<usize> = 16..=128;
/// The fewest characters of a secret.
const SHORTEST: usize = 16;

/// What the AWS command line prints, and what we ask for. Names in either case are taken.
#[derive(Default, Deserialize)]
#[serde(default)]
struct Document {
    #[serde(alias = "Credentials")]
    credentials: Option<Box<Document>>,
    #[serde(rename = "accessKeyId", alias = "AccessKeyId", alias = "aws_access_key_id", alias = "AWS_ACCESS_KEY_ID")]
    id: Option<String>,
    #[serde(
        rename = "secretAccessKey",
        alias = "SecretAccessKey",
        alias = "aws_secret_access_key",
        alias = "AWS_SECRET_ACCESS_KEY"
    )]
    secret: Option<Zeroizing<String>>,
    #[serde(rename = "sessionToken", alias = "SessionToken", alias = "aws_session_token", alias = "AWS_SESSION_TOKEN")]
    session: Option<Zeroizing<String>>,
    profile: Option<String>,
    environment: Option<bool>,
}

/// The pieces of an access key.
#[derive(Default)]
struct Pair {
    id: Option<String>,
    secret: Option<Zeroizing<String>>,
    session: Option<Zeroizing<String>>,
}

/// See [`super::read`].
pub(super) fn read(text: &str) -> Result<Credential, ProviderError> {
    let text = text.trim();
    if text.starts_with('{') {
        return document(text);
    }
    if let Some(pair) = lines(text) {
        return pair.credential();
    }
    let key = Secret::from_pasted(text);
    if KEY_IDS.iter().any(|begin| key.expose().starts_with(begin)) && key.expose().len() <= 24 {
        return Err(unreadable("an access key id alone opens nothing: its secret access key is missing"));
    }
    // No API key has a colon; a pair that was put in one line has, and its end would be shown as a key's is.
    if key.expose().contains(|c: char| c.is_whitespace() || c == ':') {
        return Err(unreadable("this is neither an API key nor an access key pair"));
    }
    Ok(Credential { secret: Some(key), identity: None })
}

fn document(text: &str) -> Result<Credential, ProviderError> {
    // The reader's own words repeat what they do not understand.
    let Ok(document) = serde_json::from_str::<Document>(text) else {
        return Err(unreadable("the JSON text cannot be read"));
    };
    if let Some(profile) = document.profile {
        let profile = profile.trim().to_owned();
        if profile.is_empty() || profile.contains(['[', ']', '\n', '\r']) {
            return Err(unreadable("the profile has no name that a profile can have"));
        }
        return Ok(Credential { secret: None, identity: Some(Identity::AwsProfile { profile }) });
    }
    if document.environment == Some(true) {
        return Ok(Credential { secret: None, identity: Some(Identity::AwsEnvironment) });
    }
    let given = document.credentials.map_or_else(
        || Pair { id: document.id, secret: document.secret, session: document.session },
        |inner| Pair { id: inner.id, secret: inner.secret, session: inner.session },
    );
    given.credential()
}

/// Reads `export AWS_…=…` in the words of any shell, and a section of a credentials file; `None` where no line is one.
fn lines(text: &str) -> Option<Pair> {
    let mut pair = Pair::default();
    let mut any = false;
    for line in text.lines() {
        let Some((name, value)) = line.split_once('=') else { continue };
        let name = name.split_whitespace().next_back().unwrap_or_default();
        let name = name.trim_start_matches("$Env:").trim_start_matches("$env:").to_ascii_lowercase();
        let value = value.trim().trim_end_matches(';').trim_matches(['"', '\'']).trim();
        match name.as_str() {
            "aws_access_key_id" => pair.id = Some(value.to_owned()),
            "aws_secret_access_key" => pair.secret = Some(Zeroizing::new(value.to_owned())),
            "aws_session_token" => pair.session = Some(Zeroizing::new(value.to_owned())),
            _ => continue,
        }
        any = true;
    }
    any.then_some(pair)
}

impl Pair {
    fn credential(self) -> Result<Credential, ProviderError> {
        let given = |text: &Option<String>| text.as_deref().map(str::trim).filter(|t| !t.is_empty()).map(str::to_owned);
        let Some(access_key_id) = given(&self.id) else { return Err(unreadable("the access key id is missing")) };
        let fits = |id: &str| KEY_ID.contains(&id.len()) && id.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_');
        if !fits(&access_key_id) {
            return Err(unreadable("the access key id is none"));
        }
        let filled = |text: &Zeroizing<String>| !text.trim().is_empty();
        let Some(secret) = self.secret.filter(filled) else {
            return Err(unreadable("the secret access key is missing"));
        };
        let session = self.session.filter(filled);
        let graphic = |text: &str| text.len() >= SHORTEST && text.bytes().all(|b| b.is_ascii_graphic());
        if !graphic(secret.trim()) {
            return Err(unreadable("the secret access key is none"));
        }
        if session.as_ref().is_some_and(|session| !graphic(session.trim())) {
            return Err(unreadable("the session token is none"));
        }
        // The key of a session is worth nothing without its token.
        if access_key_id.starts_with("ASIA") && session.is_none() {
            return Err(unreadable("the access key is that of a session: its session token is missing"));
        }
        let kept = match session {
            Some(session) => Zeroizing::new(format!("{}\n{}", secret.trim(), session.trim())),
            None => Zeroizing::new(secret.trim().to_owned()),
        };
        let identity = Some(Identity::AwsKeys { access_key_id });
        Ok(Credential { secret: Some(Secret::verbatim(kept)), identity })
    }
}

fn unreadable(message: &str) -> ProviderError {
    ProviderError::because(Category::RejectedKey, "unreadable_credential", message)
}

#[cfg(test)]
mod tests {
    use super::*;

    const ID: &str = "AKIAIOSFODNN7EXAMPLE";
    const KEY: &str = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY";
    const SESSION: &str = "IQoJb3JpZ2luX2VjEXAMPLE//token==";

    fn parts(text: &str) -> (Option<String>, Option<Identity>) {
        let read = read(text).unwrap();
        (read.secret.map(|secret| secret.expose().to_owned()), read.identity)
    }

    #[test]
    fn every_way_in_which_aws_gives_an_access_key() {
        let session_id = ID.replace("AKIA", "ASIA");
        let keys = |id: &str| Some(Identity::AwsKeys { access_key_id: id.to_owned() });
        for text in [
            format!(r#"{{"accessKeyId":"{ID}","secretAccessKey":"{KEY}"}}"#),
            format!("export AWS_ACCESS_KEY_ID=\"{ID}\"\nexport AWS_SECRET_ACCESS_KEY='{KEY}'\n"),
            format!("SET AWS_ACCESS_KEY_ID={ID}\r\nSET AWS_SECRET_ACCESS_KEY={KEY}\r\n"),
            format!("$Env:AWS_ACCESS_KEY_ID=\"{ID}\"\n$Env:AWS_SECRET_ACCESS_KEY=\"{KEY}\""),
            format!("[default]\naws_access_key_id = {ID}\n aws_secret_access_key={KEY}\nregion = eu-central-1\n"),
            format!("export AWS_ACCESS_KEY_ID={ID};\nAWS_SECRET_ACCESS_KEY={KEY}\nAWS_SESSION_TOKEN=\n"),
        ] {
            assert_eq!(parts(&text), (Some(KEY.to_owned()), keys(ID)), "{text}");
        }
        for text in [
            format!(r#"{{"accessKeyId":"{session_id}","secretAccessKey":"{KEY}","sessionToken":"{SESSION}"}}"#),
            format!(
                r#"{{"Credentials":{{"AccessKeyId":"{session_id}","SecretAccessKey":"{KEY}","SessionToken":"{SESSION}","Expiration":"2026-08-01T00:00:00Z"}}}}"#
            ),
            format!(
                "[1_Role]\naws_access_key_id={session_id}\naws_secret_access_key={KEY}\naws_session_token={SESSION}"
            ),
        ] {
            assert_eq!(parts(&text), (Some(format!("{KEY}\n{SESSION}")), keys(&session_id)), "{text}");
        }
    }

    #[test]
    fn what_is_no_access_key_is_a_profile_the_environment_or_an_api_key() {
        let profile = Identity::AwsProfile { profile: "work".to_owned() };
        assert_eq!(parts(r#"{"profile":" work "}"#), (None, Some(profile)));
        assert_eq!(parts(r#"{"environment":true}"#), (None, Some(Identity::AwsEnvironment)));
        for key in ["ABSKQmVkcm9ja0FQSUtleS0xMjM0==", "bedrock-api-key-YmVkcm9jay5hbWF6b25hd3MuY29t"] {
            assert_eq!(parts(&format!(" \"{key}\"\n")), (Some(key.to_owned()), None));
        }
    }

    #[test]
    fn what_cannot_be_read_is_named_and_not_repeated() {
        let canary = "canary-secret-0123456789";
        for (text, says) in [
            (format!(r#"{{"secretAccessKey":"{canary}"}}"#), "id is missing"),
            (format!(r#"{{"accessKeyId":"{ID}"}}"#), "secret access key is missing"),
            (format!(r#"{{"accessKeyId":"{ID}","secretAccessKey":["{canary}"]}}"#), "cannot be read"),
            (format!(r#"{{"accessKeyId":"{ID}","secretAccessKey":"{canary} x"}}"#), "secret access key is none"),
            (format!(r#"{{"accessKeyId":"x {canary}","secretAccessKey":"{KEY}"}}"#), "id is none"),
            (format!("{{\"{canary}"), "cannot be read"),
            (format!("aws_access_key_id={ID}\naws_session_token={canary}"), "secret access key is missing"),
            (format!("AWS_ACCESS_KEY_ID=ASIA{}\nAWS_SECRET_ACCESS_KEY={canary}", &ID[4..]), "session token is missing"),
            (ID.to_owned(), "secret access key is missing"),
            (format!("{canary} {canary}"), "neither"),
            (format!("{KEY}:{canary}"), "neither"),
            (r#"{"profile":"a]b"}"#.to_owned(), "no name"),
            (r#"{"environment":false}"#.to_owned(), "id is missing"),
        ] {
            let Err(error) = read(&text) else { panic!("{text} was read") };
            assert_eq!((error.category, error.cause), (Category::RejectedKey, Some("unreadable_credential")));
            assert!(error.message.contains(says), "{text}: {}", error.message);
            assert!(!error.message.contains(canary) && !error.message.contains(ID), "{}", error.message);
        }
    }
}
