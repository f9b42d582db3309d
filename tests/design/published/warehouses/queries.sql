-- name: product
-- rate: 50/s
SELECT * FROM product WHERE sku = :sku;

-- name: product_with_stock
-- rate: 30/s
SELECT * FROM product WHERE sku = :sku;
SELECT * FROM stock WHERE sku = :sku;

-- name: stock
-- rate: 30/s
SELECT * FROM stock WHERE sku = :sku AND warehouse_id = :warehouse;

-- name: stock_of_warehouse
-- rate: 5/s
SELECT * FROM stock WHERE warehouse_id = :warehouse;

-- name: warehouse_with_stock
-- rate: 2/s
SELECT * FROM warehouse WHERE warehouse_id = :warehouse;
SELECT * FROM stock WHERE warehouse_id = :warehouse;

-- name: products_of_category
-- rate: 20/s
SELECT * FROM product WHERE category = :category ORDER BY title;

-- name: movements_of_product
-- rate: 5/s
SELECT * FROM movement WHERE sku = :sku AND moved_at BETWEEN :begin AND :end ORDER BY moved_at;

-- name: latest_movements_of_warehouse
-- rate: 5/s
SELECT * FROM movement WHERE warehouse_id = :warehouse ORDER BY moved_at DESC LIMIT 50;

-- name: scarce_stock
-- rate: 1/s
SELECT * FROM stock WHERE warehouse_id = :warehouse AND scarce_since IS NOT NULL ORDER BY scarce_since;

-- name: take_stock
-- rate: 1/s
UPDATE stock SET quantity = :quantity WHERE sku = :sku AND warehouse_id = :warehouse;

-- name: note_movement
-- rate: 1/s
INSERT INTO movement (sku, moved_at, warehouse_id, quantity) VALUES (:sku, :at, :warehouse, :quantity);
