-- Accounts and their sessions. Times are whole seconds since the Unix epoch, flags 0 or 1: the same statements
-- are to do for SQLite, which has no booleans.

CREATE TABLE users (
    id             TEXT PRIMARY KEY NOT NULL,
    -- Normalised (trimmed, lower case), so that comparing is comparing bytes.
    email          TEXT NOT NULL UNIQUE,
    first_name     TEXT NOT NULL,
    last_name      TEXT NOT NULL,
    -- Argon2id, as a PHC string.
    password_hash  TEXT NOT NULL,
    verify_code    TEXT NOT NULL UNIQUE,
    verified       SMALLINT NOT NULL DEFAULT 0,
    is_connected   SMALLINT NOT NULL DEFAULT 0,
    created_at     BIGINT NOT NULL,
    disabled       SMALLINT NOT NULL DEFAULT 0,
    invisible      SMALLINT NOT NULL DEFAULT 0,
    status_line    TEXT NOT NULL DEFAULT '',
    -- When the user was last seen to go; null for those who never were.
    last_online    BIGINT,
    -- When the verification link was last sent; 0 for never.
    verify_sent_at BIGINT NOT NULL DEFAULT 0
);

CREATE TABLE sessions (
    id         BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    user_id    TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    -- SHA-256 of the token; the token itself is never stored.
    token_hash BYTEA NOT NULL UNIQUE,
    created_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    signed_in  SMALLINT NOT NULL,
    -- Whether a socket has ever proved itself with this session's token.
    had_socket SMALLINT NOT NULL DEFAULT 0
);

CREATE INDEX sessions_by_user ON sessions (user_id);
CREATE INDEX sessions_by_expiry ON sessions (expires_at);

-- Counters. `revocations` grows when sessions are taken away behind the back of a server that runs.
CREATE TABLE marks (
    name  TEXT PRIMARY KEY NOT NULL,
    value BIGINT NOT NULL
);
INSERT INTO marks (name, value) VALUES ('revocations', 0);
