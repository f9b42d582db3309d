-- name: account
-- rate: 20/s
SELECT * FROM account WHERE account_id = :account;

-- name: account_with_cards
-- rate: 20/s
SELECT * FROM account WHERE account_id = :account;
SELECT * FROM card WHERE account_id = :account;

-- name: card
-- rate: 30/s
SELECT * FROM card WHERE account_id = :account AND card_id = :card;

-- name: offer
-- rate: 20/s
SELECT * FROM offer WHERE offer_id = :offer;

-- name: offers_of_account
-- rate: 20/s
SELECT * FROM assignment WHERE account_id = :account;

-- name: accounts_of_offer
-- rate: 2/s
SELECT * FROM assignment WHERE offer_id = :offer ORDER BY assigned_at;

-- name: offers_of_category
-- rate: 10/s
SELECT * FROM offer WHERE category = :category ORDER BY expires_at;

-- name: account_with_offers_in_state
-- rate: 10/s
SELECT * FROM assignment WHERE account_id = :account AND state = :state ORDER BY assigned_at DESC LIMIT 20;

-- name: assign_offer
-- rate: 2/s
INSERT INTO assignment (account_id, offer_id, state, assigned_at) VALUES (:account, :offer, 'sent', :at);

-- name: take_offer
-- rate: 1/s
UPDATE assignment SET state = :state WHERE account_id = :account AND offer_id = :offer;
