//! Open files: every connection is one, and systems allow a process few of them unless it asks for more.

/// Files that are open besides connections: the database, the log, the listener.
const OTHERS: u64 = 200;

/// Asks the system for as many open files as so many connections take, and warns when it gives fewer.
#[cfg(unix)]
pub fn allow_connections(connections: usize) {
    use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
    let wanted = u64::try_from(connections).unwrap_or(u64::MAX).saturating_add(OTHERS);
    let limit = getrlimit(Resource::Nofile);
    if limit.current.is_none_or(|current| current >= wanted) {
        return;
    }
    let current = limit.maximum.map_or(wanted, |most| most.min(wanted));
    let raised = setrlimit(Resource::Nofile, Rlimit { current: Some(current), maximum: limit.maximum });
    let allowed = getrlimit(Resource::Nofile).current.unwrap_or(wanted);
    if raised.is_err() || usize::try_from(allowed).is_ok_and(|allowed| allowed < connections) {
        tracing::warn!(
            "this system allows {allowed} open files, which is not enough for {connections} connections: \
             allow more (ulimit -n), or set fewer connections"
        );
    }
}

/// Other systems have no such limit.
#[cfg(not(unix))]
pub fn allow_connections(_: usize) {}
