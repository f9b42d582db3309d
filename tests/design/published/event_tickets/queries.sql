-- name: event
-- rate: 50/s
SELECT * FROM event WHERE event_id = :event;

-- name: event_with_seats
-- rate: 10/s
SELECT * FROM event WHERE event_id = :event;
SELECT * FROM seat WHERE event_id = :event;

-- name: seats_of_section
-- rate: 40/s
SELECT * FROM seat WHERE event_id = :event AND section = :section ORDER BY seat_number;

-- name: events_of_venue
-- rate: 10/s
SELECT * FROM event WHERE venue_id = :venue ORDER BY starts_at;

-- name: venue_with_next_events
-- rate: 10/s
SELECT * FROM venue WHERE venue_id = :venue;
SELECT * FROM event WHERE venue_id = :venue ORDER BY starts_at DESC LIMIT 10;

-- name: events_of_city
-- rate: 20/s
SELECT * FROM event WHERE city = :city AND starts_at BETWEEN :begin AND :end ORDER BY starts_at;

-- name: order
-- rate: 20/s
SELECT * FROM ticket_order WHERE order_id = :order;

-- name: order_with_seats
-- rate: 20/s
SELECT * FROM ticket_order WHERE order_id = :order;
SELECT * FROM seat WHERE order_id = :order;

-- name: orders_of_customer
-- rate: 10/s
SELECT * FROM ticket_order WHERE customer_id = :customer ORDER BY ordered_at DESC LIMIT 20;

-- name: place_order
-- rate: 5/s
INSERT INTO ticket_order (order_id, customer_id, ordered_at, total) VALUES (:order, :customer, :at, :total);
UPDATE seat SET order_id = :order WHERE event_id = :event AND section = :section AND seat_number = :seat;

-- name: announce
-- rate: 0.01/s
INSERT INTO event (event_id, venue_id, city, title, starts_at) VALUES (:event, :venue, :city, :title, :at);
