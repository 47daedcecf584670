//! What a person enters for an account, taken apart into what is secret and what is not.

mod aws;
mod google;

pub(crate) use google::{TOKEN_URI, may_be_asked};
use serde::{Deserialize, Serialize};
use serde_json::json;
use zeroize::Zeroizing;

use crate::catalog::KeyForm;
use crate::{ProviderError, Secret};

/// Whose credential it is: the part that is no secret. It is kept beside the account and shown.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case", deny_unknown_fields)]
pub enum Identity {
    /// An AWS access key pair; the secret is `SECRET_ACCESS_KEY`, or that and the session token with a line feed between.
    AwsKeys {
        /// `AKIA…` or `ASIA…`.
        access_key_id: String,
    },
    /// A profile of the AWS files, read at each use. No secret of ours.
    AwsProfile {
        /// Its name.
        profile: String,
    },
    /// The conventional variables of AWS, read at each use. No secret of ours.
    AwsEnvironment,
    /// A service account of Google Cloud; the secret is its private key (PKCS #8, PEM without its first and last line
    /// and without line ends).
    ServiceAccount {
        /// Its address.
        client_email: String,
        /// Which of its keys.
        private_key_id: Option<String>,
        /// Its project.
        project_id: Option<String>,
        /// Where tokens are had, where that is not Google's usual address.
        token_uri: Option<String>,
    },
    /// A person's login by `gcloud`; the secret is `CLIENT_SECRET` and the refresh token with a line feed between.
    GoogleLogin {
        /// The client that the login was made with.
        client_id: String,
        /// The project that pays.
        quota_project_id: Option<String>,
    },
    /// A GitHub account; the secret is its token.
    Github {
        /// Its name.
        login: String,
        /// The host of an enterprise with its own; GitHub's where absent.
        domain: Option<String>,
    },
}

impl Identity {
    /// What a person knows it by.
    pub fn shown(&self) -> &str {
        match self {
            Self::AwsKeys { access_key_id } => access_key_id,
            Self::AwsProfile { profile } => profile,
            Self::AwsEnvironment => "AWS_ACCESS_KEY_ID",
            Self::ServiceAccount { client_email, .. } => client_email,
            Self::GoogleLogin { client_id, .. } => client_id,
            Self::Github { login, .. } => login,
        }
    }

    /// Whether it opens the door without a secret of ours: it says where to look for one.
    pub fn stands_alone(&self) -> bool {
        matches!(self, Self::AwsProfile { .. } | Self::AwsEnvironment)
    }
}

/// What a person entered, taken apart.
pub struct Credential {
    /// To be kept in the store of secrets; `None` where the identity says where to look.
    pub secret: Option<Secret>,
    /// To be kept beside the account; `None` for a plain key.
    pub identity: Option<Identity>,
}

impl Credential {
    /// A plain key.
    pub fn token(text: &str) -> Self {
        Self { secret: Some(Secret::from_pasted(text)), identity: None }
    }
}

/// What a person would enter for it, for a file that is encrypted: [`read`] makes the same of it again. `None` where its
/// secret is needed and not there, or where it is had by signing in.
pub fn whole(identity: &Identity, secret: Option<&Secret>) -> Option<Zeroizing<String>> {
    let parts = secret.map(|secret| secret.expose().split_once('\n').unwrap_or((secret.expose(), "")));
    let file = match identity {
        Identity::AwsProfile { profile } => json!({ "profile": profile }),
        Identity::AwsEnvironment => json!({ "environment": true }),
        Identity::AwsKeys { access_key_id } => {
            let (secret, session) = parts?;
            let session = Some(session).filter(|session| !session.is_empty());
            json!({ "accessKeyId": access_key_id, "secretAccessKey": secret, "sessionToken": session })
        }
        Identity::ServiceAccount { client_email, private_key_id, project_id, token_uri } => {
            let key = Zeroizing::new(format!(
                "-----BEGIN PRIVATE KEY-----\n{}\n-----END PRIVATE KEY-----\n",
                secret?.expose()
            ));
            json!({ "type": "service_account", "client_email": client_email, "private_key": *key,
                "private_key_id": private_key_id, "project_id": project_id, "token_uri": token_uri })
        }
        Identity::GoogleLogin { client_id, quota_project_id } => {
            let (client_secret, refresh_token) = parts?;
            json!({ "type": "authorized_user", "client_id": client_id, "client_secret": client_secret,
                "refresh_token": refresh_token, "quota_project_id": quota_project_id })
        }
        Identity::Github { .. } => return None,
    };
    let mut file = file;
    if let Some(members) = file.as_object_mut() {
        members.retain(|_, value| !value.is_null());
    }
    Some(Zeroizing::new(file.to_string()))
}

/// Reads what a person entered.
///
/// # Errors
/// `rejected_key` with the cause `unreadable_credential`; the message says what is missing and repeats nothing.
pub fn read(form: KeyForm, text: &str) -> Result<Credential, ProviderError> {
    match form {
        KeyForm::Token | KeyForm::SignIn => Ok(Credential::token(text)),
        KeyForm::Aws => aws::read(text),
        KeyForm::Google => google::read(text),
    }
}
