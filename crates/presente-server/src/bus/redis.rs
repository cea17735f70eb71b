//! The bus as a stream of Redis: everybody appends, everybody reads from where they are, in one order for all.
//!
//! A stream rather than publish and subscribe: who was away for a moment reads on where they were. When Redis itself
//! has lost it, the numbers of the nodes show the gap.

use std::time::Duration;

use redis::{
    AsyncConnectionConfig, Client, RedisError, RedisResult,
    aio::MultiplexedConnection,
    cmd, from_redis_value, pipe,
    streams::{StreamId, StreamRangeReply, StreamReadReply},
};
use tokio::{sync::mpsc, time::sleep};
use tokio_util::sync::CancellationToken;

use crate::{
    cluster::{Envelope, Said},
    metrics::Metrics,
};

/// The stream.
const STREAM: &str = "presente:bus";
/// The only field of an entry.
const FIELD: &str = "m";
/// Entries that the stream keeps, about.
const KEPT: usize = 20_000;
/// What may wait to be sent.
const QUEUE: usize = 8192;
/// Entries that are sent or read at once.
const BATCH: usize = 256;
/// How long a reader waits for something new before it asks again.
const WAIT: Duration = Duration::from_millis(500);
/// How long Redis may take to answer.
const PATIENCE: Duration = Duration::from_secs(2);
/// Pause before a new attempt to connect.
const RECOVERY: Duration = Duration::from_millis(200);

/// Why there is no bus.
#[derive(Debug, thiserror::Error)]
pub(crate) enum BusError {
    /// The URL is none.
    #[error("the address of Redis is not valid: it looks like redis://host:6379")]
    Address,
    /// Nobody answers there.
    #[error("Redis does not answer ({0})")]
    Unreachable(RedisError),
}

/// What is to be said, on its way to Redis.
#[derive(Debug)]
pub(crate) struct RedisBus {
    outgoing: mpsc::Sender<Envelope>,
}

/// The tasks of the bus, before they run.
pub(crate) struct RedisTasks {
    client: Client,
    outgoing: mpsc::Receiver<Envelope>,
    incoming: mpsc::Sender<Envelope>,
    /// Where to read on.
    last: Place,
    metrics: Metrics,
}

/// The place of an entry in the stream.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
struct Place(u64, u64);

impl Place {
    fn parse(id: &str) -> Option<Self> {
        let (time, count) = id.split_once('-')?;
        Some(Self(time.parse().ok()?, count.parse().ok()?))
    }

    fn id(self) -> String {
        format!("{}-{}", self.0, self.1)
    }
}

impl RedisBus {
    /// Connects; what nodes say from here on comes out of the receiver once the tasks run.
    pub(crate) async fn connect(
        url: &str,
        metrics: Metrics,
    ) -> Result<(Self, RedisTasks, mpsc::Receiver<Envelope>), BusError> {
        let client = Client::open(url).map_err(|_| BusError::Address)?;
        let mut connection = open(&client).await.map_err(BusError::Unreachable)?;
        let last = newest(&mut connection).await.map_err(BusError::Unreachable)?;
        let (outgoing, to_send) = mpsc::channel(QUEUE);
        let (incoming, received) = mpsc::channel(BATCH);
        let tasks = RedisTasks { client, outgoing: to_send, incoming, last, metrics };
        Ok((Self { outgoing }, tasks, received))
    }

    pub(super) fn say(&self, envelope: Envelope) {
        if self.outgoing.try_send(envelope).is_err() {
            tracing::debug!("too much waits for Redis; the other nodes will ask for what they miss");
        }
    }
}

impl RedisTasks {
    /// Sends and receives until `stop` is cancelled; then sends what is still waiting, if Redis is there.
    pub(crate) async fn run(self, stop: CancellationToken) {
        let Self { client, outgoing, incoming, last, metrics } = self;
        let write = write(client.clone(), outgoing, stop.clone(), metrics.clone());
        tokio::join!(write, read(client, incoming, last, stop, metrics));
    }
}

async fn write(
    client: Client,
    mut outgoing: mpsc::Receiver<Envelope>,
    stop: CancellationToken,
    metrics: Metrics,
) {
    let mut connection: Option<MultiplexedConnection> = None;
    let mut batch = Vec::new();
    while !stop.is_cancelled() {
        if batch.is_empty() {
            tokio::select! {
                () = stop.cancelled() => break,
                _ = outgoing.recv_many(&mut batch, BATCH) => {}
            }
        }
        let Err(error) = append(&client, &mut connection, &batch).await else {
            batch.clear();
            continue;
        };
        tracing::warn!(%error, "Redis takes nothing");
        metrics.bus_failed();
        connection = None;
        // Old signs of life are none.
        batch.retain(|envelope| envelope.said != Said::Beat);
        tokio::select! {
            () = stop.cancelled() => {}
            () = sleep(RECOVERY) => {}
        }
    }
    // The last words: without them the others wait until we have been silent long enough.
    while let Ok(envelope) = outgoing.try_recv() {
        batch.push(envelope);
    }
    if let Err(error) = append(&client, &mut connection, &batch).await {
        tracing::warn!(%error, "the other nodes could not be told that this one stops");
    }
}

async fn append(
    client: &Client,
    connection: &mut Option<MultiplexedConnection>,
    batch: &[Envelope],
) -> RedisResult<()> {
    let connection = match connection {
        Some(connection) => connection,
        None => connection.insert(open(client).await?),
    };
    let mut appends = pipe();
    for envelope in batch {
        match rmp_serde::to_vec(envelope) {
            Ok(bytes) => {
                let append = appends.cmd("XADD").arg(STREAM).arg("MAXLEN").arg("~").arg(KEPT);
                append.arg("*").arg(FIELD).arg(bytes).ignore();
            }
            Err(error) => tracing::error!(%error, "something cannot be said to other nodes"),
        }
    }
    appends.query_async(connection).await
}

async fn read(
    client: Client,
    incoming: mpsc::Sender<Envelope>,
    mut last: Place,
    stop: CancellationToken,
    metrics: Metrics,
) {
    loop {
        let reading = read_on(&client, &incoming, &mut last);
        let error = tokio::select! {
            () = stop.cancelled() => return,
            Err(error) = reading => error,
            else => return,
        };
        tracing::warn!(%error, "Redis gives nothing");
        metrics.bus_failed();
        tokio::select! {
            () = stop.cancelled() => return,
            () = sleep(RECOVERY) => {}
        }
    }
}

/// Reads until something goes wrong (the error), or nobody listens any more.
async fn read_on(client: &Client, incoming: &mpsc::Sender<Envelope>, last: &mut Place) -> RedisResult<()> {
    let mut connection = open(client).await?;
    if newest(&mut connection).await? < *last {
        // Redis has lost the stream and begins anew, perhaps with a clock that was set back.
        *last = Place::default();
    }
    loop {
        let mut question = cmd("XREAD");
        question.arg("COUNT").arg(BATCH).arg("BLOCK").arg(u64::try_from(WAIT.as_millis()).unwrap_or(500));
        question.arg("STREAMS").arg(STREAM).arg(last.id());
        let reply: Option<StreamReadReply> = question.query_async(&mut connection).await?;
        for entry in reply.into_iter().flat_map(|reply| reply.keys).flat_map(|stream| stream.ids) {
            if let Some(place) = Place::parse(&entry.id) {
                *last = place;
            }
            if let Some(envelope) = envelope(&entry)
                && incoming.send(envelope).await.is_err()
            {
                return Ok(());
            }
        }
    }
}

/// What an entry holds; nothing where it is not ours, or a later version's.
fn envelope(entry: &StreamId) -> Option<Envelope> {
    let bytes: Vec<u8> = entry.map.get(FIELD).cloned().map(from_redis_value::<Vec<u8>>)?.ok()?;
    let read = rmp_serde::from_slice(&bytes);
    read.inspect_err(|error| tracing::warn!(%error, "a node says what cannot be read")).ok()
}

/// The end of the stream.
async fn newest(connection: &mut MultiplexedConnection) -> RedisResult<Place> {
    let mut question = cmd("XREVRANGE");
    question.arg(STREAM).arg("+").arg("-").arg("COUNT").arg(1);
    let reply: StreamRangeReply = question.query_async(connection).await?;
    Ok(reply.ids.first().and_then(|entry| Place::parse(&entry.id)).unwrap_or_default())
}

async fn open(client: &Client) -> RedisResult<MultiplexedConnection> {
    let config = AsyncConnectionConfig::new()
        .set_connection_timeout(Some(PATIENCE))
        .set_response_timeout(Some(PATIENCE));
    client.get_multiplexed_async_connection_with_config(&config).await
}

#[cfg(test)]
mod tests {
    use super::Place;

    #[test]
    fn places_are_ordered_as_redis_orders_them() {
        let place = |id| Place::parse(id).map(Place::id);
        assert_eq!(place("1700000000000-12").as_deref(), Some("1700000000000-12"));
        assert_eq!(place("nonsense"), None);
        assert!(Place::parse("9-10") > Place::parse("9-9"));
        assert!(Place::parse("10-0") > Place::parse("9-99"));
    }
}
