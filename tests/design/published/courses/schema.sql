CREATE TABLE course (course_id TEXT PRIMARY KEY, title TEXT NOT NULL, teacher TEXT NOT NULL);
CREATE TABLE lesson (
    course_id TEXT NOT NULL REFERENCES course (course_id),
    position INTEGER NOT NULL,
    title TEXT NOT NULL,
    PRIMARY KEY (course_id, position)
);
CREATE TABLE student (student_id TEXT PRIMARY KEY, full_name TEXT NOT NULL);
CREATE TABLE enrolment (
    course_id TEXT NOT NULL REFERENCES course (course_id),
    student_id TEXT NOT NULL REFERENCES student (student_id),
    enrolled_at TEXT NOT NULL,
    PRIMARY KEY (course_id, student_id)
);
CREATE TABLE submission (
    course_id TEXT NOT NULL,
    position INTEGER NOT NULL,
    student_id TEXT NOT NULL REFERENCES student (student_id),
    submitted_at TEXT NOT NULL,
    grade INTEGER,
    PRIMARY KEY (course_id, position, student_id),
    FOREIGN KEY (course_id, position) REFERENCES lesson (course_id, position)
);
