-- What people choose for all their devices, what the operator decides, and what is remembered about them.
-- Flags are 0 or 1, times whole seconds since the Unix epoch.

ALTER TABLE users ADD COLUMN disabled INTEGER NOT NULL DEFAULT 0;
ALTER TABLE users ADD COLUMN invisible INTEGER NOT NULL DEFAULT 0;
ALTER TABLE users ADD COLUMN status_line TEXT NOT NULL DEFAULT '';
-- When the user was last seen to go; null for those who never were.
ALTER TABLE users ADD COLUMN last_online INTEGER;
-- When the verification link was last sent; 0 for never.
ALTER TABLE users ADD COLUMN verify_sent_at INTEGER NOT NULL DEFAULT 0;

-- Counters. `revocations` grows when sessions are taken away behind the back of a server that runs.
CREATE TABLE marks (
    name  TEXT PRIMARY KEY NOT NULL,
    value INTEGER NOT NULL
);
INSERT INTO marks (name, value) VALUES ('revocations', 0);
