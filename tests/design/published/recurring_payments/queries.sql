-- name: due_reminders
-- rate: 0.1/s
SELECT * FROM subscription WHERE next_reminder_date = :day AND last_reminder_date < :day;

-- name: due_payments
-- rate: 0.1/s
SELECT * FROM subscription WHERE next_payment_date = :day AND last_payment_date < :day;

-- name: subscription
-- rate: 5/s
SELECT * FROM subscription WHERE account_id = :account AND subscription_id = :subscription;

-- name: subscriptions_of_account
-- rate: 10/s
SELECT * FROM subscription WHERE account_id = :account;

-- name: receipts_of_account
-- rate: 5/s
SELECT * FROM receipt WHERE account_id = :account ORDER BY processed_at DESC;

-- name: subscribe
-- rate: 0.5/s
INSERT INTO subscription (account_id, subscription_id, sku, payment_day, amount, next_payment_date, next_reminder_date)
VALUES (:account, :subscription, :sku, :day, :amount, :next_payment, :next_reminder);

-- name: file_receipt
-- rate: 1/s
INSERT INTO receipt (account_id, processed_at, sku, amount) VALUES (:account, :at, :sku, :amount);

-- name: paid
-- rate: 1/s
UPDATE subscription SET last_payment_date = :day, next_payment_date = :next
WHERE account_id = :account AND subscription_id = :subscription;

-- name: reminded
-- rate: 1/s
UPDATE subscription SET last_reminder_date = :day, next_reminder_date = :next
WHERE account_id = :account AND subscription_id = :subscription;
