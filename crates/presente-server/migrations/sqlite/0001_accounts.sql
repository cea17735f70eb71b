-- Accounts and their sessions. Times are whole seconds since the Unix epoch.

CREATE TABLE users (
    id            TEXT PRIMARY KEY NOT NULL,
    -- Normalised (trimmed, lower case), so that comparing is comparing bytes.
    email         TEXT NOT NULL UNIQUE,
    first_name    TEXT NOT NULL,
    last_name     TEXT NOT NULL,
    -- Argon2id, as a PHC string.
    password_hash TEXT NOT NULL,
    verify_code   TEXT NOT NULL UNIQUE,
    verified      INTEGER NOT NULL DEFAULT 0,
    is_connected  INTEGER NOT NULL DEFAULT 0,
    created_at    INTEGER NOT NULL
);

CREATE TABLE sessions (
    -- AUTOINCREMENT: the number of a deleted session is never given to another one.
    id         INTEGER PRIMARY KEY AUTOINCREMENT,
    user_id    TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    -- SHA-256 of the token; the token itself is never stored.
    token_hash BLOB NOT NULL UNIQUE,
    created_at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL,
    signed_in  INTEGER NOT NULL,
    -- Whether a socket has ever proved itself with this session's token.
    had_socket INTEGER NOT NULL DEFAULT 0
);

CREATE INDEX sessions_by_user ON sessions (user_id);
CREATE INDEX sessions_by_expiry ON sessions (expires_at);
