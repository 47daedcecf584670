//! What a message will take, and the files and links around it.

use parlance_core::view::{AttachmentView, ChatTarget, EstimateInput, EstimateView, FileData, LinkView, TargetView};

use super::{Answer, Arg, ShellState};

#[tauri::command]
#[specta::specta]
pub(crate) async fn describe_target(shell: ShellState<'_>, target: Arg<ChatTarget>) -> Answer<TargetView> {
    Ok(shell.app().await?.describe_target(target.0).await?)
}

#[tauri::command]
#[specta::specta]
pub(crate) async fn estimate(shell: ShellState<'_>, input: Arg<EstimateInput>) -> Answer<EstimateView> {
    Ok(shell.app().await?.estimate(input.0).await?)
}

#[tauri::command]
#[specta::specta]
pub(crate) async fn add_attachment(
    shell: ShellState<'_>,
    name: Arg<String>,
    base64: Arg<String>,
) -> Answer<AttachmentView> {
    Ok(shell.app().await?.add_attachment(&name.0, base64.0).await?)
}

#[tauri::command]
#[specta::specta]
pub(crate) async fn read_attachment(shell: ShellState<'_>, id: Arg<String>) -> Answer<FileData> {
    Ok(shell.app().await?.read_attachment(&id.0).await?)
}

#[tauri::command]
#[specta::specta]
pub(crate) async fn inspect_link(shell: ShellState<'_>, address: Arg<String>) -> Answer<LinkView> {
    Ok(shell.app().await?.inspect_link(&address.0).await?)
}

#[tauri::command]
#[specta::specta]
pub(crate) async fn open_link(shell: ShellState<'_>, address: Arg<String>) -> Answer<()> {
    // One argument of a program, never a line for a shell.
    Ok(shell.app().await?.open_link(&address.0, |address| open::that_detached(address)).await?)
}

#[tauri::command]
#[specta::specta]
pub(crate) async fn fetch_image(shell: ShellState<'_>, address: Arg<String>) -> Answer<FileData> {
    Ok(shell.app().await?.fetch_image(&address.0).await?)
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    /// What opens a link is a program of the system with the address as its argument: no shell reads it.
    #[test]
    fn an_address_is_one_argument_of_a_program() {
        let address = "https://example.com/?a=1&b=$(touch%20x);c";
        let commands = open::commands(address);
        let programs: Vec<_> = commands.iter().map(|command| command.get_program().to_string_lossy()).collect();
        assert_eq!(programs.first().map(AsRef::as_ref), Some("xdg-open"), "{programs:?}");
        for command in &commands {
            let program = command.get_program().to_string_lossy();
            assert!(!["sh", "bash", "cmd"].contains(&program.rsplit('/').next().unwrap_or_default()), "{program}");
            assert_eq!(command.get_args().filter(|argument| argument.to_string_lossy().contains("example")).count(), 1);
            assert_eq!(command.get_args().last().unwrap(), address);
        }
    }
}
