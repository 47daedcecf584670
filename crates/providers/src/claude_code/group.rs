//! A program and all it started, as the system groups them.

use tokio::process::{Child, Command};

/// The group that a program leads. Dropping it kills what is left of the group.
pub(super) struct Group {
    #[cfg(unix)]
    leader: Option<rustix::process::Pid>,
}

#[cfg(unix)]
impl Group {
    /// Has a program lead a group of its own.
    pub(super) fn prepare(command: &mut Command) {
        command.process_group(0);
    }

    pub(super) fn of(child: &Child) -> Self {
        let id = child.id().and_then(|id| i32::try_from(id).ok());
        Self { leader: id.and_then(rustix::process::Pid::from_raw) }
    }

    /// Asks all of it to end.
    pub(super) fn terminate(&self) {
        self.signal(rustix::process::Signal::TERM);
    }

    /// Ends all of it.
    pub(super) fn kill(&self) {
        self.signal(rustix::process::Signal::KILL);
    }

    fn signal(&self, signal: rustix::process::Signal) {
        if let Some(leader) = self.leader {
            // It fails where nobody is left, which is as good.
            let _ = rustix::process::kill_process_group(leader, signal);
        }
    }
}

/// Elsewhere only the program itself can be ended.
#[cfg(not(unix))]
impl Group {
    /// Starts it without a window of its own.
    pub(super) fn prepare(command: &mut Command) {
        #[cfg(windows)]
        {
            const CREATE_NO_WINDOW: u32 = 0x0800_0000;
            command.creation_flags(CREATE_NO_WINDOW);
        }
        #[cfg(not(windows))]
        let _ = command;
    }

    pub(super) fn of(_: &Child) -> Self {
        Self {}
    }

    pub(super) fn terminate(&self) {}

    pub(super) fn kill(&self) {}
}

impl Drop for Group {
    fn drop(&mut self) {
        self.kill();
    }
}
