//! A Secret Service on the session bus that is locked and whose prompt is never answered. Says `ready` once it owns its
//! name, and ends with its standard input.
#![allow(clippy::print_stdout, reason = "whoever starts it waits for the word")]

#[cfg(target_os = "linux")]
fn main() {
    use parlance_tests::desktop::{FakeSecrets, Habit, Lock};

    let Ok(address) = std::env::var("DBUS_SESSION_BUS_ADDRESS") else { return };
    let service = FakeSecrets::start(&address, Habit::Keeps, Lock::NeverAnswered);
    println!("ready");
    let _ = std::io::copy(&mut std::io::stdin(), &mut std::io::sink());
    drop(service);
}

#[cfg(not(target_os = "linux"))]
fn main() {
    println!("not on this platform: the Secret Service");
}
