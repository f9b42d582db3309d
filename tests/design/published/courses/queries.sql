-- name: course
-- rate: 30/s
SELECT * FROM course WHERE course_id = :course;

-- name: course_with_lessons
-- rate: 30/s
SELECT * FROM course WHERE course_id = :course;
SELECT * FROM lesson WHERE course_id = :course ORDER BY position;

-- name: lesson
-- rate: 30/s
SELECT * FROM lesson WHERE course_id = :course AND position = :position;

-- name: student
-- rate: 20/s
SELECT * FROM student WHERE student_id = :student;

-- name: students_of_course
-- rate: 5/s
SELECT e.student_id, s.full_name, e.enrolled_at FROM enrolment e JOIN student s ON s.student_id = e.student_id
WHERE e.course_id = :course;

-- name: courses_of_student
-- rate: 20/s
SELECT e.course_id, c.title, e.enrolled_at FROM enrolment e JOIN course c ON c.course_id = e.course_id
WHERE e.student_id = :student;

-- name: student_with_courses
-- rate: 10/s
SELECT * FROM student WHERE student_id = :student;
SELECT * FROM enrolment WHERE student_id = :student;

-- name: submissions_for_lesson
-- rate: 5/s
SELECT * FROM submission WHERE course_id = :course AND position = :position;

-- name: submissions_of_student
-- rate: 10/s
SELECT * FROM submission WHERE student_id = :student AND course_id = :course ORDER BY position;

-- name: submission
-- rate: 10/s
SELECT * FROM submission WHERE course_id = :course AND position = :position AND student_id = :student;

-- name: enrol
-- rate: 1/s
INSERT INTO enrolment (course_id, student_id, enrolled_at) VALUES (:course, :student, :at);

-- name: submit
-- rate: 3/s
INSERT INTO submission (course_id, position, student_id, submitted_at) VALUES (:course, :position, :student, :at);

-- name: grade
-- rate: 3/s
UPDATE submission SET grade = :grade WHERE course_id = :course AND position = :position AND student_id = :student;
