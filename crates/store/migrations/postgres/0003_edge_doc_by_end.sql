-- Documents of edges are found by the end they are listed under: what comes on one page (the users of an app) is then
-- noted in a few places of the index rather than in one for each row.
ALTER TABLE edge_doc DROP CONSTRAINT edge_doc_pkey, ADD PRIMARY KEY(org, rel, dst, src);
