-- name: employee
-- rate: 10/s
SELECT * FROM employee WHERE employee_id = :employee;

-- name: employee_by_name
SELECT * FROM employee WHERE full_name = :name;

-- name: phones_of_employee
SELECT label, digits FROM employee_phone WHERE employee_id = :employee;

-- name: phones_of_customer
SELECT label, digits FROM customer_phone WHERE customer_id = :customer;

-- name: orders_of_customer
-- rate: 10/s
SELECT * FROM purchase_order
WHERE customer_id = :customer AND placed_date BETWEEN :begin AND :end ORDER BY placed_date;

-- name: open_orders
-- rate: 2/s
SELECT * FROM purchase_order
WHERE status = 'open' AND placed_date BETWEEN :begin AND :end ORDER BY placed_date;

-- name: recent_hires
SELECT * FROM employee WHERE hired_date >= :since ORDER BY hired_date DESC;

-- name: employees_of_warehouse
SELECT * FROM employee WHERE warehouse_id = :warehouse;

-- name: orders_of_product
-- rate: 2/s
SELECT * FROM order_line WHERE product_id = :product;

-- name: stock_of_product
-- rate: 20/s
SELECT * FROM stock WHERE product_id = :product;

-- name: customers_of_representative
SELECT * FROM customer WHERE representative_id = :employee;

-- name: orders_of_representative
SELECT * FROM purchase_order WHERE representative_id = :employee ORDER BY placed_date;

-- name: employees_by_job
SELECT e.* FROM employee e JOIN job j ON j.job_id = e.job_id WHERE j.title = :title;

-- name: stock_in_warehouse
-- rate: 20/s
SELECT * FROM stock WHERE product_id = :product AND warehouse_id = :warehouse;

-- name: total_stock
-- rate: 5/s
SELECT sum(quantity) FROM stock WHERE product_id = :product;

-- name: order_with_lines
-- rate: 20/s
SELECT * FROM purchase_order WHERE order_id = :order;
SELECT * FROM order_line WHERE order_id = :order;

-- name: place_order
-- rate: 5/s
INSERT INTO purchase_order (order_id, customer_id, representative_id, status, placed_date)
VALUES (:order, :customer, :employee, 'open', :day);

-- name: close_order
-- rate: 5/s
UPDATE purchase_order SET status = 'closed' WHERE order_id = :order;

-- name: take_stock
-- rate: 10/s
UPDATE stock SET quantity = :quantity WHERE product_id = :product AND warehouse_id = :warehouse;

-- name: hire
-- rate: 1/h
INSERT INTO employee (employee_id, full_name, job_id, warehouse_id, hired_date)
VALUES (:employee, :name, :job, :warehouse, :day);
