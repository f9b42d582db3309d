CREATE TABLE chatter (chatter_id TEXT PRIMARY KEY, nickname TEXT NOT NULL);
CREATE TABLE room (
    room_id TEXT PRIMARY KEY,
    title TEXT NOT NULL,
    created_by TEXT NOT NULL REFERENCES chatter (chatter_id)
);
CREATE TABLE room_member (
    room_id TEXT NOT NULL REFERENCES room (room_id),
    chatter_id TEXT NOT NULL REFERENCES chatter (chatter_id),
    last_read_at TEXT,
    PRIMARY KEY (room_id, chatter_id)
);
CREATE TABLE message (
    message_id TEXT PRIMARY KEY,
    room_id TEXT NOT NULL REFERENCES room (room_id),
    chatter_id TEXT NOT NULL REFERENCES chatter (chatter_id),
    sent_at TEXT NOT NULL,
    body TEXT NOT NULL
);
