-- Times are seconds since 1970 in UTC.
CREATE TABLE accounts (
    account INTEGER PRIMARY KEY,
    server TEXT NOT NULL,
    login TEXT NOT NULL,
    UNIQUE (server, login)
);

CREATE TABLE people (
    person INTEGER PRIMARY KEY,
    account INTEGER NOT NULL REFERENCES accounts ON DELETE CASCADE,
    id TEXT NOT NULL,
    name TEXT NOT NULL,
    -- Of the time before, nothing is known but what spans say.
    known_from INTEGER NOT NULL,
    last_online INTEGER,
    UNIQUE (account, id)
);

CREATE TABLE spans (
    person INTEGER NOT NULL REFERENCES people ON DELETE CASCADE,
    began INTEGER NOT NULL,
    ended INTEGER,
    state INTEGER NOT NULL CHECK (state BETWEEN 0 AND 2),
    PRIMARY KEY (person, began)
) WITHOUT ROWID;

CREATE UNIQUE INDEX spans_open ON spans (person) WHERE ended IS NULL;

CREATE TABLE watched (
    account INTEGER NOT NULL REFERENCES accounts ON DELETE CASCADE,
    began INTEGER NOT NULL,
    ended INTEGER NOT NULL,
    PRIMARY KEY (account, began)
) WITHOUT ROWID;

PRAGMA user_version = 1;
