//! Where the program is.

use std::env::split_paths;
use std::ffi::OsStr;
use std::path::{Path, PathBuf};

use super::failure;
use crate::ProviderError;

/// Below a person's home, where installers put it.
const AT_HOME: [&str; 6] =
    [".local/bin", ".npm-global/bin", "node_modules/.bin", ".yarn/bin", ".claude/local", ".bun/bin"];
/// For everybody.
const ANYWHERE: [&str; 3] = ["/usr/local/bin", "/opt/homebrew/bin", "/usr/bin"];

#[cfg(windows)]
const NAME: &str = "claude.exe";
#[cfg(not(windows))]
const NAME: &str = "claude";

/// The program: the one that a person names, else the first on the path or at one of the usual places. An app that was
/// started from a desktop has not the path of a person's shell.
///
/// # Errors
/// `bad_request` with the causes `program_missing` and, where only a shell could run it, `program_unusable`.
pub(super) fn program(
    named: Option<&Path>,
    path: Option<&OsStr>,
    home: Option<&OsStr>,
) -> Result<PathBuf, ProviderError> {
    if let Some(named) = named {
        if cfg!(windows) && needs_shell(named) {
            return Err(failure::shim(named));
        }
        // Another name than a whole path would be looked for in whatever folder the app was started in.
        return if named.is_absolute() && runs(named) {
            Ok(named.to_owned())
        } else {
            Err(failure::missing(Some(named)))
        };
    }
    let on_path = path.into_iter().flat_map(split_paths).filter(|folder| folder.is_absolute());
    let at_home = home.into_iter().flat_map(|home| AT_HOME.iter().map(move |folder| Path::new(home).join(folder)));
    let folders = on_path.chain(at_home).chain(ANYWHERE.iter().map(PathBuf::from));
    let mut programs = folders.map(|folder| folder.join(NAME));
    programs.find(|program| runs(program)).ok_or_else(|| failure::missing(None))
}

/// Scripts of the command line re-read their arguments in a way that nothing can be escaped from.
fn needs_shell(program: &Path) -> bool {
    !program.extension().is_some_and(|end| end.eq_ignore_ascii_case("exe"))
}

fn runs(program: &Path) -> bool {
    let Ok(facts) = std::fs::metadata(program) else { return false };
    #[cfg(unix)]
    let may_run = std::os::unix::fs::PermissionsExt::mode(&facts.permissions()) & 0o111 != 0;
    #[cfg(not(unix))]
    let may_run = true;
    facts.is_file() && may_run
}

#[cfg(test)]
#[cfg(unix)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    fn put(at: &Path, mode: u32) {
        std::fs::create_dir_all(at.parent().unwrap()).unwrap();
        std::fs::write(at, "#!/bin/true").unwrap();
        std::fs::set_permissions(at, std::fs::Permissions::from_mode(mode)).unwrap();
    }

    #[test]
    fn it_is_looked_for_on_the_path_then_at_home_and_never_beside_the_app() {
        let folder = tempfile::tempdir().unwrap();
        let (bin, home) = (folder.path().join("bin"), folder.path().join("home"));
        let path = std::env::join_paths([Path::new("relative"), &bin]).unwrap();
        let find = |named: Option<&Path>| program(named, Some(&path), Some(home.as_os_str()));
        put(&home.join(".claude/local/claude"), 0o755);
        assert_eq!(find(None).unwrap(), home.join(".claude/local/claude"));
        put(&bin.join("claude"), 0o644);
        assert_eq!(find(None).unwrap(), home.join(".claude/local/claude"), "what cannot be run is none");
        put(&bin.join("claude"), 0o755);
        assert_eq!(find(None).unwrap(), bin.join("claude"));
        let own = folder.path().join("own");
        assert_eq!(find(Some(&own)).unwrap_err().cause, Some("program_missing"));
        put(&own, 0o700);
        assert_eq!(find(Some(&own)).unwrap(), own);
        assert_eq!(find(Some(Path::new("claude"))).unwrap_err().cause, Some("program_missing"), "a bare name");
        assert!(needs_shell(Path::new("C:/npm/claude.cmd")) && !needs_shell(Path::new("C:/claude.EXE")));
    }
}
