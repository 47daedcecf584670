//! The commands with their types, and the TypeScript made from them.

use tauri_specta::{Builder, collect_commands};

use crate::commands::{
    chats, compare, composer, costs, exchange, keys, messages, providers, routes, search, special, store, stream,
};

/// Every command, once: the handler and the bindings come from this list.
pub(crate) fn builder() -> Builder<tauri::Wry> {
    // Every float of the boundary is made from an integer, so none is NaN or infinite and becomes null.
    let floats = specta_typescript::semantic::Configuration::empty().enable_lossless_floats();
    Builder::new().disable_serde_phases().semantic_types(floats).commands(collect_commands![
        store::bootstrap,
        store::open_demo,
        store::leave_demo,
        store::change_setting,
        store::spend,
        stream::attach,
        stream::ack,
        stream::set_visible,
        chats::list_conversations,
        chats::get_conversation,
        chats::rename_conversation,
        chats::shelve,
        chats::set_up_chat,
        chats::save_draft,
        chats::send,
        chats::stop,
        chats::retry,
        chats::continue_message,
        chats::select_version,
        messages::get_messages,
        messages::edit_message,
        messages::delete_messages,
        messages::branch_off,
        compare::get_compare,
        compare::send_compare,
        compare::set_lanes,
        compare::estimate_compare,
        compare::estimate_merge,
        compare::merge,
        compare::judge,
        compare::reveal_turn,
        compare::set_thumb,
        compare::list_compare_sets,
        compare::save_compare_set,
        compare::remove_compare_set,
        compare::compare_desk,
        compare::save_compare_desk,
        compare::export_compare,
        compare::leaderboard,
        compare::route_trials,
        composer::describe_target,
        composer::estimate,
        composer::add_attachment,
        composer::read_attachment,
        composer::inspect_link,
        composer::open_link,
        composer::fetch_image,
        exchange::preview_import,
        exchange::import_config,
        exchange::export_config,
        exchange::traffic,
        exchange::export_traffic,
        exchange::clear_traffic,
        search::search,
        search::preview_message,
        providers::list_vendors,
        providers::list_providers,
        providers::save_provider,
        providers::remove_provider,
        providers::order_providers,
        providers::check_provider,
        providers::list_models,
        providers::show_models,
        providers::add_model,
        providers::remove_model,
        providers::save_provider_settings,
        providers::provider_facts,
        providers::provider_balance,
        providers::catalogue,
        providers::refresh_model_data,
        providers::favour_model,
        providers::model_facts,
        providers::find_local_servers,
        routes::list_routes,
        routes::save_route,
        routes::remove_route,
        routes::restore_route,
        routes::dry_run_route,
        routes::route_switches,
        routes::set_chat_fallback,
        routes::close_circuit,
        costs::dashboard,
        costs::requests,
        costs::export_costs,
        costs::what_if,
        costs::list_prices,
        costs::save_price,
        costs::remove_price,
        costs::refresh_prices,
        costs::unpriced_models,
        costs::dismiss_unpriced,
        costs::list_budgets,
        costs::save_budget,
        costs::remove_budget,
        keys::save_account,
        keys::remove_account,
        keys::order_accounts,
        keys::set_key,
        keys::set_provider_secret,
        keys::allow_key,
        keys::cancel_waiting,
        keys::secret_stores,
        keys::unlock_keyring,
        keys::create_vault,
        keys::unlock_vault,
        keys::lock_vault,
        keys::change_vault_passphrase,
        keys::reset_vault,
        special::begin_sign_in,
        special::await_sign_in,
        special::cancel_sign_in,
        special::relays,
        special::answer_relay,
    ])
}

#[cfg(test)]
mod tests {
    use std::{collections::BTreeSet, path::Path};

    use super::builder;

    include!("../command_names.rs");

    /// Run with `PARLANCE_WRITE_BINDINGS=1` (`npm run bindings`) to write the file anew.
    #[test]
    fn the_committed_bindings_are_what_the_commands_say() {
        let committed = Path::new(env!("CARGO_MANIFEST_DIR")).join("ui/src/lib/ipc/bindings.ts");
        let folder = tempfile::tempdir().unwrap();
        let fresh = folder.path().join("bindings.ts");
        let typescript = specta_typescript::Typescript::default()
            .header("// Generated from the Rust commands by `npm run bindings`. Do not edit.\n");
        builder().export(typescript, &fresh).unwrap();
        let fresh = std::fs::read_to_string(fresh).unwrap();
        if std::env::var_os("PARLANCE_WRITE_BINDINGS").is_some() {
            std::fs::write(&committed, &fresh).unwrap();
        }
        let committed = std::fs::read_to_string(committed).unwrap();
        assert!(committed == fresh, "ui/src/lib/ipc/bindings.ts is stale: run `npm run bindings`");
    }

    /// TAU-2: what the manifest declares, what the handler takes and what the one capability allows are one list.
    #[test]
    fn manifest_handler_and_capability_list_the_same_commands() {
        let config: serde_json::Value = serde_json::from_str(include_str!("../../tauri.conf.json")).unwrap();
        let capabilities = config["app"]["security"]["capabilities"].as_array().unwrap();
        assert_eq!(capabilities.len(), 1);
        assert_eq!(capabilities[0]["windows"], serde_json::json!(["main"]));
        assert!(capabilities[0].get("remote").is_none());
        let allowed: BTreeSet<String> = capabilities[0]["permissions"]
            .as_array()
            .unwrap()
            .iter()
            .map(|permission| permission.as_str().unwrap().to_owned())
            .collect();
        let declared: BTreeSet<String> =
            COMMANDS.iter().map(|name| format!("allow-{}", name.replace('_', "-"))).collect();
        assert_eq!(allowed, declared);
        // A plugin's permission has a colon: the page opens links through our own command, which reads them first.
        assert!(allowed.iter().all(|permission| !permission.contains(':') && !permission.contains("opener")));
        let manifest = include_str!("../../Cargo.toml");
        for plugin in ["tauri-plugin-opener", "tauri-plugin-shell", "tauri-plugin-fs", "tauri-plugin-http"] {
            assert!(!manifest.contains(plugin), "{plugin} brings commands that nothing here reads first");
        }

        let bindings = include_str!("../../ui/src/lib/ipc/bindings.ts");
        for name in COMMANDS {
            assert!(bindings.contains(&format!("\"{name}\"")), "{name} is declared, the handler does not take it");
        }
        assert_eq!(bindings.matches("__TAURI_INVOKE(\"").count(), COMMANDS.len());
    }

    /// TAU-1 and TAU-6.
    #[test]
    fn the_page_is_closed_from_the_first_day() {
        let config: serde_json::Value = serde_json::from_str(include_str!("../../tauri.conf.json")).unwrap();
        let security = &config["app"]["security"];
        assert_eq!(config["app"]["withGlobalTauri"], false);
        assert_eq!(security["freezePrototype"], true);
        assert!(security["assetProtocol"]["enable"] != true);
        let csp: std::collections::BTreeMap<String, String> = serde_json::from_value(security["csp"].clone()).unwrap();
        assert_eq!(csp["default-src"], "'none'");
        for wall in ["object-src", "base-uri", "form-action", "frame-ancestors", "frame-src"] {
            assert_eq!(csp[wall], "'none'", "{wall}");
        }
        assert_eq!(csp["script-src"], "'self'");
        assert_eq!(csp["connect-src"], "ipc: http://ipc.localhost");
        let whole = csp.values().cloned().collect::<Vec<_>>().join(" ");
        for hole in ["unsafe-eval", "unsafe-inline", "https:", "*", "ws:", "wss:"] {
            assert!(!whole.contains(hole), "{hole} in the CSP");
        }
    }
}
