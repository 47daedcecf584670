//! A desktop session of one test: a bus of its own, a keyring of its own, and nobody else on it.

mod fake_secrets;
mod keys;

use std::ffi::OsStr;
use std::fs;
use std::io::{BufRead as _, BufReader, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc;
use std::time::Duration;

use tempfile::TempDir;
use zbus::blocking::{Connection, connection, fdo::DBusProxy};
use zbus::names::BusName;

pub use fake_secrets::{FakeSecrets, Habit, Lock};
pub use keys::Keys;

/// Against hangs only: nothing here takes a tenth of it.
const HANG: Duration = Duration::from_secs(60);
const SECRETS: &str = "org.freedesktop.secrets";
const PASSWORD: &str = "the password of a test";

/// A process that ends with its owner.
struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// Starts a program that the tests need: on Linux there is no doing without.
fn start(command: &mut Command) -> Child {
    let program = command.get_program().to_owned();
    command.spawn().unwrap_or_else(|error| {
        panic!("{program:?} does not start ({error}); the packages dbus and gnome-keyring have what is needed")
    })
}

/// A private session bus. It starts no services by itself.
pub struct Session {
    bus: Running,
    address: String,
    folder: TempDir,
}

impl Session {
    /// Starts the bus.
    ///
    /// # Panics
    /// Without `dbus-daemon`.
    pub fn start() -> Self {
        let folder = TempDir::new().unwrap();
        let configuration = folder.path().join("bus.conf");
        let socket = folder.path().join("bus");
        let xml = format!(
            "<busconfig><type>session</type><listen>unix:path={}</listen><auth>EXTERNAL</auth>\
             <policy context=\"default\"><allow send_destination=\"*\"/><allow receive_sender=\"*\"/>\
             <allow own=\"*\"/></policy></busconfig>",
            socket.display()
        );
        fs::write(&configuration, xml).unwrap();
        let mut command = Command::new("dbus-daemon");
        command.arg("--nofork").arg("--print-address=1").arg(option("--config-file", &configuration));
        let mut bus = start(command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::null()));
        let mut address = String::new();
        BufReader::new(bus.stdout.take().unwrap()).read_line(&mut address).unwrap();
        assert!(address.starts_with("unix:path="), "dbus-daemon said {address:?}");
        Self { bus: Running(bus), address: address.trim().to_owned(), folder }
    }

    /// For `DBUS_SESSION_BUS_ADDRESS`.
    pub fn address(&self) -> &str {
        &self.address
    }

    /// Ends the bus under everyone's feet.
    pub fn stop(mut self) {
        self.bus.0.kill().unwrap();
        self.bus.0.wait().unwrap();
    }

    /// gnome-keyring with its login keyring open; the same files each time.
    ///
    /// # Panics
    /// Without `gnome-keyring-daemon`.
    pub fn keyring(&self) -> GnomeKeyring {
        self.gnome_keyring("data", true)
    }

    /// gnome-keyring with its login keyring locked, and nobody to ask.
    ///
    /// # Panics
    /// Without `gnome-keyring-daemon`.
    pub fn locked_keyring(&self) -> GnomeKeyring {
        self.gnome_keyring("data", false)
    }

    /// gnome-keyring that has no keyring yet, and nobody to ask.
    ///
    /// # Panics
    /// Without `gnome-keyring-daemon`.
    pub fn empty_keyring(&self) -> GnomeKeyring {
        self.gnome_keyring("empty", false)
    }

    fn gnome_keyring(&self, data: &str, unlock: bool) -> GnomeKeyring {
        let mut command = Command::new("gnome-keyring-daemon");
        command.args(["--foreground", "--components=secrets"]);
        command.arg(option("--control-directory", &self.folder("control")));
        if unlock {
            command.arg("--unlock");
        }
        command.env("DBUS_SESSION_BUS_ADDRESS", &self.address).env("HOME", self.folder.path());
        command.env("XDG_DATA_HOME", self.folder(data));
        command.env("XDG_RUNTIME_DIR", self.folder("run")).env("XDG_CONFIG_HOME", self.folder("config"));
        let mut daemon = start(command.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::null()));
        // It reads the password to the end of its input, before it takes its name on the bus.
        let mut stdin = daemon.stdin.take().unwrap();
        if unlock {
            stdin.write_all(PASSWORD.as_bytes()).unwrap();
        }
        drop(stdin);
        let daemon = GnomeKeyring { daemon: Running(daemon), address: self.address.clone() };
        wait_for_name(&self.address, SECRETS, true);
        daemon
    }

    fn folder(&self, name: &str) -> PathBuf {
        let path = self.folder.path().join(name);
        fs::create_dir_all(&path).unwrap();
        path
    }

    /// Every file that the keyring has written.
    pub fn keyring_files(&self) -> Vec<PathBuf> {
        let folder = fs::read_dir(self.folder("data").join("keyrings")).unwrap();
        folder.map(|entry| entry.unwrap().path()).collect()
    }
}

fn option(name: &str, path: &Path) -> std::ffi::OsString {
    [OsStr::new(name), OsStr::new("="), path.as_os_str()].into_iter().collect()
}

/// A running gnome-keyring.
pub struct GnomeKeyring {
    daemon: Running,
    address: String,
}

impl GnomeKeyring {
    /// Ends it, and waits until the bus knows.
    pub fn stop(self) {
        let Self { daemon, address } = self;
        drop(daemon);
        wait_for_name(&address, SECRETS, false);
    }
}

fn connect(address: &str) -> Connection {
    connection::Builder::address(address).unwrap().build().unwrap()
}

/// Waits until somebody owns a name on the bus, or nobody does.
fn wait_for_name(address: &str, name: &str, owned: bool) {
    let (address, name) = (address.to_owned(), name.to_owned());
    let (done, wait) = mpsc::channel();
    std::thread::spawn(move || {
        let connection = connect(&address);
        let bus = DBusProxy::new(&connection).unwrap();
        let mut changes = bus.receive_name_owner_changed_with_args(&[(0, &name)]).unwrap();
        let name = BusName::try_from(name.as_str()).unwrap();
        while bus.name_has_owner(name.clone()).unwrap() != owned {
            changes.next().unwrap();
        }
        done.send(()).unwrap();
    });
    wait.recv_timeout(HANG).expect("the name on the bus did not change");
}
