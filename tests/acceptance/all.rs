//! Parlance against servers, processes and sockets, in one program. The keyring has one of its own: for it alone a
//! feature of a library is turned on.

mod aimock;
mod ask;
mod azure;
mod bad_input;
mod bedrock;
mod claude_code;
mod clocks;
mod copilot;
mod credentials;
mod exchange;
mod hostile;
mod huggingface;
mod ollama;
mod openai_chat;
mod prices;
mod proxy;
mod registry;
mod replicate;
mod tls;
mod traffic;
mod transport;
mod vertex;
mod waking;
mod wires;
