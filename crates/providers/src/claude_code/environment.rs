//! What of the app's environment the program gets: what it needs to run, and nothing else.

use std::ffi::{OsStr, OsString};
use std::path::Path;

use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};

use crate::Secret;
use crate::transport::Proxy;

/// Variables of the program's surroundings.
const KEPT: [&str; 40] = [
    "HOME",
    "USER",
    "LOGNAME",
    "PATH",
    "LANG",
    "LANGUAGE",
    "TERM",
    "TZ",
    "TMPDIR",
    "TMP",
    "TEMP",
    "XDG_CONFIG_HOME",
    "XDG_DATA_HOME",
    "XDG_CACHE_HOME",
    "XDG_STATE_HOME",
    "XDG_RUNTIME_DIR",
    "NODE_EXTRA_CA_CERTS",
    "SSL_CERT_FILE",
    "SSL_CERT_DIR",
    "CLAUDE_CONFIG_DIR",
    "CLAUDE_CODE_OAUTH_TOKEN",
    "CLAUDE_CODE_GIT_BASH_PATH",
    // Windows finds hardly anything without these.
    "USERNAME",
    "USERPROFILE",
    "APPDATA",
    "LOCALAPPDATA",
    "HOMEDRIVE",
    "HOMEPATH",
    "SYSTEMROOT",
    "SYSTEMDRIVE",
    "WINDIR",
    "COMSPEC",
    "PATHEXT",
    "PROGRAMDATA",
    "PROGRAMFILES",
    "PROGRAMFILES(X86)",
    "OS",
    "NUMBER_OF_PROCESSORS",
    "PROCESSOR_ARCHITECTURE",
    "COMPUTERNAME",
];
const PROXIES: [&str; 4] = ["HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY"];
/// Who pays and whom it asks, where a person lets these through.
const OTHER_LOGINS: [&str; 7] = [
    "CLAUDE_CODE_USE_BEDROCK",
    "CLAUDE_CODE_USE_VERTEX",
    "CLAUDE_CODE_SKIP_BEDROCK_AUTH",
    "CLAUDE_CODE_SKIP_VERTEX_AUTH",
    "CLOUD_ML_REGION",
    "GOOGLE_APPLICATION_CREDENTIALS",
    "GOOGLE_CLOUD_PROJECT",
];
const OTHER_BEGINNINGS: [&str; 2] = ["ANTHROPIC_", "AWS_"];
/// What a variable is named whose value nobody may read in an error.
const SECRET: [&str; 5] = ["KEY", "TOKEN", "SECRET", "PASSWORD", "HEADERS"];

type Variables = Vec<(OsString, OsString)>;

/// The program's environment out of the app's. `others` lets through what names another account or service.
pub(super) fn of(app: &[(OsString, OsString)], others: bool, proxy: &Proxy) -> Variables {
    let passes = |name: &OsStr| {
        let name = name.to_str().unwrap_or_default().to_ascii_uppercase();
        let own = KEPT.contains(&name.as_str()) || name.starts_with("LC_");
        let proxied = matches!(proxy, Proxy::System) && PROXIES.contains(&name.as_str());
        let other =
            OTHER_LOGINS.contains(&name.as_str()) || OTHER_BEGINNINGS.iter().any(|begin| name.starts_with(begin));
        own || proxied || others && other
    };
    let mut kept: Variables = app.iter().filter(|(name, _)| passes(name)).cloned().collect();
    if let Proxy::Via(server) = proxy {
        let url = address(&server.url, server.user.as_deref(), server.password.as_ref());
        kept.push(("HTTPS_PROXY".into(), url.clone().into()));
        kept.push(("HTTP_PROXY".into(), url.into()));
    }
    kept.push(("CLAUDE_CODE_ENTRYPOINT".into(), "parlance".into()));
    kept.push(("DISABLE_AUTOUPDATER".into(), "1".into()));
    kept
}

/// A proxy's address with who asks.
fn address(url: &str, user: Option<&str>, password: Option<&Secret>) -> String {
    let Some((scheme, rest)) = url.trim().split_once("://").filter(|_| user.is_some()) else { return url.to_owned() };
    let coded = |text: &str| utf8_percent_encode(text, NON_ALPHANUMERIC).to_string();
    let password = password.map(|password| format!(":{}", coded(password.expose()))).unwrap_or_default();
    format!("{scheme}://{}{password}@{rest}", coded(user.unwrap_or_default()))
}

/// What of it no error may repeat.
pub(super) fn secrets(variables: &Variables, proxy: &Proxy) -> Vec<Secret> {
    let named = |name: &OsStr| {
        let name = name.to_str().unwrap_or_default().to_ascii_uppercase();
        SECRET.iter().any(|part| name.contains(part)) || name.contains("_PROXY")
    };
    let values = variables.iter().filter(|(name, _)| named(name)).filter_map(|(_, value)| value.to_str());
    let password = match proxy {
        Proxy::Via(server) => server.password.as_ref().map(Secret::duplicate),
        Proxy::System | Proxy::Off => None,
    };
    values.map(Secret::from_pasted).chain(password).collect()
}

/// The program finds what lies beside it: the runtime that a script of it names in its first line.
pub(super) fn with_folder_of(mut variables: Variables, program: &Path) -> Variables {
    let Some(folder) = program.parent() else { return variables };
    let is_path = |(name, _): &&mut (OsString, OsString)| name.eq_ignore_ascii_case("PATH");
    let Some((_, path)) = variables.iter_mut().find(is_path) else {
        variables.push(("PATH".into(), folder.into()));
        return variables;
    };
    let folders = std::env::split_paths(&*path).chain([folder.to_owned()]).collect::<Vec<_>>();
    if let Ok(joined) = std::env::join_paths(folders) {
        *path = joined;
    }
    variables
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::transport::ProxyServer;

    fn names(variables: &Variables) -> Vec<&str> {
        variables.iter().map(|(name, _)| name.to_str().unwrap()).collect()
    }

    fn app() -> Variables {
        let all = [
            "HOME",
            "PATH",
            "LC_ALL",
            "ANTHROPIC_API_KEY",
            "AWS_PROFILE",
            "CLAUDECODE",
            "CLAUDE_CODE_SSE_PORT",
            "OPENAI_API_KEY",
            "LD_PRELOAD",
            "NODE_OPTIONS",
            "https_proxy",
            "CLAUDE_CODE_OAUTH_TOKEN",
        ];
        all.map(|name| (name.into(), format!("value-of-{name}").into())).into()
    }

    #[test]
    fn only_what_it_needs_passes_and_other_logins_where_they_are_wanted() {
        let own = ["CLAUDE_CODE_ENTRYPOINT", "DISABLE_AUTOUPDATER"];
        let usual = ["HOME", "PATH", "LC_ALL", "https_proxy", "CLAUDE_CODE_OAUTH_TOKEN"];
        assert_eq!(names(&of(&app(), false, &Proxy::System)), [&usual[..], &own].concat());
        let others = of(&app(), true, &Proxy::Off);
        let expected = ["HOME", "PATH", "LC_ALL", "ANTHROPIC_API_KEY", "AWS_PROFILE", "CLAUDE_CODE_OAUTH_TOKEN"];
        assert_eq!(names(&others), [&expected[..], &own].concat());
        let hidden: Vec<_> = secrets(&others, &Proxy::Off).iter().map(|secret| secret.expose().to_owned()).collect();
        assert_eq!(hidden, ["value-of-ANTHROPIC_API_KEY", "value-of-CLAUDE_CODE_OAUTH_TOKEN"]);
    }

    #[test]
    fn a_proxy_of_its_own_goes_along_with_who_asks() {
        let server = ProxyServer {
            url: "http://proxy.example:3128".into(),
            user: Some("me@work".into()),
            password: Some(Secret::from_pasted("p:s")),
        };
        let proxy = Proxy::Via(server);
        let variables = of(&app(), false, &proxy);
        let value = variables.iter().find(|(name, _)| name == "HTTPS_PROXY").unwrap().1.to_str().unwrap();
        assert_eq!(value, "http://me%40work:p%3As@proxy.example:3128");
        assert!(!names(&variables).contains(&"https_proxy"));
        let hidden = secrets(&variables, &proxy);
        assert!(hidden.iter().any(|secret| secret.expose() == value) && hidden.iter().any(|s| s.expose() == "p:s"));
    }
}
