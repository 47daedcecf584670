//! Accounts, their keys, and the places where keys are kept. A key goes in here and never comes back out (KEY-6).

use parlance_core::view::{AccountInput, KeyInput, ProviderView, SecretSlot, SecretStoresView};

use super::{Answer, Arg, ShellState};

#[tauri::command]
#[specta::specta]
pub(crate) async fn save_account(shell: ShellState<'_>, input: Arg<AccountInput>) -> Answer<ProviderView> {
    Ok(shell.app().await?.save_account(input.0).await?)
}

#[tauri::command]
#[specta::specta]
pub(crate) async fn remove_account(shell: ShellState<'_>, id: Arg<String>) -> Answer<ProviderView> {
    Ok(shell.app().await?.remove_account(&id.0).await?)
}

#[tauri::command]
#[specta::specta]
pub(crate) async fn order_accounts(
    shell: ShellState<'_>,
    provider_id: Arg<String>,
    ids: Arg<Vec<String>>,
) -> Answer<ProviderView> {
    Ok(shell.app().await?.order_accounts(&provider_id.0, &ids.0).await?)
}

#[tauri::command]
#[specta::specta]
pub(crate) async fn set_key(
    shell: ShellState<'_>,
    account_id: Arg<String>,
    input: Arg<KeyInput>,
) -> Answer<ProviderView> {
    Ok(shell.app().await?.set_key(&account_id.0, input.0).await?)
}

#[tauri::command]
#[specta::specta]
pub(crate) async fn allow_key(
    shell: ShellState<'_>,
    account_id: Arg<String>,
    origin: Arg<String>,
) -> Answer<ProviderView> {
    Ok(shell.app().await?.allow_key(&account_id.0, &origin.0).await?)
}

#[tauri::command]
#[specta::specta]
pub(crate) async fn cancel_waiting(shell: ShellState<'_>) -> Answer<()> {
    shell.app().await?.cancel_waiting();
    Ok(())
}

#[tauri::command]
#[specta::specta]
pub(crate) async fn secret_stores(shell: ShellState<'_>) -> Answer<SecretStoresView> {
    Ok(shell.app().await?.secret_stores().await)
}

#[tauri::command]
#[specta::specta]
pub(crate) async fn unlock_keyring(shell: ShellState<'_>) -> Answer<SecretStoresView> {
    Ok(shell.app().await?.unlock_keyring().await?)
}

#[tauri::command]
#[specta::specta]
pub(crate) async fn create_vault(shell: ShellState<'_>, passphrase: Arg<String>) -> Answer<SecretStoresView> {
    Ok(shell.app().await?.create_vault(passphrase.0).await?)
}

#[tauri::command]
#[specta::specta]
pub(crate) async fn unlock_vault(shell: ShellState<'_>, passphrase: Arg<String>) -> Answer<SecretStoresView> {
    Ok(shell.app().await?.unlock_vault(passphrase.0).await?)
}

#[tauri::command]
#[specta::specta]
pub(crate) async fn lock_vault(shell: ShellState<'_>) -> Answer<SecretStoresView> {
    Ok(shell.app().await?.lock_vault().await)
}

#[tauri::command]
#[specta::specta]
pub(crate) async fn change_vault_passphrase(
    shell: ShellState<'_>,
    current: Arg<String>,
    next: Arg<String>,
) -> Answer<SecretStoresView> {
    Ok(shell.app().await?.change_vault_passphrase(current.0, next.0).await?)
}

#[tauri::command]
#[specta::specta]
pub(crate) async fn reset_vault(shell: ShellState<'_>) -> Answer<SecretStoresView> {
    Ok(shell.app().await?.reset_vault().await?)
}

#[tauri::command]
#[specta::specta]
pub(crate) async fn set_provider_secret(
    shell: ShellState<'_>,
    id: Arg<String>,
    slot: Arg<SecretSlot>,
    input: Arg<KeyInput>,
) -> Answer<ProviderView> {
    Ok(shell.app().await?.set_provider_secret(&id.0, slot.0, input.0).await?)
}
