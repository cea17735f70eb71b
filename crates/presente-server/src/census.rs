//! The census: which parts of a running server its health depends on, and what is counted when its numbers are
//! read.

use std::sync::Arc;

use socketioxide::{SocketIo, TransportType};

use crate::{
    config::Config,
    fan_out::{FanOut, Kind},
    heart::Heart,
    metrics::{Carrier, Metrics, SocketKind},
    ops::Ops,
    password::Passwords,
    serve::Listening,
    store::Store,
};

/// What the operators of a server are told.
pub(crate) fn ops(
    config: &Config,
    heart: &Heart,
    store: &Store,
    io: &SocketIo,
    passwords: &Passwords,
    listening: &Arc<Listening>,
    metrics: &Metrics,
) -> Ops {
    let ops = Ops::new(metrics.clone(), config.metrics_token.clone()).needs("database", {
        let (store, metrics) = (store.clone(), metrics.clone());
        move || answers(store.clone(), metrics.clone())
    });
    let ops = match config.redis {
        None => ops,
        Some(_) => ops.needs("bus", {
            let register = Arc::clone(&heart.register);
            move || std::future::ready(register.is_bus_up())
        }),
    };
    let (register, board, fan_out) =
        (Arc::clone(&heart.register), Arc::clone(&heart.board), Arc::clone(&heart.fan_out));
    let (io, passwords, listening) = (io.clone(), passwords.clone(), Arc::clone(listening));
    ops.reads(move |metrics| {
        metrics.connections(listening.connections());
        metrics.passwords(passwords.in_hand());
        metrics.nodes(register.nodes());
        metrics.online(board.lists().roster.count());
        count_sockets(&io, &fan_out, metrics);
    })
}

/// Whether the database answers a question that costs it nothing.
async fn answers(store: Store, metrics: Metrics) -> bool {
    let answer = store.answers().await;
    if let Err(error) = &answer {
        tracing::warn!(%error, "the database does not answer");
        metrics.database_failed();
    }
    answer.is_ok()
}

/// Counts the sockets anew: what carries one changes while it is open.
fn count_sockets(io: &SocketIo, fan_out: &FanOut, metrics: &Metrics) {
    let all = io.of("/");
    let carriers = fan_out.open_sockets().into_iter().filter_map(|(socket, kind)| {
        let carrier = match all.as_ref()?.get_socket(socket)?.transport_type() {
            TransportType::Polling => Carrier::Polling,
            TransportType::Websocket => Carrier::Websocket,
        };
        Some((if kind == Kind::Plain { SocketKind::Plain } else { SocketKind::Delta }, carrier))
    });
    let carriers: Vec<_> = carriers.collect();
    for kind in [SocketKind::Plain, SocketKind::Delta] {
        for carrier in [Carrier::Polling, Carrier::Websocket] {
            let count = carriers.iter().filter(|one| **one == (kind, carrier)).count();
            metrics.sockets(kind, carrier, count);
        }
    }
}
