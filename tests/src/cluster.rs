//! Several of this project's servers as one: nodes over one PostgreSQL and one Redis, and eyes that see what people see
//! and what the database says.

mod database;
mod eyes;
mod node;
mod pass;

use std::net::SocketAddr;

use anyhow::{Context, Result, ensure};
use serde_json::{Value, json};
use tokio::sync::{Semaphore, SemaphorePermit};

pub use database::Database;
pub use eyes::{Eyes, listed};
pub use node::{Node, NodeOptions};
pub use pass::Pass;

use crate::{
    node::SeedUser,
    process::Signal,
    services::{nginx::Nginx, postgres::Postgres, redis::Redis},
};

/// How many clusters run at once in one program: each is half a dozen processes, and a machine that cannot keep up says
/// little about how quick they are.
static AT_ONCE: Semaphore = Semaphore::const_new(2);

/// Nodes and what they share. The fields are at hand so that a test can take any of it away.
#[derive(Debug)]
pub struct Cluster {
    /// Where the accounts are.
    pub postgres: Postgres,
    /// What the nodes speak over.
    pub redis: Redis,
    /// All nodes, also those that were stopped.
    pub nodes: Vec<Node>,
    _place: SemaphorePermit<'static>,
}

impl Cluster {
    /// Starts `count` nodes, called `node-0` and so on.
    ///
    /// # Errors
    /// When something is not installed, not built, or does not start.
    pub async fn start(count: usize) -> Result<Self> {
        let place = AT_ONCE.acquire().await?;
        let (postgres, redis) = tokio::try_join!(Postgres::start(), Redis::start())?;
        let mut cluster = Self { postgres, redis, nodes: Vec::new(), _place: place };
        for _ in 0..count {
            cluster.add_node().await?;
        }
        Ok(cluster)
    }

    /// Starts one more node, and gives its place among the nodes.
    ///
    /// # Errors
    /// When it does not start.
    pub async fn add_node(&mut self) -> Result<usize> {
        let place = self.nodes.len();
        let options =
            NodeOptions::of_cluster(&self.postgres.url(), &self.redis.url(), &format!("node-{place}"));
        self.nodes.push(Node::start(options).await?);
        Ok(place)
    }

    /// The node at `place`.
    ///
    /// # Errors
    /// When there is none.
    pub fn node(&mut self, place: usize) -> Result<&mut Node> {
        self.nodes.get_mut(place).with_context(|| format!("there is no node {place}"))
    }

    /// The URL of the node at `place`; empty when there is none.
    #[must_use]
    pub fn url(&self, place: usize) -> &str {
        self.nodes.get(place).map_or("", Node::url)
    }

    /// Where all nodes listen.
    #[must_use]
    pub fn addresses(&self) -> Vec<SocketAddr> {
        self.nodes.iter().map(Node::address).collect()
    }

    /// nginx before all nodes.
    ///
    /// # Errors
    /// When it does not start.
    pub async fn nginx(&self) -> Result<Nginx> {
        Nginx::start(&self.addresses()).await
    }

    /// What the accounts say about who is online.
    ///
    /// # Errors
    /// When the database is away.
    pub async fn database(&self) -> Result<Database> {
        Database::open(&self.postgres.url()).await
    }

    /// Ends a node by `signal` and waits for that.
    ///
    /// # Errors
    /// When there is none, or it does not end.
    pub async fn stop(&mut self, place: usize, signal: Signal) -> Result<()> {
        self.node(place)?.stop(signal).await
    }

    /// Makes accounts for these people, at the first node.
    ///
    /// # Errors
    /// When the server refuses.
    pub async fn sign_up(&self, people: &[SeedUser]) -> Result<()> {
        sign_up(self.url(0), people).await
    }
}

/// Makes an account for each of them.
///
/// # Errors
/// When the server refuses, or is away.
pub async fn sign_up(url: &str, people: &[SeedUser]) -> Result<()> {
    for user in people {
        let person = json!({"firstName": user.first_name, "lastName": user.last_name, "email": user.email,
                            "password": user.password, "from": "signup"});
        let body = json!({ "newUser": person });
        let answer = pass::post(&format!("{url}/api/auth/signUp"), None, &body).await?;
        ensure!(
            answer.get("success") == Some(&Value::Bool(true)),
            "{} gets no account: {answer}",
            user.email
        );
    }
    Ok(())
}
