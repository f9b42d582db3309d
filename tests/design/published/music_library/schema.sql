CREATE TABLE artist (artist_id TEXT PRIMARY KEY, artist_name TEXT NOT NULL);
CREATE TABLE song (
    song_id TEXT PRIMARY KEY,
    artist_id TEXT NOT NULL REFERENCES artist (artist_id),
    title TEXT NOT NULL,
    album TEXT NOT NULL,
    total_downloads INTEGER NOT NULL,
    UNIQUE (artist_id, title)
);
CREATE TABLE download (
    download_id TEXT PRIMARY KEY,
    song_id TEXT NOT NULL REFERENCES song (song_id),
    downloaded_at TEXT NOT NULL
);
CREATE TABLE monthly_downloads (
    song_id TEXT NOT NULL REFERENCES song (song_id),
    month TEXT NOT NULL,
    downloads INTEGER NOT NULL,
    PRIMARY KEY (song_id, month)
);
