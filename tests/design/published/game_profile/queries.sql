-- name: friends
-- rate: 20/s
SELECT * FROM friendship WHERE player_id = :player;

-- name: whole_profile
-- rate: 40/s
SELECT * FROM player WHERE player_id = :player;
SELECT * FROM friendship WHERE player_id = :player;
SELECT * FROM item_held WHERE player_id = :player;

-- name: items
-- rate: 30/s
SELECT * FROM item_held WHERE player_id = :player;

-- name: one_item
-- rate: 30/s
SELECT * FROM item_held WHERE player_id = :player AND item_name = :item;

-- name: set_health
-- rate: 200/s
UPDATE player SET health = :health WHERE player_id = :player;

-- name: set_quantity
-- rate: 100/s
UPDATE item_held SET quantity = :quantity WHERE player_id = :player AND item_name = :item;
