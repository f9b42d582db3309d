CREATE TABLE restaurant (restaurant_id TEXT PRIMARY KEY, title TEXT NOT NULL, area TEXT NOT NULL, rating NUMERIC);
CREATE TABLE dish (
    restaurant_id TEXT NOT NULL REFERENCES restaurant (restaurant_id),
    dish_id TEXT NOT NULL,
    title TEXT NOT NULL,
    price NUMERIC NOT NULL,
    PRIMARY KEY (restaurant_id, dish_id)
);
CREATE TABLE customer (customer_id TEXT PRIMARY KEY, full_name TEXT NOT NULL);
CREATE TABLE address (
    customer_id TEXT NOT NULL REFERENCES customer (customer_id),
    label TEXT NOT NULL,
    street TEXT NOT NULL,
    PRIMARY KEY (customer_id, label)
);
CREATE TABLE review (
    restaurant_id TEXT NOT NULL REFERENCES restaurant (restaurant_id),
    customer_id TEXT NOT NULL REFERENCES customer (customer_id),
    reviewed_at TEXT NOT NULL,
    marks INTEGER NOT NULL,
    PRIMARY KEY (restaurant_id, customer_id)
);
CREATE TABLE food_order (
    order_id TEXT PRIMARY KEY,
    customer_id TEXT NOT NULL REFERENCES customer (customer_id),
    restaurant_id TEXT NOT NULL REFERENCES restaurant (restaurant_id),
    ordered_at TEXT NOT NULL,
    state TEXT NOT NULL
);
CREATE TABLE order_line (
    order_id TEXT NOT NULL REFERENCES food_order (order_id),
    dish_id TEXT NOT NULL,
    quantity INTEGER NOT NULL,
    PRIMARY KEY (order_id, dish_id)
);
