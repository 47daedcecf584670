//! What GitHub itself is asked: codes, logins, the exchange, the quota.

use serde_json::{Value, json};

use super::{Device, Door, Reply, State};
use crate::upstream::Recorded;

const GRANT: &str = "urn:ietf:params:oauth:grant-type:device_code";

impl State {
    fn new_number(&mut self) -> u32 {
        self.made += 1;
        self.made
    }

    pub(crate) fn new_login(&mut self, name: &str) -> String {
        let token = format!("ghu_c4n4ry{:08}l0g1n", self.new_number());
        self.logins.insert(token.clone(), name.to_owned());
        token
    }

    /// `None` where the path is none of GitHub's.
    pub(super) fn github(&mut self, door: Door, path: &str, request: &Recorded) -> Option<Reply> {
        let post = request.line().starts_with("POST ");
        let answer: fn(&mut Self, &Recorded) -> Reply = match (path, post) {
            ("/login/device/code", true) => Self::device_code,
            ("/login/oauth/access_token", true) => Self::device_token,
            ("/user", false) => Self::user,
            ("/copilot_internal/v2/token", false) => Self::exchange,
            ("/copilot_internal/user", false) => Self::quota,
            _ => return None,
        };
        if door != Door::First {
            return Some(Reply::json(421, json!({ "message": "this is not GitHub" })));
        }
        let wants_json = request.header("accept") == Some("application/json");
        if request.header("user-agent").is_none_or(str::is_empty) || !wants_json {
            return Some(Reply::json(403, json!({ "message": "Request forbidden by administrative rules." })));
        }
        Some(answer(self, request))
    }

    fn device_code(&mut self, request: &Recorded) -> Reply {
        let body: Value = serde_json::from_slice(&request.body).unwrap_or_default();
        if body["client_id"] != "Iv1.b507a08c87ecfe98" || body["scope"] != "read:user" {
            return Reply::json(200, json!({ "error": "unauthorized_client", "error_description": "No such client." }));
        }
        let number = self.new_number();
        let (device, user) = (format!("d3v1c3c4n4ry{number:08}"), format!("CODE-{number:04}"));
        self.devices.insert(device.clone(), (user.clone(), vec![Device::Pending]));
        let page = format!("http://{}/login/device", self.addresses[0]);
        Reply::json(
            200,
            json!({
                "device_code": device, "user_code": user, "verification_uri": page, "expires_in": 900, "interval": 1,
            }),
        )
    }

    /// Errors come with the status 200.
    fn device_token(&mut self, request: &Recorded) -> Reply {
        let body: Value = serde_json::from_slice(&request.body).unwrap_or_default();
        let refused =
            |error: &str| Reply::json(200, json!({ "error": error, "error_description": "The device flow says so." }));
        if body["grant_type"] != GRANT {
            return refused("unsupported_grant_type");
        }
        let Some((_, steps)) = body["device_code"].as_str().and_then(|code| self.devices.get_mut(code)) else {
            return refused("incorrect_device_code");
        };
        let step = if steps.len() > 1 { steps.remove(0) } else { steps.first().cloned().unwrap_or(Device::Pending) };
        match step {
            Device::Pending => refused("authorization_pending"),
            Device::SlowDown => Reply::json(200, json!({ "error": "slow_down", "interval": 1 })),
            Device::Denied => refused("access_denied"),
            Device::Expired => refused("expired_token"),
            Device::Approved(name) => {
                let token = self.new_login(&name);
                Reply::json(200, json!({ "access_token": token, "token_type": "bearer", "scope": "read:user" }))
            }
        }
    }

    fn whose(&self, request: &Recorded) -> Option<String> {
        let token = request.header("authorization")?.strip_prefix("token ")?;
        self.logins.get(token).cloned()
    }

    fn user(&mut self, request: &Recorded) -> Reply {
        match self.whose(request) {
            Some(name) => Reply::json(200, json!({ "login": name, "id": 1 })),
            None => Reply::json(401, json!({ "message": "Bad credentials" })),
        }
    }

    fn exchange(&mut self, request: &Recorded) -> Reply {
        self.exchanges += 1;
        if let Some((status, body)) = &self.refusal {
            return Reply::json(*status, body);
        }
        let Some(name) = self.whose(request) else {
            let given = request.header("authorization").unwrap_or_default();
            return Reply::json(401, json!({ "message": format!("Bad credentials: {given}") }));
        };
        if request.header("copilot-integration-id").is_none() || request.header("editor-version").is_none() {
            return Reply::json(400, json!({ "message": "missing Editor-Version header" }));
        }
        let number = self.new_number();
        let token =
            format!("tid=c4n4ry{number:08};exp=1780000000;sku=test;proxy-ep=proxy.individual.githubcopilot.com;8kp=1");
        let host = self.addresses[usize::from(self.businesses.contains(&name))];
        let address = self.address.clone().unwrap_or_else(|| format!("http://{host}"));
        self.tokens.insert(token.clone(), name);
        Reply::json(
            200,
            json!({
                "token": token, "expires_at": 1, "refresh_in": self.refresh_in, "sku": "test", "chat_enabled": true,
                "endpoints": { "api": address, "proxy": "https://proxy.example", "telemetry": "https://telemetry.example" },
            }),
        )
    }

    fn quota(&mut self, request: &Recorded) -> Reply {
        let Some(name) = self.whose(request) else {
            return Reply::json(401, json!({ "message": "Bad credentials" }));
        };
        let free = self.businesses.contains(&name);
        Reply::json(
            200,
            json!({
                "login": name, "copilot_plan": "individual_pro", "token_based_billing": true,
                "quota_reset_date": "2026-12-01", "quota_reset_date_utc": "2026-12-01T00:00:00.000Z",
                "quota_snapshots": {
                    "chat": { "unlimited": true },
                    "premium_interactions": {
                        "entitlement": 300, "remaining": 262, "quota_remaining": 262.5, "percent_remaining": 87.5,
                        "overage_count": 0, "overage_permitted": false, "unlimited": free,
                    },
                },
            }),
        )
    }
}
