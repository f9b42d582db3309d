-- name: book
-- rate: 40
SELECT * FROM book WHERE isbn = :isbn;
SELECT w.name, bw.place FROM book_writer bw JOIN writer w ON w.id = bw.writer_id WHERE bw.isbn = :isbn ORDER BY bw.place;

-- name: books_of_writer
-- rate: 10
SELECT b.isbn, b.title FROM book_writer bw JOIN book b ON b.isbn = bw.isbn WHERE bw.writer_id = :writer_id ORDER BY b.year DESC, b.isbn DESC;

-- name: titles
-- rate: 15
SELECT isbn, title FROM book WHERE title LIKE :start || '%' ORDER BY title LIMIT 10;

-- name: several_books
-- rate: 5
SELECT isbn, title FROM book WHERE isbn IN (:a, :b, :c);

-- name: loans_of_member
-- rate: 8
SELECT l.id, l.due_on, b.title FROM loan l JOIN book b ON b.isbn = l.isbn WHERE l.member_id = :member_id AND l.returned_on IS NULL ORDER BY l.due_on;

-- name: overdue
-- rate: 1
SELECT id, member_id FROM loan WHERE returned_on IS NULL AND due_on < :today ORDER BY due_on LIMIT 100;

-- name: loans_of_book_count
SELECT COUNT(*), MAX(due_on) FROM loan WHERE isbn = :isbn;

-- name: member_by_card
-- rate: 12
SELECT id, name FROM member WHERE card = :card;

-- name: invited_by
SELECT m.name, i.name FROM member m LEFT JOIN member i ON i.id = m.invited_by WHERE m.id = :id;

-- name: by_year_and_price
SELECT title FROM book WHERE year BETWEEN :from AND :to ORDER BY price DESC, title;

-- name: lend
-- rate: 1
INSERT INTO loan (isbn, member_id, due_on) VALUES (:isbn, :member_id, :due_on);

-- name: give_back
-- rate: 1
UPDATE loan SET returned_on = :today WHERE id = :id;

-- name: new_card
-- rate: 0.1
UPDATE member SET card = :card WHERE id = :id;
