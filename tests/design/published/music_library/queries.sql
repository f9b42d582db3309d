-- name: song
-- rate: 100/s
SELECT * FROM song WHERE song_id = :song;

-- name: song_of_artist
-- rate: 10/s
SELECT * FROM song WHERE artist_id = :artist AND title = :title;

-- name: songs_of_artist
-- rate: 20/s
SELECT * FROM song WHERE artist_id = :artist ORDER BY title;

-- name: downloads_of_song
-- rate: 1/s
SELECT * FROM download WHERE song_id = :song ORDER BY downloaded_at DESC LIMIT 100;

-- name: downloads_in_month
-- rate: 10/s
SELECT * FROM monthly_downloads WHERE song_id = :song AND month = :month;

-- name: top_songs_of_month
-- rate: 5/s
SELECT song_id, downloads FROM monthly_downloads WHERE month = :month ORDER BY downloads DESC LIMIT 10;

-- name: download
-- rate: 20/s
INSERT INTO download (download_id, song_id, downloaded_at) VALUES (:download, :song, :at);

-- name: count_download
-- rate: 2/s
UPDATE monthly_downloads SET downloads = :downloads WHERE song_id = :song AND month = :month;
