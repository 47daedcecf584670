//! The proxy of a file.

use url::Url;

use super::{Charset, Key, PlannedSecret, Settling, Text};
use crate::view::{ImportCode, ProxySetting, SecretSlot};

impl Settling<'_> {
    pub(super) fn proxy(&mut self) -> (ProxySetting, Option<PlannedSecret>) {
        let Some(text) = self.draft.proxy.as_deref() else { return (ProxySetting::System, None) };
        match text.trim() {
            "" | "system" => return (ProxySetting::System, None),
            "none" | "direct" => return (ProxySetting::None, None),
            _ => {}
        }
        let filled = match Text::of(text, self.around.variable) {
            Ok(Text::Plain(text) | Text::Mixed(text)) => text,
            Ok(Text::One(name)) => match (self.around.variable)(&name) {
                Some(value) => zeroize::Zeroizing::new(value.expose().to_owned()),
                None => return self.unset(&name),
            },
            Err(name) => return self.unset(&name),
        };
        let Some((url, user, password)) = parts(filled.trim()) else {
            self.bad("proxy", "system, none, http://, https://, socks5h://");
            return (ProxySetting::System, None);
        };
        // A password without a name is nobody's.
        let password = password.filter(|_| user.is_some()).map(|password| {
            let at = self.draft.path("proxy");
            let key = self.given(&at, &password, Charset::Line);
            PlannedSecret { slot: SecretSlot::Proxy, address: url.clone(), key }
        });
        (ProxySetting::Address { url, user }, password.filter(|secret| !matches!(secret.key, Key::None)))
    }

    fn unset(&mut self, name: &str) -> (ProxySetting, Option<PlannedSecret>) {
        self.note("proxy", ImportCode::VariableUnset, Some(name));
        (ProxySetting::System, None)
    }
}

type Parts = (String, Option<String>, Option<zeroize::Zeroizing<String>>);

/// Address, user and password of a proxy.
fn parts(text: &str) -> Option<Parts> {
    // `socks5` asks this computer for the proxy's names and `socks5h` the proxy, which is what is meant.
    let text = text.strip_prefix("socks5://").map_or_else(|| text.to_owned(), |rest| format!("socks5h://{rest}"));
    let url = Url::parse(&text).ok()?;
    let fits = matches!(url.scheme(), "http" | "https" | "socks5h") && url.has_host() && text.len() <= 2_048;
    if !fits || url.query().is_some() || !matches!(url.path(), "" | "/") {
        return None;
    }
    let decoded = |text: &str| percent_encoding::percent_decode_str(text).decode_utf8_lossy().into_owned();
    let user = Some(decoded(url.username())).filter(|user| !user.is_empty());
    let password = url.password().map(decoded).filter(|password| !password.is_empty());
    let port = url.port().map(|port| format!(":{port}")).unwrap_or_default();
    let bare = format!("{}://{}{port}", url.scheme(), url.host_str()?);
    Some((bare, user, password.map(zeroize::Zeroizing::new)))
}
