//! Plays rows, as many at a time as the machine takes, and says how each client did.

use std::{rc::Rc, time::Duration};

use tokio::{
    sync::Semaphore,
    task::{JoinSet, LocalSet},
    time::timeout,
};

use super::{Client, Figures, Row, Stage, Verdict, Way};

/// Units of weight that are played at one time: most of a row is waiting.
const AT_ONCE: usize = 14;
/// No row takes longer when all is well.
const LIMIT: Duration = Duration::from_secs(100);

static PLACES: Semaphore = Semaphore::const_new(AT_ONCE);

/// Plays one row with one client on one way.
pub async fn judge(row: &'static Row, client: Client, way: Way) -> Verdict {
    if !row.ways.contains(&way) {
        return Verdict::NotApplicable;
    }
    if !client.ways().contains(&way) {
        return Verdict::NotOffered("WebSocket only");
    }
    if let Some(lacking) = row.lacking(client) {
        return Verdict::NotOffered(lacking);
    }
    // Never closed, so this cannot fail.
    let Ok(_place) = PLACES.acquire_many(row.weight).await else { return Verdict::NotApplicable };
    let mut stage = match Stage::set(client, way).await {
        Ok(stage) => stage,
        Err(error) => return Verdict::Fail(format!("no stage: {error:#}"), Figures::default()),
    };
    let played = timeout(LIMIT, async {
        (row.play)(&mut stage).await?;
        stage.conclude().await
    });
    let result = played.await.unwrap_or_else(|_| Err(anyhow::anyhow!("took longer than {LIMIT:?}")));
    stage.count_attempts();
    match result {
        Ok(()) => Verdict::Pass(stage.figures.clone()),
        Err(error) => Verdict::Fail(format!("{error:#}"), stage.figures.clone()),
    }
}

/// Plays all of these; `told` hears of each when it is done. In the order in which they were given.
pub async fn judge_all(
    runs: Vec<(&'static Row, Client, Way)>,
    told: impl Fn(&Row, Client, Way, &Verdict) + 'static,
) -> Vec<Verdict> {
    let told = Rc::new(told);
    let local = LocalSet::new();
    let playing = local.run_until(async move {
        let mut tasks = JoinSet::new();
        let count = runs.len();
        for (number, (row, client, way)) in runs.into_iter().enumerate() {
            let told = Rc::clone(&told);
            tasks.spawn_local(async move {
                let verdict = judge(row, client, way).await;
                told(row, client, way, &verdict);
                (number, verdict)
            });
        }
        let mut verdicts = vec![Verdict::NotApplicable; count];
        while let Some(done) = tasks.join_next().await {
            if let Ok((number, verdict)) = done
                && let Some(place) = verdicts.get_mut(number)
            {
                *place = verdict;
            }
        }
        verdicts
    });
    playing.await
}
