-- name: account
-- rate: 50/s
SELECT * FROM account WHERE account_id = :account;

-- name: account_with_latest_entries
-- rate: 30/s
SELECT * FROM account WHERE account_id = :account;
SELECT * FROM entry WHERE account_id = :account ORDER BY sequence DESC LIMIT 20;

-- name: entries_between
-- rate: 5/s
SELECT * FROM entry WHERE account_id = :account AND sequence BETWEEN :first AND :last ORDER BY sequence;

-- name: entry
-- rate: 5/s
SELECT * FROM entry WHERE account_id = :account AND sequence = :sequence;

-- name: accounts_of_customer
-- rate: 20/s
SELECT * FROM account WHERE customer_id = :customer;

-- name: customer_with_accounts
-- rate: 10/s
SELECT * FROM customer WHERE customer_id = :customer;
SELECT * FROM account WHERE customer_id = :customer;

-- name: transfer_with_entries
-- rate: 10/s
SELECT * FROM transfer WHERE transfer_id = :transfer;
SELECT * FROM entry WHERE transfer_id = :transfer;

-- name: transfer
-- rate: 5/s
SELECT * FROM transfer WHERE transfer_id = :transfer;

-- name: book
-- rate: 10/s
INSERT INTO transfer (transfer_id, made_at, purpose) VALUES (:transfer, :at, :purpose);
INSERT INTO entry (account_id, sequence, transfer_id, booked_at, amount)
VALUES (:account, :sequence, :transfer, :at, :amount);
