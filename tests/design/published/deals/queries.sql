-- name: deal
-- rate: 200/s
SELECT * FROM deal WHERE deal_id = :deal;

-- name: latest_deals_of_day
-- rate: 50/s
SELECT * FROM deal WHERE created_day = :day ORDER BY created_at DESC LIMIT 25;

-- name: latest_deals
-- rate: 50/s
SELECT * FROM deal ORDER BY created_at DESC LIMIT 25;

-- name: latest_deals_of_brand
-- rate: 20/s
SELECT * FROM deal WHERE brand_name = :brand ORDER BY created_at DESC LIMIT 25;

-- name: latest_deals_of_category
-- rate: 20/s
SELECT * FROM deal WHERE category_name = :category ORDER BY created_at DESC LIMIT 25;

-- name: brand_page
-- rate: 20/s
SELECT * FROM brand WHERE brand_name = :brand;
SELECT * FROM deal WHERE brand_name = :brand ORDER BY created_at DESC LIMIT 10;

-- name: brands
-- rate: 2/s
SELECT brand_name FROM brand ORDER BY brand_name;

-- name: featured_categories
-- rate: 20/s
SELECT category_name FROM category WHERE featured = 1;

-- name: watchers_of_brand
-- rate: 1/s
SELECT username FROM brand_watch WHERE brand_name = :brand;

-- name: has_liked
-- rate: 5/s
SELECT username FROM brand_like WHERE brand_name = :brand AND username = :shopper;

-- name: shopper
-- rate: 20/s
SELECT * FROM shopper WHERE username = :shopper;

-- name: messages
-- rate: 10/s
SELECT * FROM message WHERE username = :shopper ORDER BY sent_at DESC LIMIT 20;

-- name: unread_messages
-- rate: 20/s
SELECT * FROM message WHERE username = :shopper AND unread_since_date IS NOT NULL ORDER BY unread_since_date DESC LIMIT 20;

-- name: create_deal
-- rate: 0.1/s
INSERT INTO deal (deal_id, title, price, brand_name, category_name, created_day, created_at)
VALUES (:deal, :title, :price, :brand, :category, :day, :at);

-- name: like_brand
-- rate: 1/s
INSERT INTO brand_like (brand_name, username) VALUES (:brand, :shopper);
UPDATE brand SET likes = :likes WHERE brand_name = :brand;

-- name: send_message
-- rate: 5/s
INSERT INTO message (message_id, username, sent_at, body, unread_since_date)
VALUES (:message, :shopper, :at, :body, :at);

-- name: mark_read
-- rate: 4/s
UPDATE message SET unread_since_date = NULL WHERE message_id = :message;
