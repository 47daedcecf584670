//! Shares of budgets that were passed, said on the desktop. The page has no part in it: it can show nothing there, and
//! where nobody listens on the desktop the app goes on without.

use std::time::Duration;

use notify_rust::Notification;
use parlance_core::{
    App,
    view::{BudgetPeriod, BudgetScope, BudgetWarning},
};
use serde::Deserialize;
use tauri::async_runtime;
use tokio::sync::broadcast::error::RecvError;

/// How long the desktop may take; after that the next one is tried.
const PATIENCE: Duration = Duration::from_secs(5);

/// The words, which lie with all others that people see.
const WORDS: &str = include_str!("../../ui/src/lib/i18n/notices.en.json");

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Words {
    day: OfPeriod,
    month: OfPeriod,
    in_my_order: String,
    body: String,
}

#[derive(Deserialize)]
struct OfPeriod {
    all: String,
    one: String,
}

/// Says what the budgets of a store have to say, until it closes.
pub(crate) async fn follow(app: App) {
    let words: Words = match serde_json::from_str(WORDS) {
        Ok(words) => words,
        Err(error) => return tracing::error!(%error, "the words of notices cannot be read"),
    };
    let mut notices = app.notices();
    // Without it the store would never be let go of.
    drop(app);
    loop {
        match notices.recv().await {
            Ok(warning) => say(words.title(&warning), words.body(&warning)).await,
            Err(RecvError::Lagged(_)) => {}
            Err(RecvError::Closed) => return,
        }
    }
}

/// Shows a notification. That it cannot be shown is no reason for anything else to fail.
async fn say(title: String, body: String) {
    let show = move || Notification::new().appname("Parlance").summary(&title).body(&body).show().map(drop);
    match tokio::time::timeout(PATIENCE, async_runtime::spawn_blocking(show)).await {
        Ok(Ok(Ok(()))) => {}
        Ok(Ok(Err(error))) => tracing::warn!(%error, "a notification could not be shown"),
        Ok(Err(_)) => tracing::warn!("a notification could not be shown"),
        Err(_) => tracing::warn!("the desktop does not take a notification"),
    }
}

impl Words {
    fn title(&self, warning: &BudgetWarning) -> String {
        let budget = &warning.budget;
        let words = match budget.period {
            BudgetPeriod::Day => &self.day,
            BudgetPeriod::Month => &self.month,
        };
        let share = warning.share.to_string();
        match budget.scope {
            BudgetScope::All => words.all.replace("{share}", &share),
            BudgetScope::Provider { .. } | BudgetScope::Route { .. } => {
                // A name may look like a place for something else: it goes in last.
                let name = if budget.name.is_empty() { &self.in_my_order } else { &budget.name };
                words.one.replace("{share}", &share).replace("{name}", name)
            }
        }
    }

    fn body(&self, warning: &BudgetWarning) -> String {
        let budget = &warning.budget;
        self.body.replace("{spent}", &dollars(budget.spent_nano)).replace("{limit}", &dollars(budget.limit_nano))
    }
}

/// Nano-USD as dollars: cents, and of less than a cent as much as tells.
fn dollars(nano: f64) -> String {
    let dollars = nano / 1e9;
    if nano > 0.0 && dollars < 0.01 { format!("${dollars:.4}") } else { format!("${dollars:.2}") }
}

#[cfg(test)]
mod tests {
    use parlance_core::view::{AtLimit, BudgetView};

    use super::*;

    fn warning(scope: BudgetScope, name: &str, period: BudgetPeriod) -> BudgetWarning {
        let budget = BudgetView {
            id: "1".into(),
            scope,
            name: name.into(),
            period,
            limit_nano: 80e9,
            warn_at: vec![80],
            at_limit: AtLimit::Stop,
            spent_nano: 64_104_999_999.0,
            guessed_nano: 0.0,
            reserved_nano: 0.0,
            unknown: 0.0,
            until: "2026-12-01".into(),
            warned: 80,
            reached: false,
        };
        BudgetWarning { budget, share: 80 }
    }

    #[test]
    fn it_says_which_budget_and_how_much() {
        let words: Words = serde_json::from_str(WORDS).unwrap();
        let all = warning(BudgetScope::All, "", BudgetPeriod::Month);
        assert_eq!(words.title(&all), "80 % of this month's budget is spent");
        assert_eq!(words.body(&all), "$64.10 of $80.00.");
        let scope = BudgetScope::Provider { provider_id: "1".into() };
        let one = warning(scope, "{share} Inc", BudgetPeriod::Day);
        assert_eq!(words.title(&one), "{share} Inc: 80 % of today's budget is spent");
        let route = warning(BudgetScope::Route { route_id: "1".into() }, "", BudgetPeriod::Day);
        assert_eq!(words.title(&route), "In my order: 80 % of today's budget is spent");
        assert_eq!((dollars(0.0), dollars(1.0), dollars(1e7)), ("$0.00".into(), "$0.0000".into(), "$0.01".into()));
    }

    /// The desktop, on a bus of the test's own.
    #[cfg(target_os = "linux")]
    mod desktop {
        use std::{collections::HashMap, process::Command, sync::mpsc};

        use zbus::{blocking::connection, interface, zvariant::OwnedValue};

        use super::super::say;

        const ON_THE_BUS: &str = "PARLANCE_TEST_ON_THE_BUS";

        struct Desktop(mpsc::Sender<(String, String, String)>);

        #[interface(name = "org.freedesktop.Notifications")]
        impl Desktop {
            #[allow(clippy::too_many_arguments, reason = "the desktop's own specification")]
            fn notify(
                &self,
                app: String,
                _replaces: u32,
                _icon: String,
                summary: String,
                body: String,
                _actions: Vec<String>,
                _hints: HashMap<String, OwnedValue>,
                _expires: i32,
            ) -> u32 {
                self.0.send((app, summary, body)).unwrap();
                1
            }

            fn get_server_information(&self) -> (String, String, String, String) {
                ("test".into(), "test".into(), "1".into(), "1.2".into())
            }
        }

        /// Starts this very test again with a session bus of its own; there it is the desktop, and hears what is said.
        #[test]
        fn the_desktop_hears_it() {
            if std::env::var_os(ON_THE_BUS).is_none() {
                let this = "notices::tests::desktop::the_desktop_hears_it";
                let mut again = Command::new("dbus-run-session");
                again.arg("--").arg(std::env::current_exe().unwrap()).args(["--exact", this]);
                assert!(again.env(ON_THE_BUS, "1").status().unwrap().success());
                return;
            }
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
            // Nobody is there yet: that is no failure of ours.
            runtime.block_on(say("too early".into(), "nobody listens".into()));
            let (tell, heard) = mpsc::channel();
            let desktop = connection::Builder::session().unwrap();
            let desktop = desktop.name("org.freedesktop.Notifications").unwrap();
            let _desktop = desktop.serve_at("/org/freedesktop/Notifications", Desktop(tell)).unwrap().build().unwrap();
            runtime.block_on(say("80 % of this month's budget is spent".into(), "$64.10 of $80.00.".into()));
            let expected =
                ("Parlance".into(), "80 % of this month's budget is spent".into(), "$64.10 of $80.00.".into());
            assert_eq!(heard.recv().unwrap(), expected);
        }
    }
}
