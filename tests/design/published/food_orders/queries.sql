-- name: restaurant
-- rate: 40/s
SELECT * FROM restaurant WHERE restaurant_id = :restaurant;

-- name: restaurant_with_menu
-- rate: 40/s
SELECT * FROM restaurant WHERE restaurant_id = :restaurant;
SELECT * FROM dish WHERE restaurant_id = :restaurant;

-- name: dish
-- rate: 10/s
SELECT * FROM dish WHERE restaurant_id = :restaurant AND dish_id = :dish;

-- name: restaurants_of_area
-- rate: 30/s
SELECT * FROM restaurant WHERE area = :area ORDER BY rating DESC LIMIT 20;

-- name: customer
-- rate: 20/s
SELECT * FROM customer WHERE customer_id = :customer;

-- name: customer_with_addresses
-- rate: 10/s
SELECT * FROM customer WHERE customer_id = :customer;
SELECT * FROM address WHERE customer_id = :customer;

-- name: order
-- rate: 30/s
SELECT * FROM food_order WHERE order_id = :order;

-- name: order_with_lines
-- rate: 20/s
SELECT * FROM food_order WHERE order_id = :order;
SELECT * FROM order_line WHERE order_id = :order;

-- name: orders_of_customer
-- rate: 10/s
SELECT * FROM food_order WHERE customer_id = :customer ORDER BY ordered_at DESC LIMIT 10;

-- name: open_orders_of_restaurant
-- rate: 20/s
SELECT * FROM food_order WHERE restaurant_id = :restaurant AND state = :state ORDER BY ordered_at;

-- name: reviews_of_restaurant
-- rate: 10/s
SELECT * FROM review WHERE restaurant_id = :restaurant;

-- name: review_of_customer
-- rate: 1/s
SELECT * FROM review WHERE restaurant_id = :restaurant AND customer_id = :customer;

-- name: place_order
-- rate: 3/s
INSERT INTO food_order (order_id, customer_id, restaurant_id, ordered_at, state)
VALUES (:order, :customer, :restaurant, :at, 'placed');
INSERT INTO order_line (order_id, dish_id, quantity) VALUES (:order, :dish, :quantity);

-- name: set_state
-- rate: 6/s
UPDATE food_order SET state = :state WHERE order_id = :order;
