-- name: room
-- rate: 10/s
SELECT * FROM room WHERE room_id = :room;

-- name: members_of_room
-- rate: 20/s
SELECT m.chatter_id, c.nickname FROM room_member m JOIN chatter c ON c.chatter_id = m.chatter_id
WHERE m.room_id = :room;

-- name: rooms_of_chatter
-- rate: 20/s
SELECT m.room_id, r.title, m.last_read_at FROM room_member m JOIN room r ON r.room_id = m.room_id
WHERE m.chatter_id = :chatter;

-- name: latest_messages
-- rate: 100/s
SELECT * FROM message WHERE room_id = :room ORDER BY sent_at DESC LIMIT 50;

-- name: messages_since
-- rate: 50/s
SELECT * FROM message WHERE room_id = :room AND sent_at > :since ORDER BY sent_at;

-- name: room_page
-- rate: 20/s
SELECT * FROM room WHERE room_id = :room;
SELECT * FROM message WHERE room_id = :room ORDER BY sent_at DESC LIMIT 50;

-- name: messages_of_chatter
-- rate: 1/s
SELECT * FROM message WHERE chatter_id = :chatter ORDER BY sent_at DESC LIMIT 20;

-- name: send
-- rate: 50/s
INSERT INTO message (message_id, room_id, chatter_id, sent_at, body) VALUES (:message, :room, :chatter, :at, :body);

-- name: mark_read
-- rate: 50/s
UPDATE room_member SET last_read_at = :at WHERE room_id = :room AND chatter_id = :chatter;

-- name: join_room
-- rate: 1/s
INSERT INTO room_member (room_id, chatter_id) VALUES (:room, :chatter);
