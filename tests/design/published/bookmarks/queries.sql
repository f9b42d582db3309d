-- name: customer
-- rate: 20/s
SELECT * FROM customer WHERE customer_id = :customer;

-- name: customer_by_email
-- rate: 5/s
SELECT * FROM customer WHERE email = :email;

-- name: customer_with_bookmarks
-- rate: 10/s
SELECT * FROM customer WHERE customer_id = :customer;
SELECT * FROM bookmark WHERE customer_id = :customer;

-- name: bookmark
-- rate: 20/s
SELECT * FROM bookmark WHERE customer_id = :customer AND url = :url;

-- name: bookmarks_of_folder
-- rate: 10/s
SELECT * FROM bookmark WHERE customer_id = :customer AND folder = :folder;

-- name: bookmarks_of_url
-- rate: 1/s
SELECT * FROM bookmark WHERE url = :url ORDER BY created_date;

-- name: file_away
-- rate: 1/s
UPDATE bookmark SET folder = :folder, updated_date = :day WHERE customer_id = :customer AND url = :url;

-- name: keep
-- rate: 3/s
INSERT INTO bookmark (customer_id, url, folder, title, created_date, updated_date)
VALUES (:customer, :url, :folder, :title, :day, :day);
