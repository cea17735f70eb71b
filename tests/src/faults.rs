//! What goes wrong between a client and a server: a proxy whose faults are switched while it runs, proxies as networks
//! have them, and certificates, good and bad.

mod certificates;
mod forwarding;
mod http_proxy;
mod proxy;
mod requests;
mod socks;
#[cfg(test)]
mod tests;

pub use certificates::{Authority, Certificate};
pub use http_proxy::HttpProxy;
pub use proxy::{Answer, Fault, FaultProxy, UpgradeFault};
pub use requests::Request;
pub use socks::SocksProxy;
