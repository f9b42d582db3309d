-- name: post_page
-- rate: 120
SELECT * FROM post WHERE id = :post_id;
SELECT * FROM comment WHERE post_id = :post_id ORDER BY no;

-- name: post_by_slug
-- rate: 40
SELECT * FROM post WHERE slug = :slug;

-- name: posts_of_author
-- rate: 10
SELECT id, title, published_at FROM post WHERE author_id = :author_id ORDER BY published_at DESC LIMIT 20;

-- name: front_page
-- rate: 80
SELECT p.id, p.title, a.name FROM post p JOIN author a ON a.id = p.author_id ORDER BY p.published_at DESC LIMIT 10;

-- name: posts_of_tag
-- rate: 5
SELECT pt.post_id, p.title FROM post_tag pt JOIN post p ON p.id = pt.post_id WHERE pt.tag_id = :tag_id;

-- name: tags_of_post
-- rate: 30
SELECT t.label FROM post_tag pt JOIN tag t ON t.id = pt.tag_id WHERE pt.post_id = :post_id;

-- name: author_by_handle
-- rate: 20
SELECT * FROM author WHERE handle = :handle;

-- name: search
SELECT id, title FROM post WHERE body LIKE '%' || :text || '%' LIMIT 10;

-- name: publish
-- rate: 0.01
UPDATE post SET published_at = :now WHERE id = :post_id;

-- name: comment_on
-- rate: 2
INSERT INTO comment (post_id, no, author_id, text) VALUES (:post_id, :no, :author_id, :text);
