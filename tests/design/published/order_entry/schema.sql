CREATE TABLE warehouse (warehouse_id TEXT PRIMARY KEY, region TEXT NOT NULL);
CREATE TABLE job (job_id TEXT PRIMARY KEY, title TEXT NOT NULL UNIQUE);
CREATE TABLE employee (
    employee_id TEXT PRIMARY KEY,
    full_name TEXT NOT NULL,
    job_id TEXT NOT NULL REFERENCES job (job_id),
    warehouse_id TEXT REFERENCES warehouse (warehouse_id),
    hired_date TEXT NOT NULL
);
CREATE TABLE employee_phone (
    employee_id TEXT NOT NULL REFERENCES employee (employee_id),
    label TEXT NOT NULL,
    digits TEXT NOT NULL,
    PRIMARY KEY (employee_id, label)
);
CREATE TABLE customer (
    customer_id TEXT PRIMARY KEY,
    full_name TEXT NOT NULL,
    representative_id TEXT NOT NULL REFERENCES employee (employee_id)
);
CREATE TABLE customer_phone (
    customer_id TEXT NOT NULL REFERENCES customer (customer_id),
    label TEXT NOT NULL,
    digits TEXT NOT NULL,
    PRIMARY KEY (customer_id, label)
);
CREATE TABLE purchase_order (
    order_id TEXT PRIMARY KEY,
    customer_id TEXT NOT NULL REFERENCES customer (customer_id),
    representative_id TEXT NOT NULL REFERENCES employee (employee_id),
    status TEXT NOT NULL,
    placed_date TEXT NOT NULL
);
CREATE TABLE product (product_id TEXT PRIMARY KEY, product_name TEXT NOT NULL, price NUMERIC NOT NULL);
CREATE TABLE order_line (
    order_id TEXT NOT NULL REFERENCES purchase_order (order_id),
    product_id TEXT NOT NULL REFERENCES product (product_id),
    quantity INTEGER NOT NULL,
    PRIMARY KEY (order_id, product_id)
);
CREATE TABLE stock (
    product_id TEXT NOT NULL REFERENCES product (product_id),
    warehouse_id TEXT NOT NULL REFERENCES warehouse (warehouse_id),
    quantity INTEGER NOT NULL,
    PRIMARY KEY (product_id, warehouse_id)
);
