//! What a person enters for an account, taken apart into what is secret and what is not.

mod aws;
mod google;

pub(crate) use google::{TOKEN_URI, may_be_asked};
use serde::{Deserialize, Serialize};

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
