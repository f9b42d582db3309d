-- name: member
-- rate: 20/s
SELECT * FROM member WHERE username = :member;

-- name: photos_of_member
-- rate: 20/s
SELECT * FROM photo WHERE username = :member ORDER BY taken_at DESC;

-- name: member_with_photos
-- rate: 10/s
SELECT * FROM member WHERE username = :member;
SELECT * FROM photo WHERE username = :member ORDER BY taken_at DESC LIMIT 20;

-- name: photo_with_reactions
-- rate: 40/s
SELECT * FROM photo WHERE username = :member AND taken_at = :taken;
SELECT * FROM reaction WHERE photo_owner = :member AND taken_at = :taken;

-- name: reactions_of_photo
-- rate: 10/s
SELECT * FROM reaction WHERE photo_owner = :member AND taken_at = :taken;

-- name: followers
-- rate: 5/s
SELECT follower FROM friendship WHERE followed = :member;

-- name: followed
-- rate: 5/s
SELECT followed FROM friendship WHERE follower = :member;

-- name: react
-- rate: 20/s
INSERT INTO reaction (photo_owner, taken_at, reacting_member, reaction_type, reacted_at)
VALUES (:owner, :taken, :member, :reaction, :at);

-- name: upload
-- rate: 2/s
INSERT INTO photo (username, taken_at, caption) VALUES (:member, :taken, :caption);

-- name: befriend
-- rate: 1/s
INSERT INTO friendship (follower, followed, since_date) VALUES (:member, :other, :day);
