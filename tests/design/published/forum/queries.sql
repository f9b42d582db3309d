-- name: forum
-- rate: 10/s
SELECT * FROM forum WHERE forum_name = :forum;

-- name: threads_of_forum
-- rate: 20/s
SELECT * FROM thread WHERE forum_name = :forum ORDER BY subject;

-- name: thread
-- rate: 10/s
SELECT * FROM thread WHERE forum_name = :forum AND subject = :subject;

-- name: lately_active_threads
-- rate: 20/s
SELECT * FROM thread WHERE forum_name = :forum AND last_posted_at >= :since ORDER BY last_posted_at DESC LIMIT 20;

-- name: replies
-- rate: 40/s
SELECT * FROM reply WHERE forum_name = :forum AND subject = :subject ORDER BY replied_at;

-- name: latest_reply
-- rate: 5/s
SELECT * FROM reply WHERE forum_name = :forum AND subject = :subject ORDER BY replied_at DESC LIMIT 1;

-- name: replies_since
-- rate: 5/s
SELECT * FROM reply WHERE forum_name = :forum AND subject = :subject AND replied_at > :since ORDER BY replied_at;

-- name: replies_of_poster
-- rate: 1/s
SELECT * FROM reply WHERE posted_by = :poster;

-- name: post_reply
-- rate: 3/s
INSERT INTO reply (forum_name, subject, replied_at, posted_by, message)
VALUES (:forum, :subject, :at, :poster, :message);

-- name: touch_thread
-- rate: 3/s
UPDATE thread SET last_posted_at = :at WHERE forum_name = :forum AND subject = :subject;
