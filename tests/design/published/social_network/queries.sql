-- name: member
-- rate: 50/s
SELECT * FROM member WHERE member_id = :member;

-- name: followers
-- rate: 5/s
SELECT follower_id FROM follow WHERE followed_id = :member;

-- name: followed
-- rate: 10/s
SELECT followed_id FROM follow WHERE follower_id = :member;

-- name: posts_of_member
-- rate: 10/s
SELECT post_id, posted_at, body FROM post WHERE author_id = :member ORDER BY posted_at DESC LIMIT 20;

-- name: likes_of_post
-- rate: 4/s
SELECT member_id FROM post_like WHERE post_id = :post;

-- name: like_count
-- rate: 40/s
SELECT count(*) FROM post_like WHERE post_id = :post;

-- name: comments_of_post
-- rate: 20/s
SELECT * FROM comment WHERE post_id = :post ORDER BY written_at LIMIT 50;

-- name: timeline_of_member
-- rate: 60/s
SELECT t.posted_at, t.post_id, p.author_id, p.body
FROM timeline t JOIN post p ON p.post_id = t.post_id
WHERE t.member_id = :member ORDER BY t.posted_at DESC LIMIT 20;

-- name: timeline_by_join
SELECT p.post_id, p.body FROM follow f JOIN post p ON p.author_id = f.followed_id
WHERE f.follower_id = :member ORDER BY p.posted_at DESC LIMIT 20;

-- name: publish
-- rate: 1/s
INSERT INTO post (post_id, author_id, posted_at, body) VALUES (:post, :member, :at, :body);

-- name: fan_out
-- rate: 20/s
INSERT INTO timeline (member_id, posted_at, post_id) VALUES (:member, :at, :post);

-- name: like
-- rate: 8/s
INSERT INTO post_like (post_id, member_id) VALUES (:post, :member);

-- name: start_following
-- rate: 1/s
INSERT INTO follow (follower_id, followed_id, followed_at) VALUES (:member, :other, :at);

-- name: stop_following
-- rate: 0.2/s
DELETE FROM follow WHERE follower_id = :member AND followed_id = :other;
