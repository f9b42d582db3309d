-- name: flight
-- rate: 50/s
SELECT * FROM flight WHERE flight_number = :number AND flight_date = :day;

-- name: flight_with_seats
-- rate: 20/s
SELECT * FROM flight WHERE flight_number = :number AND flight_date = :day;
SELECT * FROM seat WHERE flight_number = :number AND flight_date = :day;

-- name: seat
-- rate: 20/s
SELECT * FROM seat WHERE flight_number = :number AND flight_date = :day AND seat_number = :seat;

-- name: flights_of_route
-- rate: 40/s
SELECT * FROM flight WHERE origin = :origin AND destination = :destination AND flight_date = :day ORDER BY departs_at;

-- name: reservation
-- rate: 20/s
SELECT * FROM reservation WHERE locator = :locator;

-- name: reservation_with_tickets
-- rate: 20/s
SELECT * FROM reservation WHERE locator = :locator;
SELECT * FROM ticket WHERE locator = :locator;

-- name: reservations_of_customer
-- rate: 10/s
SELECT * FROM reservation WHERE customer_id = :customer ORDER BY made_at DESC;

-- name: passengers_of_flight
-- rate: 2/s
SELECT * FROM ticket WHERE flight_number = :number AND flight_date = :day ORDER BY passenger;

-- name: take_seat
-- rate: 5/s
UPDATE seat SET taken_by = :ticket WHERE flight_number = :number AND flight_date = :day AND seat_number = :seat;

-- name: set_status
-- rate: 1/s
UPDATE flight SET status = :status WHERE flight_number = :number AND flight_date = :day;
