//! Tells when the machine's network has become another one, so that nobody waits for what can be tried now and
//! nobody trusts what may be gone.
//!
//! What is watched are addresses: another network, a cable, a tunnel all come and go with one. Loopback and
//! link-local addresses lead nowhere and do not count.

use futures_util::{
    Stream, StreamExt,
    stream::{self, BoxStream},
};
use netwatcher::{AsyncWatch, Interface, async_adapter::Tokio};
use std::{
    collections::BTreeSet,
    net::{IpAddr, Ipv6Addr},
    time::Duration,
};
use tokio::time::{Instant, timeout_at};

/// How long addresses must have rested before a change is told: one change of network is many of addresses.
const SETTLED_AFTER: Duration = Duration::from_secs(1);
/// A change that never comes to rest is told after this long all the same.
const SETTLED_AT_LAST: Duration = Duration::from_secs(5);

/// Says each time that the network has changed.
pub type NetworkChanges = BoxStream<'static, ()>;

type Addresses = BTreeSet<IpAddr>;

/// The changes of this machine's network. Where they cannot be watched, that is logged and none ever comes. To be
/// polled inside a tokio runtime.
pub fn changes() -> NetworkChanges {
    settled(stream::unfold(None, next_addresses)).boxed()
}

/// A network that never changes.
pub fn unchanging() -> NetworkChanges {
    stream::pending().boxed()
}

/// The addresses there are, then each time that they have become others.
async fn next_addresses(watch: Option<AsyncWatch>) -> Option<(Addresses, Option<AsyncWatch>)> {
    let mut watch = match watch {
        Some(watch) => watch,
        None => match netwatcher::watch_interfaces_async::<Tokio>() {
            Ok(watch) => watch,
            Err(error) => {
                tracing::warn!(%error, "changes of the network go unnoticed");
                return None;
            }
        },
    };
    let update = watch.changed().await;
    Some((addresses(update.interfaces.values()), Some(watch)))
}

fn addresses<'a>(interfaces: impl Iterator<Item = &'a Interface>) -> Addresses {
    interfaces.flat_map(|interface| &interface.ips).map(|record| record.ip).filter(leads_somewhere).collect()
}

fn leads_somewhere(address: &IpAddr) -> bool {
    let link_local = match address {
        IpAddr::V4(address) => address.is_link_local(),
        IpAddr::V6(address) => Ipv6Addr::is_unicast_link_local(address),
    };
    !(link_local || address.is_loopback() || address.is_unspecified())
}

/// Says when addresses have come to rest and are others than before.
fn settled(addresses: impl Stream<Item = Addresses> + Send + 'static) -> impl Stream<Item = ()> + Send {
    let state = (addresses.fuse().boxed(), None::<Addresses>);
    stream::unfold(state, |(mut addresses, mut told)| async move {
        loop {
            let mut latest = addresses.next().await?;
            let Some(before) = &told else {
                told = Some(latest);
                continue;
            };
            if latest == *before {
                continue;
            }
            let at_last = Instant::now() + SETTLED_AT_LAST;
            while let Ok(Some(newer)) =
                timeout_at(at_last.min(Instant::now() + SETTLED_AFTER), addresses.next()).await
            {
                latest = newer;
            }
            if latest != *before {
                return Some(((), (addresses, Some(latest))));
            }
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use tokio::sync::mpsc::{UnboundedSender, unbounded_channel};

    fn these(addresses: &[&str]) -> Addresses {
        addresses.iter().map(|address| address.parse().unwrap()).collect()
    }

    /// A watch whose addresses the test sets.
    fn watched() -> (UnboundedSender<Addresses>, impl Stream<Item = ()> + Unpin) {
        let (sender, receiver) = unbounded_channel();
        let addresses =
            stream::unfold(receiver, |mut receiver| async move { Some((receiver.recv().await?, receiver)) });
        (sender, settled(addresses).boxed())
    }

    #[tokio::test(start_paused = true)]
    async fn a_change_is_told_once_when_it_has_come_to_rest() {
        let (set, mut changes) = watched();
        set.send(these(&["10.0.0.2"])).unwrap();
        set.send(these(&[])).unwrap();
        set.send(these(&["192.168.1.7", "2001:db8::7"])).unwrap();
        let began = Instant::now();
        changes.next().await.unwrap();
        assert_eq!(began.elapsed(), SETTLED_AFTER);
        drop(set);
        assert_eq!(changes.next().await, None, "told once");
    }

    #[tokio::test(start_paused = true)]
    async fn what_goes_and_comes_back_at_once_is_no_change() {
        let (set, mut changes) = watched();
        for addresses in [&["10.0.0.2"][..], &[], &["10.0.0.2"]] {
            set.send(these(addresses)).unwrap();
        }
        drop(set);
        assert_eq!(changes.next().await, None);
    }

    #[tokio::test(start_paused = true)]
    async fn addresses_that_never_rest_are_told_all_the_same() {
        let (set, mut changes) = watched();
        let restless = tokio::spawn(async move {
            for i in 0_u32.. {
                let _ = set.send([IpAddr::from(i.to_be_bytes())].into());
                tokio::time::sleep(Duration::from_millis(300)).await;
            }
        });
        let began = Instant::now();
        changes.next().await.unwrap();
        assert!(began.elapsed() <= SETTLED_AT_LAST + SETTLED_AFTER, "after {:?}", began.elapsed());
        restless.abort();
    }

    #[test]
    fn addresses_that_lead_nowhere_do_not_count() {
        for (address, counts) in [
            ("127.0.0.1", false),
            ("::1", false),
            ("169.254.3.4", false),
            ("fe80::1", false),
            ("0.0.0.0", false),
            ("192.168.1.7", true),
            ("fd00::7", true),
            ("2001:db8::7", true),
        ] {
            assert_eq!(leads_somewhere(&address.parse().unwrap()), counts, "{address}");
        }
    }

    #[tokio::test]
    async fn this_machine_can_be_watched() {
        assert!(next_addresses(None).await.is_some());
    }
}
