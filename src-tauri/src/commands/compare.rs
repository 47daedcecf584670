//! Comparisons: many models side by side.

use parlance_core::view::{
    CompareDesk, CompareEstimate, CompareEstimateInput, CompareFormat, CompareInput, CompareReceipt, CompareSet,
    CompareSetInput, CompareView, ExportView, JudgementInput, LaneEstimate, LaneInput, Leaderboard, LeaderboardFilter,
    MergeEstimateInput, MergeInput, RouteTrial, RunReceipt, Thumb, TurnView,
};

use super::{Answer, Arg, ShellState};

#[tauri::command]
#[specta::specta]
pub(crate) async fn get_compare(shell: ShellState<'_>, id: Arg<String>) -> Answer<CompareView> {
    Ok(shell.app().await?.get_compare(&id.0).await?)
}

#[tauri::command]
#[specta::specta]
pub(crate) async fn send_compare(shell: ShellState<'_>, input: Arg<CompareInput>) -> Answer<CompareReceipt> {
    Ok(shell.app().await?.send_compare(input.0).await?)
}

#[tauri::command]
#[specta::specta]
pub(crate) async fn set_lanes(
    shell: ShellState<'_>,
    conversation_id: Arg<String>,
    lanes: Arg<Vec<LaneInput>>,
) -> Answer<CompareView> {
    Ok(shell.app().await?.set_lanes(&conversation_id.0, lanes.0).await?)
}

#[tauri::command]
#[specta::specta]
pub(crate) async fn estimate_compare(
    shell: ShellState<'_>,
    input: Arg<CompareEstimateInput>,
) -> Answer<CompareEstimate> {
    Ok(shell.app().await?.estimate_compare(input.0).await?)
}

#[tauri::command]
#[specta::specta]
pub(crate) async fn estimate_merge(shell: ShellState<'_>, input: Arg<MergeEstimateInput>) -> Answer<LaneEstimate> {
    Ok(shell.app().await?.estimate_merge(input.0).await?)
}

#[tauri::command]
#[specta::specta]
pub(crate) async fn merge(shell: ShellState<'_>, input: Arg<MergeInput>) -> Answer<RunReceipt> {
    Ok(shell.app().await?.merge(input.0).await?)
}

#[tauri::command]
#[specta::specta]
pub(crate) async fn judge(shell: ShellState<'_>, turn_id: Arg<String>, input: Arg<JudgementInput>) -> Answer<TurnView> {
    Ok(shell.app().await?.judge(&turn_id.0, input.0).await?)
}

#[tauri::command]
#[specta::specta]
pub(crate) async fn reveal_turn(shell: ShellState<'_>, turn_id: Arg<String>) -> Answer<TurnView> {
    Ok(shell.app().await?.reveal_turn(&turn_id.0).await?)
}

#[tauri::command]
#[specta::specta]
pub(crate) async fn set_thumb(shell: ShellState<'_>, message_id: Arg<String>, thumb: Arg<Option<Thumb>>) -> Answer<()> {
    Ok(shell.app().await?.set_thumb(&message_id.0, thumb.0).await?)
}

#[tauri::command]
#[specta::specta]
pub(crate) async fn list_compare_sets(shell: ShellState<'_>) -> Answer<Vec<CompareSet>> {
    Ok(shell.app().await?.list_compare_sets().await?)
}

#[tauri::command]
#[specta::specta]
pub(crate) async fn save_compare_set(shell: ShellState<'_>, input: Arg<CompareSetInput>) -> Answer<CompareSet> {
    Ok(shell.app().await?.save_compare_set(input.0).await?)
}

#[tauri::command]
#[specta::specta]
pub(crate) async fn remove_compare_set(shell: ShellState<'_>, id: Arg<String>) -> Answer<()> {
    Ok(shell.app().await?.remove_compare_set(&id.0).await?)
}

#[tauri::command]
#[specta::specta]
pub(crate) async fn compare_desk(shell: ShellState<'_>) -> Answer<CompareDesk> {
    Ok(shell.app().await?.compare_desk().await?)
}

#[tauri::command]
#[specta::specta]
pub(crate) async fn save_compare_desk(shell: ShellState<'_>, desk: Arg<CompareDesk>) -> Answer<()> {
    Ok(shell.app().await?.save_compare_desk(desk.0).await?)
}

#[tauri::command]
#[specta::specta]
pub(crate) async fn export_compare(
    shell: ShellState<'_>,
    conversation_id: Arg<String>,
    format: Arg<CompareFormat>,
) -> Answer<ExportView> {
    Ok(shell.app().await?.export_compare(&conversation_id.0, format.0).await?)
}

#[tauri::command]
#[specta::specta]
pub(crate) async fn leaderboard(shell: ShellState<'_>, filter: Arg<LeaderboardFilter>) -> Answer<Leaderboard> {
    Ok(shell.app().await?.leaderboard(filter.0).await?)
}

#[tauri::command]
#[specta::specta]
pub(crate) async fn route_trials(shell: ShellState<'_>) -> Answer<Vec<RouteTrial>> {
    Ok(shell.app().await?.route_trials().await?)
}
