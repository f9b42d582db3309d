CREATE TABLE member (
    member_id TEXT PRIMARY KEY,
    display_name TEXT NOT NULL,
    about TEXT,
    joined_at TEXT NOT NULL
);
CREATE TABLE follow (
    follower_id TEXT NOT NULL REFERENCES member (member_id),
    followed_id TEXT NOT NULL REFERENCES member (member_id),
    followed_at TEXT NOT NULL,
    PRIMARY KEY (follower_id, followed_id)
);
CREATE TABLE post (
    post_id TEXT PRIMARY KEY,
    author_id TEXT NOT NULL REFERENCES member (member_id),
    posted_at TEXT NOT NULL,
    body TEXT NOT NULL
);
CREATE TABLE post_like (
    post_id TEXT NOT NULL REFERENCES post (post_id),
    member_id TEXT NOT NULL REFERENCES member (member_id),
    PRIMARY KEY (post_id, member_id)
);
CREATE TABLE comment (
    comment_id TEXT PRIMARY KEY,
    post_id TEXT NOT NULL REFERENCES post (post_id),
    member_id TEXT NOT NULL REFERENCES member (member_id),
    written_at TEXT NOT NULL,
    body TEXT NOT NULL
);
CREATE TABLE timeline (
    member_id TEXT NOT NULL REFERENCES member (member_id),
    posted_at TEXT NOT NULL,
    post_id TEXT NOT NULL REFERENCES post (post_id),
    PRIMARY KEY (member_id, post_id)
);
