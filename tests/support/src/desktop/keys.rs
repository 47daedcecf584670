//! The program `keys` at the other end of a pipe: the app's stores in a process of their own.

use std::collections::HashMap;
use std::io::{BufRead as _, BufReader, Write as _};
use std::process::{ChildStdin, Command, ExitStatus, Stdio};
use std::sync::mpsc::{self, Receiver, RecvTimeoutError};
use std::time::{Duration, Instant};

use super::{HANG, Running, start};

/// Takes commands as `tests/src/bin/keys.rs` says.
pub struct Keys {
    child: Running,
    stdin: ChildStdin,
    lines: Receiver<String>,
    asked: usize,
    early: HashMap<usize, String>,
}

impl Keys {
    /// Starts the program with this bus address in its environment; without one it has none to find either.
    ///
    /// # Panics
    /// Without the program.
    pub fn start(program: &str, address: Option<&str>) -> Self {
        let mut command = Command::new(program);
        // zbus would look for the bus of the user there.
        command
            .env("XDG_RUNTIME_DIR", "/nonexistent")
            .env("DBUS_SESSION_BUS_ADDRESS", address.unwrap_or("unix:path=/nonexistent"));
        let mut child = start(command.stdin(Stdio::piped()).stdout(Stdio::piped()));
        let (said, lines) = mpsc::channel();
        let stdout = BufReader::new(child.stdout.take().unwrap());
        std::thread::spawn(move || stdout.lines().map_while(Result::ok).try_for_each(|line| said.send(line)));
        let stdin = child.stdin.take().unwrap();
        Self { child: Running(child), stdin, lines, asked: 0, early: HashMap::new() }
    }

    /// Sends a command and returns its number.
    ///
    /// # Panics
    /// When the program has ended.
    pub fn send(&mut self, command: &str) -> usize {
        writeln!(self.stdin, "{command}").unwrap();
        self.asked += 1;
        self.asked
    }

    /// The answer to a command.
    ///
    /// # Panics
    /// When there is none within a minute.
    pub fn answer(&mut self, number: usize) -> String {
        self.answer_within(number, HANG).expect("an answer within a minute")
    }

    fn answer_within(&mut self, number: usize, time: Duration) -> Option<String> {
        let end = Instant::now() + time;
        loop {
            if let Some(answer) = self.early.remove(&number) {
                return Some(answer);
            }
            let line = match self.lines.recv_timeout(end.saturating_duration_since(Instant::now())) {
                Ok(line) => line,
                Err(RecvTimeoutError::Timeout) => return None,
                Err(RecvTimeoutError::Disconnected) => panic!("the program has ended"),
            };
            let (answered, text) = line.split_once(' ').unwrap();
            self.early.insert(answered.parse().unwrap(), text.to_owned());
        }
    }

    /// Whether a command has been answered by now.
    pub fn is_answered(&mut self, number: usize) -> bool {
        let answer = self.answer_within(number, Duration::ZERO);
        let answered = answer.is_some();
        self.early.extend(answer.map(|answer| (number, answer)));
        answered
    }

    /// A command and its answer.
    ///
    /// # Panics
    /// As [`Self::send`] and [`Self::answer`].
    pub fn ask(&mut self, command: &str) -> String {
        let number = self.send(command);
        self.answer(number)
    }

    /// Ends the program as an app ends, by leaving `main`; says how long that took.
    ///
    /// # Panics
    /// When it is still there after a minute.
    pub fn exit(mut self) -> (ExitStatus, Duration) {
        let began = Instant::now();
        writeln!(self.stdin, "exit").unwrap();
        // Its output ends with it.
        let gone = loop {
            match self.lines.recv_timeout(HANG) {
                Ok(_) => {}
                Err(end) => break end,
            }
        };
        assert_eq!(gone, RecvTimeoutError::Disconnected, "the program does not end");
        (self.child.0.wait().unwrap(), began.elapsed())
    }
}
