-- Positions are counted in memory and read from the newest entry of a lane; an index of them cost a page a commit.

DROP INDEX rows_by_position;
