//! What the AWS files and the conventional variables say, read at each use.

use std::{
    fs::File,
    io::{self, Read},
    path::{Path, PathBuf},
};

use configparser::ini::Ini;
use zeroize::Zeroizing;

use super::{Key, Keys};
use crate::transport::Surroundings;
use crate::{Category, ProviderError};

/// Nobody's profiles are larger, in bytes.
const MOST: u64 = 1 << 20;

/// What the environment says: an API key, an access key, else the profile of `AWS_PROFILE`.
pub(super) fn of_environment(around: &Surroundings) -> Result<Key, ProviderError> {
    if let Some(key) = variable(around, "AWS_BEARER_TOKEN_BEDROCK") {
        return Ok(Key::Bearer(Zeroizing::new(key)));
    }
    let (id, secret) = (variable(around, "AWS_ACCESS_KEY_ID"), variable(around, "AWS_SECRET_ACCESS_KEY"));
    match (id, secret) {
        (Some(id), Some(secret)) => {
            let session = variable(around, "AWS_SESSION_TOKEN").map(Zeroizing::new);
            Ok(Key::Pair(Keys { id, secret: Zeroizing::new(secret), session }))
        }
        _ => match variable(around, "AWS_PROFILE") {
            Some(profile) => named(&profile, around),
            None => Err(missing(
                "no_aws_environment",
                "AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY are not set, nor are AWS_PROFILE and AWS_BEARER_TOKEN_BEDROCK",
            )),
        },
    }
}

/// The access key of a profile.
pub(super) fn named(profile: &str, around: &Surroundings) -> Result<Key, ProviderError> {
    let credentials = read(place(around, "AWS_SHARED_CREDENTIALS_FILE", "credentials"))?;
    let config = read(place(around, "AWS_CONFIG_FILE", "config"))?;
    let long = format!("profile {profile}");
    // Only the profile `default` may leave the word out.
    let named = [Some(long.as_str()), (profile == "default").then_some(profile)];
    let sections = named.into_iter().flatten().map(|section| (&config, section));
    let sections: Vec<(&Ini, &str)> = std::iter::once((&credentials, profile)).chain(sections).collect();
    let has = |name: &str| sections.iter().any(|(file, section)| value(file, section, name).is_some());
    // A role comes before the keys that it is taken on with.
    if has("role_arn") {
        return Err(refused(profile, "profile_role", "takes on a role"));
    }
    for (file, section) in &sections {
        let get = |name: &str| value(file, section, name);
        if let (Some(id), Some(secret)) = (get("aws_access_key_id"), get("aws_secret_access_key")) {
            let session = get("aws_session_token").map(Zeroizing::new);
            return Ok(Key::Pair(Keys { id, secret: Zeroizing::new(secret), session }));
        }
    }
    if has("sso_session") || has("sso_start_url") || has("sso_account_id") {
        return Err(refused(profile, "profile_sso", "signs in at a page (SSO)"));
    }
    if has("credential_process") {
        return Err(refused(profile, "profile_process", "asks a program for its keys"));
    }
    let known = sections.iter().any(|(file, section)| file.get_map_ref().contains_key(*section));
    let what = if known { "has no access key" } else { "is not in the AWS files" };
    Err(missing("no_profile", &format!("the profile `{}` {what}", shown(profile))))
}

fn variable(around: &Surroundings, name: &str) -> Option<String> {
    (around.variable)(name).map(|value| value.trim().to_owned()).filter(|value| !value.is_empty())
}

/// Where a file is: where its variable says, else in the folder of the person.
fn place(around: &Surroundings, name: &str, file: &str) -> Option<PathBuf> {
    let told = variable(around, name).map(PathBuf::from);
    told.or_else(|| {
        let home = variable(around, "HOME").or_else(|| variable(around, "USERPROFILE"))?;
        Some(Path::new(&home).join(".aws").join(file))
    })
}

/// A file that is not there says nothing.
fn read(path: Option<PathBuf>) -> Result<Ini, ProviderError> {
    let mut ini = Ini::new_cs();
    ini.set_inline_comment_symbols(Some(&[]));
    let Some(path) = path else { return Ok(ini) };
    let unreadable = || missing("aws_files", "the files of the AWS profiles cannot be read");
    let mut text = Zeroizing::new(String::new());
    match File::open(path).and_then(|file| file.take(MOST).read_to_string(&mut text)) {
        Ok(_) => {}
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(ini),
        Err(_) => return Err(unreadable()),
    }
    // Its own words repeat the line that it does not understand.
    ini.read(plain(&text).to_string()).map_err(|_| unreadable())?;
    Ok(ini)
}

/// Section names with one blank between their words and no quotes.
fn plain(text: &str) -> Zeroizing<String> {
    let mut out = Zeroizing::new(String::with_capacity(text.len()));
    for line in text.trim_start_matches('\u{feff}').lines() {
        let named = line.trim().strip_prefix('[').and_then(|rest| rest.split_once(']'));
        match named {
            Some((name, _)) => {
                let words: Vec<&str> = name.split_whitespace().collect();
                out.push_str(&format!("[{}]", words.join(" ").replace(['"', '\''], "")));
            }
            None => out.push_str(line),
        }
        out.push('\n');
    }
    out
}

fn value(file: &Ini, section: &str, name: &str) -> Option<String> {
    file.get(section, name).map(|value| value.trim().to_owned()).filter(|value| !value.is_empty())
}

/// A name, short enough to show.
fn shown(profile: &str) -> String {
    profile.chars().filter(|c| !c.is_control()).take(64).collect()
}

fn missing(cause: &'static str, message: &str) -> ProviderError {
    ProviderError::because(Category::MissingKey, cause, message)
}

/// A profile without keys of its own, and what to do instead.
fn refused(profile: &str, cause: &'static str, how: &str) -> ProviderError {
    let name = shown(profile);
    missing(
        cause,
        &format!(
            "the profile `{name}` {how}, which this app does not do: run `aws configure export-credentials --profile \
             {name}` and paste what it prints, or use a Bedrock API key"
        ),
    )
}
