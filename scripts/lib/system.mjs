import { existsSync, readFileSync } from "node:fs";
import { Explained, answer, attached, onPath } from "./run.mjs";

/** What the app needs to build and run on Linux. */
export const FOR_THE_APP = [
  { why: "a C compiler and linker, for SQLite and the TLS library", program: "cc", apt: "build-essential", dnf: "gcc", pacman: "base-devel" },
  { why: "finds the system libraries", program: "pkg-config", apt: "pkg-config", dnf: "pkgconf-pkg-config", pacman: "pkgconf" },
  { why: "the web view the window is made of", library: "webkit2gtk-4.1", apt: "libwebkit2gtk-4.1-dev", dnf: "webkit2gtk4.1-devel", pacman: "webkit2gtk-4.1" },
];

/** What the tests need besides. */
export const FOR_THE_TESTS = [
  { why: "drives the real window", program: "WebKitWebDriver", apt: "webkit2gtk-driver", dnf: "webkit2gtk4.1", pacman: "webkit2gtk-4.1" },
  { why: "a display without a screen", program: "Xvfb", apt: "xvfb", dnf: "xorg-x11-server-Xvfb", pacman: "xorg-server-xvfb" },
  { why: "a session bus of the tests' own", program: "dbus-run-session", apt: "dbus-x11", dnf: "dbus-daemon", pacman: "dbus" },
  { why: "a real keyring", program: "gnome-keyring-daemon", apt: "gnome-keyring", dnf: "gnome-keyring", pacman: "gnome-keyring" },
  { why: "runs the page tests on the fake backend", program: "chromium", apt: "chromium", dnf: "chromium", pacman: "chromium" },
  { why: "records writes for the power-loss replay, and connections", program: "strace", apt: "strace", dnf: "strace", pacman: "strace" },
  { why: "starts the window without a network", program: "unshare", apt: "util-linux", dnf: "util-linux", pacman: "util-linux" },
  { why: "brings up loopback there", program: "ip", apt: "iproute2", dnf: "iproute", pacman: "iproute2" },
  { why: "reads the database from outside", program: "python3", apt: "python3", dnf: "python3", pacman: "python" },
];

/** What the pictures of the window need besides the tests' things. */
export const FOR_THE_PICTURES = [
  { why: "makes the pictures a third of their size", program: "pngquant", apt: "pngquant", dnf: "pngquant", pacman: "pngquant" },
];

const missing = (need) => (need.library ? answer("pkg-config", ["--exists", need.library]) === null : !onPath(need.program));

/** The family of the distribution: "apt", "dnf", "pacman" or null. */
export function packager(release = readRelease()) {
  const words = `${/^ID=(.*)$/m.exec(release)?.[1] ?? ""} ${/^ID_LIKE=(.*)$/m.exec(release)?.[1] ?? ""}`.replaceAll('"', "");
  if (/\b(debian|ubuntu)\b/.test(words)) return "apt";
  if (/\b(fedora|rhel)\b/.test(words)) return "dnf";
  if (/\barch\b/.test(words)) return "pacman";
  return null;
}

function readRelease() {
  return existsSync("/etc/os-release") ? readFileSync("/etc/os-release", "utf8") : "";
}

const INSTALL = {
  apt: ["apt-get", "install", "-y", "--no-install-recommends"],
  dnf: ["dnf", "install"],
  pacman: ["pacman", "-S", "--needed"],
};

/** Installs what is missing through apt after saying what and why; elsewhere prints the command and stops. */
export async function installSystemPackages(needs) {
  if (process.platform === "darwin") return checkMac();
  if (process.platform !== "linux") return;
  const lacking = needs.filter(missing);
  if (lacking.length === 0) return;
  const family = packager();
  console.log("Parlance needs these system packages, which are missing:");
  for (const need of lacking) console.log(`  ${(need[family] ?? need.program ?? need.library).padEnd(24)} ${need.why}`);
  if (family === null) {
    throw new Explained("Install them with your system's package manager, then run the command again.");
  }
  const names = [...new Set(lacking.map((need) => need[family]))];
  if (family !== "apt") {
    throw new Explained(`Install them, then run the command again:\n\n  sudo ${[...INSTALL[family], ...names].join(" ")}\n`);
  }
  await throughApt(names);
  const still = needs.filter(missing);
  if (still.length > 0) {
    throw new Explained(`apt finished, yet these are still missing: ${still.map((need) => need.program ?? need.library).join(", ")}`);
  }
}

async function throughApt(names) {
  const install = [...INSTALL.apt, ...names];
  const isRoot = process.getuid?.() === 0;
  const mayAsk = process.stdin.isTTY && onPath("sudo");
  const freely = !isRoot && onPath("sudo") && answer("sudo", ["-n", "true"]) !== null;
  if (!isRoot && !mayAsk && !freely) {
    throw new Explained(`Run this as an administrator, then run the command again:\n\n  sudo ${install.join(" ")}\n`);
  }
  console.log(`Running: ${isRoot ? "" : "sudo "}${install.join(" ")}`);
  const asRoot = (words) => {
    const line = ["env", "DEBIAN_FRONTEND=noninteractive", ...words];
    const [command, ...args] = isRoot ? line : ["sudo", ...line];
    return attached(command, args);
  };
  await asRoot(["apt-get", "update", "-q"]);
  const code = await asRoot(install);
  if (code !== 0) throw new Explained(`apt-get ended with exit code ${code}; its own message is above.`);
}

function checkMac() {
  if (answer("xcode-select", ["-p"]) === null) {
    throw new Explained("Parlance needs Apple's command line tools. Run: xcode-select --install");
  }
}

/** Can a window open here? On Linux that takes a display. */
export function hasDisplay(env = process.env) {
  return process.platform !== "linux" || Boolean(env.DISPLAY || env.WAYLAND_DISPLAY);
}
