-- name: store
-- rate: 20/s
SELECT * FROM store WHERE store_number = :store;

-- name: in_country
-- rate: 1/s
SELECT * FROM store WHERE country = :country;

-- name: in_state
-- rate: 10/s
SELECT * FROM store WHERE country = :country AND state = :state;

-- name: in_city
-- rate: 20/s
SELECT * FROM store WHERE country = :country AND state = :state AND city = :city;

-- name: in_zip
-- rate: 30/s
SELECT * FROM store WHERE country = :country AND state = :state AND city = :city AND zip_code = :zip;

-- name: in_states_between
-- rate: 0.1/s
SELECT * FROM store WHERE country = :country AND state >= :begin AND state < :end;

-- name: open_store
-- rate: 1/h
INSERT INTO store (store_number, country, state, city, zip_code, street, opened_date)
VALUES (:store, :country, :state, :city, :zip, :street, :day);
