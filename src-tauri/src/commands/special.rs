//! Providers that a person has a hand in: signing in at a vendor's page, carrying prompt and answer.

use parlance_core::view::{KeyPlace, RelayView, SignInEnd, SignInView};

use super::{Answer, Arg, ShellState};

#[tauri::command]
#[specta::specta]
pub(crate) async fn begin_sign_in(
    shell: ShellState<'_>,
    account_id: Arg<String>,
    place: Arg<KeyPlace>,
) -> Answer<SignInView> {
    Ok(shell.app().await?.begin_sign_in(&account_id.0, place.0).await?)
}

#[tauri::command]
#[specta::specta]
pub(crate) async fn await_sign_in(shell: ShellState<'_>, id: Arg<String>) -> Answer<SignInEnd> {
    Ok(shell.app().await?.await_sign_in(&id.0).await?)
}

#[tauri::command]
#[specta::specta]
pub(crate) async fn cancel_sign_in(shell: ShellState<'_>, id: Arg<String>) -> Answer<()> {
    shell.app().await?.cancel_sign_in(&id.0);
    Ok(())
}

#[tauri::command]
#[specta::specta]
pub(crate) async fn relays(shell: ShellState<'_>) -> Answer<Vec<RelayView>> {
    Ok(shell.app().await?.relays().await?)
}

#[tauri::command]
#[specta::specta]
pub(crate) async fn answer_relay(shell: ShellState<'_>, message_id: Arg<String>, text: Arg<String>) -> Answer<()> {
    Ok(shell.app().await?.answer_relay(&message_id.0, &text.0).await?)
}
