CREATE TABLE hotel (hotel_id TEXT PRIMARY KEY, hotel_name TEXT NOT NULL, city TEXT NOT NULL, stars INTEGER NOT NULL);
CREATE TABLE room (
    hotel_id TEXT NOT NULL REFERENCES hotel (hotel_id),
    room_number TEXT NOT NULL,
    kind TEXT NOT NULL,
    price NUMERIC NOT NULL,
    PRIMARY KEY (hotel_id, room_number)
);
CREATE TABLE guest (guest_id TEXT PRIMARY KEY, full_name TEXT NOT NULL, email TEXT NOT NULL UNIQUE);
CREATE TABLE booking (
    booking_id TEXT PRIMARY KEY,
    hotel_id TEXT NOT NULL,
    room_number TEXT NOT NULL,
    guest_id TEXT NOT NULL REFERENCES guest (guest_id),
    arrival_date TEXT NOT NULL,
    departure_date TEXT NOT NULL,
    status TEXT NOT NULL,
    FOREIGN KEY (hotel_id, room_number) REFERENCES room (hotel_id, room_number)
);
