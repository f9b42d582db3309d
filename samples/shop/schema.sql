-- A small online shop with a support desk. Written for SQLite; only types need another name elsewhere.

CREATE TABLE country (
    code        CHAR(2)       NOT NULL PRIMARY KEY,
    name        VARCHAR(80)   NOT NULL UNIQUE,
    currency    CHAR(3)       NOT NULL,
    vat_percent DECIMAL(4, 2) NOT NULL
);

CREATE TABLE category (
    category_id INTEGER     NOT NULL PRIMARY KEY,
    parent_id   INTEGER,
    name        VARCHAR(60) NOT NULL,
    CONSTRAINT category_parent FOREIGN KEY (parent_id) REFERENCES category (category_id)
);

CREATE TABLE product (
    product_id      INTEGER        NOT NULL PRIMARY KEY,
    sku             VARCHAR(20)    NOT NULL UNIQUE,
    name            VARCHAR(120)   NOT NULL,
    description     TEXT,
    category_id     INTEGER        NOT NULL,
    price           DECIMAL(10, 2) NOT NULL,
    stock           INTEGER        NOT NULL,
    attributes      JSON           NOT NULL,
    thumbnail       BLOB,
    discontinued_on DATE,
    CONSTRAINT product_category FOREIGN KEY (category_id) REFERENCES category (category_id),
    CONSTRAINT product_price_not_negative CHECK (price >= 0),
    CONSTRAINT product_stock_not_negative CHECK (stock >= 0),
    CONSTRAINT product_sku_is_upper_case CHECK (sku = upper(sku))
);

CREATE TABLE tag (
    tag_id INTEGER     NOT NULL PRIMARY KEY,
    name   VARCHAR(40) NOT NULL UNIQUE
);

CREATE TABLE product_tag (
    product_id INTEGER  NOT NULL,
    tag_id     INTEGER  NOT NULL,
    tagged_at  DATETIME NOT NULL,
    PRIMARY KEY (product_id, tag_id),
    CONSTRAINT product_tag_product FOREIGN KEY (product_id) REFERENCES product (product_id),
    CONSTRAINT product_tag_tag FOREIGN KEY (tag_id) REFERENCES tag (tag_id)
);

CREATE TABLE employee (
    employee_id INTEGER      NOT NULL PRIMARY KEY,
    manager_id  INTEGER,
    email       VARCHAR(120) NOT NULL UNIQUE,
    name        VARCHAR(120) NOT NULL,
    team        VARCHAR(20)  NOT NULL,
    hired_on    DATE         NOT NULL,
    CONSTRAINT employee_manager FOREIGN KEY (manager_id) REFERENCES employee (employee_id)
);

CREATE TABLE customer (
    customer_id   INTEGER        NOT NULL PRIMARY KEY,
    email         VARCHAR(120)   NOT NULL UNIQUE,
    name          VARCHAR(120)   NOT NULL,
    country_code  CHAR(2)        NOT NULL,
    phone         VARCHAR(30),
    password_hash BLOB           NOT NULL,
    newsletter    BOOLEAN        NOT NULL,
    store_credit  DECIMAL(10, 2) NOT NULL,
    preferences   JSON,
    registered_at DATETIME       NOT NULL,
    CONSTRAINT customer_country FOREIGN KEY (country_code) REFERENCES country (code)
);

-- A weak entity: an address has a name only among those of its customer.
CREATE TABLE customer_address (
    customer_id  INTEGER      NOT NULL,
    label        VARCHAR(40)  NOT NULL,
    recipient    VARCHAR(120) NOT NULL,
    street       VARCHAR(120) NOT NULL,
    extra_line   VARCHAR(120),
    city         VARCHAR(80)  NOT NULL,
    postal_code  VARCHAR(12)  NOT NULL,
    country_code CHAR(2)      NOT NULL,
    PRIMARY KEY (customer_id, label),
    CONSTRAINT address_customer FOREIGN KEY (customer_id) REFERENCES customer (customer_id),
    CONSTRAINT address_country FOREIGN KEY (country_code) REFERENCES country (code)
);

-- Without ship_to the customer fetches the parcel at a pick-up point.
CREATE TABLE orders (
    order_id    INTEGER        NOT NULL PRIMARY KEY,
    customer_id INTEGER        NOT NULL,
    ship_to     VARCHAR(40),
    status      VARCHAR(10)    NOT NULL,
    placed_at   DATETIME       NOT NULL,
    total       DECIMAL(10, 2) NOT NULL,
    note        TEXT,
    CONSTRAINT order_customer FOREIGN KEY (customer_id) REFERENCES customer (customer_id),
    CONSTRAINT order_ship_to FOREIGN KEY (customer_id, ship_to) REFERENCES customer_address (customer_id, label),
    CONSTRAINT order_status CHECK (status IN ('pending', 'paid', 'shipped', 'delivered', 'cancelled', 'returned'))
);

CREATE TABLE order_line (
    order_id   INTEGER        NOT NULL,
    line_no    INTEGER        NOT NULL,
    product_id INTEGER        NOT NULL,
    quantity   INTEGER        NOT NULL,
    unit_price DECIMAL(10, 2) NOT NULL,
    PRIMARY KEY (order_id, line_no),
    CONSTRAINT order_line_order FOREIGN KEY (order_id) REFERENCES orders (order_id),
    CONSTRAINT order_line_product FOREIGN KEY (product_id) REFERENCES product (product_id),
    CONSTRAINT order_line_quantity_positive CHECK (quantity > 0)
);

-- expires_at is in seconds since 1970-01-01 UTC.
CREATE TABLE session (
    token       CHAR(32)     NOT NULL PRIMARY KEY,
    customer_id INTEGER      NOT NULL,
    user_agent  VARCHAR(200) NOT NULL,
    started_at  DATETIME     NOT NULL,
    expires_at  INTEGER      NOT NULL,
    CONSTRAINT session_customer FOREIGN KEY (customer_id) REFERENCES customer (customer_id)
);

-- Without opened_by the customer wrote it on the web site; without assigned_to nobody has taken it yet.
CREATE TABLE ticket (
    ticket_id   INTEGER      NOT NULL PRIMARY KEY,
    customer_id INTEGER      NOT NULL,
    order_id    INTEGER,
    opened_by   INTEGER,
    assigned_to INTEGER,
    status      VARCHAR(10)  NOT NULL,
    subject     VARCHAR(200) NOT NULL,
    opened_at   DATETIME     NOT NULL,
    closed_at   DATETIME,
    CONSTRAINT ticket_customer FOREIGN KEY (customer_id) REFERENCES customer (customer_id),
    CONSTRAINT ticket_order FOREIGN KEY (order_id) REFERENCES orders (order_id),
    CONSTRAINT ticket_opened_by FOREIGN KEY (opened_by) REFERENCES employee (employee_id),
    CONSTRAINT ticket_assigned_to FOREIGN KEY (assigned_to) REFERENCES employee (employee_id),
    CONSTRAINT ticket_status CHECK (status IN ('new', 'open', 'waiting', 'closed'))
);

-- Without author_id the customer wrote it.
CREATE TABLE ticket_message (
    ticket_id  INTEGER  NOT NULL,
    message_no INTEGER  NOT NULL,
    author_id  INTEGER,
    sent_at    DATETIME NOT NULL,
    body       TEXT     NOT NULL,
    PRIMARY KEY (ticket_id, message_no),
    CONSTRAINT ticket_message_ticket FOREIGN KEY (ticket_id) REFERENCES ticket (ticket_id),
    CONSTRAINT ticket_message_author FOREIGN KEY (author_id) REFERENCES employee (employee_id)
);

CREATE INDEX category_by_parent ON category (parent_id, name);
CREATE INDEX product_by_category ON product (category_id, price);
CREATE INDEX product_tag_by_tag ON product_tag (tag_id);
CREATE INDEX employee_by_manager ON employee (manager_id);
CREATE INDEX order_by_customer ON orders (customer_id, placed_at);
CREATE INDEX order_by_time ON orders (placed_at);
CREATE INDEX order_line_by_product ON order_line (product_id);
CREATE INDEX session_by_customer ON session (customer_id);
CREATE INDEX session_by_expiry ON session (expires_at);
CREATE INDEX ticket_by_customer ON ticket (customer_id);
CREATE INDEX ticket_by_opener ON ticket (opened_by, opened_at);
CREATE INDEX ticket_by_assignee ON ticket (assigned_to, status, opened_at);

CREATE VIEW customer_spend AS
SELECT c.customer_id, c.name, COUNT(o.order_id) AS orders, SUM(o.total) AS spent
FROM customer c LEFT JOIN orders o ON o.customer_id = c.customer_id AND o.status <> 'cancelled'
GROUP BY c.customer_id, c.name;
