-- name: hotel
-- rate: 30/s
SELECT * FROM hotel WHERE hotel_id = :hotel;

-- name: hotel_with_rooms
-- rate: 20/s
SELECT * FROM hotel WHERE hotel_id = :hotel;
SELECT * FROM room WHERE hotel_id = :hotel;

-- name: room
-- rate: 20/s
SELECT * FROM room WHERE hotel_id = :hotel AND room_number = :room;

-- name: booking
-- rate: 20/s
SELECT * FROM booking WHERE booking_id = :booking;

-- name: arrivals
-- rate: 5/s
SELECT * FROM booking WHERE hotel_id = :hotel AND arrival_date BETWEEN :begin AND :end ORDER BY arrival_date;

-- name: hotel_with_next_arrivals
-- rate: 5/s
SELECT * FROM hotel WHERE hotel_id = :hotel;
SELECT * FROM booking WHERE hotel_id = :hotel ORDER BY arrival_date DESC LIMIT 20;

-- name: bookings_of_guest
-- rate: 10/s
SELECT * FROM booking WHERE guest_id = :guest ORDER BY arrival_date DESC;

-- name: guest_with_bookings
-- rate: 10/s
SELECT * FROM guest WHERE guest_id = :guest;
SELECT * FROM booking WHERE guest_id = :guest ORDER BY arrival_date DESC LIMIT 10;

-- name: guest_by_email
-- rate: 5/s
SELECT * FROM guest WHERE email = :email;

-- name: hotels_of_city
-- rate: 20/s
SELECT * FROM hotel WHERE city = :city ORDER BY stars DESC;

-- name: rooms_of_kind
-- rate: 10/s
SELECT * FROM room WHERE hotel_id = :hotel AND kind = :kind;

-- name: book
-- rate: 2/s
INSERT INTO booking (booking_id, hotel_id, room_number, guest_id, arrival_date, departure_date, status)
VALUES (:booking, :hotel, :room, :guest, :arrival, :departure, 'held');

-- name: set_status
-- rate: 2/s
UPDATE booking SET status = :status WHERE booking_id = :booking;
