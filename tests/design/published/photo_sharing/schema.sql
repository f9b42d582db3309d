CREATE TABLE member (username TEXT PRIMARY KEY, address TEXT, joined_at TEXT NOT NULL);
CREATE TABLE photo (
    username TEXT NOT NULL REFERENCES member (username),
    taken_at TEXT NOT NULL,
    caption TEXT,
    PRIMARY KEY (username, taken_at)
);
CREATE TABLE reaction (
    photo_owner TEXT NOT NULL,
    taken_at TEXT NOT NULL,
    reacting_member TEXT NOT NULL REFERENCES member (username),
    reaction_type TEXT NOT NULL,
    reacted_at TEXT NOT NULL,
    PRIMARY KEY (photo_owner, taken_at, reacting_member),
    FOREIGN KEY (photo_owner, taken_at) REFERENCES photo (username, taken_at)
);
CREATE TABLE friendship (
    follower TEXT NOT NULL REFERENCES member (username),
    followed TEXT NOT NULL REFERENCES member (username),
    since_date TEXT NOT NULL,
    PRIMARY KEY (follower, followed)
);
