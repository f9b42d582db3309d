CREATE TABLE product (sku TEXT PRIMARY KEY, title TEXT NOT NULL, category TEXT NOT NULL);
CREATE TABLE warehouse (warehouse_id TEXT PRIMARY KEY, city TEXT NOT NULL);
CREATE TABLE stock (
    sku TEXT NOT NULL REFERENCES product (sku),
    warehouse_id TEXT NOT NULL REFERENCES warehouse (warehouse_id),
    quantity INTEGER NOT NULL,
    scarce_since TEXT,
    PRIMARY KEY (sku, warehouse_id)
);
CREATE TABLE movement (
    sku TEXT NOT NULL REFERENCES product (sku),
    moved_at TEXT NOT NULL,
    warehouse_id TEXT NOT NULL REFERENCES warehouse (warehouse_id),
    quantity INTEGER NOT NULL,
    PRIMARY KEY (sku, moved_at)
);
