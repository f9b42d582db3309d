-- What the shop asks of its database. Rates are averages per second; a peak is the busiest second of a sale.

-- name: session_by_token
-- rate: 90
-- peak: 600
-- consistency: strong
SELECT token, customer_id, user_agent, expires_at FROM session WHERE token = :token;

-- name: sessions_of_customer
-- rate: 0.5
SELECT token, user_agent, started_at, expires_at FROM session WHERE customer_id = :customer_id;

-- name: customer_by_email
-- rate: 6
SELECT customer_id, name, password_hash FROM customer WHERE email = :email;

-- name: customer_with_addresses
-- rate: 12
SELECT * FROM customer WHERE customer_id = :customer_id;
SELECT * FROM customer_address WHERE customer_id = :customer_id ORDER BY label;

-- name: countries
-- rate: 4
SELECT code, name, currency FROM country ORDER BY name;

-- name: start_session
-- rate: 5
-- peak: 40
INSERT INTO session (token, customer_id, user_agent, started_at, expires_at)
VALUES (:token, :customer_id, :user_agent, :started_at, :expires_at);

-- name: end_session
-- rate: 1
DELETE FROM session WHERE token = :token;

-- name: save_address
-- rate: 0.4
INSERT INTO customer_address (customer_id, label, recipient, street, extra_line, city, postal_code, country_code)
VALUES (:customer_id, :label, :recipient, :street, :extra_line, :city, :postal_code, :country_code)
ON CONFLICT (customer_id, label) DO UPDATE SET recipient = :recipient, street = :street, extra_line = :extra_line,
    city = :city, postal_code = :postal_code, country_code = :country_code;

-- name: rename_customer
-- rate: 0.01
UPDATE customer SET name = :name WHERE customer_id = :customer_id;

-- name: product_with_tags
-- rate: 80
-- peak: 900
SELECT * FROM product WHERE product_id = :product_id;
SELECT t.tag_id, t.name FROM product_tag pt JOIN tag t ON t.tag_id = pt.tag_id WHERE pt.product_id = :product_id;

-- name: products_of_tag
-- rate: 9
SELECT p.product_id, p.sku, p.name, p.price
FROM product_tag pt JOIN product p ON p.product_id = pt.product_id
WHERE pt.tag_id = :tag_id ORDER BY p.name LIMIT 24;

-- name: products_in_basket
-- rate: 15
SELECT product_id, sku, name, price, stock FROM product WHERE product_id IN (:first, :second, :third);

-- name: products_by_sku_prefix
-- rate: 2
SELECT product_id, sku, name FROM product WHERE sku LIKE :prefix || '%' ORDER BY sku LIMIT 20;

-- name: products_of_category_by_price
-- rate: 20
SELECT product_id, sku, name, price FROM product
WHERE category_id = :category_id AND price BETWEEN :lowest AND :highest ORDER BY price;

-- name: top_categories
-- rate: 25
SELECT category_id, name FROM category WHERE parent_id IS NULL ORDER BY name;

-- name: subcategories
-- rate: 18
SELECT category_id, name FROM category WHERE parent_id = :parent_id ORDER BY name;

-- name: tag_product
-- rate: 0.05
INSERT INTO product_tag (product_id, tag_id, tagged_at) VALUES (:product_id, :tag_id, :tagged_at);

-- name: order_with_lines
-- rate: 14
SELECT * FROM orders WHERE order_id = :order_id;
SELECT l.line_no, l.product_id, p.sku, p.name, l.quantity, l.unit_price
FROM order_line l JOIN product p ON p.product_id = l.product_id
WHERE l.order_id = :order_id ORDER BY l.line_no;

-- name: orders_of_customer
-- rate: 10
-- peak: 80
SELECT order_id, placed_at, status, total FROM orders
WHERE customer_id = :customer_id ORDER BY placed_at DESC LIMIT 20;

-- name: orders_of_customer_between
-- rate: 0.7
SELECT order_id, placed_at, status, total FROM orders
WHERE customer_id = :customer_id AND placed_at BETWEEN :since AND :until ORDER BY placed_at;

-- name: order_count_of_customer
-- rate: 2
SELECT COUNT(*) AS orders FROM orders WHERE customer_id = :customer_id;

-- name: latest_orders
-- rate: 0.3
SELECT order_id, customer_id, placed_at, status, total FROM orders ORDER BY placed_at DESC LIMIT 20;

-- name: sales_by_country_and_month
-- rate: 0.001
SELECT c.country_code, substr(o.placed_at, 1, 7) AS month, COUNT(*) AS orders, SUM(o.total) AS sales
FROM orders o JOIN customer c ON c.customer_id = o.customer_id
GROUP BY c.country_code, substr(o.placed_at, 1, 7) ORDER BY month, sales DESC;

-- name: place_order
-- rate: 2
-- peak: 30
INSERT INTO orders (order_id, customer_id, ship_to, status, placed_at, total, note)
VALUES (:order_id, :customer_id, :ship_to, 'pending', :placed_at, :total, :note);

-- name: add_order_line
-- rate: 5
-- peak: 75
INSERT INTO order_line (order_id, line_no, product_id, quantity, unit_price)
VALUES (:order_id, :line_no, :product_id, :quantity, :unit_price);

-- name: set_order_status
-- rate: 6
UPDATE orders SET status = :status WHERE order_id = :order_id;

-- name: ticket_with_messages
-- rate: 3
SELECT t.ticket_id, t.customer_id, c.name AS customer_name, t.order_id, t.status, t.subject, t.opened_at
FROM ticket t JOIN customer c ON c.customer_id = t.customer_id WHERE t.ticket_id = :ticket_id;
SELECT message_no, author_id, sent_at, body FROM ticket_message WHERE ticket_id = :ticket_id ORDER BY message_no;

-- name: tickets_of_agent
-- rate: 4
SELECT ticket_id, customer_id, subject, opened_at FROM ticket
WHERE assigned_to = :employee_id AND status = :status ORDER BY opened_at DESC LIMIT 25;

-- name: tickets_opened_by
-- rate: 0.2
SELECT ticket_id, status, subject, opened_at FROM ticket
WHERE opened_by = :employee_id ORDER BY opened_at DESC LIMIT 25;

-- name: search_ticket_messages
-- rate: 0.5
SELECT ticket_id, message_no, sent_at, body FROM ticket_message
WHERE body LIKE '%' || :words || '%' ORDER BY sent_at DESC LIMIT 20;

-- name: assign_ticket
-- rate: 0.5
UPDATE ticket SET assigned_to = :employee_id WHERE ticket_id = :ticket_id;
